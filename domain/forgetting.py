"""Letting go of what people sent, with all that hangs on it: why and when is decided by retention and by erasure."""

from collections.abc import Collection, Iterator, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session, aliased

from domain.comments import Comment, CommentEvent, CommentVersion
from domain.consultations import ConsultationRequest
from domain.outbox import (
    COMMENT_KINDS,
    COMMENT_LISTS,
    READER_KINDS,
    REQUEST_KINDS,
    REQUEST_LISTS,
    Kind,
    OutboxItem,
    OutboxMail,
    State,
)
from domain.readers import Reader
from domain.spam.sketch import SpamSketch

EMPTY: dict[str, Any] = {"name": "", "email": "", "email_key": "", "text": "", "website": None, "network": None} | {
    "tell_published": False,
    "tell_replies": False,
    "reasons": [],
    "learned_as_spam": None,
}
"""What is left of a comment that others have replied to."""
AT_ONCE = 500
"""Rows that a statement names: so each is found by its number, and none is looked for in all that there is."""


def comments(session: Session, ids: Collection[int]) -> int:
    """Deletes comments that no reader sees any more, from the ends of their threads up; returns how many were let go of.

    One that has replies of others stays as a place holder in the thread, without anything of its author. What the
    spam filter learned of it stays: counts that name nobody. The caller commits.
    """
    # Replies have higher numbers than what they answer.
    return sum(_comments(session, some) for some in _pieces(sorted(ids, reverse=True)))


def _comments(session: Session, ids: Sequence[int]) -> int:
    _delete_mail(session, COMMENT_KINDS, ids)
    _delete_gathered(session, COMMENT_LISTS, ids)
    reply = aliased(Comment)
    at_the_end = sa.select(Comment.id).where(Comment.id.in_(ids), ~sa.exists().where(reply.parent_id == Comment.id))
    gone = 0
    while ends := session.scalars(at_the_end).all():
        session.execute(sa.delete(CommentEvent).where(CommentEvent.comment_id.in_(ends)))
        gone += count(session, sa.delete(Comment).where(Comment.id.in_(ends)))
    left = session.scalars(sa.select(Comment.id).where(Comment.id.in_(ids), Comment.email != "")).all()
    for model in (CommentVersion, SpamSketch):
        session.execute(sa.delete(model).where(model.comment_id.in_(left)))
    # Histories of earlier releases quote the owner's words that a comment matched, and one may be its author's address.
    arrivals = sa.update(CommentEvent).where(CommentEvent.comment_id.in_(left), CommentEvent.from_status.is_(None))
    session.execute(arrivals.values(detail={}))
    return gone + count(session, sa.update(Comment).where(Comment.id.in_(left)).values(**EMPTY))


def requests(session: Session, ids: Collection[int]) -> int:
    """Deletes requests with their history, what staff noted, and the mail about them; how many. The caller commits."""
    gone = 0
    for some in _pieces(ids):
        # First the requests, as everybody does who changes one and its mail.
        session.execute(
            sa.select(ConsultationRequest.id)
            .where(ConsultationRequest.id.in_(some))
            .order_by(ConsultationRequest.id)
            .with_for_update()
        )
        _delete_mail(session, REQUEST_KINDS, some)
        _delete_gathered(session, REQUEST_LISTS, some)
        gone += count(session, sa.delete(ConsultationRequest).where(ConsultationRequest.id.in_(some)))
    return gone


def readers(session: Session, ids: Collection[int]) -> int:
    """Deletes addresses to which readers asked to have mail, and the mail to them; how many. The caller commits."""
    gone = 0
    for some in _pieces(ids):
        keys = session.scalars(sa.select(Reader.email_key).where(Reader.id.in_(some))).all()
        session.execute(sa.delete(OutboxMail).where(OutboxMail.kind.in_(READER_KINDS), OutboxMail.recipient.in_(keys)))
        gone += count(session, sa.delete(Reader).where(Reader.id.in_(some)))
    return gone


def _pieces(ids: Collection[int]) -> Iterator[Sequence[int]]:
    ordered = list(ids)
    return (ordered[start : start + AT_ONCE] for start in range(0, len(ordered), AT_ONCE))


def _delete_mail(session: Session, kinds: Collection[Kind], subject_ids: Sequence[int]) -> None:
    session.execute(sa.delete(OutboxMail).where(OutboxMail.kind.in_(kinds), OutboxMail.subject_id.in_(subject_ids)))


def _delete_gathered(session: Session, kinds: Collection[Kind], item_ids: Sequence[int]) -> None:
    """Messages of these kinds that told of these items; one that tells of others too, and was not sent, keeps those."""
    # Mail of their kinds is all mail there is, nearly; what tells of these items is little.
    telling = session.scalars(sa.select(OutboxItem.mail_id).where(OutboxItem.item_id.in_(item_ids)).distinct()).all()
    for mails in _pieces(telling):
        some = session.scalars(sa.select(OutboxMail.id).where(OutboxMail.id.in_(mails), OutboxMail.kind.in_(kinds))).all()
        others = sa.exists().where(OutboxItem.mail_id == OutboxMail.id, OutboxItem.item_id.not_in(item_ids))
        # One that was given up is still to be sent again by somebody, or nobody hears of the others.
        of_no_use = sa.or_(OutboxMail.state.not_in((State.WAITING, State.FAILED)), ~others)
        session.execute(sa.delete(OutboxMail).where(OutboxMail.id.in_(some), of_no_use))
        session.execute(sa.delete(OutboxItem).where(OutboxItem.mail_id.in_(some), OutboxItem.item_id.in_(item_ids)))


def count(session: Session, statement: sa.Update | sa.Delete) -> int:
    """Runs a statement past the objects of the session; how many rows it met."""
    return int(session.execute(statement, execution_options={"synchronize_session": False}).rowcount)  # type: ignore[attr-defined]
