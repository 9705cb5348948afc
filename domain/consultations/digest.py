"""What is open this morning: new requests, those to be tried again, appointments; and the one mail a day that says so."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlalchemy.orm import InstrumentedAttribute, Session

from domain import outbox
from domain.consultations.request import ConsultationRequest, Status
from domain.outbox import Kind
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


def day_due(at: time | None, working: WorkingTime, now: datetime) -> date | None:
    """The day whose digest is to go out now; None before its time, long after it, and where the clinic does not work."""
    day = now.astimezone(working.timezone).date()
    if at is None or not working.works_on(day):
        return None
    due = datetime.combine(day, at, working.timezone)
    return day if due <= now < due + LATE else None


def is_queued(session: Session, day: date) -> bool:
    """Whether the digest of a day is on its way or has gone."""
    return bool(outbox.about(session, [Kind.DESK_DIGEST], day.toordinal()))


def queue(session: Session, day: date, recipients: Sequence[str], now: datetime) -> bool:
    """Puts the digest of a day into the outbox, its number the day's ordinal; False when it is there already.

    It is rendered when it is sent. The caller has begun a write in which nobody else runs this, and commits.
    """
    if is_queued(session, day):
        return False
    outbox.enqueue(session, Kind.DESK_DIGEST, day.toordinal(), recipients, now)
    return True


def agenda(session: Session, day: date, zone: ZoneInfo) -> Agenda:
    """What is open on a day: all new requests, tries and appointments of this day, and tries that were missed."""
    begins = datetime.combine(day, time(), zone)
    ends = datetime.combine(day + timedelta(days=1), time(), zone)
    status, due, at = ConsultationRequest.status, ConsultationRequest.due_at, ConsultationRequest.appointment_at
    return Agenda(
        new=_part(session, sa.and_(status == Status.NEW, due < ends), due),
        again=_part(session, sa.and_(status == Status.NO_ANSWER, due < ends), due),
        booked=_part(session, sa.and_(status == Status.BOOKED, at >= begins, at < ends), at),
    )


def _part(session: Session, condition: sa.ColumnElement[bool], order: InstrumentedAttribute[datetime | None]) -> Part:
    count = session.scalars(sa.select(sa.func.count()).select_from(ConsultationRequest).where(condition)).one()
    query = sa.select(ConsultationRequest).where(condition).order_by(order, ConsultationRequest.id).limit(MOST)
    return Part(count, list(session.scalars(query)))
