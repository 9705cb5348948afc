"""Comments as threads: where one stands, what readers see page by page, and how many there are."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlalchemy.orm import Session

from domain import orm
from domain.comments.comment import BLOCK, PATH_LEVELS, PATH_STEP, Comment, CommentCount, Status, ThreadBlock


class NoSuchPage(Exception):
    """The article has fewer pages of comments."""


class NotAnswerable(Exception):
    """A reply to this comment is not possible: it is another article's, not approved, or not there."""


@dataclass(frozen=True)
class ThreadPage:
    """One page of an article's comments in thread order, with what the page needs to say of the others."""

    rows: Sequence[Comment]
    number: int
    pages: int
    approved: int


def add(session: Session, comment: Comment, parent: Comment | None, now: datetime) -> None:
    """Keeps a new comment, hidden as yet, at its place under `parent` or on the article itself; it has its id afterwards."""
    comment.submitted_at = comment.status_since = now
    comment.path, comment.thread_rank, comment.shown = "", 0, False
    session.add(comment)
    session.flush()
    place(comment, parent)


_INSERT = sa.insert(orm.table(Comment))
_PLACE = sa.update(orm.table(Comment)).where(Comment.id == sa.bindparam("number"))


def insert(session: Session, values: Mapping[str, Any], parent: Comment | None, now: datetime) -> int:
    """`add` for a comment of these values that nobody looks at as an object; returns its id. The caller commits."""
    first = {"submitted_at": now, "status_since": now, "path": "", "thread_rank": 0, "shown": False}
    comment_id = orm.insert(session, _INSERT, {**values, **first})
    orm.writing(session).execute(_PLACE, {"number": comment_id, **_place(comment_id, parent)._asdict()})
    return comment_id


class _Place(NamedTuple):
    parent_id: int | None
    path: str
    thread_rank: int


def _place(comment_id: int, parent: Comment | None) -> _Place:
    own = f"{comment_id:0{PATH_STEP}d}"
    if parent is None:
        return _Place(None, own, -comment_id)
    return _Place(parent.id, parent.path[: PATH_STEP * (PATH_LEVELS - 1)] + own, parent.thread_rank)


def place(comment: Comment, parent: Comment | None) -> None:
    """Gives a comment that has its id its place under `parent`, or on the article itself."""
    comment.parent_id, comment.path, comment.thread_rank = _place(comment.id, parent)


def answerable(session: Session, article_id: str, comment_id: int) -> Comment:
    """The approved comment of this article that a reply may go to. Raises NotAnswerable."""
    comment = session.get(Comment, comment_id)
    if comment is None or comment.article_id != article_id or comment.status is not Status.APPROVED:
        raise NotAnswerable
    return comment


def show_or_hide(session: Session, comment: Comment, before: Status) -> None:
    """Brings `shown` in step after a change of state, up the thread as far as it matters.

    A comment that is no longer approved stays as a place holder while replies under it are shown.
    """
    if Status.APPROVED not in {before, comment.status}:
        return
    here: Comment | None = comment
    while here is not None:
        shown = here.status is Status.APPROVED or _has_shown_reply(session, here.id)
        if shown == here.shown:
            break
        here.shown = shown
        here = session.get(Comment, here.parent_id) if here.parent_id is not None else None


def _has_shown_reply(session: Session, comment_id: int) -> bool:
    session.flush()
    query = sa.select(Comment.id).where(Comment.parent_id == comment_id, Comment.shown).limit(1)
    return session.scalars(query).first() is not None


def page(session: Session, article_id: str, number: int, *, size: int, newest_first: bool) -> ThreadPage:
    """Page `number` (from 1) of what readers see, `size` comments each. Raises NoSuchPage beyond the last; page 1 always is."""
    total = sa.select(sa.func.coalesce(sa.func.sum(ThreadBlock.number), 0)).where(ThreadBlock.article_id == article_id)
    pages = max(1, math.ceil(session.scalars(total).one() / size))
    if not 1 <= number <= pages:
        raise NoSuchPage
    query = sa.select(Comment).where(Comment.article_id == article_id, Comment.shown)
    skip = (number - 1) * size
    if skip:
        before = _before(article_id, newest_first)
        start = session.execute(sa.select(before).where(before.c.number <= skip).order_by(before.c.number.desc()).limit(1)).one()
        query, skip = query.where(_not_before(start.block, newest_first)), skip - start.number
    order = (Comment.thread_rank, Comment.path) if newest_first else (Comment.path,)
    rows = session.scalars(query.order_by(*order).offset(skip).limit(size)).all()
    return ThreadPage(rows, number, pages, _approved(session, article_id))


def _approved(session: Session, article_id: str) -> int:
    count = session.get(CommentCount, (article_id, Status.APPROVED), populate_existing=True)
    return count.number if count is not None else 0


def newest_approved(session: Session, article_id: str, size: int = 50) -> list[Comment]:
    """The approved comments that were sent last, newest first."""
    query = sa.select(Comment).where(Comment.article_id == article_id, Comment.status == Status.APPROVED)
    return list(session.scalars(query.order_by(Comment.id.desc()).limit(size)))


def pages_of(session: Session, article_id: str, comments: Sequence[Comment], *, size: int, newest_first: bool) -> dict[int, int]:
    """The numbers of the pages on which shown comments of an article stand, by id."""
    before = _before(article_id, newest_first)
    blocks = {_block(comment) for comment in comments}
    starts = dict(session.execute(sa.select(before.c.block, before.c.number).where(before.c.block.in_(blocks))).all())
    found = {}
    for comment in comments:
        query = sa.select(sa.func.count()).select_from(Comment).where(Comment.article_id == article_id, Comment.shown)
        query = query.where(_not_before(_block(comment), newest_first), _earlier(comment, newest_first))
        found[comment.id] = (starts.get(_block(comment), 0) + session.scalars(query).one()) // size + 1
    return found


def _block(comment: Comment) -> int:
    return -comment.thread_rank // BLOCK


def _before(article_id: str, newest_first: bool) -> sa.Subquery:
    """For each block with shown comments, the `number` of shown ones in the blocks that readers find before it."""
    order = ThreadBlock.block.desc() if newest_first else ThreadBlock.block
    until = sa.func.sum(ThreadBlock.number).over(order_by=order)
    query = sa.select(ThreadBlock.block, (until - ThreadBlock.number).label("number"))
    return query.where(ThreadBlock.article_id == article_id, ThreadBlock.number > 0).subquery()


def _not_before(block: int, newest_first: bool) -> sa.ColumnElement[bool]:
    """Comments in this block and those that readers find after it."""
    if newest_first:
        return Comment.thread_rank > -(block + 1) * BLOCK
    return Comment.path >= f"{block * BLOCK:0{PATH_STEP}d}"


def _earlier(comment: Comment, newest_first: bool) -> sa.ColumnElement[bool]:
    """Comments that readers find before this one."""
    above = Comment.path < comment.path
    if newest_first:
        # Both bounds, so that an index is read from one to the other.
        return sa.and_(Comment.thread_rank <= comment.thread_rank, sa.or_(Comment.thread_rank < comment.thread_rank, above))
    return above
