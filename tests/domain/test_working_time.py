"""Working time: spans of a day, holidays and zones whose clocks change; it adds up and never runs backwards."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain import working_time
from domain.working_time import DAYS, BadHoliday, BadHours, Holiday, WorkingTime

KARACHI = ZoneInfo("Asia/Karachi")
WEEK = working_time.read_week(["09:00-17:00"] * 4 + ["09:00-13:00, 14:30-18:00", "10:00-13:00", "closed"])
EID = Holiday(date(2027, 3, 20), date(2027, 3, 22), "Eid ul-Fitr")
CLINIC = WorkingTime(KARACHI, WEEK, (EID,))
ZONES = ["Asia/Karachi", "Europe/London", "America/New_York", "Australia/Lord_Howe", "Pacific/Apia", "America/Sao_Paulo"]


def at(text: str) -> datetime:
    """A local time in Karachi."""
    return datetime.fromisoformat(text).replace(tzinfo=KARACHI)


@pytest.mark.parametrize(
    ("moment", "is_open", "opens", "why"),
    [
        ("2026-11-23 12:00", True, "2026-11-23 12:00", "a Monday noon"),
        ("2026-11-23 09:00", True, "2026-11-23 09:00", "the opening minute"),
        ("2026-11-23 17:00", False, "2026-11-24 09:00", "the closing minute"),
        ("2026-11-27 13:10", False, "2026-11-27 14:30", "the break of Friday prayers"),
        ("2026-11-28 13:00", False, "2026-11-30 09:00", "Sunday is closed"),
        ("2027-03-20 11:00", False, "2027-03-23 09:00", "three days of Eid, a Sunday among them"),
    ],
)
def test_open_and_next_opening(moment: str, is_open: bool, opens: str, why: str) -> None:
    assert CLINIC.is_open(at(moment)) is is_open, why
    assert CLINIC.next_opening(at(moment)) == at(opens), why


@pytest.mark.parametrize(
    ("start", "end", "minutes", "why"),
    [
        ("2026-11-23 12:00", "2026-11-23 12:42", 42, "within a span"),
        ("2026-11-23 16:50", "2026-11-24 09:05", 15, "a night counts for nothing"),
        ("2026-11-27 12:50", "2026-11-27 14:40", 20, "nor does the break"),
        ("2026-11-28 12:30", "2026-11-30 09:30", 60, "nor does Sunday"),
        ("2027-03-19 17:30", "2027-03-23 09:10", 40, "nor does Eid"),
        ("2026-11-23 12:00", "2026-11-23 11:00", 0, "backwards"),
    ],
)
def test_working_minutes(start: str, end: str, minutes: int, why: str) -> None:
    assert CLINIC.between(at(start), at(end)) == timedelta(minutes=minutes), why


@pytest.mark.parametrize(
    ("start", "minutes", "end"),
    [
        ("2026-11-23 12:00", 30, "2026-11-23 12:30"),
        ("2026-11-23 16:50", 30, "2026-11-24 09:20"),
        ("2026-11-23 16:50", 10, "2026-11-23 17:00"),
        ("2026-11-29 08:00", 0, "2026-11-29 08:00"),
        ("2026-11-29 08:00", 120, "2026-11-30 11:00"),
    ],
)
def test_so_many_working_minutes_later(start: str, minutes: int, end: str) -> None:
    assert CLINIC.after(at(start), timedelta(minutes=minutes)) == at(end)


def test_without_hours_the_wall_clock_counts() -> None:
    unset = WorkingTime(KARACHI, {}, (EID,))
    night = at("2027-03-21 03:00")
    assert unset.is_open(night)
    assert unset.between(night, night + timedelta(hours=5)) == timedelta(hours=5)
    assert unset.after(night, timedelta(hours=5)) == night + timedelta(hours=5)


def test_spans_that_a_skipped_hour_lays_over_each_other_count_once() -> None:
    early = WorkingTime(ZoneInfo("Europe/London"), {"sunday": ((time(0), time(1, 30)), (time(2), time(3)))})
    day = datetime(2026, 3, 29, tzinfo=UTC)
    assert early.between(day, day + timedelta(hours=12)) == timedelta(hours=2), "01:00 to 02:00 does not exist"


def hours() -> st.SearchStrategy[dict[str, working_time.Spans]]:
    # On the quarter, so that the few working hours of a test lie within years and not millennia.
    quarters = st.integers(0, 95).map(lambda quarter: time(quarter // 4, quarter % 4 * 15))
    clocks = st.lists(quarters, min_size=2, max_size=6, unique=True).map(sorted)
    spans = clocks.map(lambda times: tuple(zip(times[::2], times[1::2], strict=False)))
    return st.dictionaries(st.sampled_from(DAYS), spans, max_size=7)


holidays = st.lists(
    st.builds(
        lambda first, days: Holiday(first, first + timedelta(days=days), "Holiday"),
        st.dates(date(2011, 1, 1), date(2012, 12, 31)),
        st.integers(0, 9),
    ),
    max_size=3,
).map(tuple)
calendars = st.builds(WorkingTime, st.sampled_from([ZoneInfo(name) for name in ZONES]), hours(), holidays)
# 2011 and 2012 hold the day that Samoa left out and changes of half an hour at Lord Howe.
moments = st.timedeltas(timedelta(), timedelta(days=730)).map(lambda since: datetime(2011, 1, 1, tzinfo=UTC) + since)


@given(calendars, moments, st.timedeltas(timedelta(), timedelta(days=40)), st.timedeltas(timedelta(), timedelta(days=40)))
def test_working_time_adds_up(calendar: WorkingTime, start: datetime, first: timedelta, second: timedelta) -> None:
    middle, end = start + first, start + first + second
    assert calendar.between(start, middle) + calendar.between(middle, end) == calendar.between(start, end)
    assert timedelta() <= calendar.between(start, middle) <= first


@given(calendars, moments, st.timedeltas(timedelta(), timedelta(hours=90)), st.timedeltas(timedelta(), timedelta(hours=9)))
def test_after_is_the_inverse_of_between_and_never_runs_backwards(
    calendar: WorkingTime, start: datetime, work: timedelta, more: timedelta
) -> None:
    end = calendar.after(start, work)
    assert calendar.between(start, end) == work
    assert end <= calendar.after(start, work + more)
    assert calendar.after(start, work + more) <= calendar.after(start + more, work + more)


@given(calendars, moments, st.timedeltas(timedelta(seconds=1), timedelta(hours=90)))
def test_before_is_the_last_moment_from_which_the_work_was_done(calendar: WorkingTime, end: datetime, work: timedelta) -> None:
    start = calendar.before(end, work)
    assert calendar.between(start, end) == work
    assert calendar.between(start + timedelta(seconds=1), end) < work


@given(calendars, moments)
def test_next_opening_is_the_first_open_moment(calendar: WorkingTime, start: datetime) -> None:
    opening = calendar.next_opening(start)
    assert opening >= start
    assert calendar.is_open(opening)
    assert calendar.between(start, opening) == timedelta()


@given(hours())
def test_hours_are_read_as_they_are_written(opening: dict[str, working_time.Spans]) -> None:
    minutes = {day: tuple((a.replace(second=0, microsecond=0), b.replace(second=0, microsecond=0)) for a, b in spans)
               for day, spans in opening.items()}  # fmt: skip
    kept = {day: spans for day, spans in minutes.items() if all(a < b for a, b in spans)}
    assert working_time.read_week(working_time.write_week(kept)) == kept


@pytest.mark.parametrize(
    ("typed", "code"),
    [("9-17", "shape"), ("09:00-24:00", "shape"), ("17:00-09:00", "order"), ("09:00-13:00,12:59-14:00", "overlap"), (",", "shape")],
)
def test_wrong_hours_are_named(typed: str, code: str) -> None:
    with pytest.raises(BadHours) as error:
        working_time.read_spans(typed)
    assert error.value.code == code


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ("Eid", "shape"),
        ("2026-12-25", "shape"),
        ("2026-02-30 Eid", "shape"),
        ("2026-12-25 to 2026-12-24 Eid", "order"),
        ("2026-01-01 to 2027-01-01 Eid", "long"),
        ("2026-12-25 " + "x" * 61, "long"),
    ],
)
def test_wrong_holidays_are_named(typed: str, code: str) -> None:
    with pytest.raises(BadHoliday) as error:
        working_time.read_holiday(typed)
    assert error.value.code == code


def test_holidays_are_read_as_they_are_written() -> None:
    assert working_time.read_holiday(working_time.write_holiday(EID)) == EID
    assert working_time.read_holidays(["2027-01-02 B", "2027-01-01 A"])[0].name == "A"


def test_day_counts_as_worked_when_the_clinic_opens_on_it() -> None:
    hours = {"monday": working_time.read_spans("09:00-17:00")}
    open_mondays = WorkingTime(KARACHI, hours, (Holiday(date(2026, 11, 30), date(2026, 11, 30), "A holiday"),))
    assert [open_mondays.works_on(date(2026, 11, day)) for day in (23, 24, 30)] == [True, False, False]
    assert WorkingTime(KARACHI).works_on(date(2026, 11, 24)), "without hours every day counts"


@pytest.mark.parametrize("typed", ["8:00", "24:00", "08.00", "08:00-09:00", "morning"])
def test_time_of_the_day_is_written_one_way(typed: str) -> None:
    with pytest.raises(working_time.BadHours):
        working_time.read_clock(typed)


def test_time_of_the_day_is_read_and_written_back() -> None:
    assert [working_time.write_clock(working_time.read_clock(typed)) for typed in (" 08:00 ", "")] == ["08:00", ""]


@pytest.mark.parametrize(
    ("end", "minutes", "start", "why"),
    [
        ("2026-11-23 12:30", 30, "2026-11-23 12:00", "within a span"),
        ("2026-11-24 09:20", 30, "2026-11-23 16:50", "over a night"),
        ("2026-11-24 08:00", 30, "2026-11-23 16:30", "before the opening"),
        ("2026-11-30 09:30", 60, "2026-11-28 12:30", "over a Sunday"),
        ("2027-03-23 09:10", 40, "2027-03-19 17:30", "over Eid"),
        ("2026-11-23 12:00", 0, "2026-11-23 12:00", "no work"),
        ("2026-11-30 12:00", 60 * 60, "2026-11-19 13:00", "more than a week"),
    ],
)
def test_before_is_the_way_back(end: str, minutes: int, start: str, why: str) -> None:
    found = CLINIC.before(at(end), timedelta(minutes=minutes))
    assert found == at(start), why


def test_without_hours_before_goes_by_the_wall() -> None:
    assert WorkingTime(KARACHI).before(at("2026-11-23 01:00"), timedelta(hours=2)) == at("2026-11-22 23:00")
