"""When the site was last copied into a backup, and when such a copy was last found whole."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, Session, mapped_column

from domain.orm import Base

KEPT = 100
"""Runs that are remembered."""


class BackupRun(Base):
    """One backup that was made; `sha256` is that of its file, by which it is known again when it is checked."""

    __tablename__ = "backup_run"

    id: Mapped[int] = mapped_column(primary_key=True)
    made_at: Mapped[datetime]
    sha256: Mapped[str] = mapped_column(sa.String(64), index=True)
    size: Mapped[int] = mapped_column(sa.BigInteger)
    """Bytes."""
    verified_at: Mapped[datetime | None]


def note_made(session: Session, sha256: str, size: int, now: datetime) -> None:
    """Remembers a backup, and forgets those beyond the newest KEPT. The caller commits."""
    session.add(BackupRun(made_at=now, sha256=sha256, size=size))
    session.flush()
    beyond = sa.select(BackupRun.id).order_by(BackupRun.id.desc()).offset(KEPT)
    session.execute(sa.delete(BackupRun).where(BackupRun.id.in_(beyond)))


def note_verified(session: Session, sha256: str, now: datetime) -> None:
    """Remembers that a backup was found whole; one that another site made is not known, which is no fault. The caller commits."""
    session.execute(sa.update(BackupRun).where(BackupRun.sha256 == sha256).values(verified_at=now))


def last_made(session: Session) -> BackupRun | None:
    """The newest backup."""
    return session.scalars(sa.select(BackupRun).order_by(BackupRun.made_at.desc(), BackupRun.id.desc()).limit(1)).first()


def last_verified(session: Session) -> BackupRun | None:
    """The backup that was found whole last."""
    whole = sa.select(BackupRun).where(BackupRun.verified_at.is_not(None))
    return session.scalars(whole.order_by(BackupRun.verified_at.desc()).limit(1)).first()
