"""What there is to see in the outbox: its rows, their counts, and whether the mail is well."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from domain.outbox.mail import Failure, Kind, OutboxMail, State

SETUP_ALARM_AFTER = timedelta(minutes=15)


@dataclass(frozen=True)
class Health:
    """What the dashboard says of the mail."""

    waiting: int
    failed: int
    setup_problem: str | None


def recently_sent_to(session: Session, kind: Kind, recipient: str, since: datetime) -> bool:
    """Whether a message of this kind was queued for this address since then (cancelled ones do not count)."""
    query = sa.select(OutboxMail.id).where(
        OutboxMail.kind == kind,
        OutboxMail.recipient == recipient,
        OutboxMail.created_at >= since,
        OutboxMail.state != State.CANCELLED,
    )
    return session.scalars(query.limit(1)).first() is not None


def page(session: Session, kinds: Collection[Kind], before: int | None = None, size: int = 50) -> list[OutboxMail]:
    """Rows of these kinds, newest first, those with an id below `before` when given."""
    query = sa.select(OutboxMail).where(OutboxMail.kind.in_(kinds)).order_by(OutboxMail.id.desc()).limit(size)
    return list(session.scalars(query if before is None else query.where(OutboxMail.id < before)))


def about(session: Session, kinds: Collection[Kind], subject_id: int) -> list[OutboxMail]:
    """The messages a subject has caused, oldest first."""
    query = sa.select(OutboxMail).where(OutboxMail.kind.in_(kinds), OutboxMail.subject_id == subject_id)
    return list(session.scalars(query.order_by(OutboxMail.id)))


def existing(session: Session, mail_ids: Iterable[int]) -> set[int]:
    """Which of these rows there still are."""
    found: set[int] = set()
    wanted = list(mail_ids)
    for start in range(0, len(wanted), 500):
        some = wanted[start : start + 500]
        found |= set(session.scalars(sa.select(OutboxMail.id).where(OutboxMail.id.in_(some))))
    return found


def count_by_state(session: Session, kinds: Collection[Kind] = tuple(Kind)) -> dict[State, int]:
    """How many rows stand where."""
    query = sa.select(OutboxMail.state, sa.func.count()).where(OutboxMail.kind.in_(kinds)).group_by(OutboxMail.state)
    found = dict(session.execute(query).all())
    return {state: found.get(state, 0) for state in State}


def count_in(session: Session, state: State, kinds: Collection[Kind] = tuple(Kind)) -> int:
    """How many rows stand in one state; does not read the others, which for what has been sent are ever more."""
    return session.scalars(sa.select(sa.func.count()).where(OutboxMail.state == state, OutboxMail.kind.in_(kinds))).one()


def health(session: Session, now: datetime, kinds: Collection[Kind] = tuple(Kind)) -> Health:
    """Counts of these kinds, and the mail server's last words once set-up failures are older than SETUP_ALARM_AFTER."""
    stuck = sa.select(OutboxMail.last_reply).where(
        OutboxMail.state == State.WAITING,
        OutboxMail.kind.in_(kinds),
        OutboxMail.failure == Failure.SETUP,
        OutboxMail.retrying_since <= now - SETUP_ALARM_AFTER,
    )
    reply = session.scalars(stuck.order_by(OutboxMail.id.desc()).limit(1)).first()
    waiting, failed = (count_in(session, state, kinds) for state in (State.WAITING, State.FAILED))
    return Health(waiting=waiting, failed=failed, setup_problem=reply)
