"""What the author of a comment may do by the private link: change it for a while, take it back at any time."""

import pytest
import sqlalchemy as sa
from flask import Flask

from domain import settings
from domain.comments import MAX_EDITS, Comment, CommentVersion, How, Status, set_status
from domain.outbox import OutboxMail, State
from extensions import db
from tests.conftest import Clock, Store
from tests.factories import SLUG, make_staff
from tests.pages import Browser, Page, filled, sign_in

ARTICLE = f"/blog/{SLUG}"
TYPED = {"name": "Sana A.", "email": "sana@example.com", "body": "The first text."}


def post(browser: Browser) -> Page:
    return browser.submit(browser.get(ARTICLE), f"{ARTICLE}/comments", **TYPED)


def edit(browser: Browser, page: Page, text: str) -> Page:
    """Fills in the form for a change, as a page that was open showed it."""
    sent = filled(page.one(".own-edit form")) | {"body": text}
    return browser.post(page.url, sent)


def only_comment(app: Flask) -> Comment:
    with app.app_context():
        return db.session.scalars(sa.select(Comment)).one()


def approve(store: Store, clock: Clock) -> None:
    with store() as session:
        set_status(session, 1, Status.APPROVED, by=make_staff(session, clock()).id, how=How.WEB, now=clock())


def test_a_changed_text_replaces_the_old_one_that_staff_still_see(app: Flask, store: Store, browser: Browser, clock: Clock) -> None:
    page = edit(browser, post(browser), "The second text.")
    assert "The second text." in page.text
    assert "The first text." not in page.text
    assert (only_comment(app).status, only_comment(app).revision, only_comment(app).reasons) == (Status.HELD, 2, ["edited"])
    with store() as session:
        make_staff(session, clock())
    sign_in(browser)
    queue = browser.get("/staff/comments").text
    assert "The second text." in queue
    assert "The first text." in queue
    assert "changed by its author" in queue


def test_the_time_to_change_it_is_told_without_a_zone(browser: Browser, clock: Clock) -> None:
    page = post(browser)
    assert page.one(".own-edit summary").get_text() == "Change my comment (within 15 minutes of sending it)"
    clock.forward(minutes=15)
    assert not browser.get(page.url).all(".own-edit")


def test_a_changed_comment_that_was_published_is_held_again(app: Flask, store: Store, browser: Browser, clock: Clock) -> None:
    page = post(browser)
    approve(store, clock)
    edit(browser, browser.get(page.url), "Something quite different.")
    assert only_comment(app).status is Status.HELD
    article = browser.get(ARTICLE).text
    assert "Something quite different." not in article
    assert "The first text." not in article


def test_staff_are_told_of_the_new_text_and_not_of_both(app: Flask, browser: Browser) -> None:
    edit(browser, post(browser), "The second text.")
    with app.app_context():
        assert [mail.state for mail in db.session.scalars(sa.select(OutboxMail).order_by(OutboxMail.id))] == [
            State.CANCELLED,
            State.WAITING,
        ]


def test_the_same_text_again_changes_nothing(app: Flask, browser: Browser) -> None:
    edit(browser, post(browser), "The first text.")
    assert only_comment(app).revision == 1
    with app.app_context():
        assert db.session.scalars(sa.select(CommentVersion)).all() == []


def test_after_15_minutes_the_text_stays_and_what_was_typed_is_shown(app: Flask, browser: Browser, clock: Clock) -> None:
    page = post(browser)
    clock.forward(minutes=15)
    assert not browser.get(page.url).all('[value="edit"]')
    late = edit(browser, page, "Too late, but long.")
    assert late.status == 409
    assert "time to change this comment is over" in late.text
    assert "Too late, but long." in late.html
    assert only_comment(app).text == "The first text."


