"""What is open this morning: new requests, those to be tried again, appointments; and the one mail a day that says so."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, tzinfo
from typing import NamedTuple

import sqlalchemy as sa
from sqlalchemy.orm import InstrumentedAttribute, Session

from domain import outbox
from domain.consultations.request import ConsultationRequest, Status
from domain.outbox import Kind, OutboxMail, State
from domain.working_time import WorkingTime

MOST = 20
"""Requests of each part that the mail shows; the inbox has them all."""
LATE = timedelta(hours=4)
"""After this a digest of the morning is of no use, and that of the next day comes."""


@dataclass(frozen=True)
class Part:
    """How many requests, and the first of them."""

    count: int
    first: list[ConsultationRequest]


@dataclass(frozen=True)
class Agenda:
    """What a day begins with."""

    new: Part
    again: Part
    booked: Part

    @property
    def is_anything(self) -> bool:
        """Whether there is anything to do."""
        return bool(self.new.count or self.again.count or self.booked.count)


class Morning(NamedTuple):
    """A working day, and the moment at which its digest is due."""

    day: date
    due: datetime


def morning(at: time | None, working: WorkingTime, now: datetime) -> Morning | None:
    """Whose digest is to go out now; None before its time, long after it, and where the clinic does not work."""
    day = now.astimezone(working.timezone).date()
    if at is None or not working.works_on(day):
        return None
    due = datetime.combine(day, at, working.timezone)
    return Morning(day, due) if due <= now < due + LATE else None


def is_wanted(session: Session, this: Morning) -> bool:
    """Whether something was open when the digest was due, and nobody has queued it; what came later waits for tomorrow."""
    if outbox.about(session, [Kind.DESK_DIGEST], this.day.toordinal()):
        return False
    open_then = agenda(session, this.day, this.due.tzinfo, before=this.due)
    failed = sa.select(OutboxMail.id).where(
        OutboxMail.state == State.FAILED, OutboxMail.kind.in_(outbox.DESK_KINDS), OutboxMail.created_at < this.due
    )
    return open_then.is_anything or session.scalars(failed.limit(1)).first() is not None


def queue(session: Session, this: Morning, recipients: Sequence[str], now: datetime) -> bool:
    """Puts the digest of a day into the outbox, its number the day's ordinal; False when it is not wanted.

    It is rendered when it is sent. The caller has begun a write in which nobody else runs this, and commits.
    """
    is_ours = is_wanted(session, this)
    if is_ours:
        outbox.enqueue(session, Kind.DESK_DIGEST, this.day.toordinal(), recipients, now)
    return is_ours


def agenda(session: Session, day: date, zone: tzinfo | None, before: datetime | None = None) -> Agenda:
    """What is open on a day: all new requests, tries and appointments of this day, and tries that were missed.

    With `before`, only what has stood so since before that moment.
    """
    begins = datetime.combine(day, time(), zone)
    ends = datetime.combine(day + timedelta(days=1), time(), zone)
    status, due, at = ConsultationRequest.status, ConsultationRequest.due_at, ConsultationRequest.appointment_at
    stood = sa.true() if before is None else ConsultationRequest.status_since < before
    return Agenda(
        new=_part(session, sa.and_(status == Status.NEW, due < ends, stood), due),
        again=_part(session, sa.and_(status == Status.NO_ANSWER, due < ends, stood), due),
        booked=_part(session, sa.and_(status == Status.BOOKED, at >= begins, at < ends, stood), at),
    )


def _part(session: Session, condition: sa.ColumnElement[bool], order: InstrumentedAttribute[datetime | None]) -> Part:
    count = session.scalars(sa.select(sa.func.count()).select_from(ConsultationRequest).where(condition)).one()
    query = sa.select(ConsultationRequest).where(condition).order_by(order, ConsultationRequest.id).limit(MOST)
    return Part(count, list(session.scalars(query)))
