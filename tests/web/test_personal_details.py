"""A comment with personal details: a preview warns its author, and staff see what was found. Nothing is refused."""

import pytest
import sqlalchemy as sa
from flask import Flask

from domain.comments import Comment, Status
from extensions import db
from tests.conftest import Clock, Store
from tests.factories import SLUG, make_staff
from tests.pages import Browser, Page, filled, sign_in

ARTICLE = f"/blog/{SLUG}"
POST = f"{ARTICLE}/comments"
BODY = "I take Topamax 25 mg.\n\nCall me: ۰۳۰۰-۱۲۳۴۵۶۷"
TYPED = {"name": "Sana A.", "email": "sana@example.com", "body": BODY}


def post(browser: Browser, **changes: str) -> Page:
    return browser.submit(browser.get(ARTICLE), POST, **(TYPED | changes))


def stored(app: Flask) -> list[Comment]:
    with app.app_context():
        return list(db.session.scalars(sa.select(Comment)))


def preview(browser: Browser, **changes: str) -> Page:
    return browser.submit(browser.get(ARTICLE), POST, button=("action", "preview"), **(TYPED | changes))


def test_a_preview_names_what_was_found_and_keeps_all_that_was_typed(app: Flask, browser: Browser) -> None:
    page = preview(browser)
    assert page.status == 200
    notice = page.one(".personal-notice").get_text(" ")
    assert "This will be public" in notice
    for words in ("a medicine with its dose", "Topamax 25 mg", "a phone number", "۰۳۰۰-۱۲۳۴۵۶۷"):
        assert words in notice
    assert page.one("#body").get_text().removeprefix("\n") == BODY
    assert (page.one("#name")["value"], page.one("#email")["value"]) == ("Sana A.", "sana@example.com")
    assert stored(app) == []
    assert browser.submit(page, POST).url.startswith("/comments/")
    assert len(stored(app)) == 1


def test_a_comment_with_details_is_kept_at_once_and_staff_see_why_to_look(
    app: Flask, store: Store, browser: Browser, clock: Clock
) -> None:
    assert post(browser).url.startswith("/comments/")
    (comment,) = stored(app)
    assert (comment.status, comment.text, comment.reasons) == (Status.HELD, BODY, ["dose", "phone"])
    with store() as session:
        make_staff(session, clock())
    sign_in(browser)
    chips = [chip.get_text() for chip in browser.get("/staff/comments").all(".chips .chip")]
    assert chips == ["a medicine with its dose", "a phone number"]


def test_a_text_without_details_is_not_warned_about(app: Flask, browser: Browser) -> None:
    assert not preview(browser, body="The diary helped.").all(".personal-notice")
    assert post(browser, body="The diary helped.").status == 200
    assert [comment.reasons for comment in stored(app)] == [[]]


@pytest.mark.parametrize(
    ("text", "reasons"), [("No number any more.", ["edited"]), ("Write to a@b.pk instead.", ["email", "edited"])]
)
def test_a_changed_text_has_the_reasons_of_its_own(app: Flask, browser: Browser, text: str, reasons: list[str]) -> None:
    status = post(browser)
    browser.post(status.url, filled(status.one(".own-edit form")) | {"body": text})
    assert [comment.reasons for comment in stored(app)] == [reasons]
