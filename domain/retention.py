"""The daily run that lets go of what has been kept long enough. The privacy page says the same numbers, from the same settings.

It looks for what is over without a lock, and lets go of it in short turns: whoever sends a request meanwhile waits for one turn.
"""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

import sqlalchemy as sa
from sqlalchemy.orm import InstrumentedAttribute, Mapped, Session, aliased, mapped_column

from domain import forgetting, spam, staff
from domain.audit import AuditEntry
from domain.comments import Comment, blocks
from domain.comments import Status as CommentStatus
from domain.consultations import CloseReason, ConsultationRequest, promised_months
from domain.consultations import Status as RequestStatus
from domain.orm import Base
from domain.outbox import NOTICE_KINDS, OutboxMail
from domain.periods import MONTH, PERIODS, Periods
from domain.readers import Reader
from domain.staff import FAILURE_WINDOW, SignInFailure

EVERY = timedelta(days=1)
JUMP = timedelta(days=8)
"""A run that comes so long after the one before does not believe the clock, which may be ahead: what goes is gone for good."""
_IS_TEST = ConsultationRequest.close_reason == CloseReason.TEST
_TESTS_KEPT = timedelta(days=1)
"""How long what a probe left behind can be looked at."""
TURN = 200
"""Rows that one transaction lets go of: about a tenth of a second."""
LOOK = 20 * TURN
"""Rows that one look finds; where nothing leads straight to them it reads all."""


class RetentionRun(Base):
    """When the last run was, on whichever machine; one row, made by the first run. `doubted_since`: it let go of nothing, since
    it did not believe the clock.
    """

    __tablename__ = "retention_run"
    __table_args__ = (sa.CheckConstraint("id = 1", name="single_row"),)

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    at: Mapped[datetime]
    doubted_since: Mapped[datetime | None]


class Done(NamedTuple):
    """How many rows a run let go of."""

    networks: int
    comments: int
    requests: int
    readers: int
    mails: int
    audit_entries: int


def is_due(session: Session, now: datetime) -> bool:
    """Whether the last run was a day ago, or never; one that lies a day ahead, by a clock that was set back, does not count."""
    last = session.scalars(sa.select(RetentionRun.at)).first()
    return last is None or abs(now - last) >= EVERY


def is_first(session: Session) -> bool:
    """Whether no run has ever been, so that there is nothing to compare the clock with."""
    return session.scalars(sa.select(RetentionRun.id)).first() is None


def doubted_until(session: Session, now: datetime) -> datetime | None:
    """From when on the clock is believed again, if it goes on as it does and the site with it; None: it is believed.

    It is not for a day after it has jumped, as it seems after eight days without a run too: long enough for somebody to set it
    right, and a machine that was off for a month goes on letting go on its second day.
    """
    run = session.scalars(sa.select(RetentionRun)).first()
    if run is None:
        return None
    if not -EVERY < now - run.at <= JUMP:
        return now + EVERY
    is_doubted = run.doubted_since is not None and now - run.doubted_since < EVERY
    return run.doubted_since + EVERY if is_doubted and run.doubted_since else None


def wait(session: Session, now: datetime) -> None:
    """Notes a run that lets go of nothing, the first one or one that does not believe the clock. The caller commits."""
    is_doubted = doubted_until(session, now) is not None
    session.merge(RetentionRun(id=1, at=now, doubted_since=now if is_doubted else None))


class Part(NamedTuple):
    """Rows of one kind whose time comes.

    `over` finds those whose time is over among others, by their ids; `let_go` deletes or empties rows by their ids, and says how
    many. `name` is what Done calls them, if it tells of them.
    """

    name: str
    over: Callable[[Session, datetime, Periods, sa.ColumnElement[bool]], sa.Select[int]]
    model: type[Comment | ConsultationRequest | Reader | OutboxMail | AuditEntry]
    let_go: Callable[[Session, Sequence[int]], int]


def over(session: Session, part: Part, now: datetime, periods: Periods = PERIODS) -> list[int]:
    """The ids of rows of a part whose time is over, as many as LOOK. It may read long, and needs no lock."""
    return list(session.scalars(part.over(session, now, periods, sa.true()).limit(LOOK)))


def let_go(session: Session, part: Part, ids: Sequence[int], now: datetime, periods: Periods = PERIODS) -> int:
    """Lets go of rows that `over` has found, as far as their time is still over; how many. At most TURN of them at once.

    Held comments and open requests are never deleted by time. The caller has begun a write with MODERATION, and commits.
    """
    # Locked: what somebody reopens at this moment is open afterwards.
    still = session.scalars(part.over(session, now, periods, part.model.id.in_(ids)).with_for_update(of=part.model)).all()
    return part.let_go(session, still)


