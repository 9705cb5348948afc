"""The morning digest: at its time, on working days, once a day, with what is open on that day."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy.orm import Session

from domain import consultations, outbox, working_time
from domain.consultations import Move, Status, digest
from domain.outbox import Kind, State
from domain.working_time import WorkingTime
from tests.conftest import NOON
from tests.factories import ALWAYS, make_staff, submit_request

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
    found = digest.morning(at, working, local(day, clock))
    assert (found and found.day) == (day if is_due else None), why


THIS = digest.Morning(MONDAY, datetime.combine(MONDAY, time(8), KARACHI))
TO = ["a@x.example", "b@x.example"]


def queue(session: Session, this: digest.Morning = THIS) -> bool:
    is_wanted = digest.is_wanted(session, this)
    assert digest.queue(session, this, TO, NOON) == is_wanted
    session.flush()
    return is_wanted


def test_digest_of_a_day_is_queued_once(session: Session) -> None:
    submit_request(session, local(MONDAY, "07:59"))
    assert queue(session)
    assert not queue(session)
    assert queue(session, digest.Morning(MONDAY + timedelta(days=1), THIS.due + timedelta(days=1)))


def test_no_digest_where_nothing_is_open(session: Session) -> None:
    assert not queue(session)


def test_what_comes_after_its_time_makes_no_digest(session: Session) -> None:
    owner, request = make_staff(session, NOON), submit_request(session, local(MONDAY, "08:00"))
    assert not queue(session)
    consultations.move(
        session, request.id, Move(Status.BOOKED, at=local(MONDAY, "15:00")), by=owner.id, working=ALWAYS, now=local(MONDAY, "08:05")
    )
    session.flush()
    assert not queue(session)


def test_failed_mail_alone_is_worth_a_digest(session: Session) -> None:
    (row,) = outbox.enqueue(session, Kind.REQUEST_RECEIVED, 1, ["nobody@example.com"], local(SUNDAY, "12:00"))
    row.state = State.FAILED
    session.flush()
    assert queue(session)


def test_agenda_holds_what_is_open_on_the_day(session: Session) -> None:
    owner = make_staff(session, NOON)

    def after(to: Move) -> str:
        request = submit_request(session, NOON)
        consultations.move(session, request.id, to, by=owner.id, working=ALWAYS, now=NOON)
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
