"""The append-only record of what staff did: ids and names of actions, never typed text."""

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, Session, mapped_column

from domain.orm import Base


class AuditEntry(Base):
    """A database trigger refuses UPDATE, and DELETE of rows younger than the retention."""

    __tablename__ = "audit_entry"

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime] = mapped_column(index=True)
    staff_id: Mapped[int | None] = mapped_column(sa.ForeignKey("staff.id"))
    action: Mapped[str] = mapped_column(sa.String(60))
    subject: Mapped[str] = mapped_column(sa.String(60))
    detail: Mapped[dict[str, Any]]


def record(session: Session, now: datetime, by: int | None, action: str, subject: str, **detail: int | str | bool | None) -> None:
    """Adds an entry; `subject` names a row ("comment 12"), `detail` holds ids and codes only. The caller commits."""
    session.add(AuditEntry(at=now, staff_id=by, action=action, subject=subject, detail=detail))


def stands(session: Session, since: datetime, by: int | None, action: str, subject: str) -> bool:
    """Whether this person, or the site by itself, has such an entry since then."""
    same = sa.select(AuditEntry.id).where(AuditEntry.at >= since, AuditEntry.staff_id == by)
    return session.scalars(same.where(AuditEntry.action == action, AuditEntry.subject == subject).limit(1)).first() is not None


def page(session: Session, before: int | None = None, size: int = 50) -> list[AuditEntry]:
    """Entries newest first, those with an id below `before` when given."""
    query = sa.select(AuditEntry).order_by(AuditEntry.id.desc()).limit(size)
    return list(session.scalars(query if before is None else query.where(AuditEntry.id < before)))
