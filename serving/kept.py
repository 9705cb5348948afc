"""Pages in memory: those that are kept, so many bytes of them, and those that are being made."""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from serving.representations import Answers, Headers

OVERHEAD = 4096
"""Bytes of an entry beside its bodies, roughly."""

Key = tuple[str, str]
"""Path and query of a page, apart: a path may hold a question mark of its own, sent as %3F."""


@dataclass(slots=True)
class Entry:
    """A kept page: an answer ready for each encoding. `state` is that of the site it was made in, None where it never changes."""

    state: int | None
    until: float | None
    answers: Answers
    used: float = 0.0

    @property
    def size(self) -> int:
        """Bytes."""
        return OVERHEAD + self.answers.size


@dataclass(frozen=True, slots=True)
class Ready:
    """An answer at hand. Whoever asks the same gets the same, as long as Freshness.number is this one, and until this time
    (by time.monotonic)."""

    status: int
    headers: Headers
    body: bytes
    number: int
    until: float
    entry: Entry
    count: Callable[[], object]

    def use(self, now: float) -> None:
        """Notes that it was given to somebody, at this time (by time.monotonic)."""
        self.entry.used = now
        self.count()


@dataclass(slots=True)
class Made:
    """What Flask has answered: status line, headers, body, and the entry where it may be kept."""

    status: str
    headers: Headers
    body: bytes
    state: int
    entry: Entry | None = None


@dataclass(slots=True)
class Flight:
    """One page that is being made; whoever asks for it meanwhile waits."""

    done: threading.Event = field(default_factory=threading.Event)
    made: Made | None = None


class Kept:
    """Keeps at most `most` bytes; nothing that would take a quarter of them alone. Reading needs no lock."""

    def __init__(self, most: int) -> None:
        self._most, self._bytes = most, 0
        self._lock = threading.Lock()
        self._entries: dict[Key, Entry] = {}
        self.get = self._entries.get

    @property
    def size(self) -> int:
        """Bytes of all pages."""
        return self._bytes

    def __contains__(self, key: Key) -> bool:
        """Whether there is such a page, old or not."""
        return key in self._entries

    def keep(self, key: Key, entry: Entry) -> None:
        """Keeps a page in the place of an earlier one; what was not asked for longest goes when there is no room."""
        if entry.size > self._most // 4:
            return
        entry.used = time.monotonic()
        with self._lock:
            before = self._entries.get(key)
            self._entries[key] = entry
            self._bytes += entry.size - (before.size if before else 0)
            while self._bytes > self._most:
                oldest = min(self._entries, key=lambda each: self._entries[each].used)
                self._bytes -= self._entries.pop(oldest).size
