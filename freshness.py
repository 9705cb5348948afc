"""Whether what pages show has changed: by anybody who wrote to the database, and on the disk."""

import threading
import time
from collections.abc import Callable

import sqlalchemy as sa
from sqlalchemy.engine import Engine

import database
from domain.site_version import SiteVersion


class Freshness:
    """A number that is another one after each change of what readers see; each process has its own."""

    LOOK_SECONDS = 0.25
    """How old the number may be; a change is seen everywhere within this time and that of one look."""
    CONTENT_SECONDS = 0.5
    """How often the files of texts are looked at: a thousand of them take a millisecond."""
    TROUBLE_SECONDS = 2.0
    """How long to wait after the database did not answer: pages that are kept are served meanwhile."""

    def __init__(self, engine: Engine, read_content: Callable[[], bool]) -> None:
        self._read_content = read_content
        self._stored = database.Watched(engine, sa.select(SiteVersion.version))
        self._lock = threading.Lock()
        self._state, self._version = 0, -1
        self._next = self._next_content = 0.0
        self._changed = float("-inf")
        self.on_look: Callable[[], None] = lambda: None

    def state(self) -> int:
        """The number, looked at anew where it is too old; where somebody else is looking, the one there was."""
        if time.monotonic() >= self._next and self._lock.acquire(blocking=False):
            try:
                self._look()
            finally:
                self._lock.release()
        return self._state

    def look(self) -> int:
        """The number as it is at this moment."""
        with self._lock:
            self._look()
        return self._state

    def seconds_since_change(self) -> float:
        """How long ago this process saw the last change."""
        return time.monotonic() - self._changed

    def _look(self) -> None:
        now = time.monotonic()
        self._next = now + self.LOOK_SECONDS
        is_new = False
        try:
            version = self._stored.read()
            is_new, self._version = version != self._version, version
        except database.UNAVAILABLE:
            self._next = now + self.TROUBLE_SECONDS
        if now >= self._next_content:
            self._next_content = now + self.CONTENT_SECONDS
            is_new = self._read_content() or is_new
        if is_new:
            self._changed = now
            self._state += 1
        self.on_look()
