"""The queue: rows written with their cause, claimed with a lease, tried until they are gone."""

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime, timedelta
from uuid import uuid4

import sqlalchemy as sa
from sqlalchemy.orm import Session

from domain import orm
from domain.outbox.mail import PACED_KINDS, VISITOR_KINDS, Failure, Kind, OutboxMail, State

BACKOFF = (timedelta(minutes=1), timedelta(minutes=5), timedelta(minutes=15), timedelta(minutes=60), timedelta(minutes=240))
"""Waits after the first, second ... failed try; the last one repeats."""
STAFF_WAIT = timedelta(minutes=15)
"""No wait of what goes to staff or to the webhook is longer: they hear of a request soon after a mail server is back."""
GIVE_UP_AFTER = timedelta(days=3)
LEASE = timedelta(minutes=5)
"""How long one dispatcher owns a row; longer than the deadline of a send, so that nobody else sends it meanwhile."""

FREE = {"lease": None, "lease_until": None, "holder": None}
"""Values of a row that nobody holds."""


def enqueue(session: Session, kind: Kind, subject_id: int, recipients: Iterable[str], now: datetime) -> list[OutboxMail]:
    """One waiting row per recipient, due at once. The caller commits them together with their cause."""
    return [
        session.get_one(OutboxMail, put_in(session, kind, subject_id, recipient, now)) for recipient in dict.fromkeys(recipients)
    ]


_INSERT = sa.insert(orm.table(OutboxMail))


def put_in(session: Session, kind: Kind, subject_id: int, recipient: str, now: datetime, *, due: datetime | None = None) -> int:
    """A waiting row, due at once unless told otherwise; returns its id. The caller commits it together with its cause."""
    values = {
        "kind": kind,
        "subject_id": subject_id,
        "recipient": recipient,
        "message_key": str(uuid4()),
        "state": State.WAITING,
        "created_at": now,
        "next_at": due or now,
        "retrying_since": due or now,
        "attempts": 0,
    }
    return orm.insert(session, _INSERT, values)


def claim(session: Session, now: datetime, holder: str | None = None) -> OutboxMail | None:
    """Takes the row that is due longest for LEASE, or None. The caller commits before it talks to the mail server.

    The mail alarm goes first: each message before it may wait for a mail server that hangs, of which it tells. Rows another
    dispatcher holds are passed over; a lease that ran out is taken over. `holder` names this dispatcher to others, who may
    `release` its rows when they know that it has ended.
    """
    row = session.scalars(_NEXT_ALARM, {"now": now}).first() or session.scalars(_NEXT, {"now": now}).first()
    if row is not None:
        row.lease, row.lease_until, row.holder = str(uuid4()), now + LEASE, holder
        row.attempts += 1
    return row


_CLAIMABLE = (
    OutboxMail.state == State.WAITING,
    OutboxMail.next_at <= sa.bindparam("now"),
    sa.or_(OutboxMail.lease_until.is_(None), OutboxMail.lease_until <= sa.bindparam("now")),
    # A kind of a later version, left behind by a roll-back, waits for that version and stops nobody else.
    OutboxMail.kind.in_(list(Kind)),
)
_NEXT = (
    sa.select(OutboxMail).where(*_CLAIMABLE).order_by(OutboxMail.next_at, OutboxMail.id).limit(1).with_for_update(skip_locked=True)
)
_NEXT_ALARM = _NEXT.where(OutboxMail.kind == Kind.HOOK_MAIL_ALARM)
_ANY_DUE = sa.select(OutboxMail.id).where(*_CLAIMABLE).limit(1)


def holders(session: Session) -> list[str]:
    """Who holds rows at this moment, as they named themselves."""
    query = sa.select(OutboxMail.holder).where(OutboxMail.lease.is_not(None), OutboxMail.holder.is_not(None)).distinct()
    return [holder for holder in session.scalars(query) if holder is not None]


def release(session: Session, ended: Collection[str]) -> None:
    """Frees the rows of dispatchers that have ended, so that nobody waits for their leases. The caller commits."""
    held = sa.update(OutboxMail).where(OutboxMail.holder.in_(ended), OutboxMail.state == State.WAITING)
    session.execute(held.values(**FREE))


def any_due(session: Session, now: datetime) -> bool:
    """Whether `claim` would find a row; only reads, so an idle dispatcher takes no write lock."""
    return orm.reading(session).execute(_ANY_DUE, {"now": now}).first() is not None


def record_sent(session: Session, mail_id: int, lease: str, now: datetime) -> bool:
    """The mail server took the message. False when the lease was lost meanwhile and another holder will record it."""
    return _record(session, mail_id, lease, state=State.SENT, sent_at=now, failure=None, last_reply=None)


def record_failure(session: Session, mail_id: int, lease: str, failure: Failure, reply: str, now: datetime) -> bool:
    """Plans the next try, or gives up: at once when permanent, after GIVE_UP_AFTER when temporary, never on our set-up.

    `reply` is kept on the row for staff; it can hold an address and must not be logged. False when the lease was lost.
    """
    row = session.get_one(OutboxMail, mail_id)
    gives_up = failure is Failure.PERMANENT or (failure is Failure.TEMPORARY and now - row.retrying_since >= GIVE_UP_AFTER)
    return _record(
        session,
        mail_id,
        lease,
        state=State.FAILED if gives_up else State.WAITING,
        next_at=now + min(BACKOFF[min(row.attempts, len(BACKOFF)) - 1], _longest_wait(row.kind)),
        failure=failure,
        last_reply=reply[:500],
    )


