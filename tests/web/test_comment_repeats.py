"""The same comment again, as the web answers it: its sender gets the link back, a guesser learns nothing."""

import pytest
import sqlalchemy as sa
from flask import Flask
from limits import parse

import clinic
from domain import comments
from domain.comments import Comment, How, Status, set_status
from domain.tokens import Purpose
from extensions import db
from tests.conftest import Clock, Store
from tests.factories import ARTICLE, SLUG, make_staff, submit_comment
from tests.pages import Browser, Page
from web import guessing

POST = f"/blog/{SLUG}/comments"
TYPED = {"name": "Sana A.", "email": "sana@example.com", "body": "Mine began after the accident."}
ELSEWHERE = {"REMOTE_ADDR": "203.0.113.9"}


def published(store: Store, browser: Browser, clock: Clock) -> str:
    """The status page of a comment that everybody can read, sent longer ago than an address has to wait."""
    url = browser.post(POST, TYPED).url
    with store() as session:
        set_status(session, 1, Status.APPROVED, by=make_staff(session, clock()).id, how=How.WEB, now=clock())
    clock.forward(minutes=1)
    return url


def guess(browser: Browser, **changes: str) -> Page:
    return browser.post(POST, TYPED | changes, environ_base=ELSEWHERE)


def rows(app: Flask) -> int:
    with app.app_context():
        return db.session.scalars(sa.select(sa.func.count()).select_from(Comment)).one()


def test_a_double_click_leads_to_the_same_status_page(app: Flask, browser: Browser) -> None:
    first, second = browser.post(POST, TYPED), browser.post(POST, TYPED)
    assert TYPED["body"] in first.text
    assert TYPED["body"] in second.text
    assert second.one(".withdraw")
    assert rows(app) == 1


def test_a_guesser_cannot_tell_the_right_address_from_a_wrong_one(app: Flask, store: Store, browser: Browser, clock: Clock) -> None:
    published(store, browser, clock)
    right, wrong = guess(browser), guess(browser, email="guess@example.com")
    assert (right.status, right.html) == (wrong.status, wrong.html.replace(wrong.url, right.url))
    assert not right.all("form.withdraw, .own-edit, .card")
    with app.test_request_context():
        assert [clinic.open_link(Purpose.COMMENT_STATUS, page.url.rsplit("/", 1)[1]) for page in (right, wrong)] == [
            {"comment": None, "article": ARTICLE}
        ] * 2


def test_guesses_end_at_the_limits_right_or_wrong(app: Flask, store: Store, browser: Browser, clock: Clock) -> None:
    published(store, browser, clock)
    answers = [guess(browser, email=f"guess{number}@example.com").status for number in range(12)]
    assert answers == [200] * 10 + [429] * 2
    assert guess(browser).status == 429
    assert rows(app) == 11


@pytest.mark.parametrize("email", ["sana@example.com", "guess@example.com"])
def test_a_guess_that_would_store_nothing_is_refused(store: Store, browser: Browser, clock: Clock, email: str) -> None:
    published(store, browser, clock)
    assert guess(browser, email=email, parent_id="999999999").status == 422
    assert browser.post(POST, TYPED | {"email": email, "parent_id": "999999999"}).status == 422


def test_who_is_refused_again_and_again_is_told_of_no_repeat(browser: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(guessing, "MOST_REFUSALS", parse("3 per hour"))
    browser.post(POST, TYPED)
    for _ in range(3):
        assert browser.post(POST, TYPED).status == 200
        assert browser.post(POST, TYPED | {"email": "guess@example.com", "parent_id": "999999999"}).status == 422
    assert browser.post(POST, TYPED).status == 429


def test_nobody_changes_a_reply_of_the_clinic_by_an_old_link(app: Flask, store: Store, browser: Browser, clock: Clock) -> None:
    with store() as session:
        doctor = make_staff(session, clock(), name="Dr Amina")
        answer = comments.reply(session, submit_comment(session, clock()).id, "Please call us.", by=doctor, now=clock()).id
    with app.test_request_context():
        token = clinic.sign(Purpose.COMMENT_STATUS, {"comment": answer, "article": ARTICLE})
    url = f"/comments/{token}"
    assert browser.get(url).status == 410
    for sent in ({"action": "edit", "body": "Mine", "revision": "1"}, {"action": "mail"}, {"action": "withdraw"}):
        assert browser.post(url, sent).status == 410
    assert "Please call us." in browser.get(f"/blog/{SLUG}").text
