"""What a check finds: how bad it is, what it is, what to do."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum


class Level(StrEnum):
    """From well to broken; a note is worth knowing and asks for nothing."""

    OK = "ok"
    NOTE = "note"
    WARN = "warn"
    FAIL = "fail"


_ORDER = list(Level)


@dataclass(frozen=True)
class Finding:
    """One line of a report: the name of the check, and in plain words what was seen and what helps.

    It never holds a secret, the address of a person or what somebody typed, so that it can be sent to whoever helps.
    """

    check: str
    level: Level
    what: str
    advice: str = ""


def worst(findings: Iterable[Finding]) -> Level:
    """The worst level of these; ok where there is none."""
    return max((finding.level for finding in findings), key=_ORDER.index, default=Level.OK)
