"""The file of the database is damaged while the site runs: what was typed comes back, and whoever runs the site is told."""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest
from flask import Flask

import checks
import database
import letting_go
from app import create_app
from checks import Finding, Level
from extensions import db, migrate
from tests.factories import PASSWORD, SLUG
from tests.pages import Browser

PAGE = 4096
"""Bytes that SQLite reads at once; the first of them hold its header and the list of tables."""
KINDS = {
    "header": lambda whole: bytes(PAGE) + whole[PAGE:],
    "tables": lambda whole: whole[:PAGE] + b"\xff" * (len(whole) - PAGE),
}
Damage = Callable[..., None]


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    """A site of this module's own on the embedded database."""
    made = create_app({"TESTING": True}, {"FLASK_INSTANCE_PATH": str(tmp_path_factory.mktemp("instance"))})
    with made.app_context():
        migrate.upgrade()
    yield made
    with made.app_context():
        db.engine.dispose()


@pytest.fixture
def damage(running: Flask) -> Iterator[Damage]:
    """`damage(kind)` overwrites a part of the file of the running site, which is whole again after the test."""
    file = Path(running.instance_path) / "site.db"
    with closing(sqlite3.connect(file)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    whole = file.read_bytes()

    def overwrite(kind: str, *, with_new_connections: bool = True) -> None:
        running.extensions.pop("looked", None)
        # What a connection has read it does not read again.
        if with_new_connections:
            with running.app_context():
                db.engine.dispose()
        file.write_bytes(KINDS[kind](whole))

    yield overwrite
    with running.app_context():
        db.engine.dispose()
    for beside in file.parent.glob("site.db-*"):
        beside.unlink()
    file.write_bytes(whole)


@pytest.mark.parametrize("kind", KINDS)
def test_a_request_comes_back_with_all_its_text(running: Flask, damage: Damage, kind: str) -> None:
    damage(kind)
    sent = {"name": "Bilal", "phone": "0300 1234567", "contact_by": "phone", "message": "Please call", "consent": "y"}
    page = Browser(running).post("/consultation", sent)
    assert (page.status, page.headers["Retry-After"]) == (503, "30")
    assert "could not store your request" in page.one(".error-summary").get_text()
    assert "Please call" in page.html
    assert page.one("#phone")["value"] == "0300 1234567"


def test_a_connection_from_before_finds_it_too(running: Flask, damage: Damage) -> None:
    with running.app_context():
        with db.engine.connect() as connection:
            damage("header", with_new_connections=False)
            connection.exec_driver_sql("PRAGMA shrink_memory")
        with pytest.raises(database.UNAVAILABLE):
            database.begin_write(db.session)


@pytest.mark.parametrize("kind", KINDS)
def test_a_comment_comes_back_with_all_its_text(running: Flask, damage: Damage, kind: str) -> None:
    damage(kind)
    sent = {"name": "Sana", "email": "sana@example.com", "body": "A long comment"}
    page = Browser(running).post(f"/blog/{SLUG}/comments", sent)
    assert page.status == 503
    assert "A long comment" in page.html


@pytest.mark.parametrize("kind", KINDS)
def test_pages_that_need_no_rows_go_on(running: Flask, damage: Damage, kind: str) -> None:
    damage(kind)
    for url in ("/", "/consultation", "/contact"):
        page = Browser(running).get(url)
        assert (page.status, page.headers["Cache-Control"]) == (200, "no-store"), url


@pytest.mark.parametrize(("kind", "code"), [("header", "NOTADB"), ("tables", "CORRUPT")])
def test_the_site_is_not_ready_and_says_why(running: Flask, damage: Damage, kind: str, code: str) -> None:
    damage(kind)
    answer = running.test_client().get("/readyz")
    assert (answer.status_code, answer.json["status"], answer.json["checks"]["database"]) == (503, "fail", "fail")
    told = answer.json["details"]["database"]
    assert told["what"] == f"The database file is damaged (SQLITE_{code})."
    assert "flask backup restore" in told["advice"]


@pytest.mark.parametrize("kind", KINDS)
def test_the_metrics_say_that_the_database_is_down(running: Flask, damage: Damage, kind: str) -> None:
    damage(kind)
    answer = running.test_client().get("/metrics")
    assert answer.status_code == 200
    assert "clinic_database_up 0.0" in answer.text


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    "command",
    [
        ["outbox", "status"],
        ["backup", "create", "copy.tar.gz"],
        ["staff", "create", "owner@example.com", "--role", "owner", "--password-stdin"],
        ["privacy", "export", "sana@example.com"],
        ["retention", "run"],
        ["db", "upgrade"],
    ],
    ids=" ".join,
)
def test_a_command_ends_with_one_line_that_says_what_to_do(
    running: Flask, damage: Damage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str, command: list[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    damage(kind)
    with running.app_context():
        result = running.test_cli_runner().invoke(args=command, input=f"{PASSWORD}\n")
    assert result.exit_code == 1
    assert result.output.startswith("Error: the database file is damaged (SQLITE_")
    assert result.output.count("\n") == 1
    assert "flask backup restore" in result.output
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("kind", KINDS)
def test_the_doctor_finds_it(running: Flask, damage: Damage, monkeypatch: pytest.MonkeyPatch, kind: str) -> None:
    monkeypatch.setattr(checks, "outside", lambda *_: [Finding("SPF", Level.OK, "One record.")])
    damage(kind)
    result = running.test_cli_runner().invoke(args=["doctor"])
    assert result.exit_code == 1
    assert "The database file is damaged" in result.output


def test_files_that_cannot_be_tidied_are_told_of(running: Flask, damage: Damage) -> None:
    damage("header")
    with running.app_context():
        assert letting_go.rid_files() is False
