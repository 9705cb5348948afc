"""The clock of the machine was wrong and is set back: no mail and no request waits until the wrong hour comes again."""

from datetime import datetime, timedelta

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from domain import consultations, outbox, traffic
from domain.consultations import ConsultationRequest, ContactBy, Filter, Move, Status, Waited
from domain.outbox import BACKOFF, LEASE, STAFF_WAIT, Kind, OutboxMail
from tests.conftest import NOON
from tests.factories import ALWAYS, make_staff, submit_request

HOURS = timedelta(hours=3)
YEAR = timedelta(days=400)


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


def due(session: Session, now: datetime = NOON) -> list[int]:
    return [row.id for row in consultations.due(session, now)]


def test_a_request_of_the_wrong_time_is_to_be_done_now(session: Session) -> None:
    early = submit_request(session, NOON - HOURS)
    late, later = submit_request(session, NOON + YEAR), submit_request(session, NOON + YEAR + HOURS)
    assert due(session) == [early.id]
    assert consultations.is_ahead(session, NOON)
    assert consultations.follow_clock(session, ALWAYS, NOON) == 2
    session.flush()
    assert due(session) == [early.id, late.id, later.id]
    assert [row.id for row in consultations.inbox(session, Filter(status=Status.NEW))] == [later.id, late.id, early.id]
    assert (late.created_at, late.status_since, early.created_at) == (NOON, NOON, NOON - HOURS)
    assert consultations.history(session, late.id)[0].at == NOON + YEAR
    assert not consultations.is_ahead(session, NOON)


def test_a_request_of_the_wrong_time_counts_on_the_day_it_is_followed(session: Session) -> None:
    row, owner = submit_request(session, NOON + YEAR), make_staff(session, NOON)
    at = NOON + YEAR + timedelta(minutes=5)
    consultations.note_attempt(session, row.id, ContactBy.PHONE, by=owner.id, working=ALWAYS, now=at)
    consultations.follow_clock(session, ALWAYS, NOON)
    session.flush()
    sent = {day: steps.sent for day, steps in traffic.by_day(session, NOON.date(), (NOON + 2 * YEAR).date()).items() if steps.sent}
    assert sent == {NOON.date(): 1}
    assert consultations.waited(session, NOON.date(), (NOON + 2 * YEAR).date()) == [Waited(NOON.date(), 5, 1)]
    assert row.first_contact_at == NOON


def test_a_try_that_was_planned_at_the_wrong_time_comes_now_and_can_be_planned_anew(session: Session) -> None:
    row, owner = submit_request(session, NOON - HOURS), make_staff(session, NOON)

    def plan(at: datetime, now: datetime) -> None:
        to = Move(Status.NO_ANSWER, at=at)
        consultations.move(session, row.id, to, by=owner.id, working=ALWAYS, now=now)
        session.flush()

    plan(NOON + YEAR + HOURS, NOON + YEAR)
    assert due(session) == []
    assert consultations.follow_clock(session, ALWAYS, NOON) == 1
    session.flush()
    assert (due(session), row.status_since) == ([row.id], NOON)
    plan(NOON + 2 * HOURS, NOON)
    assert consultations.follow_clock(session, ALWAYS, NOON) == 0
    assert row.due_at == NOON + 2 * HOURS


def test_a_request_of_another_machine_whose_clock_is_a_little_ahead_stays_as_it_is(session: Session) -> None:
    row = submit_request(session, NOON + timedelta(seconds=30))
    assert not consultations.is_ahead(session, NOON)
    assert consultations.follow_clock(session, ALWAYS, NOON) == 0
    assert row.created_at == NOON + timedelta(seconds=30)


def test_what_is_over_stays_as_it_is(session: Session) -> None:
    row, owner = submit_request(session, NOON + YEAR), make_staff(session, NOON)
    consultations.move(session, row.id, Move(Status.CONTACTED), by=owner.id, working=ALWAYS, now=NOON + YEAR)
    assert consultations.follow_clock(session, ALWAYS, NOON) == 0
    assert session.get_one(ConsultationRequest, row.id).created_at == NOON + YEAR
