"""Page views kept in memory for a moment, so that many of them are one write."""

from collections import Counter
from collections.abc import Callable, Mapping
from datetime import date
from threading import Lock, Timer

from domain.traffic import Counted

FLUSH_SECONDS = 5.0
"""How long a view waits; so much is lost when the process dies."""
MOST = 2000
"""Different things that wait at most; what comes beyond them is not counted while the database is away."""

Key = tuple[date, Counted]


class ViewCounter:
    """Counts in one process. `store` writes what it is given in one transaction; False when it could not."""

    def __init__(self, store: Callable[[Mapping[Key, int]], bool], seconds: float = FLUSH_SECONDS) -> None:
        self._store, self._seconds = store, seconds
        self._counts: Counter[Key] = Counter()
        self._lock = Lock()
        self._timer: Timer | None = None

    def add(self, key: Key) -> None:
        """Counts one; it is stored before long."""
        with self._lock:
            if key in self._counts or len(self._counts) < MOST:
                self._counts[key] += 1
                self._wait()

    def flush(self) -> None:
        """Stores what has been counted; what cannot be stored now waits for the next time."""
        with self._lock:
            taken, self._counts, self._timer = self._counts, Counter(), None
        if taken and not self._store(taken):
            with self._lock:
                self._counts += taken
                self._wait()

    def _wait(self) -> None:
        if self._timer is None:
            self._timer = Timer(self._seconds, self.flush)
            self._timer.daemon = True
            self._timer.start()
