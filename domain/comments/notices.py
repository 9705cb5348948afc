"""Mail to readers about comments, for those who asked: that theirs was published, that somebody replied."""

from collections.abc import Collection
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from domain import outbox, readers
from domain.comments.comment import PATH_STEP, Comment, Status, Unknown, Wish
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

    Raises Unknown for what the clinic wrote. The caller has serialised on the author's mailbox, and commits.
    """
    if comment.staff_id is not None:
        raise Unknown
    comment.tell_published, comment.tell_replies = Wish.PUBLISHED in wishes, Wish.REPLIES in wishes
    keep_reader(session, comment.email_key, wishes, now)


def keep_reader(session: Session, email_key: str, wishes: Collection[Wish], now: datetime) -> None:
    """The part of `set_wishes` that is about the address: kept for any mail, asked for a confirmation for replies."""
    if not wishes:
        return
    reader = readers.keep(session, email_key, now)
    if Wish.REPLIES in wishes:
        readers.ask(session, reader, now)


def tell_of(session: Session, comment_ids: Collection[int], now: datetime) -> None:
    """Queues the mails that the appearance of comments causes: to their authors, once, and to those above in the thread.

    The caller commits.
    """
    if not comment_ids:
        return
    appeared = session.scalars(sa.select(Comment).where(Comment.id.in_(comment_ids)).order_by(Comment.id)).all()
    watchers = _watchers(session, {number for comment in appeared for number in _above(comment)})
    for comment in appeared:
        reader = readers.by_key(session, comment.email_key) if comment.tell_published else None
        if reader is not None:
            readers.tell_of_publication(session, reader, comment.id, now)
        for address in sorted({watchers[number] for number in _above(comment) & watchers.keys()} - {comment.email_key}):
            if not outbox.was_told(session, Kind.COMMENT_REPLIED, comment.id, address):
                outbox.gather(session, Kind.COMMENT_REPLIED, comment.id, [address], now, Pace(every=REPLIES_EVERY))


def _above(comment: Comment) -> set[int]:
    """The numbers of what a reply stands under, its true parent among them."""
    parents = {int(comment.path[at : at + PATH_STEP]) for at in range(0, len(comment.path) - PATH_STEP, PATH_STEP)}
    return parents if comment.parent_id is None else parents | {comment.parent_id}


def _watchers(session: Session, comment_ids: Collection[int]) -> dict[int, str]:
    """Those of the comments whose authors asked to hear of replies and confirmed the address, with that address."""
    if not comment_ids:
        return {}
    query = sa.select(Comment.id, Comment.email_key).join(Reader, Reader.email_key == Comment.email_key)
    wants = (Comment.id.in_(comment_ids), Comment.tell_replies, Comment.status == Status.APPROVED)
    may = (Reader.confirmed_at.is_not(None), Reader.refused_at.is_(None))
    return dict(session.execute(query.where(*wants, *may)).all())


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
