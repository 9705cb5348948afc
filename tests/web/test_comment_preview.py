"""The button Preview: shows a comment as it will look, keeps all that was typed, and stores nothing."""

import pytest
import sqlalchemy as sa
from flask import Flask

from domain.comments import Comment
from extensions import db
from tests.conftest import Clock, Store
from tests.factories import SLUG, approved_comment
from tests.pages import Browser, Page

ARTICLE = f"/blog/{SLUG}"
POST = f"{ARTICLE}/comments"
PREVIEW = ("action", "preview")
TYPED = {"name": "Sana A.", "email": "sana@example.com", "body": "One <b>line</b>.\n\nSee https://example.org/a too."}


def preview(browser: Browser, **changes: str) -> Page:
    """Fills in the form on the article and presses Preview."""
    return browser.submit(browser.get(ARTICLE), POST, button=PREVIEW, **(TYPED | changes))


def stored(app: Flask) -> list[Comment]:
    with app.app_context():
        return list(db.session.scalars(sa.select(Comment)))


def test_a_preview_shows_the_comment_as_it_will_look_and_stores_nothing(app: Flask, browser: Browser) -> None:
    page = preview(browser)
    assert page.status == 200
    assert page.headers["Cache-Control"] == "no-store"
    assert page.one('meta[name="robots"]')["content"] == "noindex"
    shown = page.one("#preview")
    assert "Sana A." in shown.get_text()
    assert page.one("#preview .avatar").get_text() == "SA"
    assert "One <b>line</b>." in shown.get_text()
    assert len(page.all("#preview .comment-text p")) == 2
    assert page.one('#preview a[href="https://example.org/a"]')["rel"] == ["ugc", "nofollow", "noopener"]
    assert "sana@example.com" not in str(shown)
    assert "It has not been sent yet" in shown.get_text()
    assert stored(app) == []


def test_what_was_previewed_stays_in_the_form_and_can_be_posted(app: Flask, browser: Browser) -> None:
    page = preview(browser)
    assert page.one("#body").get_text().removeprefix("\n") == TYPED["body"]
    assert page.one("#name")["value"] == TYPED["name"]
    assert page.one("#email")["value"] == TYPED["email"]
    again = browser.submit(page, POST, button=PREVIEW)
    sent = browser.submit(again, POST)
    assert sent.url.startswith("/comments/")
    (comment,) = stored(app)
    assert comment.text == TYPED["body"]


@pytest.mark.parametrize(("field", "value"), [("name", ""), ("email", "no-at-sign"), ("body", "x" * 5001)])
def test_a_preview_of_wrong_fields_is_refused_like_a_post(app: Flask, browser: Browser, field: str, value: str) -> None:
    page = preview(browser, **{field: value})
    assert page.status == 422
    assert page.one(f'.error-summary a[href="#{field}"]')
    assert not page.all("#preview")
    assert stored(app) == []


def test_a_preview_of_a_reply_still_answers_that_comment(app: Flask, store: Store, browser: Browser, clock: Clock) -> None:
    with store() as session:
        parent = approved_comment(session, clock(), name="Bilal").id
    page = browser.submit(browser.get(f"{ARTICLE}?reply_to={parent}"), POST, button=PREVIEW, **TYPED)
    assert "Bilal" in page.one("#respond").get_text()
    browser.submit(page, POST)
    assert [comment.parent_id for comment in stored(app)] == [None, parent]


def test_previews_count_for_no_limit(app: Flask, browser: Browser) -> None:
    for _ in range(31):
        assert browser.client.post(POST, data=TYPED | {"action": "preview"}).status_code == 200
    browser.submit(browser.get(ARTICLE), POST, **TYPED)
    assert len(stored(app)) == 1


def test_the_first_button_posts_so_that_the_enter_key_does(browser: Browser) -> None:
    first, second = browser.get(ARTICLE).form(POST).select("button:not([type=button])")
    assert first.get_text() == "Post comment"
    assert not first.has_attr("name")
    assert second["formaction"] == f"{POST}#preview"
