"""Fills an empty, migrated site with the comments of a teller, much faster than the domain would one by one."""

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

import database
from benchmarks.progress import Progress
from benchmarks.rows import Writer
from benchmarks.stories import Teller
from domain import staff
from domain.comments import Comment
from domain.outbox import OutboxMail
from domain.site_version import SiteVersion
from domain.staff import Role, Staff

MODERATOR = "owner@example.com"
PASSWORD = "violet harbour 27 lamps"  # of an invented person on a site that is deleted at once


def add_moderator(session: Session, now: datetime) -> Staff:
    """The owner who decides about everything, with PASSWORD. The caller commits."""
    person = staff.invite(session, MODERATOR, "Amina", Role.OWNER, now)
    staff.set_password_hash(person, staff.hash_password(PASSWORD))
    session.flush()
    return person


def fill(session: Session, teller: Teller, writer: Writer, progress: Progress) -> None:
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
    for numbers in (Comment.id, OutboxMail.id):
        database.number_on(session, numbers)
    session.commit()


def _store(session: Session, tables: list[tuple[Any, list[dict[str, Any]]]]) -> None:
    for table, rows in tables:
        if rows:
            # Asked for the numbers, SQLAlchemy sends many rows in a statement, and triggers count them all at once.
            session.execute(sa.insert(table).returning(*table.primary_key.columns), rows)
