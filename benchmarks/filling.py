"""Fills an empty, migrated site with what tellers invent, much faster than the domain would one by one."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any, Protocol, TypeVar

import sqlalchemy as sa
from sqlalchemy.orm import Session

import database
from benchmarks.progress import Progress
from domain import staff
from domain.comments import Comment
from domain.consultations import ConsultationRequest
from domain.outbox import OutboxMail
from domain.site_version import SiteVersion
from domain.staff import Role, Staff

Story = TypeVar("Story")
Read = TypeVar("Read", contravariant=True)


class Chapter(Protocol):
    """Rows that are stored together: tables and their rows, what is referred to first, and how often readers saw a change."""

    public_changes: int

    @property
    def tables(self) -> list[tuple[Any, list[dict[str, Any]]]]: ...


class Teller(Protocol[Story]):
    """Invents what happened, a chapter at a time."""

    def chapters(self) -> Iterator[list[Story]]: ...


class Writer(Protocol[Read]):
    """Turns it into rows."""

    def chapter(self, stories: Sequence[Read]) -> Chapter: ...


MODERATOR = "owner@example.com"
COLLEAGUE = "desk@example.com"
PASSWORD = "violet harbour 27 lamps"  # of an invented person on a site that is deleted at once


def add_moderator(session: Session, now: datetime) -> Staff:
    """The owner who decides about everything, with PASSWORD. The caller commits."""
    person = staff.invite(session, MODERATOR, "Amina", Role.OWNER, now)
    staff.set_password_hash(person, staff.hash_password(PASSWORD))
    session.flush()
    return person


def add_colleague(session: Session, now: datetime) -> Staff:
    """Somebody of the front desk, who looks after most requests. The caller commits."""
    return staff.invite(session, COLLEAGUE, "Kamran", Role.FRONT_DESK, now)


def fill(session: Session, teller: Teller[Story], writer: Writer[Story], progress: Progress) -> None:
    """Stores all that the teller invents; a transaction for each chapter, which is committed here."""
    public_changes = 0
    for stories in teller.chapters():
        chapter = writer.chapter(stories)
        _store(database.begin_write(session), chapter.tables)
        session.commit()
        public_changes += chapter.public_changes
        progress.forward(len(stories))
    database.begin_write(session)
    session.execute(sa.update(SiteVersion).values(version=SiteVersion.version + public_changes))
    for numbers in (Comment.id, ConsultationRequest.id, OutboxMail.id):
        database.number_on(session, numbers)
    session.commit()


def _store(session: Session, tables: list[tuple[Any, list[dict[str, Any]]]]) -> None:
    if session.get_bind().dialect.name == "sqlite":
        # What is noted first is indexed once, with the row that it belongs to, and not each note anew.
        session.execute(sa.text("PRAGMA defer_foreign_keys=ON"))
        tables = tables[::-1]
    for table, rows in tables:
        if rows:
            # Asked for the numbers, SQLAlchemy sends many rows in a statement, and triggers count them all at once.
            session.execute(sa.insert(table).returning(*table.primary_key.columns), rows)
