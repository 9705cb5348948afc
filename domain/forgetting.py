"""Letting go of what people sent, with all that hangs on it: why and when is decided by retention and by erasure."""

from collections.abc import Collection
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from domain.comments import Comment, CommentEvent, CommentVersion
from domain.consultations import ConsultationRequest
from domain.outbox import READER_KINDS, REQUEST_KINDS, REQUEST_LISTS, Kind, OutboxItem, OutboxMail, State
from domain.readers import Reader
from domain.spam.sketch import SpamSketch

EMPTY: dict[str, Any] = {"name": "", "email": "", "email_key": "", "text": "", "website": None, "network": None} | {
    "tell_published": False,
    "tell_replies": False,
    "reasons": [],
    "learned_as_spam": None,
}
"""What is left of a comment that others have replied to."""


def comments(session: Session, which: sa.ColumnElement[bool]) -> int:
    """Deletes comments that no reader sees any more, from the ends of their threads up; returns how many were let go of.

    One that has replies of others stays as a place holder in the thread, without anything of its author. What the
    spam filter learned of it stays: counts that name nobody. The caller commits.
    """
    chosen = sa.select(Comment.id).where(which)
    _delete_mail(session, (Kind.COMMENT_PUBLISHED,), chosen)
    _delete_gathered(session, (Kind.COMMENT_HELD, Kind.COMMENT_REPLIED), chosen)
    parents = sa.select(Comment.parent_id).where(Comment.parent_id.is_not(None))
    at_the_end = chosen.where(Comment.id.not_in(parents))
    gone = 0
    while True:
        session.execute(sa.delete(CommentEvent).where(CommentEvent.comment_id.in_(at_the_end)))
        deleted = count(session, sa.delete(Comment).where(Comment.id.in_(at_the_end.scalar_subquery())))
        if not deleted:
            break
        gone += deleted
    left = (which, Comment.email != "")
    for model in (CommentVersion, SpamSketch):
        session.execute(sa.delete(model).where(model.comment_id.in_(sa.select(Comment.id).where(*left))))
    return gone + count(session, sa.update(Comment).where(*left).values(**EMPTY))


def requests(session: Session, which: sa.ColumnElement[bool]) -> int:
    """Deletes requests with their history, what staff noted, and the mail about them; how many. The caller commits."""
    ids = sa.select(ConsultationRequest.id).where(which)
    _delete_mail(session, REQUEST_KINDS, ids)
    _delete_gathered(session, REQUEST_LISTS, ids)
    return count(session, sa.delete(ConsultationRequest).where(ConsultationRequest.id.in_(ids.scalar_subquery())))


def readers(session: Session, which: sa.ColumnElement[bool]) -> int:
    """Deletes addresses to which readers asked to have mail, and the mail to them; how many. The caller commits."""
    keys = sa.select(Reader.email_key).where(which)
    session.execute(sa.delete(OutboxMail).where(OutboxMail.kind.in_(READER_KINDS), OutboxMail.recipient.in_(keys)))
    return count(session, sa.delete(Reader).where(which))


def _delete_mail(session: Session, kinds: Collection[Kind], subject_ids: sa.Select[int]) -> None:
    session.execute(sa.delete(OutboxMail).where(OutboxMail.kind.in_(kinds), OutboxMail.subject_id.in_(subject_ids)))


def _delete_gathered(session: Session, kinds: Collection[Kind], item_ids: sa.Select[int]) -> None:
    """Messages of these kinds that told of these items; one that still waits with others keeps those."""
    of_kinds = sa.select(OutboxMail.id).where(OutboxMail.kind.in_(kinds))
    told = (OutboxItem.item_id.in_(item_ids), OutboxItem.mail_id.in_(of_kinds))
    others = sa.exists().where(OutboxItem.mail_id == OutboxMail.id, OutboxItem.item_id.not_in(item_ids))
    of_no_use = sa.or_(OutboxMail.state != State.WAITING, ~others)
    session.execute(sa.delete(OutboxMail).where(OutboxMail.id.in_(sa.select(OutboxItem.mail_id).where(*told)), of_no_use))
    session.execute(sa.delete(OutboxItem).where(*told))


def count(session: Session, statement: sa.Update | sa.Delete) -> int:
    """Runs a statement past the objects of the session; how many rows it met."""
    return int(session.execute(statement, execution_options={"synchronize_session": False}).rowcount)  # type: ignore[attr-defined]
