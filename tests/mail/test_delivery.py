"""From a row of the outbox to the mail server and back: sent, tried again, given up, moot, and never in the way of others."""

from datetime import timedelta

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy.orm import Session

import database
import mailer
import messages
from domain import comments, consultations, outbox, settings
from domain.comments import How
from domain.outbox import Failure, Kind, OutboxMail, State
from extensions import db
from tests import factories
from tests.conftest import Clock
from tests.mail.letters import queue_one, rows
from tests.mail.smtpd import CONNECT, DOT, SmtpServer, answer, close, drop, hang


def test_a_message_is_sent_once_when_the_server_is_up(site: Flask, session: Session, clock: Clock, smtpd: SmtpServer) -> None:
    queue_one(session, clock)
    assert mailer.deliver_next()
    assert not mailer.deliver_next()
    (row,) = rows(session)
    assert (row.state, row.sent_at, row.failure, row.lease) == (State.SENT, clock.now, None, None)
    (received,) = smtpd.received
    assert received.mail_from == "no-reply@clinic.example"
    assert received.recipients == ["desk@example.com"]
    assert received.message_id == f"<{row.message_key}@clinic.example>"


def test_a_server_that_comes_back_gets_the_message_by_the_plan(
    site: Flask, session: Session, clock: Clock, smtpd: SmtpServer
) -> None:
    smtpd.stop()
    queue_one(session, clock)
    assert mailer.deliver_next()
    (row,) = rows(session)
    assert (row.state, row.failure, row.next_at) == (State.WAITING, Failure.TEMPORARY, clock.now + timedelta(minutes=1))
    assert not mailer.deliver_next()
    clock.forward(minutes=1)
    assert mailer.deliver_next()
    assert rows(session)[0].next_at == clock.now + timedelta(minutes=5)
    smtpd.start()
    clock.forward(minutes=5)
    assert mailer.deliver_next()
    (row,) = rows(session)
    assert (row.state, row.failure, row.last_reply, row.attempts) == (State.SENT, None, None, 3)
    assert [received.message_id for received in smtpd.received] == [f"<{row.message_key}@clinic.example>"]


@pytest.mark.parametrize("line", [None, "451 4.7.1 the content filter is down"], ids=["is down", "puts us off"])
def test_staff_hear_of_a_request_soon_after_an_outage_of_hours(
    line: str | None, site: Flask, session: Session, clock: Clock, smtpd: SmtpServer
) -> None:
    if line:
        smtpd.script[DOT] = answer(line)
    else:
        smtpd.stop()
    queue_one(session, clock)
    back = clock.now + timedelta(hours=6)
    while (due := rows(session)[0].next_at) < back:
        clock.now = due
        assert mailer.deliver_next()
    smtpd.script.clear()
    if not line:
        smtpd.start()
    smtpd.received.clear()
    clock.now = back + timedelta(minutes=15)
    assert mailer.deliver_next()
    assert len(smtpd.received) == 1


@pytest.mark.usefixtures("quick")
@pytest.mark.parametrize("behaviour", [hang, drop, close], ids=["hangs", "drops", "closes"])
def test_a_second_try_after_a_missing_answer_has_the_same_message_id(
    behaviour: object, site: Flask, session: Session, clock: Clock, smtpd: SmtpServer
) -> None:
    smtpd.once(DOT, behaviour)
    queue_one(session, clock)
    assert mailer.deliver_next()
    assert rows(session)[0].failure is Failure.TEMPORARY
    clock.forward(minutes=1)
    assert mailer.deliver_next()
    assert rows(session)[0].state is State.SENT
    first, second = smtpd.received
    assert first.message_id == second.message_id
    assert first.message["Date"] == second.message["Date"]


