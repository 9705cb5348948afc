"""What the moderation queue lists and counts."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session, aliased

from domain import search
from domain.comments.comment import HAS_REASONS, Comment, CommentCount, CommentEvent, Status


class Record(StrEnum):
    """What else there is of a comment's author: nothing, something approved, something that was spam or trash."""

    FIRST = "first"
    APPROVED = "approved"
    REJECTED = "rejected"


@dataclass(frozen=True)
class Filter:
    """Which comments of one state are wanted; what is None does not matter. `reason` is a code without its number."""

    article_id: str | None = None
    since: datetime | None = None
    reason: str | None = None
    record: Record | None = None
    text: str | None = None


EVERY = Filter()
COUNTED = 1000
"""As many as this are counted one by one in a list with filters; reading a million to say how many there are is slow."""
COUNTED_BY_AUTHOR = 250
"""As many where each comment takes a look for others of its author."""


@dataclass(frozen=True)
class QueuePage:
    """A page of one state, newest first, and what is said of all that match."""

    rows: list[Comment]
    has_more: bool
    newest: int | None
    """The id of the newest that matches."""
    matching: int
    is_exact: bool
    """Whether `matching` is their number; else there may be more."""


def queue_page(session: Session, status: Status, *, before: int | None, size: int, only: Filter = EVERY) -> QueuePage:
    """`queue` with what its page says of the whole list; a search is carried out once for all of it."""
    if only == Filter(article_id=only.article_id):
        rows = queue(session, status, before, size + 1, only)
        return QueuePage(rows[:size], len(rows) > size, newest(session, status, only), _stored(session, status, only), True)
    most = COUNTED if only.record is None else COUNTED_BY_AUTHOR
    ids = matching(session, status, upto=None, size=most, only=only)
    here = [number for number in ids if before is None or number < before][: size + 1]
    if len(here) <= size and len(ids) == most:
        rows = queue(session, status, before, size + 1, only)
    else:
        rows = list(session.scalars(sa.select(Comment).where(Comment.id.in_(here)).order_by(Comment.id.desc())))
    return QueuePage(rows[:size], len(rows) > size, next(iter(ids), None), len(ids), len(ids) < most)


def queue(session: Session, status: Status, before: int | None = None, size: int = 25, only: Filter = EVERY) -> list[Comment]:
    """Comments in one state, newest first, those with an id below `before` when given."""
    query, number = _narrowed(session, sa.select(Comment), status, only)
    query = query if before is None else query.where(number < before)
    return list(session.scalars(query.order_by(number.desc()).limit(size)))


def matching(session: Session, status: Status, *, upto: int | None, size: int, only: Filter = EVERY) -> list[int]:
    """The ids of comments in one state, newest first, none newer than `upto` when given: nobody has been shown those."""
    return list(session.scalars(_matching(session, status, upto, size, only)))


def count(session: Session, status: Status, *, upto: int | None = None, most: int = COUNTED, only: Filter = EVERY) -> int:
    """How many `matching` would give, counted up to `most`."""
    return session.scalars(sa.select(sa.func.count()).select_from(_matching(session, status, upto, most, only).subquery())).one()


def newest(session: Session, status: Status, only: Filter = EVERY) -> int | None:
    """The id of the newest comment that matches."""
    return next(iter(matching(session, status, upto=None, size=1, only=only)), None)


def _matching(session: Session, status: Status, upto: int | None, size: int, only: Filter) -> sa.Select[tuple[int]]:
    query, number = _narrowed(session, sa.select(Comment.id), status, only)
    query = query if upto is None else query.where(number <= upto)
    return query.order_by(number.desc()).limit(size)


def _narrowed(session: Session, query: sa.Select[Any], status: Status, only: Filter) -> search.Narrowed:
    query = query.where(Comment.status == status)
    if only.article_id is not None:
        query = query.where(Comment.article_id == only.article_id)
    if only.since is not None:
        query = query.where(Comment.submitted_at >= only.since)
    if only.reason is not None:
        codes = sa.cast(Comment.reasons, sa.Text)
        query = query.where(HAS_REASONS, sa.or_(*(codes.contains(f'"{only.reason}{end}', autoescape=True) for end in '":')))
    if only.record is not None:
        query = query.where(_has_record(only.record))
    if only.text is not None:
        return search.narrow(session, query, search.COMMENTS, Comment.id, search.terms(only.text), [[status.value]])
    return query, sa.type_coerce(Comment.id, sa.Integer)


def _has_record(record: Record) -> sa.ColumnElement[bool]:
    """Whether the author has other comments of this kind; one index look-up for each row that is looked at."""
    other = aliased(Comment)
    of_author = sa.exists().where(other.email_key == Comment.email_key, other.id != Comment.id)
    if record is Record.FIRST:
        return ~of_author
    wanted = (Status.APPROVED,) if record is Record.APPROVED else (Status.SPAM, Status.TRASH)
    return of_author.where(other.status.in_(wanted))


def count_by_status(session: Session) -> dict[Status, int]:
    """How many comments stand where."""
    query = sa.select(CommentCount.status, sa.func.sum(CommentCount.number)).group_by(CommentCount.status)
    found = dict(session.execute(query).all())
    return {status: found.get(status, 0) for status in Status}


def _stored(session: Session, status: Status, only: Filter) -> int:
    query = sa.select(sa.func.coalesce(sa.func.sum(CommentCount.number), 0)).where(CommentCount.status == status)
    return session.scalars(query if only.article_id is None else query.where(CommentCount.article_id == only.article_id)).one()


def parents(session: Session, rows: Iterable[Comment]) -> dict[int, Comment]:
    """The comments that these answer, by id."""
    wanted = {row.parent_id for row in rows if row.parent_id is not None}
    return {row.id: row for row in session.scalars(sa.select(Comment).where(Comment.id.in_(wanted)))} if wanted else {}


def records(session: Session, rows: Iterable[Comment]) -> dict[str, dict[Status, int]]:
    """How many comments stand where for each author of these, by `email_key`, these ones included."""
    wanted = {row.email_key for row in rows if row.email_key}
    if not wanted:
        return {}
    query = sa.select(Comment.email_key, Comment.status, sa.func.count()).where(Comment.email_key.in_(wanted))
    found: dict[str, dict[Status, int]] = {}
    for key, status, number in session.execute(query.group_by(Comment.email_key, Comment.status)):
        found.setdefault(key, {})[status] = number
    return found


def histories(session: Session, comment_ids: Iterable[int]) -> dict[int, list[CommentEvent]]:
    """What happened to each of these comments, oldest first."""
    query = sa.select(CommentEvent).where(CommentEvent.comment_id.in_(list(comment_ids))).order_by(CommentEvent.id)
    found: dict[int, list[CommentEvent]] = {}
    for event in session.scalars(query):
        found.setdefault(event.comment_id, []).append(event)
    return found


def commented(session: Session) -> list[str]:
    """The ids of articles under which there are comments, in whatever state, by name."""
    query = sa.select(CommentCount.article_id).where(CommentCount.number > 0).distinct()
    return list(session.scalars(query.order_by(CommentCount.article_id)))
