"""How long what people sent is kept, and the daily run that lets go of it. The privacy page says the same numbers."""

from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from domain import staff
from domain.audit import AuditEntry
from domain.comments import Comment, CommentEvent, CommentVersion, blocks
from domain.comments import Status as CommentStatus
from domain.consultations import ConsultationRequest
from domain.consultations import Status as RequestStatus
from domain.outbox import READER_KINDS, REQUEST_KINDS, REQUEST_LISTS, Kind, OutboxItem, OutboxMail, State
from domain.readers import Reader
from domain.staff import FAILURE_WINDOW, SignInFailure


@dataclass(frozen=True)
class Periods:
    """How long each kind is kept: closed requests, rejected comments, spam, network fingerprints, the audit log, notices to
    staff that name nobody.

    The trigger on the audit table, made by the first migration, refuses to delete rows younger than `audit_months`.
    """

    request_months: int = 12
    comment_days: int = 30
    spam_days: int = 15
    network_days: int = 30
    audit_months: int = 24
    notice_days: int = 30


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
    blocks.forget_over(session, now)
    notices = (Kind.DESK_DIGEST, Kind.HOOK_MAIL_ALARM)
    over = OutboxMail.created_at < now - timedelta(days=PERIODS.notice_days)
    session.execute(sa.delete(OutboxMail).where(OutboxMail.kind.in_(notices), over))
    purged = purge_comments(session, now)
    _forget_readers(session)
    return Done(networks, purged, _closed_requests(session, now))


def purge_comments(session: Session, now: datetime) -> int:
    """Lets go of spam, trash and withdrawn comments whose time is over, never of held ones; how many. The caller commits.

    One that has replies stays as a place holder in the thread, without anything of its author.
    """
    parents = sa.select(Comment.parent_id).where(Comment.parent_id.is_not(None))
    ids = sa.select(Comment.id).where(_is_over(now), Comment.id.not_in(parents))
    over = sa.select(Comment.id).where(_is_over(now))
    _delete_mail(session, (Kind.COMMENT_PUBLISHED,), over)
    _delete_gathered(session, (Kind.COMMENT_HELD, Kind.COMMENT_REPLIED), over)
    session.execute(sa.delete(CommentEvent).where(CommentEvent.comment_id.in_(ids)))
    deleted = _count(session, sa.delete(Comment).where(Comment.id.in_(ids.scalar_subquery())))
    left = (_is_over(now), Comment.email != "")
    session.execute(sa.delete(CommentVersion).where(CommentVersion.comment_id.in_(sa.select(Comment.id).where(*left))))
    nothing = {"name": "", "email": "", "email_key": "", "text": "", "website": None, "network": None, "tell_replies": False}
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
    _delete_gathered(session, REQUEST_LISTS, ids)
    return _count(session, sa.delete(ConsultationRequest).where(ConsultationRequest.id.in_(ids.scalar_subquery())))


def _delete_mail(session: Session, kinds: tuple[Kind, ...], subject_ids: sa.Select[int]) -> None:
    session.execute(sa.delete(OutboxMail).where(OutboxMail.kind.in_(kinds), OutboxMail.subject_id.in_(subject_ids)))


def _delete_gathered(session: Session, kinds: tuple[Kind, ...], item_ids: sa.Select[int]) -> None:
    """Messages of these kinds that told of these items; one that still waits with others keeps those."""
    of_kinds = sa.select(OutboxMail.id).where(OutboxMail.kind.in_(kinds))
    told = (OutboxItem.item_id.in_(item_ids), OutboxItem.mail_id.in_(of_kinds))
    others = sa.exists().where(OutboxItem.mail_id == OutboxMail.id, OutboxItem.item_id.not_in(item_ids))
    of_no_use = sa.or_(OutboxMail.state != State.WAITING, ~others)
    session.execute(sa.delete(OutboxMail).where(OutboxMail.id.in_(sa.select(OutboxItem.mail_id).where(*told)), of_no_use))
    session.execute(sa.delete(OutboxItem).where(*told))


def _forget_readers(session: Session) -> None:
    """Addresses without a comment, with the mail to them; those whose owner wants none stay, so that they get none."""
    authors = sa.select(Comment.email_key).where(Comment.email_key != "")
    gone = sa.select(Reader.email_key).where(Reader.refused_at.is_(None), Reader.email_key.not_in(authors))
    session.execute(sa.delete(OutboxMail).where(OutboxMail.kind.in_(READER_KINDS), OutboxMail.recipient.in_(gone)))
    session.execute(sa.delete(Reader).where(Reader.refused_at.is_(None), Reader.email_key.not_in(authors)))


def _count(session: Session, statement: sa.Update | sa.Delete) -> int:
    return int(session.execute(statement, execution_options={"synchronize_session": False}).rowcount)  # type: ignore[attr-defined]
