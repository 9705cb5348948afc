"""Answering in the clinic's name: a badge nobody can forge, and no reply that gets lost."""

import pytest
import sqlalchemy as sa
from flask import Flask

from domain.comments import Comment, How, Status, edit, set_status, withdraw
from domain.text import skeleton
from extensions import db
from tests.conftest import Clock, Store
from tests.factories import SLUG, make_staff, submit_comment
from tests.pages import Browser, sign_in

ARTICLE = f"/blog/{SLUG}"
POST = f"{ARTICLE}/comments"


@pytest.fixture
def moderator(store: Store, browser: Browser, clock: Clock) -> Browser:
    """A browser in which somebody who may moderate is signed in."""
    with store() as session:
        make_staff(session, clock(), name="Amina Malik")
    sign_in(browser)
    return browser


def held(store: Store, clock: Clock) -> int:
    with store() as session:
        return submit_comment(session, clock()).id


def test_a_reply_approves_the_comment_and_stands_under_it_with_the_badge(store: Store, moderator: Browser, clock: Clock) -> None:
    number = held(store, clock)
    page = moderator.submit(moderator.get("/staff/comments"), f"/staff/comments/{number}/reply", text="Thank you for writing.")
    assert "Your reply is published." in page.text
    article = moderator.get(ARTICLE)
    answer = article.one(f"#comment-{number} .comment-staff")
    assert "Thank you for writing." in answer.get_text()
    assert "Clinic team" in answer.get_text()
    assert "Amina Malik" in answer.get_text()
    assert "owner@example.com" not in article.html
    assert "2 replies" in article.text


def test_a_double_click_publishes_one_reply(store: Store, moderator: Browser, clock: Clock) -> None:
    number = held(store, clock)
    page, path = moderator.get("/staff/comments"), f"/staff/comments/{number}/reply"
    for text in ("Thank you for writing.", "Thank you for writing.", "And get well."):
        assert "Your reply is published." in moderator.submit(page, path, text=text).text
    assert len(moderator.get(ARTICLE).all(f"#comment-{number} .comment-staff")) == 2
    clock.forward(minutes=2)
    moderator.submit(page, path, text="And get well.")
    assert len(moderator.get(ARTICLE).all(f"#comment-{number} .comment-staff")) == 3


def test_what_staff_type_never_grows_beyond_what_can_be_sent(store: Store, moderator: Browser, clock: Clock) -> None:
    held(store, clock)
    boxes = moderator.get("/staff/comments").all("textarea")
    assert [box["maxlength"] for box in boxes] == ["10000", "10000"]


@pytest.mark.parametrize(("text", "words"), [("", "Write your reply"), ("x" * 5001, "5,000 characters or fewer")])
def test_a_reply_that_cannot_be_published_is_kept(store: Store, moderator: Browser, clock: Clock, text: str, words: str) -> None:
    number = held(store, clock)
    page = moderator.submit(moderator.get("/staff/comments"), f"/staff/comments/{number}/reply", text=text)
    assert page.status == 422
    assert words in page.text
    assert page.one(f"#reply-{number}").get_text().strip() == text


def test_a_reply_to_what_was_withdrawn_meanwhile_is_not_lost(store: Store, moderator: Browser, clock: Clock) -> None:
    number = held(store, clock)
    page = moderator.get("/staff/comments")
    with store() as session:
        withdraw(session, number, clock())
    answer = moderator.submit(page, f"/staff/comments/{number}/reply", text="A long answer")
    assert answer.status == 409
    assert answer.one("#unpublished").get_text().strip() == "A long answer"


def change(store: Store, clock: Clock, number: int) -> None:
    with store() as session:
        edit(session, number, "Words that nobody has read", revision=1, notify=[], now=clock())


