"""A signed link that is over says so, in words of its own: nothing was taken down."""

import time
from dataclasses import replace

import pytest
from flask import Flask

import clinic
from domain.documents import Library, Status
from domain.tokens import Purpose
from tests.conftest import Clock, Store
from tests.factories import ARTICLE, SLUG, make_staff, submit_comment
from tests.pages import Browser, Page

USED = {
    "a used set-up link": ("/staff/setup/", Purpose.STAFF_SETUP, {"staff": 1, "epoch": 1}),
    "the first owner's, used": ("/staff/setup/", Purpose.FIRST_OWNER, {}),
    "an erased request": ("/consultation/received/", Purpose.REQUEST_RECEIPT, {"request": 9}),
    "an erased comment": ("/comments/", Purpose.COMMENT_STATUS, {"comment": 9, "article": ARTICLE}),
    "an article whose file is gone": ("/comments/", Purpose.COMMENT_STATUS, {"comment": 1, "article": "gone"}),
    "a decision about an erased comment": ("/moderate/", Purpose.COMMENT_MODERATION, {"comment": 9, "revision": 1, "staff": 1}),
    "a forgotten reader": ("/comments/mail/", Purpose.READER_MAIL, {"reader": 9}),
}


@pytest.mark.parametrize("why", USED)
def test_a_link_whose_work_is_done_says_so(app: Flask, store: Store, browser: Browser, clock: Clock, why: str) -> None:
    path, purpose, payload = USED[why]
    with store() as session:
        make_staff(session, clock())
    with app.app_context():
        link = path + clinic.sign(purpose, payload)
    check_over(browser.get(link))


def test_an_expired_link_says_so(app: Flask, store: Store, browser: Browser, clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    with store() as session:
        number = submit_comment(session, clock()).id
    with app.app_context():
        link = "/comments/" + clinic.sign(Purpose.COMMENT_STATUS, {"comment": number, "article": ARTICLE})
    later = time.time() + 31 * 86400
    monkeypatch.setattr("itsdangerous.timed.time.time", lambda: later)
    check_over(browser.get(link))


def check_over(page: Page) -> None:
    assert page.status == 410
    assert page.one("h1").get_text() == "This link no longer works"
    assert "on purpose" not in page.text


def test_an_article_that_was_removed_says_that_it_was_removed(app: Flask, browser: Browser) -> None:
    removed = replace(app.config["LIBRARY"].by_id(ARTICLE), status=Status.REMOVED)
    app.config["LIBRARY"] = Library([removed])
    page = browser.get(f"/blog/{SLUG}")
    assert (page.status, page.one("h1").get_text()) == (410, "This page was removed")