def _longest_wait(kind: Kind) -> timedelta:
    return BACKOFF[-1] if kind in VISITOR_KINDS else STAFF_WAIT


def record_moot(session: Session, mail_id: int, lease: str) -> bool:
    """The message has lost its subject between the claim and the sending."""
    return _record(session, mail_id, lease, state=State.CANCELLED)


def _record(session: Session, mail_id: int, lease: str, **values: object) -> bool:
    mine = sa.update(OutboxMail).where(OutboxMail.id == mail_id, OutboxMail.lease == lease, OutboxMail.state == State.WAITING)
    result = session.execute(mine.values(**FREE, **values).execution_options(synchronize_session=False))
    session.expire_all()
    return bool(result.rowcount)  # type: ignore[attr-defined]


def cancel(session: Session, kinds: Collection[Kind], subject_ids: Collection[int]) -> None:
    """Nothing more is sent about subjects that were erased, withdrawn, or judged spam or trash."""
    if not subject_ids:
        return
    about = sa.update(OutboxMail).where(OutboxMail.kind.in_(kinds), OutboxMail.subject_id.in_(subject_ids))
    waiting = OutboxMail.state.in_((State.WAITING, State.FAILED))
    session.execute(about.where(waiting).values(state=State.CANCELLED, **FREE))


def retry(session: Session, now: datetime, mail_ids: Sequence[int] | None = None, kinds: Collection[Kind] = tuple(Kind)) -> int:
    """Failed and waiting rows become due now, with their three days before them again; how many. The caller commits.

    A row that a dispatcher holds at this moment stays with it, and one that waits by plan, not after a failure, goes by it.
    """
    open_rows = sa.or_(OutboxMail.state == State.FAILED, sa.and_(OutboxMail.state == State.WAITING, ~_is_planned(now)))
    free = sa.or_(OutboxMail.lease_until.is_(None), OutboxMail.lease_until <= now)
    query = sa.update(OutboxMail).where(open_rows, free, OutboxMail.kind.in_(kinds))
    if mail_ids is not None:
        query = query.where(OutboxMail.id.in_(mail_ids))
    values = {"state": State.WAITING, "next_at": now, "attempts": 0, "retrying_since": now, "alarmed_at": None}
    return int(session.execute(query.values(**values, **FREE)).rowcount)  # type: ignore[attr-defined]


def _is_planned(now: datetime) -> sa.ColumnElement[bool]:
    """Put in for a later time, which has not come."""
    return sa.and_(OutboxMail.kind.in_(PACED_KINDS), OutboxMail.attempts == 0, OutboxMail.next_at > now)


def is_ahead(session: Session, now: datetime) -> bool:
    """Whether `follow_clock` would find a row; only reads."""
    query = sa.select(OutboxMail.id).where(OutboxMail.state == State.WAITING, sa.or_(_due_too_late(now), _held_too_long(now)))
    return session.scalars(query.limit(1)).first() is not None


def follow_clock(session: Session, now: datetime) -> int:
    """Makes due what waits only because the clock was set back, and shortens leases to what they may be; how many became due.

    The caller commits.
    """
    waiting = sa.update(OutboxMail).where(OutboxMail.state == State.WAITING)
    due = session.execute(waiting.where(_due_too_late(now)).values(next_at=now, retrying_since=now))
    session.execute(waiting.where(_held_too_long(now)).values(lease_until=now + LEASE))
    return int(due.rowcount)  # type: ignore[attr-defined]


def _due_too_late(now: datetime) -> sa.ColumnElement[bool]:
    """Later than any row is put in or tried again for."""
    latest = sa.case((OutboxMail.kind.in_(VISITOR_KINDS), _latest(now, BACKOFF[-1])), else_=_latest(now, STAFF_WAIT))
    is_paced = sa.and_(OutboxMail.kind.in_(PACED_KINDS), OutboxMail.attempts == 0, OutboxMail.created_at <= now)
    return sa.and_(OutboxMail.next_at > latest, ~is_paced)


def _latest(now: datetime, longest_wait: timedelta) -> sa.Case[datetime]:
    waits = (timedelta(), *(min(wait, longest_wait) for wait in BACKOFF))
    by_attempts = {attempts: sa.literal(now + wait, OutboxMail.next_at.type) for attempts, wait in enumerate(waits)}
    return sa.case(by_attempts, value=OutboxMail.attempts, else_=by_attempts[len(BACKOFF)])


def _held_too_long(now: datetime) -> sa.ColumnElement[bool]:
    return OutboxMail.lease_until > now + LEASE


def cancel_to(session: Session, recipient: str, kinds: Collection[Kind]) -> None:
    """Nothing more of these kinds goes to an address whose owner may no longer read it. The caller commits."""
    waiting = OutboxMail.state.in_((State.WAITING, State.FAILED))
    to_address = sa.update(OutboxMail).where(OutboxMail.recipient == recipient, OutboxMail.kind.in_(kinds), waiting)
    session.execute(to_address.values(state=State.CANCELLED, **FREE))
