"""The daily run that lets go of what has been kept long enough. The privacy page says the same numbers, from the same settings."""

from datetime import datetime, timedelta
from typing import NamedTuple

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, Session, mapped_column

from domain import forgetting, spam, staff
from domain.audit import AuditEntry
from domain.comments import Comment, blocks
from domain.comments import Status as CommentStatus
from domain.consultations import CloseReason, ConsultationRequest, promised_months
from domain.consultations import Status as RequestStatus
from domain.orm import Base
from domain.outbox import CONTENT_KINDS, Kind, OutboxMail
from domain.periods import MONTH, PERIODS, Periods
from domain.readers import Reader
from domain.staff import FAILURE_WINDOW, SignInFailure

EVERY = timedelta(days=1)
_NOTICES = (Kind.DESK_DIGEST, Kind.HOOK_MAIL_ALARM, *CONTENT_KINDS)
_IS_TEST = ConsultationRequest.close_reason == CloseReason.TEST
_TESTS_KEPT = timedelta(days=1)
"""How long what a probe left behind can be looked at."""


class RetentionRun(Base):
    """When the last run was, on whichever machine; one row, made by the first run."""

    __tablename__ = "retention_run"
    __table_args__ = (sa.CheckConstraint("id = 1", name="single_row"),)

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    at: Mapped[datetime]


class Done(NamedTuple):
    """How many rows a run let go of."""

    networks: int
    comments: int
    requests: int
    readers: int
    mails: int
    audit_entries: int


def is_due(session: Session, now: datetime) -> bool:
    """Whether the last run was a day ago, or never; one that seems to lie ahead, by a clock that was set back, does not count."""
    last = session.scalars(sa.select(RetentionRun.at)).first()
    return last is None or not now - EVERY < last <= now


def run(session: Session, now: datetime, periods: Periods = PERIODS) -> Done:
    """Empties old network fingerprints, deletes rejected comments, closed requests with their mail, and what else is over.

    Held comments and open requests are never deleted by time. The caller has begun a write with MODERATION, and commits.
    """
    session.merge(RetentionRun(id=1, at=now))
    networks = _networks(session, now - timedelta(days=periods.network_days))
    session.execute(sa.delete(SignInFailure).where(SignInFailure.at < now - FAILURE_WINDOW))
    staff.forget_over(session, now)
    staff.forget_challenges(session, now)
    blocks.forget_over(session, now)
    spam.sketch.forget_over(session, now)
    entries = forgetting.count(session, sa.delete(AuditEntry).where(AuditEntry.at < now - periods.audit_months * MONTH))
    over = OutboxMail.created_at < now - timedelta(days=periods.notice_days)
    mails = forgetting.count(session, sa.delete(OutboxMail).where(OutboxMail.kind.in_(_NOTICES), over))
    purged = purge_comments(session, now, periods)
    forgetting.requests(session, sa.and_(_IS_TEST, ConsultationRequest.created_at < now - _TESTS_KEPT))
    return Done(networks, purged, _closed_requests(session, now, periods), _readers(session), mails, entries)


def purge_comments(session: Session, now: datetime, periods: Periods = PERIODS) -> int:
    """Lets go of spam, trash and withdrawn comments whose time is over, never of held ones; how many.

    The caller has begun a write with MODERATION, and commits.
    """
    rejected = Comment.status.in_((CommentStatus.TRASH, CommentStatus.WITHDRAWN))
    old = sa.and_(rejected, Comment.status_since < now - timedelta(days=periods.comment_days))
    rejected_spam = sa.and_(Comment.status == CommentStatus.SPAM, Comment.status_since < now - timedelta(days=periods.spam_days))
    return forgetting.comments(session, sa.or_(old, rejected_spam))


def forget_test(session: Session, request_id: int) -> bool:
    """Deletes a test request with its mail; False for any other request. The caller commits."""
    return bool(forgetting.requests(session, sa.and_(_IS_TEST, ConsultationRequest.id == request_id)))


def _networks(session: Session, before: datetime) -> int:
    emptied = 0
    for model, at in ((Comment, Comment.submitted_at), (ConsultationRequest, ConsultationRequest.created_at)):
        old = sa.update(model).where(model.network.is_not(None), at < before)
        emptied += forgetting.count(session, old.values(network=None))
    return emptied


def _closed_requests(session: Session, now: datetime, periods: Periods) -> int:
    """Nobody's request is kept for longer than the words said that its sender agreed to."""
    closed = ConsultationRequest.status.in_((RequestStatus.CLOSED, RequestStatus.SPAM))
    since = ConsultationRequest.status_since
    versions = session.scalars(sa.select(ConsultationRequest.consent_version).where(closed).distinct()).all()
    deleted = 0
    for version in versions:
        months = min(periods.request_months, promised_months(version) or periods.request_months)
        over = sa.and_(closed, since < now - months * MONTH, ConsultationRequest.consent_version == version)
        deleted += forgetting.requests(session, over)
    return deleted


def _readers(session: Session) -> int:
    """Addresses without a comment; those whose owner wants no mail stay, so that they get none."""
    authors = sa.select(Comment.email_key).where(Comment.email_key != "")
    return forgetting.readers(session, sa.and_(Reader.refused_at.is_(None), Reader.email_key.not_in(authors)))
