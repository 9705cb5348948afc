"""The clock of the machine was wrong and is set back: no mail waits until the wrong hour comes again."""

from datetime import datetime, timedelta

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from domain import outbox
from domain.outbox import BACKOFF, LEASE, STAFF_WAIT, Kind, OutboxMail
from tests.conftest import NOON

HOURS = timedelta(hours=3)


def waiting(session: Session, at: datetime, kind: Kind = Kind.REQUEST_RECEIVED, **values: object) -> OutboxMail:
    (row,) = outbox.enqueue(session, kind, 1, ["desk@example.com"], at)
    for name, value in values.items():
        setattr(row, name, value)
    session.flush()
    return row


def test_what_was_put_in_at_the_wrong_hour_is_due_at_once(session: Session) -> None:
    row = waiting(session, NOON + HOURS)
    assert outbox.claim(session, NOON) is None
    assert outbox.is_ahead(session, NOON)
    assert outbox.follow_clock(session, NOON) == 1
    session.expire_all()
    assert outbox.claim(session, NOON) is row
    assert not outbox.is_ahead(session, NOON)


def test_what_may_be_planned_is_due_too_when_it_was_put_in_at_the_wrong_hour(session: Session) -> None:
    waiting(session, NOON + HOURS, Kind.REQUESTS_OVERDUE, next_at=NOON + 2 * HOURS)
    assert outbox.follow_clock(session, NOON) == 1


def test_a_message_of_the_wrong_hour_keeps_no_later_one_back_until_then(session: Session) -> None:
    sent = waiting(session, NOON + HOURS, Kind.COMMENT_HELD)
    sent.state, sent.sent_at = outbox.State.SENT, NOON + HOURS
    every = timedelta(minutes=15)
    outbox.gather(session, Kind.COMMENT_HELD, 2, ["desk@example.com"], NOON, outbox.Pace(every))
    row = session.scalars(sa.select(OutboxMail).where(OutboxMail.state == outbox.State.WAITING)).one()
    assert row.next_at == NOON + every


def test_staff_who_press_retry_reach_it_too(session: Session) -> None:
    row = waiting(session, NOON + HOURS)
    assert outbox.retry(session, NOON) == 1
    session.expire_all()
    assert outbox.claim(session, NOON) is row


@pytest.mark.parametrize(
    ("values", "why"),
    [
        ({"attempts": 5, "next_at": NOON + STAFF_WAIT}, "waits for its next try"),
        ({"kind": Kind.REQUEST_ACKNOWLEDGED, "attempts": 5, "next_at": NOON + BACKOFF[-1]}, "to a visitor: waits for longer"),
        ({"kind": Kind.COMMENT_HELD, "next_at": NOON + HOURS}, "was put in for later"),
        ({"attempts": 1, "lease": "held", "lease_until": NOON + LEASE}, "a dispatcher has it"),
        ({"state": outbox.State.SENT, "next_at": NOON + HOURS}, "is over"),
    ],
)
def test_what_waits_by_rule_goes_on_waiting(session: Session, values: dict[str, object], why: str) -> None:
    waiting(session, NOON, **values)
    assert not outbox.is_ahead(session, NOON), why
    assert outbox.follow_clock(session, NOON) == 0, why


@pytest.mark.parametrize("attempts", [1, 2, 5, 9])
@pytest.mark.parametrize(("kind", "longest"), [(Kind.REQUEST_RECEIVED, STAFF_WAIT), (Kind.REQUEST_ACKNOWLEDGED, BACKOFF[-1])])
def test_tries_wait_as_long_as_the_rule_says_and_no_longer(session: Session, kind: Kind, longest: timedelta, attempts: int) -> None:
    wait = min(BACKOFF[min(attempts, len(BACKOFF)) - 1], longest)
    row = waiting(session, NOON, kind, attempts=attempts, next_at=NOON + wait)
    assert outbox.follow_clock(session, NOON) == 0
    assert outbox.follow_clock(session, NOON - timedelta(seconds=1)) == 1
    session.expire_all()
    assert row.next_at == NOON - timedelta(seconds=1)


def test_a_try_that_was_planned_too_far_ahead_comes_now(session: Session) -> None:
    row = waiting(session, NOON, attempts=2, next_at=NOON + BACKOFF[-1] + HOURS)
    assert outbox.follow_clock(session, NOON) == 1
    session.expire_all()
    assert (row.next_at, row.attempts) == (NOON, 2)


def test_a_lease_lasts_no_longer_than_leases_do(session: Session) -> None:
    row = waiting(session, NOON + HOURS)
    assert outbox.claim(session, NOON + HOURS) is row
    assert outbox.follow_clock(session, NOON) == 1
    session.expire_all()
    assert row.lease_until == NOON + LEASE
    assert outbox.claim(session, NOON + LEASE) is row
