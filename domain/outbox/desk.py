"""What there is to see in the outbox: its rows and their counts."""

from collections.abc import Collection, Iterable
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from domain import orm
from domain.outbox.mail import Kind, OutboxMail, State


def recently_sent_to(session: Session, kind: Kind, recipient: str, since: datetime) -> bool:
    """Whether a message of this kind was queued for this address since then (cancelled ones do not count)."""
    asked = {"kind": kind, "recipient": recipient, "since": since}
    return orm.reading(session).execute(_RECENTLY_SENT, asked).first() is not None


_RECENTLY_SENT = (
    sa.select(OutboxMail.id)
    .where(OutboxMail.kind == sa.bindparam("kind"), OutboxMail.recipient == sa.bindparam("recipient"))
    .where(OutboxMail.created_at >= sa.bindparam("since"), OutboxMail.state != State.CANCELLED)
    .limit(1)
)


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


def newest(session: Session) -> datetime | None:
    """When the newest row was written."""
    return session.scalars(sa.select(OutboxMail.created_at).order_by(OutboxMail.id.desc()).limit(1)).first()
