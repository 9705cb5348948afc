"""Whether the mail is well; mail in trouble, given up or held up for long, of which people must hear in another way."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple

import sqlalchemy as sa
from sqlalchemy.orm import Session

from domain.outbox.desk import count_in, recently_sent_to
from domain.outbox.mail import HOOK_KINDS, VISITOR_KINDS, WEBHOOK, Failure, Kind, OutboxMail, State
from domain.outbox.queue import enqueue

STUCK_AFTER = timedelta(minutes=15)
"""Mail that fails for so long after it was due for the first time is in trouble; a server that starts anew takes less."""
ALARM_EVERY = timedelta(hours=1)
"""The least time between two alarms, whatever fails meanwhile."""
_BY_MAIL = OutboxMail.kind.in_([kind for kind in Kind if kind not in HOOK_KINDS])
_FAILED = sa.and_(OutboxMail.state == State.FAILED, _BY_MAIL)


@dataclass(frozen=True)
class Health:
    """What the dashboard says of the mail: counts, and the last words of the mail server and of the webhook while they fail."""

    waiting: int
    failed: int
    mail_problem: str | None = None
    hook_problem: str | None = None


@dataclass(frozen=True)
class Trouble:
    """How many messages were given up, and how many are held up for long."""

    failed: int
    stuck: int


class Depth(NamedTuple):
    """So many messages of a kind stand in a state; `since` is when the one that waits longest was due."""

    kind: Kind
    state: State
    number: int
    since: datetime


def depth(session: Session, now: datetime) -> list[Depth]:
    """What is due and not sent, and what was given up; reads none of what has been sent.

    What fails for long counts between its tries, too, and since it was due for the first time.
    """
    waiting = sa.and_(OutboxMail.state == State.WAITING, sa.or_(OutboxMail.next_at <= now, _stuck(now)))
    # A kind of a later version, left behind by a roll-back, has no name here.
    known = OutboxMail.kind.in_(list(Kind))
    due = sa.case((_stuck(now), OutboxMail.retrying_since), else_=OutboxMail.next_at)
    since = sa.func.min(due, type_=OutboxMail.next_at.type)
    query = sa.select(OutboxMail.kind, OutboxMail.state, sa.func.count(), since).where(known)
    unsent = query.where(sa.or_(waiting, OutboxMail.state == State.FAILED))
    return sorted(Depth(*row) for row in session.execute(unsent.group_by(OutboxMail.kind, OutboxMail.state)))


def health(session: Session, now: datetime, kinds: Collection[Kind] = tuple(Kind)) -> Health:
    """Counts of these kinds; what the mail server says is told once mail has failed for STUCK_AFTER."""
    waiting, failed = (count_in(session, state, kinds) for state in (State.WAITING, State.FAILED))
    stuck = sa.select(OutboxMail.last_reply).where(_stuck(now), OutboxMail.kind.in_(kinds))
    reply = session.scalars(stuck.order_by(OutboxMail.id.desc()).limit(1)).first()
    hook = _hook_problem(session, now, [kind for kind in kinds if kind in HOOK_KINDS])
    return Health(waiting, failed, reply, hook)


def _hook_problem(session: Session, now: datetime, kinds: Collection[Kind]) -> str | None:
    """What the last try on the webhook met, unless it is well or may be so in a moment."""
    tried = sa.select(OutboxMail).where(OutboxMail.kind.in_(kinds), OutboxMail.attempts > 0)
    last = session.scalars(tried.order_by(OutboxMail.id.desc()).limit(1)).first()
    if last is None or last.failure is None or last.state is State.CANCELLED:
        return None
    lasts = last.state is State.FAILED or last.retrying_since <= now - STUCK_AFTER
    return last.last_reply if lasts else None


def trouble(session: Session, now: datetime) -> Trouble:
    """The mail in trouble at this moment; what goes to the webhook is not mail."""
    failed, stuck = (
        session.scalars(sa.select(sa.func.count()).select_from(OutboxMail).where(condition)).one()
        for condition in (_FAILED, _stuck(now))
    )
    return Trouble(failed, stuck)


def needs_alarm(session: Session, now: datetime) -> bool:
    """Whether `raise_alarm` would find something to do; only reads."""
    return session.scalars(_untold(now).limit(1)).first() is not None


def raise_alarm(session: Session, now: datetime) -> bool:
    """Tells the webhook of mail in trouble of which it has not been told; whether it did. The caller commits.

    Once for each episode: what is held up after the alarm belongs to the same one until all of it is gone, what was
    given up is told once. At most one alarm in ALARM_EVERY; what comes in between is told by the next.
    """
    rows = list(session.scalars(_untold(now)))
    told = sa.select(OutboxMail.failure, OutboxMail.recipient).where(_stuck(now), OutboxMail.alarmed_at.is_not(None)).distinct()
    going_on = {_episode(*one) for one in session.execute(told)}
    is_new = any(row.state is State.FAILED or _episode(row.failure, row.recipient) not in going_on for row in rows)
    if not rows or (is_new and recently_sent_to(session, Kind.HOOK_MAIL_ALARM, WEBHOOK, since=now - ALARM_EVERY)):
        return False
    for row in rows:
        row.alarmed_at = now
    if is_new:
        enqueue(session, Kind.HOOK_MAIL_ALARM, rows[0].id, [WEBHOOK], now)
    return is_new


def _episode(failure: Failure | None, recipient: str) -> str:
    """Our set-up fails for everybody at once; a temporary failure may be one mailbox's, and must hide no other's."""
    return "" if failure is Failure.SETUP else recipient


def _stuck(now: datetime) -> sa.ColumnElement[bool]:
    """Fails for STUCK_AFTER since it was due for the first time: when the next try comes says nothing, each failure puts it off.

    A visitor's mail whose failure is temporary does not count: a mailbox that is full, or a domain that was mistyped, would
    raise the alarm for days. A server that is down fails the staff's mail as well.
    """
    counts = sa.or_(OutboxMail.failure == Failure.SETUP, OutboxMail.kind.not_in(VISITOR_KINDS))
    return sa.and_(
        OutboxMail.state == State.WAITING,
        OutboxMail.failure.is_not(None),
        counts,
        OutboxMail.retrying_since <= now - STUCK_AFTER,
        _BY_MAIL,
    )


def _in_trouble(now: datetime) -> sa.ColumnElement[bool]:
    return sa.or_(_FAILED, _stuck(now))


def _untold(now: datetime) -> sa.Select[OutboxMail]:
    return sa.select(OutboxMail).where(_in_trouble(now), OutboxMail.alarmed_at.is_(None)).order_by(OutboxMail.id)