@pytest.mark.usefixtures("quick")
def test_a_server_that_hangs_leaves_the_row_waiting(site: Flask, session: Session, clock: Clock, smtpd: SmtpServer) -> None:
    smtpd.script[CONNECT] = hang
    queue_one(session, clock)
    assert mailer.deliver_next()
    (row,) = rows(session)
    assert (row.state, row.failure, row.lease) == (State.WAITING, Failure.TEMPORARY, None)


def test_temporary_failures_are_given_up_after_three_days(site: Flask, session: Session, clock: Clock, smtpd: SmtpServer) -> None:
    smtpd.script["RCPT"] = answer("450 4.2.1 greylisted")
    queue_one(session, clock)
    for minutes in (0, 1, 5, 3 * 24 * 60 - 7):
        assert rows(session)[0].state is State.WAITING
        clock.forward(minutes=minutes)
        assert mailer.deliver_next()
    assert rows(session)[0].state is State.WAITING
    clock.now = rows(session)[0].next_at
    assert mailer.deliver_next()
    assert rows(session)[0].state is State.FAILED


def test_set_up_failures_are_never_given_up(site: Flask, session: Session, clock: Clock, smtpd: SmtpServer) -> None:
    smtpd.script["MAIL"] = answer("530 5.7.0 sign in first")
    queue_one(session, clock)
    mailer.deliver_next()
    clock.forward(days=4)
    mailer.deliver_next()
    (row,) = rows(session)
    assert (row.state, row.failure, row.last_reply) == (State.WAITING, Failure.SETUP, "530 5.7.0 sign in first")


def test_a_refused_recipient_is_given_up_at_once_and_not_the_others(
    site: Flask, session: Session, clock: Clock, smtpd: SmtpServer
) -> None:
    smtpd.once("RCPT", answer("550 5.1.1 no such user"))
    queue_one(session, clock, recipients=["gone@example.com", "desk@example.com"])
    while mailer.deliver_next():
        pass
    gone, desk = rows(session)
    assert (gone.state, gone.failure, desk.state) == (State.FAILED, Failure.PERMANENT, State.SENT)


