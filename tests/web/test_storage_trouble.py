"""The database does not answer: what was typed comes back, and nothing of it is cached."""

import pytest
from flask import Flask
from sqlalchemy.exc import TimeoutError as PoolTimeout

from extensions import db
from tests.conftest import Clock, Store
from tests.factories import SLUG, make_staff
from tests.pages import Browser, sign_in


@pytest.fixture
def broken(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    """No connection is to be had."""

    def no_connection() -> None:
        raise PoolTimeout

    with app.app_context():
        monkeypatch.setattr(db.engine.pool, "connect", no_connection)


@pytest.mark.usefixtures("broken")
def test_a_comment_comes_back_with_all_its_text(browser: Browser) -> None:
    page = browser.post(f"/blog/{SLUG}/comments", {"name": "Sana", "email": "sana@example.com", "body": "A long comment"})
    assert page.status == 503
    assert page.headers["Retry-After"] == "30"
    assert "A long comment" in page.html
    assert "could not store your comment" in page.one(".error-summary").get_text()


@pytest.mark.usefixtures("broken")
def test_a_request_comes_back_with_all_its_text(browser: Browser) -> None:
    sent = {"name": "Bilal", "phone": "0300 1234567", "contact_by": "phone", "message": "Please call", "consent": "y"}
    page = browser.post("/consultation", sent)
    assert page.status == 503
    assert "Please call" in page.html
    assert page.one("#phone")["value"] == "0300 1234567"


@pytest.mark.usefixtures("broken")
def test_pages_that_need_no_rows_go_on_but_are_not_cached(browser: Browser) -> None:
    for url in ("/", "/consultation", "/contact", "/blog/"):
        page = browser.get(url)
        assert (page.status, page.headers["Cache-Control"]) == (200, "no-store"), url


@pytest.mark.usefixtures("broken")
def test_an_article_whose_comments_cannot_be_read_is_an_error_and_no_half_page(browser: Browser) -> None:
    assert browser.get(f"/blog/{SLUG}").status == 503


def test_staff_see_an_error_page(app: Flask, store: Store, browser: Browser, clock: Clock, request: pytest.FixtureRequest) -> None:
    with store() as session:
        make_staff(session, clock())
    sign_in(browser)
    request.getfixturevalue("broken")
    assert browser.get("/staff/").status == 503
