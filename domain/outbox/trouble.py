"""Whether the mail is well; mail in trouble, given up or held up by our own set-up, of which people must hear in another way."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from domain.outbox.desk import count_in, recently_sent_to
from domain.outbox.mail import HOOK_KINDS, WEBHOOK, Failure, Kind, OutboxMail, State
from domain.outbox.queue import enqueue

SETUP_ALARM_AFTER = timedelta(minutes=15)
ALARM_EVERY = timedelta(hours=1)
"""The least time between two alarms, whatever fails meanwhile."""
_BY_MAIL = OutboxMail.kind.in_([kind for kind in Kind if kind not in HOOK_KINDS])
_FAILED = sa.and_(OutboxMail.state == State.FAILED, _BY_MAIL)


@dataclass(frozen=True)
class Health:
    """What the dashboard says of the mail: counts, and the last words of the mail server and of the webhook while they fail."""

    waiting: int
    failed: int
    setup_problem: str | None = None
    hook_problem: str | None = None


@dataclass(frozen=True)
class Trouble:
    """How many messages were given up, and how many our set-up holds up."""

    failed: int
    stuck: int


def health(session: Session, now: datetime, kinds: Collection[Kind] = tuple(Kind)) -> Health:
    """Counts of these kinds; a set-up that fails is told once it has for SETUP_ALARM_AFTER."""
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
    lasts = last.state is State.FAILED or last.retrying_since <= now - SETUP_ALARM_AFTER
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

    Once for each episode: what a set-up holds up after the alarm belongs to the same one until all of it is gone, what was
    given up is told once. At most one alarm in ALARM_EVERY; what comes in between is told by the next.
    """
    rows = list(session.scalars(_untold(now)))
    goes_on = session.scalars(sa.select(OutboxMail.id).where(_stuck(now), OutboxMail.alarmed_at.is_not(None)).limit(1)).first()
    is_new = goes_on is None or any(row.state is State.FAILED for row in rows)
    if not rows or (is_new and recently_sent_to(session, Kind.HOOK_MAIL_ALARM, WEBHOOK, since=now - ALARM_EVERY)):
        return False
    for row in rows:
        row.alarmed_at = now
    if is_new:
        enqueue(session, Kind.HOOK_MAIL_ALARM, rows[0].id, [WEBHOOK], now)
    return is_new


def _stuck(now: datetime) -> sa.ColumnElement[bool]:
    return sa.and_(
        OutboxMail.state == State.WAITING,
        OutboxMail.failure == Failure.SETUP,
        OutboxMail.retrying_since <= now - SETUP_ALARM_AFTER,
        _BY_MAIL,
    )


def _in_trouble(now: datetime) -> sa.ColumnElement[bool]:
    return sa.or_(_FAILED, _stuck(now))


def _untold(now: datetime) -> sa.Select[OutboxMail]:
    return sa.select(OutboxMail).where(_in_trouble(now), OutboxMail.alarmed_at.is_(None)).order_by(OutboxMail.id)
