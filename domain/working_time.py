"""When the clinic works: opening hours and holidays as people write them, and time counted in working time.

Without hours every moment counts (rule 11 of the design).
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise, takewhile
from typing import NamedTuple
from zoneinfo import ZoneInfo

DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
MAX_HOLIDAYS = 100
MAX_HOLIDAY_NAME = 60
LONGEST_HOLIDAY = timedelta(days=60)
_CLOCK = r"((?:[01]\d|2[0-3]):[0-5]\d)"
_SPAN = re.compile(rf"{_CLOCK}\s*[-–]\s*{_CLOCK}")
_HOLIDAY = re.compile(r"(\d{4}-\d\d-\d\d)(?:\s+to\s+(\d{4}-\d\d-\d\d))?\s+(\S.*)")

Span = tuple[time, time]
Spans = tuple[Span, ...]


class BadHours(Exception):
    """`code` says what is wrong: "shape" (no span), "order" (ends before it starts), "overlap" (of two spans)."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class BadHoliday(Exception):
    """`code` says what is wrong: "shape" (no date with a name), "order" (ends before it starts), "long" (the name, or days)."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class Holiday(NamedTuple):
    """Days on which the clinic is closed, the last one included."""

    first: date
    last: date
    name: str


@dataclass(frozen=True)
class WorkingTime:
    """Opening hours by day of the week, holidays, and the zone both are meant in. All instants are aware."""

    timezone: ZoneInfo
    opening: Mapping[str, Spans] = field(default_factory=dict)
    holidays: tuple[Holiday, ...] = ()

    @property
    def is_set(self) -> bool:
        """Whether any hours are known; if not, every moment is working time."""
        return any(self.opening.values())

    def is_open(self, at: datetime) -> bool:
        """Whether the clinic works at this instant; the closing minute itself is closed."""
        return self.next_opening(at) == at

    def works_on(self, day: date) -> bool:
        """Whether the clinic opens at all on this day; without hours it is there every day."""
        return not self.is_set or bool(self._windows_of(day))

    def next_opening(self, at: datetime) -> datetime:
        """The first instant from `at` on at which the clinic works: `at` itself when it is open."""
        if not self.is_set:
            return at
        return max(at, next(self._open_from(at))[0])

    def between(self, start: datetime, end: datetime) -> timedelta:
        """How much working time lies between two instants; nothing when `end` is not after `start`."""
        if not self.is_set:
            return max(end - start, timedelta())
        total = timedelta()
        if end <= start:
            return total
        for opens, closes in self._open_from(start):
            if opens >= end:
                break
            total += min(closes, end) - max(opens, start)
        return total

    def after(self, start: datetime, work: timedelta) -> datetime:
        """The earliest instant, from `start` on, by which `work` of working time has passed; no work: `start` itself."""
        if not self.is_set or work <= timedelta():
            return start + max(work, timedelta())
        windows = self._open_from(start)
        opens, closes = next(windows)
        opens = max(opens, start)
        while closes - opens < work:
            work -= closes - opens
            opens, closes = next(windows)
        return opens + work

    def before(self, end: datetime, work: timedelta) -> datetime:
        """The latest instant from which `work` of working time has passed by `end`; no work: `end` itself."""
        if not self.is_set or work <= timedelta():
            return end - max(work, timedelta())
        reach = max(work, timedelta(days=7))
        while self.between(end - reach, end) < work:
            reach *= 2
        windows = list(takewhile(lambda window: window[0] < end, self._open_from(end - reach)))
        opens, closes = windows.pop()
        closes = min(closes, end)
        while closes - opens < work:
            work -= closes - opens
            opens, closes = windows.pop()
        return closes - work

    def _open_from(self, start: datetime) -> Iterator[tuple[datetime, datetime]]:
        """The windows, UTC and in order, of which something lies after `start`; there is always a next one."""
        day = start.astimezone(self.timezone).date() - timedelta(days=1)
        behind = start.astimezone(UTC) - timedelta(days=2)
        while True:
            for opens, closes in self._windows_of(day):
                # Where clocks go forward, what is typed as two windows can come to lie over each other.
                opens = max(opens, behind)
                if opens < closes:
                    behind = closes
                    if closes > start:
                        yield opens, closes
            day += timedelta(days=1)

    def _windows_of(self, day: date) -> list[tuple[datetime, datetime]]:
        if any(holiday.first <= day <= holiday.last for holiday in self.holidays):
            return []
        spans = self.opening.get(DAYS[day.weekday()], ())
        return [(self._instant(day, opens), self._instant(day, closes)) for opens, closes in spans]

    def _instant(self, day: date, at: time) -> datetime:
        return datetime.combine(day, at, self.timezone).astimezone(UTC)


def read_clock(typed: str) -> time | None:
    """ "08:00" as a time of the day; nothing is none. Raises BadHours."""
    if not typed.strip():
        return None
    if re.fullmatch(_CLOCK, typed.strip()) is None:
        raise BadHours("shape")
    return time.fromisoformat(typed.strip())


def write_clock(clock: time | None) -> str:
    """What `read_clock` reads."""
    return f"{clock:%H:%M}" if clock else ""


def read_spans(typed: str) -> Spans:
    """ "09:00-13:00, 14:00-18:00" as spans in the order of the day; "" and "closed" are none. Raises BadHours."""
    if not typed.strip() or typed.strip().casefold() == "closed":
        return ()
    spans = []
    for part in re.split(r"[,;]", typed):
        match = _SPAN.fullmatch(part.strip())
        if match is None:
            raise BadHours("shape")
        opens, closes = (time.fromisoformat(clock) for clock in match.groups())
        if opens >= closes:
            raise BadHours("order")
        spans.append((opens, closes))
    spans.sort()
    if any(later[0] < earlier[1] for earlier, later in pairwise(spans)):
        raise BadHours("overlap")
    return tuple(spans)


def write_spans(spans: Spans) -> str:
    """What `read_spans` reads; "closed" for none."""
    return ", ".join(f"{opens:%H:%M}-{closes:%H:%M}" for opens, closes in spans) or "closed"


def read_week(days: Sequence[str]) -> dict[str, Spans]:
    """Seven texts of `read_spans`, Monday first, as opening hours; closed days are left out. Raises BadHours."""
    return {day: spans for day, typed in zip(DAYS, days, strict=True) if (spans := read_spans(typed))}


def write_week(opening: Mapping[str, Spans]) -> list[str]:
    """What `read_week` reads."""
    return [write_spans(opening.get(day, ())) for day in DAYS]


def read_holiday(typed: str) -> Holiday:
    """ "2026-12-25 Quaid-e-Azam Day" or "2027-03-20 to 2027-03-22 Eid ul-Fitr". Raises BadHoliday."""
    match = _HOLIDAY.fullmatch(typed.strip())
    try:
        first, last = (date.fromisoformat(day) for day in (match[1], match[2] or match[1])) if match else (None, None)
    except ValueError as error:
        raise BadHoliday("shape") from error
    if match is None or first is None or last is None:
        raise BadHoliday("shape")
    if last < first:
        raise BadHoliday("order")
    if last - first >= LONGEST_HOLIDAY or len(match[3]) > MAX_HOLIDAY_NAME:
        raise BadHoliday("long")
    return Holiday(first, last, match[3])


def write_holiday(holiday: Holiday) -> str:
    """What `read_holiday` reads."""
    days = holiday.first.isoformat()
    return f"{days} {holiday.name}" if holiday.first == holiday.last else f"{days} to {holiday.last.isoformat()} {holiday.name}"


def read_holidays(lines: Sequence[str]) -> tuple[Holiday, ...]:
    """Texts of `read_holiday`, earliest first. Raises BadHoliday."""
    return tuple(sorted(read_holiday(line) for line in lines))
