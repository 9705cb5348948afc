"""When too many comments come at once staff close them for an hour; nobody's text is lost, and they open again by themselves."""

import pytest
import sqlalchemy as sa
from flask import Flask

from domain import site_version
from domain.audit import AuditEntry
from domain.comments import Comment
from domain.staff import Role
from extensions import db
from tests.conftest import Clock, Store
from tests.factories import SLUG, approved_comment, make_staff
from tests.pages import Browser, Page, sign_in

ARTICLE = f"/blog/{SLUG}"
TYPED = {"name": "Sana A.", "email": "sana@example.com", "body": "I wrote this for half an hour."}


@pytest.fixture
def moderator(app: Flask, store: Store, clock: Clock) -> Browser:
    """Somebody who may moderate and nothing else; one comment is published."""
    with store() as session:
        approved_comment(session, clock())
        make_staff(session, clock(), Role.MODERATOR)
    browser = Browser(app)
    sign_in(browser, "moderator@example.com")
    return browser


def press(moderator: Browser, action: str) -> Page:
    return moderator.submit(moderator.get("/staff/comments"), "/staff/comments/pause", button=("action", action))


def stored(app: Flask) -> list[str]:
    with app.app_context():
        return list(db.session.scalars(sa.select(Comment.text)))


def version(app: Flask) -> int:
    with app.app_context():
        return site_version.current(db.session)


def test_while_comments_are_closed_none_is_taken_and_the_text_is_kept(app: Flask, moderator: Browser, browser: Browser) -> None:
    before = version(app)
    assert "open again at 13:00" in press(moderator, "close").text
    assert version(app) > before, "pages that show the form are out of date"
    page = browser.get(ARTICLE)
    assert "Comments open again at 13:00 Karachi time" in page.text
    assert page.all(".comment")
    assert not page.all("form.form, .comment-reply")
    refused = browser.post(f"{ARTICLE}/comments", TYPED)
    assert (refused.status, refused.headers["Retry-After"]) == (429, "3600")
    assert "from 13:00 Karachi time on" in refused.text
    assert {name: refused.form("/comments").select_one(f"[name={name}]") is not None for name in TYPED} == dict.fromkeys(
        TYPED, True
    )
    assert TYPED["body"] in refused.one("#body").get_text()
    assert refused.one("#name")["value"] == TYPED["name"]
    assert TYPED["body"] not in stored(app)


def test_they_open_again_by_themselves_and_what_was_kept_can_be_sent(
    app: Flask, moderator: Browser, browser: Browser, clock: Clock
) -> None:
    press(moderator, "close")
    refused = browser.post(f"{ARTICLE}/comments", TYPED)
    clock.forward(minutes=59, seconds=59)
    assert browser.submit(refused, f"{ARTICLE}/comments").status == 429
    clock.forward(seconds=1)
    assert "Leave a reply" in browser.get(ARTICLE).text
    assert "Close comments for an hour" in moderator.get("/staff/comments").text
    assert browser.submit(refused, f"{ARTICLE}/comments").status == 200
    assert TYPED["body"] in stored(app)


def test_staff_open_them_sooner(app: Flask, moderator: Browser, browser: Browser) -> None:
    press(moderator, "close")
    before = version(app)
    press(moderator, "open")
    assert version(app) > before
    assert "Leave a reply" in browser.get(ARTICLE).text
    assert browser.post(f"{ARTICLE}/comments", TYPED).status == 200


def test_both_stand_in_the_audit_log_and_what_changed_nothing_does_not(app: Flask, moderator: Browser) -> None:
    page = moderator.submit(moderator.get("/staff/comments"), "/staff/comments/pause", button=("action", "close"))
    for _ in range(2):
        moderator.submit(page, "/staff/comments/pause", button=("action", "open"))
    with app.app_context():
        actions = db.session.scalars(sa.select(AuditEntry.action).order_by(AuditEntry.id)).all()
    assert [action for action in actions if action.startswith("comments")] == ["comments paused", "comments opened again"]


def test_another_hour_can_be_added(moderator: Browser, browser: Browser, clock: Clock) -> None:
    press(moderator, "close")
    clock.forward(minutes=50)
    press(moderator, "close")
    clock.forward(minutes=59)
    assert browser.post(f"{ARTICLE}/comments", TYPED).status == 429


def test_a_comment_sent_twice_leads_to_its_page_also_while_they_are_closed(moderator: Browser, browser: Browser) -> None:
    first = browser.post(f"{ARTICLE}/comments", TYPED)
    press(moderator, "close")
    again = browser.post(f"{ARTICLE}/comments", TYPED)
    assert (again.status, again.one("h1").get_text()) == (200, first.one("h1").get_text())


def test_a_form_that_knows_no_such_switch_is_refused(moderator: Browser) -> None:
    page = moderator.get("/staff/comments")
    assert moderator.submit(page, "/staff/comments/pause", button=("action", "for ever")).status == 400
