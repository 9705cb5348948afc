"""What a check of the content finds: where, how grave, what to do."""

from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple


class Level(StrEnum):
    """An error keeps a text from being published; a warning is for somebody to look at."""

    WARNING = "warning"
    ERROR = "error"


class Hit(NamedTuple):
    """Where a rule is broken, and what to do about it. `file` is empty for the document that the rule was asked about."""

    line: int
    advice: str
    file: str = ""


@dataclass(frozen=True, order=True)
class Finding:
    """One line of the report; `file` is a path below the content folder."""

    file: str
    line: int
    rule: str
    level: Level
    advice: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.rule}: {self.advice}"
