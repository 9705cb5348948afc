"""Requests of a time from which the clock was set back: none is out of sight until that time comes again."""

from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from domain import orm
from domain.consultations import answering
from domain.consultations.request import ConsultationRequest, RequestEvent, Status
from domain.working_time import WorkingTime

SLACK = timedelta(minutes=1)
"""The clocks of several machines may differ by this; what is so little ahead is due in a moment."""
BATCH = 200
"""Requests that one run takes on; the next one, a minute later, goes on."""


def is_ahead(session: Session, now: datetime) -> bool:
    """Whether `follow_clock` would find a request; only reads."""
    return session.scalars(_ahead(now).limit(1)).first() is not None


def follow_clock(session: Session, working: WorkingTime, now: datetime) -> int:
    """Makes due what waits only because the clock was ahead, and says how many that were. The caller commits.

    New requests count as arrived at this moment, for the reminders and, in the zone of `working`, on this day. Their history
    keeps the time at which they came.
    """
    rows = session.scalars(orm.locking(_ahead(now).limit(BATCH))).all()
    for row in rows:
        row.due_at, row.status_since = now, min(row.status_since, now)
        if row.status is Status.NEW:
            answering.count_out(session, row, working)
            row.created_at = now
            row.first_contact_at = row.first_contact_at and min(row.first_contact_at, now)
            answering.count_in(session, row, working)
    return len(rows)


def _ahead(now: datetime) -> sa.Select[ConsultationRequest]:
    """New ones that have yet to arrive, and tries that were planned at a time that has yet to come."""
    row, event = ConsultationRequest, RequestEvent
    planned = sa.exists().where(
        event.request_id == row.id, event.at > now + SLACK, sa.func.coalesce(event.planned_at, event.at) == row.due_at
    )
    is_wrong = sa.or_(row.status == Status.NEW, sa.and_(row.status == Status.NO_ANSWER, planned))
    return sa.select(row).where(row.due_at > now + SLACK, is_wrong).order_by(row.due_at, row.id)
