"""Mail in trouble is told on the second channel: once for each episode, never a flood, never about the channel itself."""

from datetime import datetime, timedelta

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from domain import outbox
from domain.outbox import ALARM_EVERY, VISITOR_KINDS, WEBHOOK, Failure, Kind, OutboxMail, Pace, State, Trouble
from tests.conftest import NOON, Clock


def after(minutes: float) -> datetime:
    return NOON + timedelta(minutes=minutes)


def fail(
    session: Session, failure: Failure, at: datetime = NOON, kind: Kind = Kind.REQUEST_RECEIVED, to: str = "desk@example.com"
) -> OutboxMail:
    (row,) = outbox.enqueue(session, kind, 1, [to], at)
    session.flush()
    row.attempts, row.failure, row.last_reply = 1, failure, "535 no"
    row.state = State.FAILED if failure is Failure.PERMANENT else State.WAITING
    session.flush()
    return row


def alarm(session: Session, now: datetime) -> bool:
    was_raised = outbox.needs_alarm(session, now) and outbox.raise_alarm(session, now)
    session.flush()
    return was_raised


def alarms(session: Session) -> int:
    return len(session.scalars(sa.select(OutboxMail).where(OutboxMail.kind == Kind.HOOK_MAIL_ALARM)).all())


def test_what_is_permanent_is_told_at_once_and_once(session: Session) -> None:
    fail(session, Failure.PERMANENT)
    assert alarm(session, NOON)
    assert not alarm(session, after(600))
    (row,) = session.scalars(sa.select(OutboxMail).where(OutboxMail.kind == Kind.HOOK_MAIL_ALARM))
    assert (row.recipient, row.state) == (WEBHOOK, State.WAITING)


def test_a_set_up_failure_is_told_after_fifteen_minutes(session: Session) -> None:
    fail(session, Failure.SETUP)
    assert not alarm(session, after(14))
    assert alarm(session, after(15))
    assert outbox.trouble(session, after(15)) == Trouble(failed=0, stuck=1)


def test_a_short_hiccup_is_not_told(session: Session) -> None:
    fail(session, Failure.TEMPORARY)
    assert not alarm(session, after(14))
    assert outbox.trouble(session, after(14)) == Trouble(0, 0)


def test_a_server_that_is_down_is_told_after_fifteen_minutes_and_for_as_long_as_it_lasts(session: Session, clock: Clock) -> None:
    (row,) = outbox.enqueue(session, Kind.REQUEST_RECEIVED, 1, ["desk@example.com"], NOON)
    session.flush()
    for minute in (*range(18), *range(18, 24 * 60, 60)):
        clock.now = after(minute)
        while (tried := outbox.claim(session, clock.now)) is not None:
            session.flush()
            outbox.record_failure(session, tried.id, str(tried.lease), Failure.TEMPORARY, "connection refused", clock.now)
        is_long = minute >= 15
        assert outbox.trouble(session, clock.now).stuck == int(is_long), minute
        assert alarm(session, clock.now) is (minute == 15), minute
        assert outbox.health(session, clock.now).mail_problem == ("connection refused" if is_long else None), minute
        if is_long:
            assert [line.since for line in outbox.depth(session, clock.now) if line.kind is row.kind] == [NOON], minute


@pytest.mark.parametrize("kind", VISITOR_KINDS)
def test_a_visitors_mailbox_that_takes_nothing_for_now_is_no_trouble_of_the_mail(session: Session, kind: Kind) -> None:
    row = fail(session, Failure.TEMPORARY, kind=kind)
    row.next_at = after(300)
    session.flush()
    assert not alarm(session, after(240))
    assert outbox.depth(session, after(240)) == []
    assert [line.since for line in outbox.depth(session, after(320))] == [after(300)], "a dispatcher that does not try it shows"
    row.failure = Failure.SETUP
    session.flush()
    assert alarm(session, after(240))


def test_what_is_held_back_by_plan_is_not_told(session: Session) -> None:
    morning = after(600)
    outbox.gather(session, Kind.COMMENT_HELD, 1, ["desk@example.com"], NOON, Pace(timedelta(minutes=15), not_before=morning))
    session.flush()
    assert outbox.depth(session, after(599)) == []
    assert outbox.trouble(session, after(599)) == Trouble(0, 0)
    row = session.scalars(sa.select(OutboxMail)).one()
    row.attempts, row.failure, row.next_at = 1, Failure.TEMPORARY, after(630)
    session.flush()
    assert not alarm(session, after(614)), "the time counts from the morning on"
    assert alarm(session, after(615))


