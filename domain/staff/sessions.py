"""Sessions of the staff area: a row each, so that they can be seen, ended, and limited in time."""

import hashlib
import secrets
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, Session, mapped_column

from domain.orm import NEVER_AGAIN, Base
from domain.staff.account import Staff

IDLE = timedelta(hours=4)
ABSOLUTE = timedelta(hours=12)
FRESH = timedelta(minutes=15)
"""How long after a proof of identity what is sensitive is allowed without another one."""
SEEN_EVERY = timedelta(minutes=5)
"""How exactly `seen_at` is kept; each update is a write."""
MAX_DEVICE = 60


class StaffSession(Base):
    """A signed-in browser. The cookie holds a random key of which only the digest is kept.

    It is over when it was ended (no row), when the account's `session_epoch` has risen, or at one of the two limits.
    """

    __tablename__ = "staff_session"
    __table_args__ = NEVER_AGAIN

    id: Mapped[int] = mapped_column(primary_key=True)
    staff_id: Mapped[int] = mapped_column(sa.ForeignKey("staff.id", ondelete="CASCADE"), index=True)
    key_digest: Mapped[str] = mapped_column(sa.String(64), unique=True)
    epoch: Mapped[int]
    began_at: Mapped[datetime]
    seen_at: Mapped[datetime]
    proved_at: Mapped[datetime]
    device: Mapped[str] = mapped_column(sa.String(MAX_DEVICE))


def begin_session(session: Session, person: Staff, device: str, now: datetime) -> str:
    """A new session for somebody who has just proved who they are; returns the key for the cookie. The caller commits."""
    key = secrets.token_urlsafe(32)
    session.add(
        StaffSession(
            staff_id=person.id,
            key_digest=_digest(key),
            epoch=person.session_epoch,
            began_at=now,
            seen_at=now,
            proved_at=now,
            device=device[:MAX_DEVICE],
        )
    )
    return key


def resume_session(session: Session, key: str, now: datetime) -> tuple[Staff, StaffSession] | None:
    """Whose session a cookie's key belongs to, while it lasts."""
    query = sa.select(Staff, StaffSession).join(Staff, Staff.id == StaffSession.staff_id)
    found = session.execute(query.where(StaffSession.key_digest == _digest(key), *_alive(now))).first()
    return None if found is None else (found[0], found[1])


def wants_to_be_seen(row: StaffSession, now: datetime) -> bool:
    """Whether `seen_at` is due for an update."""
    return now - row.seen_at >= SEEN_EVERY


def note_seen(session: Session, number: int, now: datetime) -> None:
    """Keeps a session from ending while it is used; one that has just been ended stays so. The caller commits."""
    session.execute(sa.update(StaffSession).where(StaffSession.id == number).values(seen_at=now))


def note_proof(session: Session, number: int, now: datetime) -> None:
    """Makes a session fresh. The caller has made sure that it has not ended, and commits."""
    session.execute(sa.update(StaffSession).where(StaffSession.id == number).values(proved_at=now))


def is_fresh(row: StaffSession, now: datetime) -> bool:
    """Whether the last proof of identity is recent enough for what is sensitive."""
    return now - row.proved_at < FRESH


def open_sessions(session: Session, person: Staff, now: datetime) -> list[StaffSession]:
    """Where somebody is signed in, the most recently used first."""
    query = sa.select(StaffSession).join(Staff, Staff.id == StaffSession.staff_id)
    query = query.where(StaffSession.staff_id == person.id, *_alive(now))
    return list(session.scalars(query.order_by(StaffSession.seen_at.desc(), StaffSession.id.desc())))


def end_session(session: Session, person: Staff, session_id: int) -> bool:
    """Signs a browser of this person out; False when there is no such session. The caller commits."""
    one = sa.delete(StaffSession).where(StaffSession.id == session_id, StaffSession.staff_id == person.id)
    return bool(session.execute(one).rowcount)  # type: ignore[attr-defined]


def end_other_sessions(session: Session, person: Staff, kept: int) -> None:
    """Signs a person out everywhere but in the session `kept`. The caller commits."""
    session.execute(sa.delete(StaffSession).where(StaffSession.staff_id == person.id, StaffSession.id != kept))


def forget_over(session: Session, now: datetime) -> None:
    """Deletes the rows of sessions that are over by time. The caller commits."""
    session.execute(
        sa.delete(StaffSession).where(sa.or_(StaffSession.began_at <= now - ABSOLUTE, StaffSession.seen_at <= now - IDLE))
    )


def _alive(now: datetime) -> tuple[sa.ColumnElement[bool], ...]:
    in_time = (StaffSession.began_at > now - ABSOLUTE, StaffSession.seen_at > now - IDLE)
    return (*in_time, StaffSession.epoch == Staff.session_epoch, Staff.active.is_(True))


def _digest(key: str) -> str:
    return hashlib.sha256(key.encode()).hexdigest()
