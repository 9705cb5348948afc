"""Suspected requests: a mail for each, until so many come within an hour that they go together; none is ever left out."""

from datetime import timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from domain import consultations, outbox, spam
from domain.consultations import SUSPECTED_AT_ONCE, SUSPECTED_WINDOW
from domain.outbox import Kind, OutboxMail
from tests.conftest import NOON
from tests.factories import submit_request

DESK, DOCTOR = "desk@example.com", "doctor@example.com"


def suspect(session: Session, minutes: float, *to: str) -> int:
    now = NOON + timedelta(minutes=minutes)
    return submit_request(session, now, signals=spam.Signals(honeypot_filled=True), recipients=to or (DESK,)).id


def mails(session: Session, kind: Kind) -> list[OutboxMail]:
    return list(session.scalars(sa.select(OutboxMail).where(OutboxMail.kind == kind).order_by(OutboxMail.id)))


def test_five_an_hour_have_a_mail_each_and_the_rest_go_together(session: Session) -> None:
    numbers = [suspect(session, minute) for minute in range(SUSPECTED_AT_ONCE + 3)]
    alone = mails(session, Kind.REQUEST_RECEIVED)
    assert [row.subject_id for row in alone] == numbers[:SUSPECTED_AT_ONCE]
    assert all(row.next_at == row.created_at for row in alone), "at once"
    (together,) = mails(session, Kind.REQUESTS_SUSPECTED)
    assert outbox.items(session, [together.id])[together.id] == numbers[SUSPECTED_AT_ONCE:]
    assert together.next_at == NOON + timedelta(minutes=SUSPECTED_AT_ONCE) + SUSPECTED_WINDOW


def test_an_hour_later_they_go_at_once_again(session: Session) -> None:
    for minute in range(SUSPECTED_AT_ONCE):
        suspect(session, minute)
    suspect(session, 65)
    assert len(mails(session, Kind.REQUEST_RECEIVED)) == SUSPECTED_AT_ONCE + 1
    assert mails(session, Kind.REQUESTS_SUSPECTED) == []


def test_each_mailbox_is_counted_by_itself(session: Session) -> None:
    for minute in range(SUSPECTED_AT_ONCE):
        suspect(session, minute)
    suspect(session, 6, DESK, DOCTOR)
    assert [row.recipient for row in mails(session, Kind.REQUESTS_SUSPECTED)] == [DESK]
    assert mails(session, Kind.REQUEST_RECEIVED)[-1].recipient == DOCTOR


def test_requests_that_nobody_suspects_go_at_once_however_many(session: Session) -> None:
    for minute in range(SUSPECTED_AT_ONCE + 2):
        suspect(session, minute)
    request = submit_request(session, NOON + timedelta(minutes=8))
    assert mails(session, Kind.REQUEST_RECEIVED)[-1].subject_id == request.id


def test_what_was_told_together_stands_beside_the_request(session: Session) -> None:
    last = [suspect(session, minute) for minute in range(SUSPECTED_AT_ONCE + 1)][-1]
    session.flush()
    assert [row.kind for row in consultations.mail_about(session, last)] == [Kind.REQUESTS_SUSPECTED]
