"""Mail that waits: claimed by one dispatcher at a time, tried with growing waits, given up only when it is hopeless."""

import threading
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy.orm import Session

import database
from domain import outbox
from domain.outbox import BACKOFF, GIVE_UP_AFTER, LEASE, REQUEST_KINDS, STAFF_WAIT, STUCK_AFTER, Failure, Kind, OutboxMail, State
from extensions import db
from tests.conftest import NOON, Clock

TO = "desk@example.com"


def enqueue(session: Session, now=NOON, kind: Kind = Kind.REQUEST_RECEIVED, subject: int = 1, to: str = TO) -> OutboxMail:
    [row] = outbox.enqueue(session, kind, subject, [to], now)
    session.flush()
    return row


def claim(session: Session, now) -> tuple[OutboxMail, str]:
    row = outbox.claim(session, now)
    assert row is not None
    assert row.lease is not None
    session.flush()
    return row, row.lease


def fail(session: Session, now, failure: Failure = Failure.TEMPORARY, reply: str = "451 later") -> OutboxMail:
    row, lease = claim(session, now)
    assert outbox.record_failure(session, row.id, lease, failure, reply, now)
    return row


def test_one_row_for_each_recipient_with_a_key_of_its_own(session: Session) -> None:
    rows = outbox.enqueue(session, Kind.REQUEST_RECEIVED, 7, ["a@x.example", "b@x.example", "a@x.example"], NOON)
    session.flush()
    assert [row.recipient for row in rows] == ["a@x.example", "b@x.example"]
    assert len({row.message_key for row in rows}) == 2
    assert outbox.about(session, REQUEST_KINDS, 7) == rows


def test_row_that_is_due_longest_is_claimed_first(session: Session) -> None:
    late = enqueue(session, NOON)
    early = enqueue(session, NOON - timedelta(minutes=1))
    same_time = enqueue(session, NOON)
    found = [claim(session, NOON)[0].id for _ in range(3)]
    assert found == [early.id, late.id, same_time.id]
    assert outbox.claim(session, NOON) is None


def test_row_that_is_not_due_waits(session: Session) -> None:
    enqueue(session, NOON + timedelta(seconds=1))
    assert not outbox.any_due(session, NOON)
    assert outbox.claim(session, NOON) is None
    assert outbox.any_due(session, NOON + timedelta(seconds=1))


def test_claimed_row_is_passed_over_until_its_lease_ends(session: Session) -> None:
    enqueue(session)
    row, lease = claim(session, NOON)
    assert outbox.claim(session, NOON + LEASE - timedelta(seconds=1)) is None
    taken_over, new_lease = claim(session, NOON + LEASE)
    assert taken_over.id == row.id
    assert new_lease != lease
    assert row.attempts == 2


def test_lost_lease_records_nothing(session: Session) -> None:
    row = enqueue(session)
    _, lost = claim(session, NOON)
    _, held = claim(session, NOON + LEASE)
    later = NOON + LEASE + timedelta(seconds=1)
    assert not outbox.record_sent(session, row.id, lost, later)
    assert not outbox.record_failure(session, row.id, lost, Failure.PERMANENT, "550 no", later)
    assert not outbox.record_moot(session, row.id, lost)
    assert (row.state, row.lease, row.last_reply) == (State.WAITING, held, None)
    assert outbox.record_sent(session, row.id, held, later)
    assert (row.state, row.sent_at, row.lease) == (State.SENT, later, None)
    assert not outbox.record_sent(session, row.id, held, later)


