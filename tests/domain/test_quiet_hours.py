"""Quiet hours: how the owner writes them, and when they end."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from domain import quiet_hours
from domain.quiet_hours import BadQuietHours

KARACHI = ZoneInfo("Asia/Karachi")


def at(day: int, hour: int, minute: int = 0) -> datetime:
    return datetime(2026, 11, day, hour, minute, tzinfo=KARACHI)


@pytest.mark.parametrize(
    ("typed", "now", "ends", "why"),
    [
        ("21:00-08:00", at(23, 22), at(24, 8), "in the evening they end the next morning"),
        ("21:00-08:00", at(24, 3), at(24, 8), "after midnight they end the same day"),
        ("21:00-08:00", at(23, 21), at(24, 8), "they begin to the minute"),
        ("21:00-08:00", at(24, 8), None, "they end to the minute"),
        ("21:00-08:00", at(23, 12), None, "by day"),
        ("13:00-14:30", at(23, 13, 5), at(23, 14, 30), "within a day"),
        ("13:00-14:30", at(23, 14, 30), None, "after that"),
    ],
)
def test_quiet_hours_end_when_they_say(typed: str, now: datetime, ends: datetime | None, why: str) -> None:
    hours = quiet_hours.read(typed)
    assert hours is not None
    assert hours.end_after(now.astimezone(UTC), KARACHI) == ends, why


@pytest.mark.parametrize("typed", ["21:00", "21-8", "25:00-08:00", "08:00-08:00", "21:00-08:00, 13:00-14:00", "never"])
def test_what_is_no_span_is_refused(typed: str) -> None:
    with pytest.raises(BadQuietHours):
        quiet_hours.read(typed)


def test_they_are_written_as_they_are_read() -> None:
    assert quiet_hours.write(quiet_hours.read(" 21:00 – 08:00 ")) == "21:00-08:00"
    assert quiet_hours.write(quiet_hours.read("  ")) == ""
