"""Hostile text in every public field: stored as it is, shown as text, never an error on our side."""

import re
from collections.abc import Sequence

import pytest
import sqlalchemy as sa
from flask import Flask

from domain.comments import Comment, How, Status, set_status
from extensions import db
from tests.conftest import Clock, Store
from tests.factories import SLUG, make_staff
from tests.hostile import OWN
from tests.pages import Browser, Page

COMMENT = {"name": "Sana", "email": "sana@example.com", "body": "A text", "url2": ""}
REQUEST = {
    "name": "Bilal",
    "phone": "0300 1234567",
    "contact_by": "phone",
    "email": "",
    "best_time": "any",
    "best_day": "",
    "treatment": "",
    "message": "",
    "consent": "y",
    "source": "",
    "submission_id": "",
    "url2": "",
}
FORMS = [(f"/blog/{SLUG}/comments", COMMENT), ("/consultation", REQUEST)]
UNLIMITED = {"X-Forwarded-For": "203.0.113.1"}
"""A proxy nobody configured: per-network limits are off."""


@pytest.mark.parametrize(("url", "typed"), FORMS, ids=["comment", "request"])
def test_hostile_text_in_any_one_field_is_no_error_of_ours(app: Flask, clock: Clock, url: str, typed: dict[str, str]) -> None:
    client = Browser(app).client
    for field in typed:
        for text in OWN:
            clock.forward(minutes=1)
            answer = client.post(url, data=typed | {field: text[:6000]}, headers=UNLIMITED)
            assert answer.status_code in {303, 422}, (field, text)


def test_hostile_comments_are_shown_as_text_to_readers_and_staff(app: Flask, store: Store, browser: Browser, clock: Clock) -> None:
    show_all(app, store, browser, clock, OWN)


def show_all(app: Flask, store: Store, browser: Browser, clock: Clock, texts: Sequence[str]) -> None:
    """Sends each text as a comment, approves them, and looks at every page they stand on."""
    for number, text in enumerate(texts):
        sent = {"name": text[:100] or "x", "email": f"reader{number}@example.com", "body": text[:4900] + f" [{number}]"}
        browser.client.post(f"/blog/{SLUG}/comments", data=sent, headers={"X-Forwarded-For": "203.0.113.1"})
    with store() as session:
        owner = make_staff(session, clock())
        for comment in session.scalars(sa.select(Comment)):
            set_status(session, comment.id, Status.APPROVED, by=owner.id, how=How.WEB, now=clock())
    with app.app_context():
        kept = len(db.session.scalars(sa.select(Comment.id)).all())
    page, shown = browser.get(f"/blog/{SLUG}"), 0
    while True:
        shown += len(page.all('li[id^="comment-"]'))
        _check_page(page)
        following = page.all('link[rel="next"]')
        if not following:
            break
        page = browser.get(str(following[0]["href"]))
    assert shown == kept > 5


def _check_page(page: Page) -> None:
    loaded = [str(tag.get("src") or tag.get("data-src", "")) for tag in page.all("script")]
    assert {re.sub(r"\.[0-9a-f]{12}\.", ".", path) for path in loaded} == {"", "/static/js/comments.js"}
    assert not page.all("main iframe, main object, main embed, main form form, .comments img, .comments svg[onload]")
    for link in page.all(".comment-text a"):
        assert str(link["href"]).lower().startswith(("http://", "https://"))


@pytest.mark.parametrize(
    ("typed", "why"),
    [
        ({"body": "a" + "\u0301" * 4999}, "5,000 combining characters are 5,000 characters"),
        ({"name": "🙂🙂"}, "an emoji is a name to somebody"),
        ({"name": "\u202eanaS"}, "an override is taken out of a name, and the rest kept"),
    ],
)
def test_unusual_text_is_kept_and_shown_as_text(app: Flask, browser: Browser, typed: dict[str, str], why: str) -> None:
    page = browser.post(f"/blog/{SLUG}/comments", COMMENT | typed)
    assert page.status == 200, why
    with app.app_context():
        row = db.session.scalars(sa.select(Comment)).one()
    assert row.status is Status.HELD
    assert row.name in page.text
    assert "\u202e" not in row.name


@pytest.mark.parametrize(
    "query", ["before=x", "before=-1", "before=999999999999999999999999", "tab=<script>", "filter=%00", "next=//evil.example"]
)
def test_a_hostile_query_is_no_error_of_ours(browser: Browser, query: str) -> None:
    for url in ("/", f"/blog/{SLUG}", "/consultation", "/staff/login"):
        assert browser.get(f"{url}?{query}").status == 200
