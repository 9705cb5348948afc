"""Keeps the processes of the server alive: children by fork, so that all of them share what was imported once."""

import logging
import os
import signal
import threading
import time
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from types import FrameType

logger = logging.getLogger("supervisor")
RESTART_DELAYS = (0.2, 0.5, 1, 2)
"""Short also after many deaths: nobody can reach the clinic meanwhile."""
STEADY_SECONDS = 5
"""A child that lived this long had started; when it dies, the delays begin anew."""
STOPPING = (signal.SIGINT, signal.SIGTERM)


class Supervisor:
    """Keeps one child per role alive, which is to end by itself when this process is gone.

    The process that runs it must have no other thread, no connection and no lock: a child has a copy of everything.
    """

    def __init__(self, stop_seconds: float, roles: Sequence[str]) -> None:
        self._stop_seconds, self._roles = stop_seconds, roles
        self._stop = threading.Event()
        self._children: dict[str, int] = {}
        self._started: dict[str, float] = {}
        self._failures = dict.fromkeys(roles, 0)
        self._due = dict.fromkeys(roles, 0.0)

    def run(self) -> str | None:
        """Comes back in each child, with its role; and here with None, once a signal asked to stop and the children ended."""
        for number in STOPPING:
            signal.signal(number, self._asked_to_stop)
        while not self._stop.is_set():
            for role in self._roles:
                if self._tend(role):
                    return role
            self._stop.wait(0.1)
        self._end()
        return None

    def _asked_to_stop(self, _number: int, _frame: FrameType | None) -> None:
        self._stop.set()

    def _tend(self, role: str) -> bool:
        """True in the child that it started."""
        now = time.monotonic()
        if role in self._children:
            code = _exit_code(self._children[role])
            if code is None:
                return False
            lived = now - self._started[role]
            self._failures[role] = 0 if lived >= STEADY_SECONDS else self._failures[role] + 1
            delay = RESTART_DELAYS[min(self._failures[role], len(RESTART_DELAYS) - 1)]
            logger.warning("%s ended with code %s; starts again in %s s", role, code, delay)
            self._due[role] = now + delay
            del self._children[role]
        if now < self._due[role]:
            return False
        self._started[role] = now
        child = _fork(role)
        if child:
            self._children[role] = child
        return not child

    def _end(self) -> None:
        left = {child for child in self._children.values() if _exit_code(child) is None}
        for child in left:
            os.kill(child, signal.SIGTERM)
        deadline = time.monotonic() + self._stop_seconds
        while left and time.monotonic() < deadline:
            time.sleep(0.02)
            left = {child for child in left if _exit_code(child) is None}
        for child in left:
            os.kill(child, signal.SIGKILL)
            os.waitpid(child, 0)


def _fork(role: str) -> int:
    """The id of the new process; 0 in it, where signals then mean again what they mean to any program."""
    # Else a signal that comes at once would only be noted, in the child's copy of this object.
    signal.pthread_sigmask(signal.SIG_BLOCK, STOPPING)
    try:
        child = os.fork()
        if not child:
            # A group of its own: Ctrl-C reaches the supervisor only, which then stops its children in order.
            os.setsid()
            signal.signal(signal.SIGINT, signal.default_int_handler)
            signal.signal(signal.SIGTERM, signal.SIG_DFL)
            # For `ps -e` and `top`: the command line is the same for all.
            with suppress(OSError):
                Path("/proc/self/comm").write_text(role)
    finally:
        signal.pthread_sigmask(signal.SIG_UNBLOCK, STOPPING)
    return child


def _exit_code(child: int) -> int | None:
    """The exit code of a child, or minus the signal that ended it; None while it lives. Once for each child that ended."""
    pid, status = os.waitpid(child, os.WNOHANG)
    return os.waitstatus_to_exitcode(status) if pid else None
