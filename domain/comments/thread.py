"""Comments as threads: where one stands, what readers see page by page, and how many there are."""

from collections.abc import Sequence
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import Session

from domain.comments.comment import PATH_LEVELS, PATH_STEP, Comment, CommentTally, Status


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


def place(comment: Comment, parent: Comment | None) -> None:
    """Gives a comment that has its id its place under `parent`, or on the article itself."""
    own = f"{comment.id:0{PATH_STEP}d}"
    above = parent.path[: PATH_STEP * (PATH_LEVELS - 1)] if parent is not None else ""
    comment.path = above + own
    comment.parent_id = parent.id if parent is not None else None
    comment.thread_rank = parent.thread_rank if parent is not None else -comment.id


def answerable(session: Session, article_id: str, comment_id: int) -> Comment:
    """The approved comment of this article that a reply may go to. Raises NotAnswerable."""
    comment = session.get(Comment, comment_id)
    if comment is None or comment.article_id != article_id or comment.status is not Status.APPROVED:
        raise NotAnswerable
    return comment


def show_or_hide(session: Session, comment: Comment, before: Status) -> None:
    """Brings `shown` and the tally in step after a change of state, up the thread as far as it matters.

    A comment that is no longer approved stays as a place holder while replies under it are shown.
    """
    if Status.APPROVED not in {before, comment.status}:
        return
    session.flush()
    tally = _tally(session, comment.article_id)
    tally.approved += 1 if comment.status is Status.APPROVED else -1
    here: Comment | None = comment
    while here is not None:
        shown = here.status is Status.APPROVED or _has_shown_reply(session, here.id)
        if shown == here.shown:
            break
        here.shown = shown
        tally.shown += 1 if shown else -1
        session.flush()
        here = session.get(Comment, here.parent_id) if here.parent_id is not None else None


def _has_shown_reply(session: Session, comment_id: int) -> bool:
    query = sa.select(Comment.id).where(Comment.parent_id == comment_id, Comment.shown).limit(1)
    return session.scalars(query).first() is not None


def _tally(session: Session, article_id: str) -> CommentTally:
    tally = session.get(CommentTally, article_id, with_for_update=True)
    if tally is None:
        tally = CommentTally(article_id=article_id, approved=0, shown=0)
        session.add(tally)
    return tally


def page(session: Session, article_id: str, number: int, *, size: int, newest_first: bool) -> ThreadPage:
    """Page `number` (from 1) of what readers see, `size` comments each. Raises NoSuchPage beyond the last; page 1 always is."""
    tally = session.get(CommentTally, article_id)
    pages = max(1, -(-tally.shown // size)) if tally is not None else 1
    if not 1 <= number <= pages:
        raise NoSuchPage
    order = (Comment.thread_rank, Comment.path) if newest_first else (Comment.path,)
    query = sa.select(Comment).where(Comment.article_id == article_id, Comment.shown).order_by(*order)
    rows = session.scalars(query.offset((number - 1) * size).limit(size)).all()
    return ThreadPage(rows, number, pages, tally.approved if tally is not None else 0)


def newest_approved(session: Session, article_id: str, size: int = 50) -> list[Comment]:
    """The approved comments that were sent last, newest first."""
    query = sa.select(Comment).where(Comment.article_id == article_id, Comment.status == Status.APPROVED)
    return list(session.scalars(query.order_by(Comment.id.desc()).limit(size)))


def page_of(session: Session, comment: Comment, *, size: int, newest_first: bool) -> int:
    """The number of the page a shown comment stands on."""
    before = Comment.path < comment.path
    if newest_first:
        before = sa.or_(Comment.thread_rank < comment.thread_rank, sa.and_(Comment.thread_rank == comment.thread_rank, before))
    query = sa.select(sa.func.count()).select_from(Comment)
    query = query.where(Comment.article_id == comment.article_id, Comment.shown, before)
    return session.scalars(query).one() // size + 1
