"""The mail that a new request causes: to staff, several suspected ones in one message, and to the visitor."""

from collections.abc import Sequence
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from domain import orm, outbox
from domain.consultations.request import ConsultationRequest
from domain.outbox import Kind, OutboxMail, Pace, State
from domain.text import normalise_email

ACKNOWLEDGE_EVERY = timedelta(days=1)
SUSPECTED_AT_ONCE = 5
"""Suspected requests that have a mail of their own within SUSPECTED_WINDOW; more go together."""
SUSPECTED_WINDOW = timedelta(hours=1)


def tell(
    session: Session, request_id: int, recipients: Sequence[str], now: datetime, *, to: str | None, is_suspected: bool
) -> None:
    """Queues what is to be sent of a new or corrected request: to staff, and `to` the visitor. The caller commits."""
    for recipient in dict.fromkeys(recipients):
        if is_suspected and _suspected_mails(session, recipient, now) >= SUSPECTED_AT_ONCE:
            pace = Pace(SUSPECTED_WINDOW, not_before=now + SUSPECTED_WINDOW)
            outbox.gather(session, Kind.REQUESTS_SUSPECTED, request_id, [recipient], now, pace)
        else:
            outbox.put_in(session, Kind.REQUEST_RECEIVED, request_id, recipient, now)
    if to and not is_suspected and _may_acknowledge(session, to, now):
        outbox.put_in(session, Kind.REQUEST_ACKNOWLEDGED, request_id, normalise_email(to), now)


_SUSPECTED_MAILS = (
    sa.select(sa.func.count())
    .select_from(OutboxMail)
    .join(ConsultationRequest, ConsultationRequest.id == OutboxMail.subject_id)
    .where(OutboxMail.kind == Kind.REQUEST_RECEIVED, OutboxMail.recipient == sa.bindparam("recipient"))
    .where(OutboxMail.created_at > sa.bindparam("since"), ConsultationRequest.suspected)
)


def _suspected_mails(session: Session, recipient: str, now: datetime) -> int:
    asked = {"recipient": recipient, "since": now - SUSPECTED_WINDOW}
    return orm.reading(session).execute(_SUSPECTED_MAILS, asked).scalar_one()


def _may_acknowledge(session: Session, email: str, now: datetime) -> bool:
    address = normalise_email(email)
    return not outbox.recently_sent_to(session, Kind.REQUEST_ACKNOWLEDGED, address, since=now - ACKNOWLEDGE_EVERY)


def is_acknowledged(session: Session, request_id: int) -> bool:
    """Whether a mail to the visitor was queued."""
    return bool(outbox.about(session, [Kind.REQUEST_ACKNOWLEDGED], request_id))


def told(session: Session, request_id: int) -> list[str]:
    """The addresses of staff to which a request went."""
    alone = outbox.about(session, [Kind.REQUEST_RECEIVED], request_id)
    together = outbox.telling(session, [Kind.REQUESTS_SUSPECTED], request_id)
    return list(dict.fromkeys(mail.recipient for mail in (*alone, *together) if mail.state is not State.CANCELLED))


def stop(session: Session, request_id: int) -> None:
    """Nothing more is sent about a request that was judged spam. The caller commits."""
    outbox.cancel(session, outbox.REQUEST_KINDS, [request_id])
    outbox.drop(session, outbox.REQUEST_LISTS, [request_id])


def mail_about(session: Session, request_id: int) -> list[OutboxMail]:
    """Every message that tells of a request, oldest first."""
    alone = outbox.about(session, outbox.REQUEST_KINDS, request_id)
    return sorted([*alone, *outbox.telling(session, outbox.REQUEST_LISTS, request_id)], key=lambda mail: mail.id)
