"""Keeps the processes of the server alive; `server.py` turns into this once the site is prepared.

It imports next to nothing, since it lives as long as the site and every instance has one.
"""

import logging
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from types import FrameType

import logs

logger = logging.getLogger("supervisor")
RESTART_DELAYS = (0.2, 0.5, 1, 2)
"""Short also after many deaths: nobody can reach the clinic meanwhile."""
STEADY_SECONDS = 5
"""A child that lived this long had started; when it dies, the delays begin anew."""


class Supervisor:
    """Keeps one child per role alive: `script ROLE PID`, which is to end by itself when this process is gone."""

    def __init__(self, script: str, stop_seconds: float, roles: Sequence[str]) -> None:
        self._script, self._stop_seconds, self._roles = script, stop_seconds, roles
        self._stop = threading.Event()
        self._children: dict[str, subprocess.Popen[bytes]] = {}
        self._started: dict[str, float] = {}
        self._failures = dict.fromkeys(roles, 0)
        self._due = dict.fromkeys(roles, 0.0)

    def run(self) -> int:
        """Until a signal asks to stop."""
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, self._asked_to_stop)
        while not self._stop.is_set():
            for role in self._roles:
                self._tend(role)
            self._stop.wait(0.1)
        return self._end()

    def _asked_to_stop(self, _number: int, _frame: FrameType | None) -> None:
        self._stop.set()

    def _tend(self, role: str) -> None:
        child, now = self._children.get(role), time.monotonic()
        if child is not None and child.poll() is None:
            return
        if child is not None:
            lived = now - self._started[role]
            self._failures[role] = 0 if lived >= STEADY_SECONDS else self._failures[role] + 1
            delay = RESTART_DELAYS[min(self._failures[role], len(RESTART_DELAYS) - 1)]
            logger.warning("%s ended with code %s; starts again in %s s", role, child.returncode, delay)
            self._due[role] = now + delay
            del self._children[role]
        if now >= self._due[role]:
            # A group of its own: Ctrl-C reaches the supervisor only, which then stops its children in order.
            command = [sys.executable, self._script, role, str(os.getpid())]
            self._children[role] = subprocess.Popen(command, start_new_session=True)
            self._started[role] = now

    def _end(self) -> int:
        for child in self._children.values():
            child.terminate()
        deadline = time.monotonic() + self._stop_seconds
        for child in self._children.values():
            try:
                child.wait(max(0.1, deadline - time.monotonic()))
            except subprocess.TimeoutExpired:
                child.kill()
                child.wait()
        return 0


if __name__ == "__main__":
    logs.configure("supervisor")
    sys.exit(Supervisor(sys.argv[1], float(sys.argv[2]), sys.argv[3:]).run())
