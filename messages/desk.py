"""Messages to staff about several requests: suspected ones, ones that nobody has answered, and what is open this morning."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy.orm import Session

import clinic
from domain import consultations, outbox
from domain.consultations import ConsultationRequest, Status, digest
from domain.outbox import OutboxMail
from domain.phones import Phone
from messages.letter import Moot, letter
from transport.smtp import OutboxMessage
from web import words

MOST = 20
"""Requests that one message shows; the inbox has them all."""
AUTOMATIC = {"Auto-Submitted": "auto-generated"}


@dataclass(frozen=True)
class WaitingRequest:
    """A request that waits, as a message lists it: whom to call, nothing of what was written."""

    reference: str
    name: str
    phone: Phone
    contact_label: str
    waited: str
    suspected: bool
    has_message: bool
    planned_at: datetime | None
    url: str


def suspected(session: Session, row: OutboxMail) -> OutboxMessage:
    """To staff: requests that a machine may have sent, where more came than have a mail of their own."""
    return _list(row, [request for request in _items(session, row) if request.status is not Status.SPAM])


def overdue(session: Session, row: OutboxMail) -> OutboxMessage:
    """To where the requests went: nobody has answered them yet."""
    return _list(row, unanswered(session, row))


def escalated(session: Session, row: OutboxMail) -> OutboxMessage:
    """To the owners: nobody has answered, although the front desk was reminded."""
    return _list(row, unanswered(session, row))


def morning(session: Session, row: OutboxMail) -> OutboxMessage:
    """To the front desk: what is open on the day that the message is for. It names references, not people."""
    day = date.fromordinal(row.subject_id)
    agenda = digest.agenda(session, day, clinic.site().timezone)
    parts = [("new", agenda.new), ("to try again", agenda.again), ("booked", agenda.booked)]
    failed = outbox.count_by_state(session, outbox.DESK_KINDS)[outbox.State.FAILED]
    counts = [f"{part.count} {name}" for name, part in parts if part.count] + [f"{failed} mail failed"] * bool(failed)
    if not counts:
        raise Moot
    return letter(
        row,
        AUTOMATIC,
        day=day,
        summary=", ".join(counts),
        parts=[(name, part.count, _shown(part.first)) for name, part in parts if part.count],
        failed=failed,
        inbox_url=clinic.absolute("staff.requests.inbox"),
        mail_url=clinic.absolute("staff.mail.outbox"),
    )


def unanswered(session: Session, row: OutboxMail) -> list[ConsultationRequest]:
    """What a message tells of and still waits for a first contact. Raises Moot when nothing does."""
    waiting = [request for request in _items(session, row) if request.status is Status.NEW and not request.first_contact_at]
    if not waiting:
        raise Moot
    return waiting


def _items(session: Session, row: OutboxMail) -> Iterator[ConsultationRequest]:
    for number in outbox.items(session, [row.id]).get(row.id, []):
        request = consultations.get(session, number)
        if request is not None:
            yield request


def _list(row: OutboxMail, requests: Sequence[ConsultationRequest]) -> OutboxMessage:
    if not requests:
        raise Moot
    return letter(
        row,
        AUTOMATIC,
        requests=_shown(requests[:MOST]),
        count=len(requests),
        more=max(0, len(requests) - MOST),
        inbox_url=clinic.absolute("staff.requests.inbox"),
    )


def _shown(requests: Sequence[ConsultationRequest]) -> list[WaitingRequest]:
    working, now = clinic.site().working_time, clinic.now()
    return [
        WaitingRequest(
            reference=request.reference,
            name=request.name,
            phone=request.callable_phone,
            contact_label=words.CONTACT[request.contact_by],
            waited=words.spell(working.between(request.created_at, now), working.is_set),
            suspected=request.suspected,
            has_message=bool(request.message),
            planned_at=request.appointment_at if request.status is Status.BOOKED else request.due_at,
            url=clinic.absolute("staff.requests.detail", request_id=request.id),
        )
        for request in requests
    ]
