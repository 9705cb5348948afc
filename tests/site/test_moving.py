"""A site that outgrows its file moves to PostgreSQL: every row, with its number, its links and what is searched for."""

import random
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy.orm import Session

import database
from app import create_app
from domain import comments, consultations, settings
from domain.comments import Comment, How, Status
from domain.consultations import ConsultationRequest
from domain.orm import Base
from extensions import db, migrate
from storage import database_copy, to_postgresql
from tests.conftest import Clock
from tests.factories import approved_comment, comment_draft, make_staff, submit_comment, submit_request
from tests.site.archives import made, rewritten, run, with_another_row

pytestmark = [pytest.mark.database, pytest.mark.slow]


@pytest.fixture
def grown(app: Flask, clock: Clock, tmp_path: Path) -> Iterator[Flask]:
    """A site on SQLite with something in nearly every table."""
    if app.config["DATABASE_URL"].startswith("sqlite"):
        pytest.skip("the other engine is needed, too: runs with --engine postgresql")
    folder = tmp_path / "small"
    folder.mkdir()
    environ = {"FLASK_INSTANCE_PATH": str(folder), "FLASK_DATABASE_URL": f"sqlite:///{folder / 'site.db'}"}
    small = create_app({"TESTING": True, "CLOCK": clock, "PAGE_CACHE": False}, environ)
    with small.app_context():
        migrate.upgrade()
        session = database.begin_write(db.session)
        _live(session, small.config["SITE"], clock())
        session.commit()
    yield small
    with small.app_context():
        db.engine.dispose()


def _live(session: Session, site: Any, now: datetime) -> None:
    owner = make_staff(session, now)
    chance = random.Random(5)
    parent = None
    for number in range(1, 40):
        comment = approved_comment(session, now, parent=chance.choice([None, parent]), text=f"Das Tagebuch, میرا سر {number} 🙂")
        parent = comment if number % 3 else parent
        held = submit_comment(session, now, comment_draft(email=f"r{number}@example.com"), notify=["replies"])
        if number % 5 == 0:
            comments.set_status(session, held.id, Status.SPAM, by=owner.id, how=How.WEB, now=now)
        submit_request(session, now)
    comments.withdraw(session, held.id, now)
    revision = session.get_one(ConsultationRequest, 1).revision
    consultations.assign(session, 1, owner.id, by=owner.id, now=now, revision=revision, note="Calls back at five")
    settings.change(session, site, {"comment_depth": 2}, now, owner.id)
    # Leaves a setting that is JSON's null.
    comments.pause(session, site, by=owner.id, now=now)
    comments.resume(session, site, by=owner.id, now=now)


def rows(app: Flask) -> dict[str, list[Any]]:
    """All that is stored, as the site reads it."""
    with app.app_context(), db.engine.connect() as connection:
        return {name: sorted(map(repr, connection.execute(table.select()).all())) for name, table in Base.metadata.tables.items()}


def test_a_backup_of_the_file_fills_an_empty_postgresql(grown: Flask, elsewhere: Flask, tmp_path: Path) -> None:
    path, before = made(grown, tmp_path / "site.tar.gz"), rows(grown)
    result = run(elsewhere, "restore", path)
    assert result.exit_code == 0, result.output
    after = rows(elsewhere)
    # That a backup was made is noted when the copy of the database is there.
    assert {name for name in before if before[name] != after[name]} == {"backup_run"}
    assert len([name for name, found in after.items() if found]) > 12, "or there was little to move"


def test_what_comes_after_the_move_has_new_numbers_and_is_counted_and_found(
    grown: Flask, elsewhere: Flask, tmp_path: Path, clock: Clock
) -> None:
    run(elsewhere, "restore", made(grown, tmp_path / "site.tar.gz"))
    with elsewhere.app_context():
        last = db.session.scalars(sa.select(sa.func.max(Comment.id))).one()
        session = database.begin_write(db.session)
        comment = submit_comment(session, clock(), comment_draft(email="later@example.com"))
        request = submit_request(session, clock())
        session.commit()
        assert comment.id > last
        assert request.id > 39
        counted = comments.count_by_status(session)
        held = sa.select(sa.func.count()).where(Comment.status == Status.HELD)
        assert counted[Status.HELD] == session.scalars(held).one()
        for text, number in (("later", 1), ("tagebuch", 39)):
            status = Status.HELD if number == 1 else Status.APPROVED
            page = comments.queue_page(session, status, before=None, size=50, only=comments.Filter(text=text))
            assert page.matching == number
        page_of = consultations.inbox_page(session, consultations.Filter(text="five"), after=None, size=5)
        assert [row.id for row in page_of.rows] == [1]


def test_a_number_that_was_given_once_is_not_given_again(grown: Flask, elsewhere: Flask, clock: Clock) -> None:
    with grown.app_context(), db.engine.begin() as connection:
        connection.execute(sa.delete(ConsultationRequest).where(ConsultationRequest.id == 39))
    with elsewhere.app_context():
        migrate.upgrade()
    file, url = grown.config["DATABASE_URL"], elsewhere.config["DATABASE_URL"]
    with database_copy.opened(file) as source, database_copy.opened(url) as target:
        to_postgresql.move(source, target)
    with elsewhere.app_context():
        session = database.begin_write(db.session)
        assert submit_request(session, clock()).id == 40
        last = session.scalars(sa.select(sa.func.max(Comment.id))).one()
        assert submit_comment(session, clock()).id == last + 1


def test_a_backup_that_is_not_whole_puts_nothing_there(grown: Flask, elsewhere: Flask, tmp_path: Path) -> None:
    path = made(grown, tmp_path / "site.tar.gz")
    rewritten(path, with_another_row)
    result = run(elsewhere, "restore", path)
    assert (result.exit_code, result.output.count("\n")) == (1, 1)
    assert "comment: holds other values" in result.output
    assert database_copy.is_empty(elsewhere.config["DATABASE_URL"])


def test_a_row_that_postgresql_does_not_take_is_told_of_in_one_line(grown: Flask, elsewhere: Flask, tmp_path: Path) -> None:
    file = database.sqlite_file(grown.config["DATABASE_URL"])
    assert file is not None
    with closing(sqlite3.connect(file)) as connection, connection:
        connection.execute("UPDATE comment SET text = 'secret' || char(0) WHERE id = 1")
    result = run(elsewhere, "restore", made(grown, tmp_path / "site.tar.gz"))
    assert (result.exit_code, result.output.count("\n")) == (1, 1)
    assert "secret" not in result.output
    assert database_copy.how_to_empty(elsewhere.config["DATABASE_URL"]) in result.output
    with elsewhere.app_context():
        assert db.session.scalars(sa.select(sa.func.count()).select_from(Comment)).one() == 0


def test_rows_that_differ_afterwards_are_no_move(
    grown: Flask, elsewhere: Flask, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    stored = to_postgresql._stored

    def altered(*of_a_row: Any) -> list[Any]:
        return ["Somebody" if value == "Sana A." else value for value in stored(*of_a_row)]

    monkeypatch.setattr(to_postgresql, "_stored", altered)
    result = run(elsewhere, "restore", made(grown, tmp_path / "site.tar.gz"))
    assert result.exit_code == 1
    assert "comment: not the same rows as in the file" in result.output
    with elsewhere.app_context():
        assert db.session.scalars(sa.select(sa.func.count()).select_from(Comment)).one() == 0
