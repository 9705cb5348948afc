"""New requests that nobody has answered in time: the front desk is reminded, then the owners are told, each once.

Once more only of what was put back to new, or was to be told to nobody but an owner who left.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import takewhile
from typing import NamedTuple

import sqlalchemy as sa
from sqlalchemy.orm import Session

from domain import orm, outbox
from domain.consultations import notices
from domain.consultations.request import ConsultationRequest, Status
from domain.outbox import WEBHOOK, Kind, OutboxItem, OutboxMail, Pace, State
from domain.working_time import WorkingTime

PACE = Pace(timedelta(minutes=10))
"""The first overdue request is told at once, what follows within these minutes goes together."""
BATCH = 200
"""Requests that one run takes on; the next one, a minute later, goes on."""


class Step(NamedTuple):
    """One of the two times that people are told of a request: the column that notes it, and the messages."""

    column: str
    mail: Kind
    hook: Kind


REMIND = Step("reminded_at", Kind.REQUESTS_OVERDUE, Kind.HOOK_OVERDUE)
ESCALATE = Step("escalated_at", Kind.REQUESTS_ESCALATED, Kind.HOOK_ESCALATED)


@dataclass(frozen=True)
class Patience:
    """How long a new request may wait for its first contact, in minutes of working time; 0 takes the step never."""

    working: WorkingTime
    remind_minutes: int
    escalate_minutes: int

    def of(self, step: Step) -> timedelta:
        """The wait before a step."""
        return timedelta(minutes=self.remind_minutes if step is REMIND else self.escalate_minutes)


@dataclass(frozen=True)
class Audience:
    """Who hears of it: the owners, the desk where a request went to nobody, and whether there is a webhook."""

    owners: Sequence[str]
    desk: Sequence[str]
    has_webhook: bool


@dataclass(frozen=True)
class Taken:
    """Requests of which a run reminded and which it escalated."""

    reminded: int
    escalated: int


def any_overdue(session: Session, patience: Patience, now: datetime) -> bool:
    """Whether `run` would find a request; only reads."""
    return any(_overdue(session, step, patience, now, size=1) for step in (REMIND, ESCALATE))


def run(session: Session, patience: Patience, audience: Audience, now: datetime) -> Taken:
    """Takes the steps that are due; each once for a request that stays new, never for one that somebody has worked on.

    Suspected requests count too. The caller has begun a write in which nobody else runs this, and commits.
    """
    late = _overdue(session, REMIND, patience, now)
    _take(session, REMIND, {row: notices.told(session, row.id) or audience.desk for row in late}, audience, now)
    later = _overdue(session, ESCALATE, patience, now)
    _take(session, ESCALATE, dict.fromkeys(later, audience.owners), audience, now)
    return Taken(len(late), len(later))


def hand_over(session: Session, recipient: str) -> None:
    """Cancels what waits to tell an owner, who may no longer read it, of open requests; those of which nobody else is told are
    escalated anew. The caller commits.
    """
    told = (
        sa.select(OutboxItem.item_id).join(OutboxMail, OutboxMail.id == OutboxItem.mail_id).where(OutboxMail.kind == ESCALATE.mail)
    )
    waiting = told.where(OutboxMail.recipient == recipient, OutboxMail.state.in_((State.WAITING, State.FAILED)))
    is_open = (ConsultationRequest.status == Status.NEW, ConsultationRequest.first_contact_at.is_(None))
    query = sa.select(ConsultationRequest).where(*is_open, ConsultationRequest.id.in_(waiting))
    # Requests before their mail, as everybody does who changes both.
    rows = session.scalars(orm.locking(query.order_by(ConsultationRequest.id))).all()
    outbox.cancel_to(session, recipient, [ESCALATE.mail])
    still = set(session.scalars(told.where(OutboxMail.state != State.CANCELLED, OutboxItem.item_id.in_([row.id for row in rows]))))
    for row in rows:
        if row.id not in still:
            row.escalated_at = None


def _overdue(session: Session, step: Step, patience: Patience, now: datetime, size: int | None = None) -> list[ConsultationRequest]:
    """Oldest first. Working time never exceeds the time on the wall, so the older a request, the longer it has waited."""
    wait = patience.of(step)
    if not wait:
        return []
    query = sa.select(ConsultationRequest).where(
        ConsultationRequest.status == Status.NEW,
        ConsultationRequest.first_contact_at.is_(None),
        ConsultationRequest.escalated_at.is_(None),
        getattr(ConsultationRequest, step.column).is_(None),
        ConsultationRequest.created_at <= now - wait,
    )
    rows = session.scalars(query.order_by(ConsultationRequest.created_at, ConsultationRequest.id).limit(size or BATCH))
    return list(takewhile(lambda row: patience.working.between(row.created_at, now) >= wait, rows))


def _take(
    session: Session, step: Step, told: Mapping[ConsultationRequest, Sequence[str]], audience: Audience, now: datetime
) -> None:
    numbers: dict[tuple[Kind, str], list[int]] = {}
    for row, recipients in told.items():
        for recipient in recipients:
            numbers.setdefault((step.mail, recipient), []).append(row.id)
        if audience.has_webhook:
            numbers.setdefault((step.hook, WEBHOOK), []).append(row.id)
        setattr(row, step.column, now)
    for (kind, recipient), ids in numbers.items():
        outbox.gather_all(session, kind, ids, [recipient], now, PACE)
