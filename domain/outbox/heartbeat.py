"""The heartbeat of the dispatchers: each notes now and then that it is there, so that others can tell when none is."""

from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, Session, mapped_column

from domain.orm import Base

SILENT_AFTER = timedelta(minutes=5)
"""A dispatcher that has not been heard for so long is none; longer than one try on a slow mail server and its record."""
FORGET_AFTER = timedelta(days=1)


class Heartbeat(Base):
    """When a dispatcher, by the name of its process, was last there."""

    __tablename__ = "heartbeat"

    name: Mapped[str] = mapped_column(sa.String(120), primary_key=True)
    seen_at: Mapped[datetime]


def beat(session: Session, name: str, now: datetime) -> None:
    """Notes that the dispatcher `name` is there, and forgets those long gone. The caller has begun a write, and commits."""
    session.merge(Heartbeat(name=name, seen_at=now))
    session.execute(sa.delete(Heartbeat).where(Heartbeat.seen_at < now - FORGET_AFTER))


def last_beat(session: Session) -> datetime | None:
    """When any dispatcher was last there; None when none was within a day or so."""
    return session.scalars(sa.select(Heartbeat.seen_at).order_by(Heartbeat.seen_at.desc()).limit(1)).first()


def count_living(session: Session, now: datetime) -> int:
    """How many dispatchers were there within SILENT_AFTER."""
    living = Heartbeat.seen_at > now - SILENT_AFTER
    return session.scalars(sa.select(sa.func.count()).select_from(Heartbeat).where(living)).one()
