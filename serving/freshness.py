"""Whether what pages show has changed: by anybody who wrote to the database, and on the disk."""

import threading
import time
from collections.abc import Callable

import sqlalchemy as sa
from sqlalchemy.engine import Engine

import database
from domain.site_version import SiteVersion
from storage.watched import Watched


class Freshness:
    """A number that is another one after each change of what readers see; each process has its own.

    `number` is what it was when it was last looked at; the next look is `due`, and without one it is good until `good_until` (both
    by time.monotonic).
    """

    LOOK_SECONDS = 0.25
    """How old the number may be; a change is seen everywhere within this time and that of one look."""
    GRACE_SECONDS = 0.1
    """How much older it may be while somebody looks."""
    CONTENT_SECONDS = 0.5
    """How often the files of texts are looked at: a thousand of them take some milliseconds."""
    WAIT_SECONDS = 1.0
    """How long to wait for somebody else's look, when nothing has looked for long."""
    TROUBLE_SECONDS = 2.0
    """When to look again after the database did not answer."""
    PATIENCE_SECONDS = 30.0
    """How long pages that are kept are served meanwhile, without waiting for another look that may take as long."""

    def __init__(self, engine: Engine, read_content: Callable[[], bool]) -> None:
        self._read_content = read_content
        self._stored = Watched(engine, sa.select(SiteVersion.version))
        self._lock = threading.Lock()
        self.number, self._version = 0, -1
        self.due = self.good_until = self._next_content = 0.0
        self._changed = float("-inf")
        self.on_look: Callable[[], None] = lambda: None

    def state(self) -> int:
        """The number, looked at anew where that is due; while somebody else looks, the one there was, if it is still good."""
        now = time.monotonic()
        is_good = now < self.good_until
        if is_good and now < self.due:
            return self.number
        if self._lock.acquire(timeout=0 if is_good else self.WAIT_SECONDS):
            try:
                # Else somebody has looked meanwhile.
                if now >= self.due:
                    self._look()
            finally:
                self._lock.release()
        return self.number

    def look(self) -> int:
        """The number as it is at this moment."""
        with self._lock:
            self._look()
        return self.number

    def seconds_since_change(self) -> float:
        """How long ago this process saw the last change."""
        return time.monotonic() - self._changed

    def _look(self) -> None:
        now = time.monotonic()
        self.due = now + self.LOOK_SECONDS
        is_new, grace = False, self.GRACE_SECONDS
        try:
            version = self._stored.read()
            is_new, self._version = version != self._version, version
        except database.UNAVAILABLE:
            self.due = time.monotonic() + self.TROUBLE_SECONDS
            grace = self.PATIENCE_SECONDS
        try:
            if now >= self._next_content:
                self._next_content = now + self.CONTENT_SECONDS
                is_new = self._read_content() or is_new
        finally:
            # Also when the texts were not read: a comment that was taken down must not stay for that.
            if is_new:
                self._changed = now
                self.number += 1
        # Only now: until here it is the number of before.
        self.good_until = self.due + grace
        self.on_look()
