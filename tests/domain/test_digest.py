"""The morning digest: at its time, on working days, once a day, with what is open on that day."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy.orm import Session

from domain import consultations, working_time
from domain.consultations import Move, Status, digest
from domain.working_time import WorkingTime
from tests.conftest import NOON
from tests.factories import make_staff, submit_request

KARACHI = ZoneInfo("Asia/Karachi")
WALL = WorkingTime(KARACHI)
WEEKDAYS = WorkingTime(KARACHI, working_time.read_week(["09:00-17:00"] * 5 + ["closed"] * 2))
MONDAY, SUNDAY = date(2026, 11, 23), date(2026, 11, 22)


def local(day: date, clock: str) -> datetime:
    return datetime.combine(day, time.fromisoformat(clock), KARACHI).astimezone(UTC)


@pytest.mark.parametrize(
    ("at", "working", "day", "clock", "is_due", "why"),
    [
        (time(8), WALL, MONDAY, "07:59", False, "not yet"),
        (time(8), WALL, MONDAY, "08:00", True, "its time"),
        (time(8), WALL, MONDAY, "11:59", True, "the dispatcher was away"),
        (time(8), WALL, MONDAY, "12:00", False, "no longer a morning"),
        (time(8), WALL, SUNDAY, "08:00", True, "without hours every day counts"),
        (time(8), WEEKDAYS, SUNDAY, "08:00", False, "closed"),
        (time(8), WEEKDAYS, MONDAY, "08:00", True, "a working day"),
        (None, WALL, MONDAY, "08:00", False, "turned off"),
        (time(7, 30), WALL, MONDAY, "07:30", True, "the owner's time"),
    ],
)
def test_digest_is_due(at: time | None, working: WorkingTime, day: date, clock: str, is_due: bool, why: str) -> None:
    assert digest.day_due(at, working, local(day, clock)) == (day if is_due else None), why


def test_digest_of_a_day_is_queued_once(session: Session) -> None:
    assert not digest.is_queued(session, MONDAY)
    assert digest.queue(session, MONDAY, ["a@x.example", "b@x.example"], NOON)
    session.flush()
    assert digest.is_queued(session, MONDAY)
    assert not digest.queue(session, MONDAY, ["a@x.example"], NOON)
    assert digest.queue(session, MONDAY + timedelta(days=1), ["a@x.example"], NOON)


def test_agenda_holds_what_is_open_on_the_day(session: Session) -> None:
    owner = make_staff(session, NOON)

    def after(to: Move) -> str:
        request = submit_request(session, NOON)
        consultations.move(session, request.id, to, by=owner.id, now=NOON)
        return request.reference

    new = submit_request(session, NOON).reference
    missed = after(Move(Status.NO_ANSWER, at=NOON - timedelta(days=3)))
    today = after(Move(Status.NO_ANSWER, at=local(MONDAY, "23:59")))
    after(Move(Status.NO_ANSWER, at=local(MONDAY, "00:00") + timedelta(days=1)))
    early = after(Move(Status.BOOKED, at=local(MONDAY, "00:00")))
    late = after(Move(Status.BOOKED, at=local(MONDAY, "23:59")))
    after(Move(Status.BOOKED, at=local(SUNDAY, "23:59")))
    after(Move(Status.CONTACTED))
    after(Move(Status.CLOSED))
    session.flush()
    agenda = digest.agenda(session, MONDAY, KARACHI)
    found = [[request.reference for request in part.first] for part in (agenda.new, agenda.again, agenda.booked)]
    assert found == [[new], [missed, today], [early, late]]
    assert [part.count for part in (agenda.new, agenda.again, agenda.booked)] == [1, 2, 2]


def test_a_long_agenda_is_counted_whole_and_shown_in_part(session: Session) -> None:
    for _ in range(digest.MOST + 3):
        submit_request(session, NOON)
    new = digest.agenda(session, MONDAY, KARACHI).new
    assert (new.count, len(new.first)) == (digest.MOST + 3, digest.MOST)