def test_a_comment_is_changed_ten_times_at_most_and_what_was_typed_is_shown(app: Flask, browser: Browser) -> None:
    page = post(browser)
    for number in range(MAX_EDITS):
        page = edit(browser, page, f"Text number {number}.")
        assert page.status == 200
    assert not page.all('[value="edit"]')
    sent = {"action": "edit", "body": "One too many.", "revision": str(MAX_EDITS + 1)}
    late = browser.post(page.url, sent)
    assert late.status == 409
    assert "can be changed 10 times, and this one was" in late.text
    assert "One too many." in late.html
    assert only_comment(app).text == "Text number 9."
    with app.app_context():
        assert db.session.scalars(sa.select(sa.func.count()).select_from(CommentVersion)).one() == MAX_EDITS


def test_changes_without_end_meet_the_outer_fence_and_keep_the_text(browser: Browser) -> None:
    page = post(browser)
    for _ in range(30):
        assert browser.client.post(page.url, data={"action": "mail"}).status_code == 303
    assert browser.client.post(page.url, data={"action": "mail"}).status_code == 429
    late = edit(browser, page, "A longer text.")
    assert (late.status, late.headers["Retry-After"]) == (429, "60")
    assert late.one("#body").get_text().strip() == "A longer text."
    assert "Many changes came from your network" in late.text


def test_of_two_windows_the_second_does_not_overwrite_the_first(app: Flask, browser: Browser) -> None:
    page = post(browser)
    first, second = browser.get(page.url), browser.get(page.url)
    edit(browser, first, "From the first window.")
    answer = edit(browser, second, "From the second window.")
    assert answer.status == 409
    assert "changed in another window" in answer.text
    assert "From the second window." in answer.html
    assert only_comment(app).text == "From the first window."


@pytest.mark.parametrize(("text", "words"), [("", "Write your comment"), ("x" * 5001, "5,000 characters or fewer")])
def test_a_change_of_the_wrong_length_is_kept_in_the_form(app: Flask, browser: Browser, text: str, words: str) -> None:
    page = edit(browser, post(browser), text)
    assert page.status == 422
    assert words in page.one("#body-error").get_text()
    assert page.one("#body").get_text().strip() == text
    assert only_comment(app).text == "The first text."


@pytest.mark.parametrize("revision", ["", "x", "-1", "9" * 30])
def test_a_revision_that_is_none_changes_nothing(app: Flask, browser: Browser, revision: str) -> None:
    page = post(browser)
    assert browser.post(page.url, {"action": "edit", "body": "New", "revision": revision}).status == 409
    assert only_comment(app).text == "The first text."


def test_links_put_in_later_make_it_spam_without_telling_its_author(app: Flask, browser: Browser) -> None:
    page = edit(browser, post(browser), "https://a.example https://b.example https://c.example")
    assert page.status == 200
    assert "spam" not in page.text.lower()
    assert only_comment(app).status is Status.SPAM


def test_what_is_put_in_later_is_compared_with_the_article(app: Flask, browser: Browser) -> None:
    edit(browser, post(browser), "Cheapest flights, hotels and casinos: https://a.example")
    assert (only_comment(app).status, only_comment(app).reasons) == (Status.HELD, ["links:1", "off-topic", "edited"])


def test_a_disallowed_word_put_in_later_sends_it_to_the_trash(app: Flask, store: Store, browser: Browser, clock: Clock) -> None:
    page = post(browser)
    with store() as session:
        words = {"disallowed_words": ["casino"]}
        settings.change(session, app.config["SITE"], words, clock(), make_staff(session, clock()).id)
    assert edit(browser, page, "Now with a casino").status == 200
    assert (only_comment(app).status, only_comment(app).reasons) == (Status.TRASH, ["disallowed:casino", "edited"])


def test_what_is_withdrawn_can_be_changed_no_more(app: Flask, browser: Browser) -> None:
    page = post(browser)
    browser.post(page.url, filled(page.one(".withdraw")))
    assert edit(browser, page, "Back again").status == 409
    assert only_comment(app).status is Status.WITHDRAWN
    assert not browser.get(page.url).all("form")
