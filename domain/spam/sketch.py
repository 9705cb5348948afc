"""Sketches of recent texts: four numbers each, by which much the same text is known again without being read.

MinHash over the runs of three words (Broder 1997). A sketch goes with its comment, and after KEPT.
"""

import zlib
from collections import Counter
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, Session, mapped_column

from domain import orm
from domain.orm import Base
from domain.spam.normalise import plain

KEPT = timedelta(days=7)
LEAST_WORDS = 10
"""A shorter text is the same as another's by chance."""
MOST_WORDS = 300
"""Of a longer text the beginning is compared."""
ALIKE = 3
"""Of the four numbers, so many are equal in texts that are much the same."""
_MIXERS = (0x9E3779B1, 0x85EBCA77, 0xC2B2AE3D, 0x27D4EB2F)
_LOOKED_AT = 20


class SpamSketch(Base):
    """One of the four numbers of a comment; the number's place is in it."""

    __tablename__ = "spam_sketch"
    __table_args__ = (sa.Index("ix_spam_sketch_made_at", "made_at"),)

    mark: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    comment_id: Mapped[int] = mapped_column(sa.ForeignKey("comment.id", ondelete="CASCADE"), primary_key=True, index=True)
    made_at: Mapped[datetime]


def _newest(place: int) -> sa.Select[int, datetime]:
    newest = (
        sa.select(SpamSketch.comment_id, SpamSketch.made_at)
        .where(SpamSketch.mark == sa.bindparam(f"mark{place}"), SpamSketch.comment_id != sa.bindparam("but"))
        .where(SpamSketch.made_at > sa.bindparam("since"))
        .order_by(SpamSketch.comment_id.desc())
        .limit(_LOOKED_AT)
        .subquery()
    )
    return sa.select(newest.c.comment_id, newest.c.made_at)


_NEWEST = sa.union_all(*map(_newest, range(len(_MIXERS))))
"""Made once: to write it out takes longer than to ask it."""


def marks(text: str) -> list[int]:
    """The four numbers of a text; none for a short one."""
    words = plain(text).casefold().split()[:MOST_WORDS]
    if len(words) < LEAST_WORDS:
        return []
    runs = {zlib.crc32(" ".join(three).encode()) for three in zip(words, words[1:], words[2:], strict=False)}
    least = (min([run * mixer & 0xFFFFFFFF ^ mixer for run in runs]) for mixer in _MIXERS)
    return [(number & 0x1FFFFFFF) * len(_MIXERS) + place for place, number in enumerate(least)]


def keep(session: Session, comment_id: int, text: str, now: datetime) -> None:
    """Keeps the sketch of a comment's text, in the place of an earlier one. The caller commits."""
    forget(session, comment_id)
    keep_first(session, comment_id, text, now)


_INSERT = sa.insert(orm.table(SpamSketch))


def keep_first(session: Session, comment_id: int, text: str, now: datetime) -> None:
    """Keeps the sketch of a comment that has none. The caller commits."""
    rows = [{"comment_id": comment_id, "mark": mark, "made_at": now} for mark in marks(text)]
    if rows:
        orm.writing(session).execute(_INSERT, rows)


def forget(session: Session, comment_id: int) -> None:
    """Lets go of the sketch of a comment. The caller commits."""
    session.execute(sa.delete(SpamSketch).where(SpamSketch.comment_id == comment_id))


def last_alike(session: Session, text: str, now: datetime, *, but: int | None = None) -> int | None:
    """How many minutes ago much the same text came in another comment than `but`; None when it did not within KEPT."""
    numbers = marks(text)
    if not numbers:
        return None
    asked = {f"mark{place}": number for place, number in enumerate(numbers)}
    rows = orm.reading(session).execute(_NEWEST, {**asked, "since": now - KEPT, "but": but or 0}).all()
    equal = Counter(comment_id for comment_id, _ in rows)
    times = [made_at for comment_id, made_at in rows if equal[comment_id] >= ALIKE]
    return max(0, int((now - max(times)) / timedelta(minutes=1))) if times else None


def forget_over(session: Session, now: datetime) -> None:
    """Deletes the sketches that are older than KEPT. The caller commits."""
    session.execute(sa.delete(SpamSketch).where(SpamSketch.made_at <= now - KEPT))
