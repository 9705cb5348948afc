"""Deciding from the mail: only by a button, only by that person, only while it is open."""

import time

import pytest
import sqlalchemy as sa
from flask import Flask

import clinic
from domain import comments, staff
from domain.comments import Comment, CommentEvent, How, Status, set_status, withdraw
from domain.staff import Role, Staff
from domain.tokens import Purpose
from extensions import db
from tests.conftest import Clock, Store
from tests.factories import SLUG, approved_comment, comment_draft, make_staff, submit_comment
from tests.pages import Browser


@pytest.fixture
def link(app: Flask, store: Store, clock: Clock) -> str:
    """The link of a moderator to a held comment."""
    with store() as session:
        person = make_staff(session, clock(), Role.MODERATOR, name="Hina")
        comment = submit_comment(session, clock(), comment_draft(text="Is it painful?"))
        return clinic.moderation_link(person, comment).removeprefix("http://localhost")


def status(app: Flask) -> Status:
    with app.app_context():
        return db.session.scalars(sa.select(Comment.status).order_by(Comment.id)).first() or Status.HELD


def test_opening_the_link_changes_nothing_however_often(app: Flask, browser: Browser, link: str) -> None:
    for _ in range(3):
        page = browser.get(link)
        browser.client.head(link)
        browser.client.options(link)
    assert page.headers["Cache-Control"] == "no-store"
    assert "noindex" in str(page.one('meta[name="robots"]')["content"])
    assert "Is it painful?" in page.text
    assert "@example.com" not in page.html
    assert {str(b["value"]) for b in page.all("button[name=action]")} == {"approve", "spam", "trash"}
    assert status(app) is Status.HELD


@pytest.mark.parametrize(("action", "ends_as"), [("approve", Status.APPROVED), ("spam", Status.SPAM), ("trash", Status.TRASH)])
def test_a_button_decides_signed_out_and_the_history_says_who_and_how(
    app: Flask, browser: Browser, link: str, action: str, ends_as: Status
) -> None:
    page = browser.submit(browser.get(link), link, button=("action", action))
    assert "by Hina" in page.text
    assert not page.all("button[name=action]")
    assert status(app) is ends_as
    with app.app_context():
        event = db.session.scalars(sa.select(CommentEvent).order_by(CommentEvent.id.desc())).first()
        assert event is not None
        assert (event.how, event.by_staff) == (How.MAIL, 1)


def test_a_link_is_over_once_somebody_has_decided(app: Flask, store: Store, browser: Browser, clock: Clock, link: str) -> None:
    page = browser.get(link)
    with store() as session:
        owner = make_staff(session, clock(), name="Amina").id
        set_status(session, 1, Status.TRASH, by=owner, how=How.WEB, now=clock())
    answer = browser.submit(page, link, button=("action", "approve"))
    assert "Moved to trash by Amina" in answer.text
    assert status(app) is Status.TRASH


def test_a_link_is_over_once_the_author_has_changed_or_withdrawn_the_text(
    app: Flask, store: Store, browser: Browser, clock: Clock, link: str
) -> None:
    page = browser.get(link)
    with store() as session:
        comments.edit(session, 1, "Other words", revision=1, notify=[], now=clock())
    assert "has changed this comment" in browser.submit(page, link, button=("action", "approve")).text
    assert status(app) is Status.HELD
    with store() as session:
        withdraw(session, 1, clock())
    assert "Other words" not in browser.get(link).text
    assert browser.submit(page, link, button=("action", "approve")).status == 200
    assert status(app) is Status.WITHDRAWN


@pytest.mark.parametrize("change", ["deactivated", "front-desk"])
def test_a_link_dies_with_the_right_to_moderate(store: Store, browser: Browser, link: str, change: str) -> None:
    with store() as session:
        person = session.get_one(Staff, 1)
        person.active, person.role = change != "deactivated", Role.MODERATOR if change == "deactivated" else Role.FRONT_DESK
    assert browser.get(link).status == 410
    assert browser.post(link, {"action": "approve"}).status == 410


@pytest.mark.parametrize("change", ["deactivated", "deactivated, set up anew", "front-desk"])
def test_a_link_that_died_stays_dead_when_its_person_comes_back(
    app: Flask, store: Store, browser: Browser, clock: Clock, link: str, change: str
) -> None:
    with store() as session:
        make_staff(session, clock())
        person = session.get_one(Staff, 1)
        if change == "front-desk":
            staff.set_role(session, person, Role.FRONT_DESK)
            staff.set_role(session, person, Role.OWNER)
        else:
            staff.deactivate(session, person)
            staff.reactivate(person)
        if change == "deactivated, set up anew":
            staff.set_password_hash(person, "a hash")
    assert browser.get(link).status == 410
    assert browser.post(link, {"action": "approve"}).status == 410
    assert status(app) is Status.HELD


def test_a_link_is_for_an_account_that_is_set_up(store: Store, browser: Browser, link: str) -> None:
    with store() as session:
        session.get_one(Staff, 1).password_hash = None
    assert browser.get(link).status == 410


def test_a_new_link_works_after_the_person_came_back(store: Store, browser: Browser, link: str) -> None:
    with store() as session:
        person = session.get_one(Staff, 1)
        staff.deactivate(session, person)
        staff.reactivate(person)
        staff.set_password_hash(person, "a hash")
        session.flush()
        new = clinic.moderation_link(person, session.get_one(Comment, 1))
    assert browser.get(link).status == 410
    assert browser.get(new).status == 200


def test_a_link_outlives_a_sign_out_and_ends_after_seven_days(
    store: Store, browser: Browser, link: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with store() as session:
        staff.end_sessions(session.get_one(Staff, 1))
    assert browser.get(link).status == 200
    later = time.time() + 8 * 86400
    monkeypatch.setattr("itsdangerous.timed.time.time", lambda: later)
    assert browser.get(link).status == 410


@pytest.mark.parametrize("action", ["", "withdrawn", "held", "delete"])
def test_no_other_decision_is_to_be_had(app: Flask, browser: Browser, link: str, action: str) -> None:
    assert browser.post(link, {"action": action}).status == 400
    assert status(app) is Status.HELD


def test_a_link_of_another_kind_or_a_changed_one_opens_nothing(app: Flask, browser: Browser, link: str) -> None:
    with app.app_context():
        other = clinic.sign(Purpose.COMMENT_STATUS, {"comment": 1, "revision": 1, "staff": 1})
    assert browser.get(f"/moderate/{other}").status == 404
    assert browser.get(link[:-3] + "aaa").status == 404


def test_the_comment_it_answers_is_shown_beside_it(app: Flask, store: Store, browser: Browser, clock: Clock, link: str) -> None:
    with store() as session:
        parent = approved_comment(session, clock(), name="Sana", text="What helped you?")
        comment = submit_comment(session, clock(), comment_draft(parent_id=parent.id))
        link = clinic.moderation_link(session.get_one(Staff, 1), comment)
    page = browser.get(link)
    assert "What helped you?" in page.text
    assert f"/blog/{SLUG}" not in page.one("main").get_text()