def test_answers_are_stored_and_no_address_is_logged(
    site: Flask, session: Session, clock: Clock, smtpd: SmtpServer, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("DEBUG")
    smtpd.script["RCPT"] = answer("450 4.2.1 <desk@example.com> Bilal Khan is greylisted")
    queue_one(session, clock)
    mailer.deliver_next()
    assert "desk@example.com" in (rows(session)[0].last_reply or "")
    ours = [record for record in caplog.records if not record.name.startswith(("mail.log", "asyncio"))]
    assert [record.getMessage() for record in ours if record.name == site.logger.name] == ["mail 1: temporary failure"]
    said = "\n".join(f"{record.getMessage()}\n{record.exc_text}" for record in ours)
    assert "@" not in said
    assert "Bilal" not in said
    assert "greylisted" not in said


def test_an_answer_with_nul_and_broken_bytes_can_be_stored(site: Flask, session: Session, clock: Clock, smtpd: SmtpServer) -> None:
    smtpd.script[DOT] = answer(b"451 \x00\xff\xfe" + b"x" * 2000)
    queue_one(session, clock)
    assert mailer.deliver_next()
    reply = rows(session)[0].last_reply or ""
    assert reply.startswith("451 ")
    assert "\x00" not in reply
    assert len(reply) == 500


def test_a_message_that_cannot_be_composed_does_not_stop_the_others(
    site: Flask, session: Session, clock: Clock, smtpd: SmtpServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> None:
        raise TypeError("somebody's words")

    factories.submit_comment(session, clock.now, notify=["moderator@example.com"])
    session.commit()
    queue_one(session, clock)
    with monkeypatch.context() as patched:
        patched.setitem(messages.KINDS, Kind.COMMENT_HELD, broken)
        while mailer.deliver_next():
            pass
    comment, request = rows(session)
    assert (comment.state, comment.failure) == (State.WAITING, Failure.SETUP)
    assert comment.last_reply == "the message could not be composed: TypeError"
    assert request.state is State.SENT
    clock.forward(minutes=1)
    mailer.deliver_next()
    assert rows(session)[0].state is State.SENT


def test_an_address_the_server_cannot_write_fails_without_harm(
    site: Flask, session: Session, clock: Clock, smtpd: SmtpServer
) -> None:
    smtpd.takes_utf8 = False
    queue_one(session, clock, draft=factories.request_draft(email="مریم@example.com"))
    while mailer.deliver_next():
        pass
    to_staff, to_visitor = rows(session)
    assert to_staff.state is State.SENT
    assert (to_visitor.state, to_visitor.failure) == (State.FAILED, Failure.PERMANENT)
    (received,) = smtpd.received
    assert "مریم@example.com" in received.part("plain")
    assert received.message["Reply-To"] is None


def spam(session: Session, clock: Clock) -> None:
    owner = factories.make_staff(session, clock.now)
    (request,) = consultations.inbox(session)
    consultations.move(
        session, request.id, consultations.Move(consultations.Status.SPAM, ""), by=owner.id, working=factories.ALWAYS, now=clock.now
    )


def withdraw(session: Session, clock: Clock) -> None:
    (comment,) = comments.queue(session, comments.Status.HELD)
    assert comments.withdraw(session, comment.id, clock.now)


def trash(session: Session, clock: Clock) -> None:
    owner = factories.make_staff(session, clock.now)
    (comment,) = comments.queue(session, comments.Status.HELD)
    comments.set_status(session, comment.id, comments.Status.TRASH, by=owner.id, how=How.WEB, now=clock.now)


def cancel(session: Session, clock: Clock) -> None:
    outbox.cancel(session, outbox.REQUEST_KINDS, [1])


def erase(session: Session, clock: Clock) -> None:
    session.execute(sa.delete(OutboxMail))


@pytest.mark.parametrize("at_the_last_moment", [False, True], ids=["before", "after it was claimed"])
@pytest.mark.parametrize(
    ("kind", "change"), [("request", spam), ("comment", withdraw), ("comment", trash), ("request", cancel), ("request", erase)]
)
def test_nothing_is_sent_about_what_is_no_longer_wanted(
    kind: str,
    change: object,
    at_the_last_moment: bool,
    site: Flask,
    session: Session,
    clock: Clock,
    smtpd: SmtpServer,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    if kind == "request":
        draft = factories.request_draft(email="bilal@example.com")
        factories.submit_request(session, clock.now, draft, recipients=[])
    else:
        factories.submit_comment(session, clock.now, notify=["moderator@example.com"])
    session.commit()
    attempt = mailer._try

    def change_then_try(ours: Session, mail_id: int) -> mailer.Outcome:
        with site.app_context():
            change(database.begin_write(db.session), clock)
            db.session.commit()
        return attempt(ours, mail_id)

    if at_the_last_moment:
        monkeypatch.setattr(mailer, "_try", change_then_try)
    else:
        change(database.begin_write(session), clock)
        session.commit()
    assert mailer.deliver_next() is at_the_last_moment
    assert not mailer.deliver_next()
    assert {row.state for row in rows(session)} <= {State.CANCELLED}
    assert smtpd.received == []


def test_a_dispatcher_that_runs_for_long_says_what_the_owner_has_changed_meanwhile(
    site: Flask, session: Session, clock: Clock, smtpd: SmtpServer
) -> None:
    owner = factories.make_staff(session, clock.now)
    for number, phone in enumerate(["+92512345678", "+92519876543"]):
        settings.change(session, site.config["SITE"], {"phone": phone}, clock.now, owner.id)
        session.commit()
        queue_one(session, clock, draft=factories.request_draft(email=f"v{number}@example.com"), recipients=[])
        mailer.deliver_next()
        database.begin_write(db.session)
    assert "+92 51 2345678" in smtpd.received[0].part("plain")
    assert "+92 51 9876543" in smtpd.received[1].part("plain")