@pytest.mark.parametrize("is_published", [False, True])
def test_a_reply_publishes_no_text_that_was_changed_meanwhile(
    store: Store, moderator: Browser, clock: Clock, is_published: bool
) -> None:
    number = held(store, clock)
    if is_published:
        with store() as session:
            set_status(session, number, Status.APPROVED, by=1, how=How.WEB, now=clock())
    page = moderator.get(f"/staff/comments?tab={'approved' if is_published else 'held'}")
    change(store, clock, number)
    answer = moderator.submit(page, f"/staff/comments/{number}/reply", text="A long answer")
    assert answer.status == 409
    assert "changed after you had opened the page" in answer.text
    kept = answer.one("#unpublished" if is_published else f"#reply-{number}")
    assert kept.get_text().strip() == "A long answer"
    assert "nobody has read" not in moderator.get(ARTICLE).text
    if not is_published:
        assert "Your reply is published." in moderator.submit(answer, f"/staff/comments/{number}/reply").text


def test_a_reply_to_what_somebody_else_has_approved_meanwhile_is_published(store: Store, moderator: Browser, clock: Clock) -> None:
    number = held(store, clock)
    page = moderator.get("/staff/comments")
    with store() as session:
        set_status(session, number, Status.APPROVED, by=1, how=How.WEB, now=clock())
    assert "Your reply is published." in moderator.submit(page, f"/staff/comments/{number}/reply", text="Thank you.").text


def test_a_reply_to_what_somebody_else_has_taken_down_meanwhile_is_not(store: Store, moderator: Browser, clock: Clock) -> None:
    number = held(store, clock)
    with store() as session:
        set_status(session, number, Status.APPROVED, by=1, how=How.WEB, now=clock())
    page = moderator.get("/staff/comments?tab=approved")
    with store() as session:
        set_status(session, number, Status.HELD, by=1, how=How.WEB, now=clock())
    assert moderator.submit(page, f"/staff/comments/{number}/reply", text="Thank you.").status == 409


def test_a_reply_that_does_not_say_what_was_read_is_kept(store: Store, moderator: Browser, clock: Clock) -> None:
    number = held(store, clock)
    answer = moderator.submit(moderator.get("/staff/comments"), f"/staff/comments/{number}/reply", text="Thanks", seen=None)
    assert answer.status == 409
    assert answer.one(f"#reply-{number}").get_text().strip() == "Thanks"


@pytest.mark.parametrize(
    ("name", "flagged", "why"),
    [
        ("Amina Malik", True, "the name of somebody who works here"),
        ("amina  MALIK", True, "in another writing"),
        ("Аmina Mаlik", True, "with Cyrillic letters that look alike"),
        ("Ámina Malik", True, "with an accent"),
        ("Dynamic Clinic", True, "the clinic"),
        ("Dynamic Clinic Team", True, "the clinic with a word more"),
        ("Dуnamic Сlinic", True, "the clinic with Cyrillic letters"),
        ("Sana", False, "a name of one's own"),
        ("ثنا احمد", False, "a name in Urdu"),
    ],
)
def test_a_name_that_looks_like_ours_is_a_reason_to_hold(
    app: Flask, moderator: Browser, name: str, flagged: bool, why: str
) -> None:
    reader = Browser(app)
    reader.submit(reader.get(ARTICLE), POST, name=name, email="reader@example.com", body="As the clinic I say so.")
    with app.app_context():
        comment = db.session.scalars(sa.select(Comment)).one()
    assert ("staff-name" in comment.reasons) is flagged, why
    assert comment.status is Status.HELD


def test_a_reader_with_a_staff_name_gets_no_badge(store: Store, app: Flask, moderator: Browser, clock: Clock) -> None:
    reader = Browser(app)
    reader.submit(reader.get(ARTICLE), POST, name="Amina Malik", email="x@example.com", body="Not who I say I am.", staff_id="1")
    with store() as session:
        set_status(session, 1, Status.APPROVED, by=1, how=How.WEB, now=clock())
    assert not reader.get(ARTICLE).all(".comment-badge, .comment-staff")


def test_names_without_letters_have_no_skeleton_to_be_taken_for() -> None:
    assert skeleton("🙂 !!") == ""
    assert skeleton("Amina") == skeleton("АМINА") == "amina"
