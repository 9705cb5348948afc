"""Several dispatchers, a locked database, a lost lease: never sent twice, nobody waits for the mail server."""

import threading
from collections.abc import Callable

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

import database
import mailer
from domain import outbox
from domain.outbox import Failure, Kind, OutboxMail, State
from extensions import db
from tests import factories
from tests.conftest import Clock
from tests.mail.letters import queue_one, rows
from tests.mail.smtpd import DOT, Received, SmtpServer, answer


def elsewhere(site: Flask, work: Callable[[Session], object]) -> Callable[[Received], None]:
    """What another process does with the database while the server has the message and has not answered."""

    def run(_: Received) -> None:
        with site.app_context():
            work(database.begin_write(db.session))
            db.session.commit()

    return run


def test_two_dispatchers_send_each_of_thirty_messages_once(site: Flask, session: Session, clock: Clock, smtpd: SmtpServer) -> None:
    addresses = [f"moderator{number}@example.com" for number in range(30)]
    factories.submit_comment(session, clock.now, notify=addresses)
    session.commit()
    counts = []

    def dispatch() -> None:
        with site.app_context():
            counts.append(sum(1 for _ in iter(mailer.deliver_next, False)))

    threads = [threading.Thread(target=dispatch) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(counts) == 30
    assert sorted(received.recipients[0] for received in smtpd.received) == sorted(addresses)
    assert len({received.message_id for received in smtpd.received}) == 30
    assert {row.state for row in rows(session)} == {State.SENT}


def test_no_transaction_is_open_while_the_server_thinks(site: Flask, session: Session, clock: Clock, smtpd: SmtpServer) -> None:
    seen = []

    def write(other: Session) -> None:
        seen.append(db.engine.pool.checkedout())
        factories.submit_comment(other, clock.now)

    smtpd.on_message = elsewhere(site, write)
    queue_one(session, clock)
    assert mailer.deliver_next()
    # The one connection in use is that of the writer itself.
    assert seen == [1]
    assert rows(session)[0].state is State.SENT


@pytest.mark.parametrize("line", ["250 2.0.0 Ok", "451 4.3.0 not now", "554 5.7.1 no"])
def test_a_lost_lease_records_nothing(line: str, site: Flask, session: Session, clock: Clock, smtpd: SmtpServer) -> None:
    smtpd.script[DOT] = answer(line)
    taken_over = sa.update(OutboxMail).values(lease="another dispatcher", lease_until=clock.now + outbox.LEASE)
    smtpd.on_message = elsewhere(site, lambda other: other.execute(taken_over))
    queue_one(session, clock)
    assert mailer.deliver_next()
    (row,) = rows(session)
    assert (row.state, row.lease, row.failure, row.sent_at) == (State.WAITING, "another dispatcher", None, None)


@pytest.mark.parametrize("line", ["250 2.0.0 Ok", "451 4.3.0 not now"])
def test_a_row_erased_while_it_is_sent_stops_nobody(
    line: str, site: Flask, session: Session, clock: Clock, smtpd: SmtpServer
) -> None:
    smtpd.script[DOT] = answer(line)
    smtpd.on_message = elsewhere(site, lambda other: other.execute(sa.delete(OutboxMail)))
    queue_one(session, clock)
    assert mailer.deliver_next()
    assert rows(session) == []
    assert not mailer.deliver_next()


def test_a_message_that_was_taken_is_recorded_however_long_the_database_is_locked(
    site: Flask, session: Session, clock: Clock, smtpd: SmtpServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    record, tries = outbox.record_sent, []

    def locked_twice(*arguments: object) -> bool:
        tries.append(1)
        if len(tries) < 3:
            raise OperationalError("UPDATE", {}, Exception("database is locked"))
        return record(*arguments)

    monkeypatch.setattr(outbox, "record_sent", locked_twice)
    queue_one(session, clock)
    assert mailer.deliver_next()
    assert rows(session)[0].state is State.SENT
    assert len(smtpd.received) == 1


def test_a_database_that_stays_locked_is_told_to_the_caller(
    site: Flask, session: Session, clock: Clock, smtpd: SmtpServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    def locked(*_: object) -> bool:
        raise OperationalError("UPDATE", {}, Exception("database is locked"))

    monkeypatch.setattr(mailer, "RECORD_SECONDS", 0)
    monkeypatch.setattr(outbox, "record_sent", locked)
    queue_one(session, clock)
    with pytest.raises(database.UNAVAILABLE):
        mailer.deliver_next()
    (row,) = rows(session)
    assert (row.state, row.lease is not None) == (State.WAITING, True)


def test_a_dead_dispatchers_message_is_taken_over_when_its_lease_ends(
    site: Flask, session: Session, clock: Clock, smtpd: SmtpServer
) -> None:
    queue_one(session, clock)
    outbox.claim(database.begin_write(session), clock.now)
    session.commit()
    assert not mailer.deliver_next()
    clock.forward(minutes=5)
    assert mailer.deliver_next()
    assert rows(session)[0].state is State.SENT


def test_a_row_is_not_failed_by_a_refusal_of_our_sender(site: Flask, session: Session, clock: Clock, smtpd: SmtpServer) -> None:
    smtpd.once("MAIL", answer("553 5.7.1 not your sender address"))
    queue_one(session, clock, recipients=["one@example.com", "two@example.com"])
    while mailer.deliver_next():
        pass
    assert [(row.state, row.failure) for row in rows(session)] == [(State.WAITING, Failure.SETUP), (State.SENT, None)]


def test_a_kind_of_a_later_version_waits_and_stops_nobody(session: Session, clock: Clock) -> None:
    outbox.enqueue(session, Kind.REQUEST_RECEIVED, 1, ["first@example.com", "second@example.com"], clock())
    session.flush()
    session.execute(sa.text("UPDATE outbox_mail SET kind = 'sent_by_a_later_version' WHERE recipient = 'first@example.com'"))
    session.expire_all()
    assert outbox.any_due(session, clock())
    row = outbox.claim(session, clock())
    assert row is not None
    assert row.recipient == "second@example.com"
