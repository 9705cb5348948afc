"""Somebody else holds the right to write for too long: what staff and authors typed comes back and can be sent again."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, closing, contextmanager
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy import event
from sqlalchemy.exc import TimeoutError as PoolTimeout

import clinic
import database
from domain.comments import Comment
from domain.orm import Base
from domain.tokens import Purpose
from extensions import db
from tests.conftest import Clock, Store
from tests.factories import ARTICLE, PASSWORD, SLUG, make_staff, submit_comment, submit_request
from tests.pages import Browser, Page, filled, sign_in

LONG = "A text that took a while to write, and that nobody wants to write again."
PATIENCE = 0.05
Locked = Callable[[], AbstractContextManager[None]]


@pytest.fixture
def locked(app: Flask, monkeypatch: pytest.MonkeyPatch) -> Iterator[Locked]:
    """`with locked():` another connection holds the right to write, and the site waits 50 ms instead of 5 s."""
    with app.app_context():
        engine = db.engine
        other = sa.create_engine(app.config["DATABASE_URL"], poolclass=sa.NullPool)

    def hurry(connection: Any, *_rest: object) -> None:
        if engine.dialect.name == "postgresql":
            with closing(connection.cursor()) as cursor:
                cursor.execute(f"SET lock_timeout = {PATIENCE * 1000:.0f}")

    @contextmanager
    def lock() -> Iterator[None]:
        with other.connect() as connection:
            if engine.dialect.name == "sqlite":
                connection.exec_driver_sql("BEGIN IMMEDIATE")
            else:
                connection.exec_driver_sql(f"LOCK TABLE {', '.join(Base.metadata.tables)} IN EXCLUSIVE MODE")
            yield
            connection.rollback()

    monkeypatch.setattr(database, "BUSY_SECONDS", PATIENCE)
    event.listen(engine, "checkout", hurry)
    yield lock
    event.remove(engine, "checkout", hurry)


@pytest.fixture
def owner(store: Store, browser: Browser, clock: Clock) -> Browser:
    """A browser in which an owner is signed in."""
    with store() as session:
        make_staff(session, clock())
        submit_comment(session, clock())
        submit_request(session, clock())
    sign_in(browser)
    return browser


@pytest.mark.parametrize(
    ("shown", "action", "typed", "button"),
    [
        ("/staff/comments", "/staff/comments/1/reply", {"text": LONG}, None),
        ("/staff/comments", "/staff/comments/1/text", {"text": LONG}, None),
        ("/staff/requests/1", "/staff/requests/1", {"note": LONG}, ("status", "")),
        ("/staff/requests/1", "/staff/requests/1", {"note": LONG}, ("status", "contacted")),
        ("/staff/settings", "/staff/settings", {"moderation_words": "dose\nbrand", "phone": "051-2345678"}, None),
        ("/staff/settings/blocks", "/staff/settings/blocks", {"value": "a@b.example", "note": LONG}, None),
        ("/staff/people", "/staff/people", {"name": "Sana", "email": "sana@example.com"}, None),
    ],
    ids=["reply", "text", "note", "step", "settings", "block", "invitation"],
)
def test_what_staff_typed_comes_back_and_goes_through_later(
    owner: Browser, locked: Locked, shown: str, action: str, typed: dict[str, str], button: tuple[str, str] | None
) -> None:
    page = owner.get(shown)
    with locked():
        busy = owner.submit(page, action, button=button, **typed)
    assert (busy.status, busy.headers["Retry-After"]) == (503, "30")
    assert "could not store" in busy.text
    sent = filled(busy.one("form"))
    assert {name: sent[name].replace("\r", "") for name in typed} == typed
    assert len(busy.all("textarea")) == sum("\n" in text or text == LONG for text in typed.values())
    again = owner.submit(busy, action)
    assert again.status == 200
    assert not again.all(".error-summary")


@pytest.mark.parametrize("form", ["sign-in", "set-up", "new password"])
def test_a_password_is_asked_for_again_and_not_repeated(app: Flask, owner: Browser, locked: Locked, form: str) -> None:
    with app.app_context():
        link = f"/staff/setup/{clinic.sign(Purpose.STAFF_SETUP, {'staff': 1, 'epoch': 2})}"
    new = "quite another harbour"
    browser, action, typed, secret = {
        "sign-in": (Browser(app), "/staff/login", {"email": "owner@example.com"}, {"password": PASSWORD}),
        "set-up": (Browser(app), link, {"name": "Amina Malik"}, {"password": new}),
        "new password": (owner, "/staff/account", {}, {"current_password": PASSWORD, "new_password": new}),
    }[form]
    page = browser.get(action)
    with locked():
        busy = browser.submit(page, action, **typed, **secret)
    assert busy.status == 503
    assert not [value for value in secret.values() if value in busy.html]
    assert typed.items() <= filled(busy.one("form")).items()
    assert browser.submit(busy, action, **secret).status == 200
    assert browser.get("/staff/").url == "/staff/"


def test_a_page_that_is_only_opened_says_that_the_site_is_busy(owner: Browser, app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    def no_rows(*_arguments: object, **_names: object) -> None:
        raise PoolTimeout

    monkeypatch.setattr("domain.comments.queue_page", no_rows)
    page = owner.get("/staff/comments")
    assert page.status == 503
    assert not page.all("form")


@pytest.fixture
def own_page(app: Flask, store: Store, browser: Browser, clock: Clock) -> Page:
    """The page on which an author follows a comment."""
    with store() as session:
        number = submit_comment(session, clock()).id
    with app.app_context():
        return browser.get(f"/comments/{clinic.sign(Purpose.COMMENT_STATUS, {'comment': number, 'article': ARTICLE})}")


def test_what_an_author_changed_comes_back_and_goes_through_later(
    app: Flask, browser: Browser, locked: Locked, own_page: Page
) -> None:
    with locked():
        busy = browser.submit(own_page, own_page.url, body=LONG, button=("action", "edit"))
    check_kept(busy)
    assert browser.submit(busy, own_page.url, button=("action", "edit")).status == 200
    with app.app_context():
        assert db.session.scalars(sa.select(Comment.text)).one() == LONG


def test_what_an_author_changed_comes_back_also_when_nothing_can_be_read(
    app: Flask, browser: Browser, own_page: Page, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_connection() -> None:
        raise PoolTimeout

    with app.app_context():
        monkeypatch.setattr(db.engine.pool, "connect", no_connection)
    check_kept(browser.submit(own_page, own_page.url, body=LONG, button=("action", "edit")))
    refused = browser.post(f"/blog/{SLUG}/comments", {"name": "", "email": "sana@example.com", "body": LONG})
    assert refused.status == 503
    assert LONG in refused.one("#body").get_text()


def check_kept(page: Page) -> None:
    """503 with the author's form as it was sent, and a link to it."""
    assert (page.status, page.headers["Retry-After"]) == (503, "30")
    assert page.title.startswith("Error: ")
    assert "could not store your change" in page.one(".error-summary").get_text()
    assert page.one('.error-summary a[href="#body"]')
    assert page.one("#body").get_text().strip() == LONG
