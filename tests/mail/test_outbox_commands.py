"""flask outbox send, status and retry."""

import json
import os
import subprocess
import sys

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy.orm import Session

import database
from domain import outbox
from domain.audit import AuditEntry
from domain.outbox import State
from tests.conftest import Clock
from tests.mail.letters import queue_one, rows
from tests.mail.smtpd import SmtpServer, answer
from transport import dispatchers


def run(site: Flask, *arguments: str) -> str:
    """The output of a command that succeeds."""
    result = site.test_cli_runner().invoke(args=["outbox", *arguments])
    assert result.exit_code == 0, result.output
    return result.output.strip()


def test_send_makes_one_pass_over_what_is_due(site: Flask, session: Session, clock: Clock, smtpd: SmtpServer) -> None:
    smtpd.once("RCPT", answer("450 4.2.1 greylisted"))
    queue_one(session, clock, recipients=["one@example.com", "two@example.com"])
    assert run(site, "send") == "2 tried; 1 waiting, 1 sent, 0 failed, 0 cancelled"
    assert run(site, "send") == "0 tried; 1 waiting, 1 sent, 0 failed, 0 cancelled"
    clock.forward(minutes=1)
    assert run(site, "send") == "1 tried; 0 waiting, 2 sent, 0 failed, 0 cancelled"


def test_status_counts_what_stands_where(site: Flask, session: Session, clock: Clock) -> None:
    queue_one(session, clock, recipients=["one@example.com", "two@example.com"])
    assert run(site, "status") == "2 waiting, 0 sent, 0 failed, 0 cancelled"
    assert json.loads(run(site, "status", "--json")) == {"waiting": 2, "sent": 0, "failed": 0, "cancelled": 0}


@pytest.mark.parametrize(
    ("ids", "due"), [([], [True, True]), (["2"], [False, True]), (["1", "2"], [True, True]), (["99"], [False] * 2)]
)
def test_retry_makes_failed_and_waiting_messages_due(
    ids: list[str], due: list[bool], site: Flask, session: Session, clock: Clock, smtpd: SmtpServer
) -> None:
    smtpd.once("RCPT", answer("550 5.1.1 no such user"))
    queue_one(session, clock, recipients=["one@example.com"])
    run(site, "send")
    smtpd.stop()
    queue_one(session, clock, recipients=["two@example.com"])
    run(site, "send")
    assert [row.state for row in rows(session)] == [State.FAILED, State.WAITING]
    assert run(site, "retry", *ids) == f"{sum(due)} due now"
    assert [row.state is State.WAITING and row.next_at == clock.now for row in rows(session)] == due
    smtpd.start()
    assert run(site, "send").startswith(f"{sum(due)} tried; ")
    assert [row.state is State.SENT for row in rows(session)] == due


def test_retry_is_in_the_audit_log(site: Flask, session: Session, clock: Clock) -> None:
    queue_one(session, clock)
    run(site, "retry")
    session.rollback()
    assert [entry.action for entry in session.scalars(sa.select(AuditEntry))] == ["mail retry"]


def test_retry_does_not_take_what_is_no_number(site: Flask) -> None:
    assert site.test_cli_runner().invoke(args=["outbox", "retry", "all"]).exit_code == 2


def test_what_a_killed_dispatcher_held_is_sent_without_waiting_for_its_lease(
    site: Flask, session: Session, clock: Clock, smtpd: SmtpServer
) -> None:
    gone = subprocess.Popen([sys.executable, "-c", ""])
    gone.wait()
    number = queue_one(session, clock)
    outbox.claim(database.begin_write(session), clock(), f"{dispatchers.machine()}/{gone.pid}")
    session.commit()
    assert run(site, "send").startswith("1 tried; 0 waiting, 1 sent")
    assert number is not None


@pytest.mark.parametrize(
    "holder",
    [
        pytest.param(f"{dispatchers.machine()}/{os.getppid()}", id="of a process that lives"),
        pytest.param("another-machine/1", id="of another machine, of which nothing is known"),
        pytest.param(None, id="of nobody that can be asked"),
    ],
)
def test_what_a_living_dispatcher_holds_stays_with_it(site: Flask, session: Session, clock: Clock, holder: str | None) -> None:
    queue_one(session, clock)
    outbox.claim(database.begin_write(session), clock(), holder)
    session.commit()
    assert run(site, "retry") == "0 due now"
    assert run(site, "send").startswith("0 tried; 1 waiting")
