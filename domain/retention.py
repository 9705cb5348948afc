"""How long what people sent is kept, and the daily run that lets go of it. The privacy page says the same numbers."""

from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from domain import staff
from domain.audit import AuditEntry
from domain.comments import Comment, CommentEvent, CommentVersion
from domain.comments import Status as CommentStatus
from domain.consultations import ConsultationRequest
from domain.consultations import Status as RequestStatus
from domain.outbox import REQUEST_KINDS, Kind, OutboxMail
from domain.staff import FAILURE_WINDOW, SignInFailure


@dataclass(frozen=True)
class Periods:
    """How long each kind is kept: closed requests, rejected comments, spam, network fingerprints, the audit log.

    The trigger on the audit table, made by the first migration, refuses to delete rows younger than `audit_months`.
    """

    request_months: int = 12
    comment_days: int = 30
    spam_days: int = 15
    network_days: int = 30
    audit_months: int = 24


PERIODS = Periods()
_MONTH = timedelta(days=30.4375)


@dataclass(frozen=True)
class Done:
    """How many rows a run let go of."""

    networks: int
    comments: int
    requests: int


def run(session: Session, now: datetime) -> Done:
    """Empties old network fingerprints, deletes rejected comments and closed requests with their mail. The caller commits.

    Held comments and open requests are never deleted by time.
    """
    old = now - timedelta(days=PERIODS.network_days)
    networks = 0
    for model, at in ((Comment, Comment.submitted_at), (ConsultationRequest, ConsultationRequest.created_at)):
        networks += _count(session, sa.update(model).where(model.network.is_not(None), at < old).values(network=None))
    session.execute(sa.delete(SignInFailure).where(SignInFailure.at < now - FAILURE_WINDOW))
    staff.forget_over(session, now)
    staff.forget_challenges(session, now)
    session.execute(sa.delete(AuditEntry).where(AuditEntry.at < now - PERIODS.audit_months * _MONTH))
    return Done(networks, purge_comments(session, now), _closed_requests(session, now))


def purge_comments(session: Session, now: datetime) -> int:
    """Lets go of spam, trash and withdrawn comments whose time is over, never of held ones; how many. The caller commits.

    One that has replies stays as a place holder in the thread, without anything of its author.
    """
    parents = sa.select(Comment.parent_id).where(Comment.parent_id.is_not(None))
    ids = sa.select(Comment.id).where(_is_over(now), Comment.id.not_in(parents))
    _delete_mail(session, (Kind.COMMENT_HELD,), ids)
    session.execute(sa.delete(CommentEvent).where(CommentEvent.comment_id.in_(ids)))
    deleted = _count(session, sa.delete(Comment).where(Comment.id.in_(ids.scalar_subquery())))
    left = (_is_over(now), Comment.email != "")
    session.execute(sa.delete(CommentVersion).where(CommentVersion.comment_id.in_(sa.select(Comment.id).where(*left))))
    nothing = {"name": "", "email": "", "email_key": "", "text": "", "website": None, "network": None}
    return deleted + _count(session, sa.update(Comment).where(*left).values(**nothing))


def _is_over(now: datetime) -> sa.ColumnElement[bool]:
    rejected = Comment.status.in_((CommentStatus.TRASH, CommentStatus.WITHDRAWN))
    old = sa.and_(rejected, Comment.status_since < now - timedelta(days=PERIODS.comment_days))
    spam = sa.and_(Comment.status == CommentStatus.SPAM, Comment.status_since < now - timedelta(days=PERIODS.spam_days))
    return sa.or_(old, spam)


def _closed_requests(session: Session, now: datetime) -> int:
    closed = (RequestStatus.CLOSED, RequestStatus.SPAM)
    ids = sa.select(ConsultationRequest.id).where(
        ConsultationRequest.status.in_(closed), ConsultationRequest.status_since < now - PERIODS.request_months * _MONTH
    )
    _delete_mail(session, REQUEST_KINDS, ids)
    return _count(session, sa.delete(ConsultationRequest).where(ConsultationRequest.id.in_(ids.scalar_subquery())))


def _delete_mail(session: Session, kinds: tuple[Kind, ...], subject_ids: sa.Select[int]) -> None:
    session.execute(sa.delete(OutboxMail).where(OutboxMail.kind.in_(kinds), OutboxMail.subject_id.in_(subject_ids)))


def _count(session: Session, statement: sa.Update | sa.Delete) -> int:
    return int(session.execute(statement, execution_options={"synchronize_session": False}).rowcount)  # type: ignore[attr-defined]
