"""Dispatchers note that they are there."""

from sqlalchemy.orm import Session

from domain import outbox
from tests.conftest import Clock


def test_a_site_without_a_dispatcher_says_so(session: Session, clock: Clock) -> None:
    assert outbox.last_beat(session) is None
    assert outbox.count_living(session, clock()) == 0


def test_the_newest_beat_of_any_dispatcher_counts(session: Session, clock: Clock) -> None:
    outbox.beat(session, "one/1", clock())
    outbox.beat(session, "two/2", clock.forward(minutes=1))
    outbox.beat(session, "one/1", clock.forward(minutes=1))
    assert outbox.last_beat(session) == clock()
    assert outbox.count_living(session, clock()) == 2


def test_a_silent_dispatcher_is_none_and_is_forgotten_in_the_end(session: Session, clock: Clock) -> None:
    outbox.beat(session, "one/1", clock())
    first = clock()
    assert outbox.count_living(session, first + outbox.SILENT_AFTER) == 0
    outbox.beat(session, "two/2", clock.forward(days=2))
    outbox.beat(session, "two/2", clock.forward(days=2))
    assert outbox.last_beat(session) == clock()
    assert outbox.count_living(session, clock()) == 1
