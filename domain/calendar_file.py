"""An appointment as an iCalendar file (RFC 5545): one event, UTC, so that no time zone has to be described."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

LENGTH = timedelta(minutes=30)
_FOLD = 75
"""Octets of a line (RFC 5545, 3.1)."""


@dataclass(frozen=True)
class Appointment:
    """What goes into the file. The same `uid` with a higher `sequence` replaces what a calendar took over before."""

    uid: str
    sequence: int
    start: datetime
    summary: str
    description: str


def event(appointment: Appointment, now: datetime) -> str:
    """The file's text, lines ended by CRLF. `now` is the time it is made at."""
    lines = [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:-//Dynamic Clinic//Appointments//EN",
        "BEGIN:VEVENT",
        f"UID:{_text(appointment.uid)}",
        f"SEQUENCE:{appointment.sequence}",
        f"DTSTAMP:{_moment(now)}",
        f"DTSTART:{_moment(appointment.start)}",
        f"DTEND:{_moment(appointment.start + LENGTH)}",
        f"SUMMARY:{_text(appointment.summary)}",
        f"DESCRIPTION:{_text(appointment.description)}",
        "CLASS:PRIVATE",
        "END:VEVENT",
        "END:VCALENDAR",
    ]
    return "".join(f"{_folded(line)}\r\n" for line in lines)


def _moment(value: datetime) -> str:
    return f"{value.astimezone(UTC):%Y%m%dT%H%M%SZ}"


def _text(value: str) -> str:
    """Escaped as 3.3.11 says; control characters, which TEXT cannot hold, are left out."""
    escaped = value.replace("\\", "\\\\").replace(";", "\\;").replace(",", "\\,").replace("\r\n", "\\n").replace("\n", "\\n")
    return "".join(c for c in escaped if c >= " " and c != "\x7f")


def _folded(line: str) -> str:
    """Folded between characters, so that no UTF-8 sequence is cut; the space of a continued line counts."""
    parts, size = [""], 0
    for c in line:
        octets = len(c.encode())
        if size + octets > _FOLD:
            parts.append("")
            size = 1
        parts[-1] += c
        size += octets
    return "\r\n ".join(parts)
