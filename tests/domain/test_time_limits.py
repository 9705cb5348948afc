"""How long a statement may take: of a request and the dispatcher not long, of a migration or a command as long as it needs."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy import event

import database
import server
from config import ConfigError
from extensions import db, migrate
from storage import database_copy
from tests.pages import Browser

LIMIT, NONE = "10s", "0"


@pytest.fixture
def limits(app: Flask) -> Iterator[set[str]]:
    """Collects the time limit under which each statement runs."""
    with app.app_context():
        engine = db.engine
    if engine.dialect.name == "sqlite":
        pytest.skip("SQLite has no time limit")
    found: set[str] = set()

    def look(connection: sa.Connection, *_rest: object) -> None:
        with connection.connection.cursor() as cursor:
            cursor.execute("SHOW statement_timeout")
            found.update(*cursor.fetchall())

    event.listen(engine, "before_cursor_execute", look)
    yield found
    event.remove(engine, "before_cursor_execute", look)


@pytest.mark.parametrize(
    "command",
    [
        ["privacy", "export", "sana@example.com"],
        ["privacy", "erase", "sana@example.com"],
        ["retention", "run"],
        ["comments", "purge"],
        ["spam", "relearn"],
        ["spam", "evaluate"],
        ["backup", "create", "."],
        ["db", "upgrade"],
    ],
    ids=" ".join,
)
def test_a_command_takes_as_long_as_it_needs(
    app: Flask, limits: set[str], command: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with app.app_context():
        result = app.test_cli_runner().invoke(args=command)
    assert isinstance(result.exception, SystemExit | None)
    assert limits == {NONE}


@pytest.mark.parametrize("command", ["send", "status", "retry"])
def test_what_the_dispatcher_does_keeps_the_limit(app: Flask, limits: set[str], command: str) -> None:
    assert app.test_cli_runner().invoke(args=["outbox", command]).exit_code == 0
    assert limits == {LIMIT}


def test_a_request_keeps_the_limit_also_on_a_connection_of_a_command(app: Flask, limits: set[str], browser: Browser) -> None:
    with app.app_context(), database.unhurried():
        db.session.execute(sa.select(1))
        db.session.rollback()
    assert limits == {NONE}
    limits.clear()
    assert browser.get("/contact").status == 200
    assert limits == {LIMIT}


def test_a_copy_is_read_for_as_long_as_it_takes(app: Flask, limits: set[str]) -> None:
    with database_copy.opened(app.config["DATABASE_URL"]) as engine, engine.connect() as connection:
        assert connection.scalar(sa.text("SHOW statement_timeout")) == NONE
        assert connection.scalar(sa.text("SHOW lock_timeout")) == "5s"


def test_migrations_of_the_start_take_as_long_as_they_need_and_wait_briefly_for_locks(
    app: Flask, limits: set[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    waits = []

    def look() -> None:
        connection = migrate.migration_context.connection
        assert connection is not None
        waits.append(connection.scalar(sa.text("SHOW lock_timeout")))

    monkeypatch.setattr(migrate, "upgrade", look)
    with app.app_context():
        server._migrate()
    assert (limits, waits) == ({NONE}, ["5s"])


@pytest.mark.parametrize(
    ("statement", "said"),
    [
        (
            "SET LOCAL statement_timeout = 1; SELECT pg_sleep(5)",
            "a statement was ended by its time limit, or by somebody (QueryCanceled)",
        ),
        ("SET LOCAL lock_timeout = 1; LOCK setting", "others held for too long what had to be changed (LockNotAvailable)"),
    ],
    ids=["time", "lock"],
)
def test_a_limit_that_ends_a_migration_is_named(
    app: Flask, limits: set[str], monkeypatch: pytest.MonkeyPatch, statement: str, said: str
) -> None:
    def be_slow(_target: str = "heads") -> None:
        connection = migrate.migration_context.connection
        assert connection is not None
        connection.exec_driver_sql(statement)

    monkeypatch.setattr(migrate, "upgrade", be_slow)
    with app.app_context(), db.engine.connect() as other:
        other.exec_driver_sql("LOCK setting IN SHARE MODE")
        with pytest.raises(ConfigError) as error:
            server._migrate()
    assert error.value.message.startswith(f"environment: FLASK_DATABASE_URL: {said}; ")
    with app.app_context(), db.engine.connect() as other:
        other.exec_driver_sql("LOCK setting IN SHARE MODE")
        result = app.test_cli_runner().invoke(args=["db", "upgrade"])
    assert (result.exit_code, result.output.count("\n")) == (1, 1)
    assert result.output.startswith(f"Error: {said}; ")
