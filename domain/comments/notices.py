"""Mail to readers about comments, for those who asked: that theirs was published, that somebody replied."""

from collections.abc import Collection
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from domain import outbox, readers
from domain.comments.comment import PATH_STEP, Comment, Status, Wish
from domain.outbox import Kind, Pace
from domain.readers import Reader

REPLIES_EVERY = timedelta(hours=1)
"""The least time between two mails about replies to one reader, whatever the number of threads."""


MAILABLE = frozenset({Status.HELD, Status.APPROVED})
"""States of a comment about which its author may have mail."""


def serialise_wishes(comment: Comment) -> tuple[str, ...]:
    """What two changes of wishes at the same moment must not both be the first of."""
    return (f"comment of {readers.mailbox(comment.email_key)}",)


def set_wishes(session: Session, comment: Comment, wishes: Collection[Wish], now: datetime) -> None:
    """Notes what mail the author of a comment wants; for replies the address is asked to confirm that it is theirs.

    The caller has serialised on the author's mailbox, and commits.
    """
    comment.tell_published, comment.tell_replies = Wish.PUBLISHED in wishes, Wish.REPLIES in wishes
    if not wishes:
        return
    reader = readers.keep(session, comment.email_key, now)
    if comment.tell_replies:
        readers.ask(session, reader, now)


def tell_of(session: Session, comment: Comment, now: datetime) -> None:
    """Queues the mails that a comment's appearance causes: to its author, once, and to those above it in the thread.

    The caller commits.
    """
    reader = readers.by_key(session, comment.email_key) if comment.tell_published else None
    if reader is not None:
        readers.tell_of_publication(session, reader, comment.id, now)
    for address in _watchers(session, comment):
        if not outbox.was_told(session, Kind.COMMENT_REPLIED, comment.id, address):
            outbox.gather(session, Kind.COMMENT_REPLIED, comment.id, [address], now, Pace(every=REPLIES_EVERY))


def _watchers(session: Session, comment: Comment) -> list[str]:
    """Confirmed addresses of those above a reply who asked to hear of replies; never that of its own author."""
    above = {int(comment.path[at : at + PATH_STEP]) for at in range(0, len(comment.path) - PATH_STEP, PATH_STEP)}
    if comment.parent_id is not None:
        above.add(comment.parent_id)
    if not above:
        return []
    query = sa.select(Comment.email_key).join(Reader, Reader.email_key == Comment.email_key)
    wants = (Comment.id.in_(above), Comment.tell_replies, Comment.status == Status.APPROVED)
    may = (Reader.confirmed_at.is_not(None), Reader.refused_at.is_(None), Comment.email_key != comment.email_key)
    return sorted(set(session.scalars(query.where(*wants, *may))))


def answered_by(session: Session, replies: Collection[int]) -> list[Comment]:
    """Those of the replies that readers see now, oldest first."""
    query = sa.select(Comment).where(Comment.id.in_(replies), Comment.status == Status.APPROVED)
    return list(session.scalars(query.order_by(Comment.id)))


def watched(session: Session, email_key: str, size: int = 50) -> list[Comment]:
    """The comments of an address whose replies it asked to hear of, newest first."""
    query = sa.select(Comment).where(Comment.email_key == email_key, Comment.tell_replies, Comment.status == Status.APPROVED)
    return list(session.scalars(query.order_by(Comment.id.desc()).limit(size)))


def stop_watching(session: Session, email_key: str, comment_id: int) -> bool:
    """No more mail about replies to this comment of an address; False when it is no such comment. The caller commits."""
    comment = session.get(Comment, comment_id)
    if comment is None or comment.email_key != email_key or not comment.tell_replies:
        return False
    comment.tell_replies = False
    return True