def test_two_claimers_never_take_the_same_row(app: Flask) -> None:
    with app.app_context():
        session = database.begin_write(db.session)
        expected = {enqueue(session, subject=number).id for number in range(24)}
        session.commit()
    found: list[int] = []
    faults: list[BaseException] = []
    start = threading.Barrier(4)

    def dispatch() -> None:
        try:
            with app.app_context():
                start.wait(10)
                while True:
                    row = outbox.claim(database.begin_write(db.session), NOON)
                    if row is None:
                        break
                    found.append(row.id)
                    db.session.commit()
        except BaseException as error:
            faults.append(error)

    threads = [threading.Thread(target=dispatch) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert faults == []
    assert sorted(found) == sorted(expected)


@pytest.mark.parametrize("kind", [Kind.REQUEST_ACKNOWLEDGED, Kind.REQUEST_RECEIVED, Kind.HOOK_MAIL_ALARM])
def test_waits_grow_and_the_last_one_repeats(session: Session, clock: Clock, kind: Kind) -> None:
    row, waits = enqueue(session, kind=kind), []
    for _ in range(6):
        clock.now = row.next_at
        fail(session, clock.now)
        waits.append((row.next_at - clock.now) / timedelta(minutes=1))
    assert waits == [1, 5, 15, *([60, 240, 240] if kind in outbox.VISITOR_KINDS else [15, 15, 15])]
    assert (row.state, row.lease, row.lease_until, row.last_reply) == (State.WAITING, None, None, "451 later")
    assert outbox.claim(session, row.next_at - timedelta(seconds=1)) is None


def test_back_off_is_the_table_of_the_design() -> None:
    assert [wait / timedelta(minutes=1) for wait in BACKOFF] == [1, 5, 15, 60, 240]
    assert timedelta(minutes=15) == STAFF_WAIT
    assert timedelta(days=3) == GIVE_UP_AFTER
    assert timedelta(minutes=5) == LEASE


@pytest.mark.parametrize(
    ("failure", "age", "state", "why"),
    [
        (Failure.TEMPORARY, timedelta(0), State.WAITING, "the first try"),
        (Failure.TEMPORARY, GIVE_UP_AFTER - timedelta(seconds=1), State.WAITING, "not three days yet"),
        (Failure.TEMPORARY, GIVE_UP_AFTER, State.FAILED, "three days"),
        (Failure.PERMANENT, timedelta(0), State.FAILED, "no such address: at once"),
        (Failure.SETUP, GIVE_UP_AFTER * 10, State.WAITING, "our own set-up is mended one day"),
    ],
)
def test_it_gives_up_only_where_it_is_hopeless(session: Session, failure: Failure, age: timedelta, state: State, why: str) -> None:
    row = enqueue(session)
    fail(session, NOON + age, failure)
    assert (row.state, row.failure) == (state, failure), why
    assert (outbox.claim(session, NOON + age + timedelta(days=1)) is None) is (state is State.FAILED), why


def test_server_that_is_down_for_long_is_tried_until_three_days_are_over(session: Session, clock: Clock) -> None:
    row = enqueue(session, kind=Kind.REQUEST_ACKNOWLEDGED)
    while row.state is State.WAITING:
        clock.now = row.next_at
        fail(session, clock.now)
    assert GIVE_UP_AFTER <= clock.now - NOON <= GIVE_UP_AFTER + BACKOFF[-1]


def test_long_reply_is_cut_to_its_column(session: Session) -> None:
    row = enqueue(session)
    fail(session, NOON, reply="x" * 10_000)
    assert row.last_reply == "x" * 500


def test_sent_mail_forgets_the_failure_before(session: Session) -> None:
    row = enqueue(session)
    fail(session, NOON)
    _, lease = claim(session, row.next_at)
    outbox.record_sent(session, row.id, lease, row.next_at)
    assert (row.state, row.failure, row.last_reply) == (State.SENT, None, None)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (State.WAITING, State.CANCELLED),
        (State.FAILED, State.CANCELLED),
        (State.SENT, State.SENT),
        (State.CANCELLED, State.CANCELLED),
    ],
)
def test_cancel_stops_what_was_not_sent(session: Session, before: State, after: State) -> None:
    row = enqueue(session, kind=Kind.COMMENT_HELD, subject=5)
    others = [enqueue(session, kind=Kind.COMMENT_HELD, subject=6), enqueue(session, kind=Kind.REQUEST_RECEIVED, subject=5)]
    row.state = before
    session.flush()
    outbox.cancel(session, [Kind.COMMENT_HELD], [5])
    session.commit()
    assert row.state is after
    assert [other.state for other in others] == [State.WAITING] * 2


def test_mail_cancelled_during_its_sending_stays_cancelled(session: Session) -> None:
    row = enqueue(session)
    _, lease = claim(session, NOON)
    outbox.cancel(session, REQUEST_KINDS, [row.subject_id])
    session.expire_all()
    assert not outbox.record_failure(session, row.id, lease, Failure.TEMPORARY, "451", NOON)
    assert row.state is State.CANCELLED


def test_mail_whose_subject_is_gone_is_cancelled_by_its_holder(session: Session) -> None:
    row = enqueue(session)
    _, lease = claim(session, NOON)
    assert outbox.record_moot(session, row.id, lease)
    assert (row.state, row.lease) == (State.CANCELLED, None)


