"""A database that no migration has prepared: it is told in one line what does, and nothing that is typed is lost."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa
from flask import Flask

import checks
import clinic
from app import create_app
from checks import Finding, Level
from extensions import db
from storage import database_copy
from tests.factories import PASSWORD
from tests.pages import Browser


@pytest.fixture
def unprepared(app: Flask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Flask]:
    """A site as it is before its first start, about which the DNS says nothing bad."""
    monkeypatch.setattr(checks, "outside", lambda *_: [Finding("SPF", Level.OK, "One record.")])
    with database_copy.scratch(app.config["DATABASE_URL"], tmp_path) as url:
        made = create_app({"TESTING": True}, {"FLASK_INSTANCE_PATH": str(tmp_path), "FLASK_DATABASE_URL": url})
        yield made
        with made.app_context():
            db.engine.dispose()


def test_the_doctor_says_what_prepares_it(unprepared: Flask) -> None:
    result = unprepared.test_cli_runner().invoke(args=["doctor"])
    assert (result.exit_code, type(result.exception)) == (1, SystemExit)
    assert "fail  migrations        The tables are at no version at all" in result.output
    assert "Run flask db upgrade" in result.output


def test_who_gets_requests_is_not_asked_without_the_owners_settings(unprepared: Flask) -> None:
    with unprepared.app_context():
        (told,) = [finding for finding in checks.inside(clinic.now()) if finding.check == "recipients"]
    assert told.what.startswith("Not asked")


@pytest.mark.parametrize(
    "command",
    [
        ["outbox", "status"],
        ["staff", "create", "owner@example.com", "--role", "owner", "--password-stdin"],
        ["comments", "list"],
        ["privacy", "export", "sana@example.com"],
    ],
    ids=" ".join,
)
def test_a_command_ends_with_one_line_that_says_what_prepares_it(unprepared: Flask, command: list[str]) -> None:
    result = unprepared.test_cli_runner().invoke(args=command, input=f"{PASSWORD}\n")
    assert (result.exit_code, result.output.count("\n")) == (1, 1)
    assert result.output.startswith("Error: the tables are not those of this version (")
    assert "flask db upgrade" in result.output


def test_the_facts_are_those_of_site_toml(unprepared: Flask) -> None:
    with unprepared.app_context():
        assert clinic.site() == clinic.base_site()


def test_a_column_that_is_not_there_yet_counts_as_well(unprepared: Flask) -> None:
    with unprepared.app_context():
        with db.engine.begin() as connection:
            connection.execute(sa.text("CREATE TABLE setting (key text)"))
        assert clinic.site() == clinic.base_site()


def test_a_request_comes_back_with_all_its_text(unprepared: Flask) -> None:
    sent = {"name": "Bilal", "phone": "0300 1234567", "contact_by": "phone", "message": "Please call", "consent": "y"}
    page = Browser(unprepared).post("/consultation", sent)
    assert page.status == 503
    assert "Please call" in page.html