def end(session: Session, now: datetime) -> None:
    """Lets go of what is over within days and never much, and notes that a run has ended. The caller commits."""
    session.merge(RetentionRun(id=1, at=now, doubted_since=None))
    session.execute(sa.delete(SignInFailure).where(SignInFailure.at < now - FAILURE_WINDOW))
    staff.forget_over(session, now)
    staff.forget_challenges(session, now)
    blocks.forget_over(session, now)
    spam.sketch.forget_over(session, now)


def forget_test(session: Session, request_id: int) -> bool:
    """Deletes a test request with its mail; False for any other request. The caller commits."""
    test = sa.select(ConsultationRequest.id).where(_IS_TEST, ConsultationRequest.id == request_id)
    return bool(forgetting.requests(session, session.scalars(test).all()))


def _networks(model: type[Comment | ConsultationRequest], at: InstrumentedAttribute[datetime]) -> Part:
    def over(_session: Session, now: datetime, periods: Periods, among: sa.ColumnElement[bool]) -> sa.Select[int]:
        before = now - timedelta(days=periods.network_days)
        return sa.select(model.id).where(model.network.is_not(None), at < before, among)

    def empty(session: Session, ids: Sequence[int]) -> int:
        return forgetting.count(session, sa.update(model).where(model.id.in_(ids)).values(network=None))

    return Part("networks", over, model, empty)


def _comments(_session: Session, now: datetime, periods: Periods, among: sa.ColumnElement[bool]) -> sa.Select[int]:
    """Spam, trash and what was withdrawn; of places that were left for replies those that have none any more."""
    rejected = Comment.status.in_((CommentStatus.TRASH, CommentStatus.WITHDRAWN))
    old = sa.and_(rejected, Comment.status_since < now - timedelta(days=periods.comment_days))
    old_spam = sa.and_(Comment.status == CommentStatus.SPAM, Comment.status_since < now - timedelta(days=periods.spam_days))
    reply = aliased(Comment)
    has_something = sa.or_(Comment.email != "", ~sa.exists().where(reply.parent_id == Comment.id))
    return sa.select(Comment.id).where(sa.or_(old, old_spam), has_something, among).order_by(Comment.id.desc())


def _requests(session: Session, now: datetime, periods: Periods, among: sa.ColumnElement[bool]) -> sa.Select[int]:
    """Nobody's request is kept for longer than the words said that its sender agreed to."""
    closed = ConsultationRequest.status.in_((RequestStatus.CLOSED, RequestStatus.SPAM))
    versions = session.scalars(sa.select(ConsultationRequest.consent_version).where(closed, among).distinct()).all()
    times_over = [
        sa.and_(ConsultationRequest.consent_version == version, ConsultationRequest.status_since < now - months * MONTH)
        for version in versions
        for months in [min(periods.request_months, promised_months(version) or periods.request_months)]
    ]
    return sa.select(ConsultationRequest.id).where(closed, sa.or_(sa.false(), *times_over), among)


def _tests(_session: Session, now: datetime, _periods: Periods, among: sa.ColumnElement[bool]) -> sa.Select[int]:
    return sa.select(ConsultationRequest.id).where(_IS_TEST, ConsultationRequest.created_at < now - _TESTS_KEPT, among)


def _readers(_session: Session, _now: datetime, _periods: Periods, among: sa.ColumnElement[bool]) -> sa.Select[int]:
    """Addresses without a comment; those whose owner wants no mail stay, so that they get none."""
    writes = sa.exists().where(Comment.email_key == Reader.email_key)
    return sa.select(Reader.id).where(Reader.refused_at.is_(None), ~writes, among)


def _mails(_session: Session, now: datetime, periods: Periods, among: sa.ColumnElement[bool]) -> sa.Select[int]:
    before = now - timedelta(days=periods.notice_days)
    return sa.select(OutboxMail.id).where(OutboxMail.kind.in_(NOTICE_KINDS), OutboxMail.created_at < before, among)


def _audit_entries(_session: Session, now: datetime, periods: Periods, among: sa.ColumnElement[bool]) -> sa.Select[int]:
    return sa.select(AuditEntry.id).where(AuditEntry.at < now - periods.audit_months * MONTH, among)


def _delete(model: type[OutboxMail | AuditEntry]) -> Callable[[Session, Sequence[int]], int]:
    return lambda session, ids: forgetting.count(session, sa.delete(model).where(model.id.in_(ids)))


COMMENTS = Part("comments", _comments, Comment, forgetting.comments)
PARTS = (
    _networks(Comment, Comment.submitted_at),
    _networks(ConsultationRequest, ConsultationRequest.created_at),
    COMMENTS,
    Part("requests", _requests, ConsultationRequest, forgetting.requests),
    Part("tests", _tests, ConsultationRequest, forgetting.requests),
    # After the comments whose authors they are.
    Part("readers", _readers, Reader, forgetting.readers),
    Part("mails", _mails, OutboxMail, _delete(OutboxMail)),
    Part("audit_entries", _audit_entries, AuditEntry, _delete(AuditEntry)),
)
"""What a run goes through, in this order: of each part what `over` finds, TURN by TURN, until it finds nothing more."""
