"""Without a mail server every message is kept as a file in instance/mail."""

import os
import stat
import time
from email import message_from_bytes
from pathlib import Path

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy.orm import Session

import database
import mailer
from domain import outbox
from domain.outbox import Failure, OutboxMail, State
from tests import factories
from tests.conftest import Clock
from tests.mail.letters import queue_one, rows


@pytest.fixture
def folder(app: Flask) -> Path:
    """Where the files go; not there yet."""
    path = Path(app.instance_path) / "mail"
    for file in path.glob("*"):
        file.unlink()
    return path


def test_a_message_is_kept_under_the_number_of_its_row(folder: Path, session: Session, clock: Clock) -> None:
    queue_one(session, clock, draft=factories.request_draft(email="bilal@example.com"))
    while mailer.deliver_next():
        pass
    assert sorted(file.name for file in folder.iterdir()) == ["000001-request_received.eml", "000002-request_acknowledged.eml"]
    for row, file in zip(rows(session), sorted(folder.iterdir()), strict=True):
        assert row.state is State.SENT
        message = message_from_bytes(file.read_bytes())
        assert message["To"] == row.recipient
        assert row.message_key in message["Message-ID"]


def test_only_the_sites_own_user_may_read_what_is_kept(folder: Path, session: Session, clock: Clock) -> None:
    queue_one(session, clock)
    mailer.deliver_next()
    (file,) = folder.iterdir()
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700


def test_a_second_try_replaces_the_file_of_the_first(folder: Path, session: Session, clock: Clock) -> None:
    queue_one(session, clock)
    mailer.deliver_next()
    (first,) = folder.iterdir()
    first.write_text("half a message")
    again = sa.update(OutboxMail).values(state=State.WAITING, next_at=clock.now)
    database.begin_write(session).execute(again)
    session.commit()
    assert mailer.deliver_next()
    assert list(folder.iterdir()) == [first]
    assert b"Consultation request" in first.read_bytes()


def test_a_folder_that_cannot_be_written_is_our_set_up(folder: Path, session: Session, clock: Clock) -> None:
    folder.mkdir(exist_ok=True)
    folder.rmdir()
    folder.write_text("not a folder")
    queue_one(session, clock)
    assert mailer.deliver_next()
    (row,) = rows(session)
    assert (row.state, row.failure) == (State.WAITING, Failure.SETUP)
    assert (row.last_reply or "").startswith("instance/mail cannot be written")
    folder.unlink()
    outbox.retry(database.begin_write(session), clock.now)
    session.commit()
    assert mailer.deliver_next()
    assert rows(session)[0].state is State.SENT


def test_a_full_disk_leaves_no_half_a_file(folder: Path, session: Session, clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("storage.files.os.fsync", full)
    queue_one(session, clock)
    assert mailer.deliver_next()
    assert list(folder.iterdir()) == []
    assert rows(session)[0].failure is Failure.SETUP


def test_an_address_beyond_ascii_is_kept_as_it_is(folder: Path, session: Session, clock: Clock) -> None:
    queue_one(session, clock, draft=factories.request_draft(email="مریم@example.com"), recipients=[])
    mailer.deliver_next()
    (file,) = folder.iterdir()
    assert "To: مریم@example.com\r\n".encode() in file.read_bytes()


def test_an_address_that_cannot_be_is_given_up(folder: Path, session: Session, clock: Clock) -> None:
    queue_one(session, clock, draft=factories.request_draft(email=f"a@{'ا' * 64}.example"), recipients=[])
    mailer.deliver_next()
    (row,) = rows(session)
    assert (row.state, row.failure) == (State.FAILED, Failure.PERMANENT)


@pytest.mark.parametrize(("minutes", "stays"), [(59, True), (61, False)])
def test_what_a_killed_dispatcher_left_half_written_goes_after_an_hour(
    folder: Path, session: Session, minutes: int, stays: bool
) -> None:
    folder.mkdir(exist_ok=True)
    left = folder / ".writing-abc"
    left.write_text("half a mess")
    written = time.time() - minutes * 60
    os.utime(left, (written, written))
    mailer.forget_files()
    assert left.exists() is stays
