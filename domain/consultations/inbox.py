"""What the inbox lists and counts: what is to be done now, requests by state, and earlier ones of the same visitor."""

from collections.abc import Iterable
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from domain.consultations.request import ConsultationRequest, Status


def due(session: Session, now: datetime, after: int | None = None, size: int = 25) -> list[ConsultationRequest]:
    """New requests, and those to be tried again by now, longest due first; those behind request `after` when given."""
    place = sa.tuple_(ConsultationRequest.due_at, ConsultationRequest.id)
    query = sa.select(ConsultationRequest).where(ConsultationRequest.due_at <= now)
    last = session.get(ConsultationRequest, after) if after is not None else None
    if last is not None and last.due_at is not None:
        query = query.where(place > sa.tuple_(sa.bindparam(None, last.due_at, ConsultationRequest.due_at.type), last.id))
    return list(session.scalars(query.order_by(ConsultationRequest.due_at, ConsultationRequest.id).limit(size)))


def count_due(session: Session, now: datetime) -> int:
    """How many requests `due` would list."""
    return session.scalars(sa.select(sa.func.count()).where(ConsultationRequest.due_at <= now)).one()


def inbox(session: Session, statuses: Iterable[Status], before: int | None = None, size: int = 25) -> list[ConsultationRequest]:
    """Requests in these states, newest first, those with an id below `before` when given."""
    query = sa.select(ConsultationRequest).where(ConsultationRequest.status.in_(list(statuses)))
    query = query.order_by(ConsultationRequest.id.desc()).limit(size)
    return list(session.scalars(query if before is None else query.where(ConsultationRequest.id < before)))


def count_by_status(session: Session) -> dict[Status, int]:
    """How many requests stand where."""
    query = sa.select(ConsultationRequest.status, sa.func.count()).group_by(ConsultationRequest.status)
    found = dict(session.execute(query).all())
    return {status: found.get(status, 0) for status in Status}


def earlier(session: Session, request: ConsultationRequest, size: int = 5) -> list[ConsultationRequest]:
    """Other requests of the same phone or email address, newest first."""
    same = sa.select(ConsultationRequest.id).where(ConsultationRequest.phone == request.phone)
    if request.email_key:
        # As a union, since an OR beside ORDER BY id tempts the planner to read the whole table backwards.
        same_address = sa.select(ConsultationRequest.id).where(ConsultationRequest.email_key == request.email_key)
        ids: sa.SelectBase = same.union(same_address)
    else:
        ids = same
    query = sa.select(ConsultationRequest).where(ConsultationRequest.id.in_(ids), ConsultationRequest.id != request.id)
    return list(session.scalars(query.order_by(ConsultationRequest.id.desc()).limit(size)))