def test_what_somebody_sends_again_has_fifteen_minutes_again(session: Session) -> None:
    row = fail(session, Failure.TEMPORARY)
    assert alarm(session, after(15))
    assert outbox.retry(session, after(90), [row.id]) == 1
    session.expire_all()
    assert not alarm(session, after(104))
    assert alarm(session, after(105))


def test_a_mailbox_that_is_full_for_days_hides_no_other_trouble(session: Session) -> None:
    fail(session, Failure.TEMPORARY, kind=Kind.COMMENT_HELD, to="moderator@example.com")
    assert alarm(session, after(15))
    fail(session, Failure.TEMPORARY, after(20), kind=Kind.COMMENT_HELD, to="moderator@example.com")
    assert not alarm(session, after(90)), "the same mailbox"
    fail(session, Failure.TEMPORARY, after(100))
    assert alarm(session, after(115))
    assert alarms(session) == 2


@pytest.mark.parametrize("failure", [Failure.SETUP, Failure.TEMPORARY])
def test_an_outage_that_goes_on_is_one_episode(session: Session, failure: Failure) -> None:
    fail(session, failure)
    assert alarm(session, after(15))
    for number in range(1, 20):
        fail(session, failure, after(10 * number))
        assert not alarm(session, after(15 + 10 * number))
    assert alarms(session) == 1


def test_a_set_up_that_fails_is_one_episode_whoever_waits(session: Session) -> None:
    fail(session, Failure.SETUP)
    assert alarm(session, after(15))
    fail(session, Failure.SETUP, after(100), Kind.REQUEST_ACKNOWLEDGED, "sana@example.com")
    assert not alarm(session, after(115))


def test_the_next_outage_is_told_again(session: Session) -> None:
    row = fail(session, Failure.SETUP)
    assert alarm(session, after(15))
    row.state, row.failure = State.SENT, None
    fail(session, Failure.SETUP, after(100))
    assert alarm(session, after(115))
    assert alarms(session) == 2


def test_many_that_are_given_up_are_told_an_hour_apart(session: Session) -> None:
    fail(session, Failure.PERMANENT)
    assert alarm(session, NOON)
    for number in range(1, 6):
        fail(session, Failure.PERMANENT, after(number))
        assert not alarm(session, after(number))
    assert alarm(session, NOON + ALARM_EVERY + timedelta(seconds=1)), "what came in between is told together"
    assert not alarm(session, NOON + 3 * ALARM_EVERY)
    assert alarms(session) == 2


def test_what_fails_again_after_somebody_tried_it_again_is_told_again(session: Session) -> None:
    row = fail(session, Failure.PERMANENT)
    assert alarm(session, NOON)
    assert outbox.retry(session, after(90), [row.id]) == 1
    session.expire_all()
    assert not alarm(session, after(91))
    row.state, row.failure = State.FAILED, Failure.PERMANENT
    session.flush()
    assert alarm(session, after(92))


def test_the_alarm_goes_before_the_mail_of_which_it_tells(session: Session) -> None:
    waiting = fail(session, Failure.TEMPORARY)
    assert alarm(session, after(15))
    claimed = [row.kind if (row := outbox.claim(session, after(15))) else None for _ in range(3)]
    assert claimed == [Kind.HOOK_MAIL_ALARM, waiting.kind, None]


def test_the_channel_raises_no_alarm_about_itself(session: Session) -> None:
    fail(session, Failure.PERMANENT, kind=Kind.HOOK_OVERDUE)
    fail(session, Failure.SETUP, kind=Kind.HOOK_MAIL_ALARM)
    assert not alarm(session, after(60))
    assert outbox.trouble(session, after(60)) == Trouble(0, 0)


def test_health_says_that_the_channel_fails(session: Session) -> None:
    row = fail(session, Failure.TEMPORARY, kind=Kind.HOOK_OVERDUE)
    assert outbox.health(session, after(14)).hook_problem is None
    assert outbox.health(session, after(15)).hook_problem == "535 no"
    assert outbox.health(session, after(15)).mail_problem is None
    assert outbox.health(session, after(15), [Kind.COMMENT_HELD]).hook_problem is None
    row.state, row.failure, row.last_reply = State.SENT, None, None
    session.flush()
    assert outbox.health(session, after(15)).hook_problem is None
