"""Messages that gather several things for one person: the first goes at once, what follows waits a while and goes together."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, Session, mapped_column

from domain import orm
from domain.orm import Base
from domain.outbox.mail import Kind, OutboxMail, State
from domain.outbox.queue import FREE, put_in


@dataclass(frozen=True)
class Pace:
    """The least time between two messages of one kind to one person, and before when none may go."""

    every: timedelta = timedelta(0)
    not_before: datetime | None = None


AT_ONCE = Pace()
LOOK_BACK = timedelta(days=3)
"""Older messages hold nothing back: a pause and the quiet hours last a day each at most. Keeps look-ups short at any size."""


class OutboxItem(Base):
    """One of the things a message tells of, by its number; the message is rendered from what is left of them."""

    __tablename__ = "outbox_item"
    __table_args__ = (sa.Index("ix_outbox_item_item_id", "item_id"),)

    mail_id: Mapped[int] = mapped_column(sa.ForeignKey("outbox_mail.id", ondelete="CASCADE"), primary_key=True)
    item_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)


def gather(session: Session, kind: Kind, item_id: int, recipients: Iterable[str], now: datetime, pace: Pace = AT_ONCE) -> None:
    """`gather_all` for one item."""
    gather_all(session, kind, [item_id], recipients, now, pace)


def gather_all(
    session: Session, kind: Kind, item_ids: Sequence[int], recipients: Iterable[str], now: datetime, pace: Pace = AT_ONCE
) -> None:
    """Tells each recipient of items: in the message that waits for them, or in a new one that is due as `pace` allows.

    The subject of a new message is its first item. The caller commits.
    """
    for recipient in dict.fromkeys(recipients):
        mail_id = _waiting(session, kind, recipient, now) if pace.every else None
        if mail_id is None:
            mail_id = put_in(session, kind, item_ids[0], recipient, now, due=_due(session, kind, recipient, now, pace))
        orm.writing(session).execute(_ADD, [{"mail_id": mail_id, "item_id": item_id} for item_id in item_ids])


_ADD = sa.text("INSERT INTO outbox_item (mail_id, item_id) VALUES (:mail_id, :item_id) ON CONFLICT DO NOTHING")
_LATELY_TO_THEM = (
    OutboxMail.kind == sa.bindparam("kind"),
    OutboxMail.recipient == sa.bindparam("recipient"),
    OutboxMail.created_at > sa.bindparam("since"),
)
_WAITING = (
    sa.select(OutboxMail.id)
    .where(*_LATELY_TO_THEM, OutboxMail.state == State.WAITING, OutboxMail.attempts == 0, OutboxMail.lease.is_(None))
    .where(OutboxMail.next_at > sa.bindparam("now"))
    .order_by(OutboxMail.created_at.desc())
    .limit(1)
    .with_for_update()
)


def _waiting(session: Session, kind: Kind, recipient: str, now: datetime) -> int | None:
    """The message nobody has begun to send: one that was tried may have arrived, and must say the same when it comes again."""
    asked = {"kind": kind, "recipient": recipient, "since": now - LOOK_BACK, "now": now}
    return orm.reading(session).execute(_WAITING, asked).scalars().first()


# One that was tried in vain keeps no other back, however far away its next try is.
_PLANNED = sa.case((OutboxMail.attempts == 0, OutboxMail.next_at), else_=OutboxMail.created_at)
_AT = sa.func.coalesce(OutboxMail.sent_at, _PLANNED, type_=OutboxMail.next_at.type)
_LAST = sa.select(sa.func.max(_AT, type_=OutboxMail.next_at.type)).where(*_LATELY_TO_THEM, OutboxMail.state != State.CANCELLED)


def _due(session: Session, kind: Kind, recipient: str, now: datetime, pace: Pace) -> datetime:
    earliest = pace.not_before or now
    if pace.every:
        asked = {"kind": kind, "recipient": recipient, "since": now - LOOK_BACK}
        last = orm.reading(session).execute(_LAST, asked).scalar_one()
        if last is not None:
            # One of a later hour was sent before the clock was set back.
            earliest = max(earliest, min(last, now) + pace.every)
    return max(now, earliest)


def items(session: Session, mail_ids: Collection[int]) -> dict[int, list[int]]:
    """What each of these messages tells of, in the order of the numbers."""
    query = sa.select(OutboxItem).where(OutboxItem.mail_id.in_(mail_ids)).order_by(OutboxItem.mail_id, OutboxItem.item_id)
    found: dict[int, list[int]] = {}
    for item in session.scalars(query):
        found.setdefault(item.mail_id, []).append(item.item_id)
    return found


def telling(session: Session, kinds: Collection[Kind], item_id: int) -> list[OutboxMail]:
    """The messages of these kinds that tell of an item, oldest first."""
    query = sa.select(OutboxMail).join(OutboxItem, OutboxItem.mail_id == OutboxMail.id)
    return list(session.scalars(query.where(OutboxItem.item_id == item_id, OutboxMail.kind.in_(kinds)).order_by(OutboxMail.id)))


def was_told(session: Session, kind: Kind, item_id: int, recipient: str) -> bool:
    """Whether a message of this kind, sent or waiting, tells this person of the item."""
    query = (
        sa.select(OutboxMail.id)
        .join(OutboxItem, OutboxItem.mail_id == OutboxMail.id)
        .where(
            OutboxItem.item_id == item_id,
            OutboxMail.kind == kind,
            OutboxMail.recipient == recipient,
            OutboxMail.state != State.CANCELLED,
        )
    )
    return session.scalars(query.limit(1)).first() is not None


def drop(session: Session, kinds: Collection[Kind], item_ids: Collection[int]) -> None:
    """Takes items out of every message that waits; one that is left with nothing is cancelled. The caller commits."""
    if not item_ids:
        return
    waiting = OutboxMail.state.in_((State.WAITING, State.FAILED))
    # Not joined: SQLite would begin with all messages of these kinds, of which there are as many as comments.
    is_among_them = sa.exists().where(OutboxMail.id == OutboxItem.mail_id, OutboxMail.kind.in_(kinds), waiting)
    ids = session.scalars(sa.select(OutboxItem.mail_id).where(OutboxItem.item_id.in_(item_ids), is_among_them)).all()
    if not ids:
        return
    session.execute(sa.delete(OutboxItem).where(OutboxItem.item_id.in_(item_ids), OutboxItem.mail_id.in_(ids)))
    empty = sa.update(OutboxMail).where(OutboxMail.id.in_(ids), ~sa.exists().where(OutboxItem.mail_id == OutboxMail.id))
    session.execute(empty.values(state=State.CANCELLED, **FREE))
