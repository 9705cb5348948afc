"""The hours in which staff get no mail that can wait, as the owner writes them: "21:00-08:00"."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

_CLOCK = r"((?:[01]\d|2[0-3]):[0-5]\d)"
_SPAN = re.compile(rf"{_CLOCK}\s*[-–]\s*{_CLOCK}")


class BadQuietHours(Exception):
    """This is no span of two different times."""


@dataclass(frozen=True)
class QuietHours:
    """A span of each day, over midnight when it ends earlier than it begins."""

    begins: time
    ends: time

    def __str__(self) -> str:
        return f"{self.begins:%H:%M}-{self.ends:%H:%M}"

    def end_after(self, now: datetime, zone: ZoneInfo) -> datetime | None:
        """When the quiet hours end in which `now` lies (UTC); None outside them."""
        local = now.astimezone(zone)
        clock = local.time().replace(tzinfo=None)
        over_midnight = self.ends < self.begins
        is_quiet = clock >= self.begins or clock < self.ends if over_midnight else self.begins <= clock < self.ends
        if not is_quiet:
            return None
        day = local.date() + timedelta(days=1) if over_midnight and clock >= self.begins else local.date()
        return datetime.combine(day, self.ends, zone).astimezone(UTC)


def read(typed: str) -> QuietHours | None:
    """What the owner wrote; nothing means no quiet hours. Raises BadQuietHours."""
    if not typed.strip():
        return None
    match = _SPAN.fullmatch(typed.strip())
    if match is None or match[1] == match[2]:
        raise BadQuietHours
    return QuietHours(time.fromisoformat(match[1]), time.fromisoformat(match[2]))


def write(hours: QuietHours | None) -> str:
    """The span as `read` takes it."""
    return "" if hours is None else str(hours)