@pytest.mark.parametrize(
    ("state", "leased", "retried", "why"),
    [
        (State.FAILED, False, True, "given up before"),
        (State.WAITING, False, True, "waits for its next try"),
        (State.WAITING, True, False, "a dispatcher holds it"),
        (State.SENT, False, False, "sent"),
        (State.CANCELLED, False, False, "not wanted any more"),
    ],
)
def test_retry_makes_open_rows_due_now(session: Session, state: State, leased: bool, retried: bool, why: str) -> None:
    row = enqueue(session)
    row.state, row.attempts, row.next_at = state, 4, NOON + timedelta(hours=4)
    if leased:
        row.lease, row.lease_until = "held", NOON + timedelta(days=3)
    session.flush()
    later = NOON + timedelta(days=2)
    assert outbox.retry(session, later) == int(retried), why
    session.expire_all()
    if retried:
        assert (row.state, row.attempts, row.next_at, row.retrying_since) == (State.WAITING, 0, later, later), why
        assert fail(session, later + GIVE_UP_AFTER - timedelta(seconds=1)).state is State.WAITING, why
    else:
        assert (row.state, row.attempts) == (state, 4), why


def test_retry_can_be_of_some_rows_or_kinds_only(session: Session) -> None:
    one, two, other = enqueue(session), enqueue(session), enqueue(session, kind=Kind.COMMENT_HELD)
    for row in (one, two, other):
        row.state = State.FAILED
    session.flush()
    assert outbox.retry(session, NOON, [one.id, other.id], REQUEST_KINDS) == 1
    session.expire_all()
    assert [row.state for row in (one, two, other)] == [State.WAITING, State.FAILED, State.FAILED]
    assert outbox.retry(session, NOON, []) == 0


@pytest.mark.parametrize(
    ("failure", "age", "alarm"),
    [
        (Failure.SETUP, STUCK_AFTER - timedelta(seconds=1), False),
        (Failure.SETUP, STUCK_AFTER, True),
        (Failure.TEMPORARY, STUCK_AFTER - timedelta(seconds=1), False),
        (Failure.TEMPORARY, STUCK_AFTER, True),
    ],
)
def test_alarm_is_raised_once_mail_fails_for_15_minutes(session: Session, failure: Failure, age: timedelta, alarm: bool) -> None:
    enqueue(session)
    fail(session, NOON, failure, "535 wrong password")
    health = outbox.health(session, NOON + age)
    assert health == outbox.Health(waiting=1, failed=0, mail_problem="535 wrong password" if alarm else None)


def test_alarm_ends_when_mail_goes_out_again(session: Session) -> None:
    row = enqueue(session)
    fail(session, NOON, Failure.SETUP, "535 wrong password")
    _, lease = claim(session, row.next_at)
    outbox.record_sent(session, row.id, lease, row.next_at)
    assert outbox.health(session, NOON + timedelta(days=1)) == outbox.Health(0, 0, None)


@pytest.mark.parametrize(
    ("state", "age", "counts"),
    [
        (State.SENT, timedelta(hours=23), True),
        (State.WAITING, timedelta(hours=23), True),
        (State.CANCELLED, timedelta(0), False),
        (State.SENT, timedelta(hours=25), False),
    ],
)
def test_recent_mail_to_an_address_is_known(session: Session, state: State, age: timedelta, counts: bool) -> None:
    row = enqueue(session, NOON - age, Kind.REQUEST_ACKNOWLEDGED, to="a@example.com")
    row.state = state
    session.flush()
    since = NOON - timedelta(days=1)
    assert outbox.recently_sent_to(session, Kind.REQUEST_ACKNOWLEDGED, "a@example.com", since) is counts
    assert not outbox.recently_sent_to(session, Kind.REQUEST_ACKNOWLEDGED, "b@example.com", since)
    assert not outbox.recently_sent_to(session, Kind.REQUEST_RECEIVED, "a@example.com", since)


def test_page_shows_kinds_newest_first(session: Session) -> None:
    ids = [enqueue(session).id for _ in range(3)]
    enqueue(session, kind=Kind.COMMENT_HELD)
    assert [row.id for row in outbox.page(session, REQUEST_KINDS, size=2)] == ids[:0:-1]
    assert [row.id for row in outbox.page(session, REQUEST_KINDS, before=ids[1])] == ids[:1]
    assert outbox.count_by_state(session, REQUEST_KINDS)[State.WAITING] == 3
