"""Whoever changes comments does so one after the other, so that PostgreSQL never has two of them wait for each other."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy.orm import Session

import clinic
import database
from domain.comments import MODERATION, get
from domain.tokens import Purpose
from extensions import db
from tests.conftest import Clock, Store
from tests.factories import SLUG, comment_draft, make_staff, submit_comment
from tests.pages import Browser, filled, sign_in

CHANGE = re.compile(r"UPDATE comment SET .*\b(status|text|shown|learned_as_spam|tell_\w+)=|DELETE FROM comment\b(?!_)")


@pytest.fixture
def changes(app: Flask, monkeypatch: pytest.MonkeyPatch) -> Iterator[list[tuple[str, ...]]]:
    """What each transaction was begun with that changed a comment."""
    found: list[tuple[str, ...]] = []
    begun: tuple[str, ...] = ()
    begin = database.begin_write

    def noted(session: Session, *serialise: str, **others: Any) -> Session:
        nonlocal begun
        begun = serialise
        return begin(session, *serialise, **others)

    def look(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        if CHANGE.match(statement):
            found.append(begun)

    monkeypatch.setattr(database, "begin_write", noted)
    with app.app_context():
        engine = db.engine
    sa.event.listen(engine, "before_cursor_execute", look)
    yield found
    sa.event.remove(engine, "before_cursor_execute", look)


@pytest.fixture
def owner(browser: Browser, store: Store, clock: Clock) -> Browser:
    """The owner, signed in, and before her a held comment with an address in it, number 1."""
    with store() as session:
        make_staff(session, clock())
        submit_comment(session, clock(), comment_draft(email="sana@example.com", text="Write to sana@example.com."))
    sign_in(browser)
    return browser


def link(app: Flask, clock: Clock, to: str) -> str:
    """What goes by mail to the moderator or to the author of the comment."""
    with app.app_context():
        comment = get(db.session, 1)
        assert comment is not None
        if to == "author":
            return f"/comments/{clinic.sign(Purpose.COMMENT_STATUS, {'comment': comment.id, 'article': comment.article_id})}"
        person = make_staff(database.begin_write(db.session), clock(), email="hina@example.com", name="Hina")
        made = clinic.moderation_link(person, comment).removeprefix("http://localhost")
        db.session.commit()
        return made


@pytest.mark.parametrize(
    ("action", "values"),
    [
        ("1", {"button": ("action", "approve")}),
        ("1/reply", {"text": "Thank you."}),
        ("1/text", {"text": "Write to us."}),
        ("1/redact", {}),
    ],
    ids=["decision", "reply", "new text", "redaction"],
)
def test_staff_at_the_queue(owner: Browser, changes: list[tuple[str, ...]], action: str, values: dict[str, Any]) -> None:
    assert owner.submit(owner.get("/staff/comments"), f"/staff/comments/{action}", **values).status == 200
    assert changes
    assert all(MODERATION in begun for begun in changes)


def test_the_moderator_by_mail(app: Flask, owner: Browser, clock: Clock, changes: list[tuple[str, ...]]) -> None:
    address = link(app, clock, "moderator")
    owner.submit(owner.get(address), address, button=("action", "approve"))
    assert changes
    assert all(MODERATION in begun for begun in changes)


def test_the_author(app: Flask, owner: Browser, clock: Clock, changes: list[tuple[str, ...]]) -> None:
    address = link(app, clock, "author")
    owner.post(address, filled(owner.get(address).one(".own-edit form")) | {"body": "Something else."})
    edited = len(changes)
    owner.post(address, {"action": "mail", "notify": "replies"})
    chosen = len(changes)
    owner.post(address, {"action": "withdraw"})
    assert 0 < edited < chosen < len(changes)
    assert all(MODERATION in begun for begun in changes)


@pytest.mark.parametrize(
    "command",
    [
        ["comments spam 1"],
        ["comments trash 1", "comments purge"],
        ["comments trash 1", "retention run"],
        ["comments spam 1", "spam relearn"],
        ["privacy erase sana@example.com"],
    ],
    ids=lambda command: command[-1],
)
def test_the_commands(app: Flask, owner: Browser, clock: Clock, changes: list[tuple[str, ...]], command: list[str]) -> None:
    assert owner.get(f"/blog/{SLUG}").status == 200
    for line in command:
        before = len(changes)
        result = app.test_cli_runner().invoke(args=line.split())
        assert result.exit_code == 0, result.output
        assert len(changes) > before, f"{line} changed nothing"
        clock.forward(days=60)
    assert all(MODERATION in begun for begun in changes)
