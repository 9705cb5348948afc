"""Names of dispatcher processes, by which others on the same machine can tell whether one still lives."""

import hashlib
import os
import socket
import time
from contextlib import suppress
from pathlib import Path

MACHINE_ID = Path("/etc/machine-id")
NAMESPACE = Path("/proc/self/ns/pid")
CLOSE = 1
"""Tenths of a second by which two readings of one start may differ: each is rounded."""


def own_name() -> str:
    """This process: machine and process id. At most 120 characters."""
    return f"{machine()}/{os.getpid()}"


def machine() -> str:
    """Where process ids mean what they mean here: this start of this host, and this container of it.

    The same for every process there, however it runs: what the shipped units hide (/proc/sys, /proc/stat, /proc/1) is not in it.
    """
    return f"{_place()}.{_started()}"


def has_ended(name: str) -> bool:
    """Whether the process is known to be gone; false for one of another machine or start, of which nothing can be known."""
    where, _, process = name.rpartition("/")
    place, _, started = where.rpartition(".")
    if place != _place() or not _namespace() or abs(int(started) - _started()) > CLOSE:
        return False
    try:
        os.kill(int(process), 0)
    except ProcessLookupError:
        return True
    except PermissionError:
        return False
    return False


def _place() -> str:
    """Host, machine and process-id namespace, each by itself: one that cannot be read takes no other with it."""
    machine_id = b""
    with suppress(OSError):
        machine_id = MACHINE_ID.read_bytes().strip()
    # Whoever sees the name shall not learn the id (machine-id(5)).
    mark = hashlib.blake2b(machine_id, digest_size=4, person=b"dispatcher").hexdigest() if machine_id else ""
    return ".".join((socket.gethostname()[:60], mark, _namespace()))


def _namespace() -> str:
    """The number of the process-id namespace; empty where nobody tells, and then no process id says anything about another."""
    try:
        return NAMESPACE.readlink().name[5:-1]
    except OSError:
        return ""


def _started() -> int:
    """When the machine started, in tenths of a second since 1970 by its clock.

    The same each time until somebody sets the clock: both clocks run at one speed, in standby too. The least of some readings,
    since another process may have its turn between the two clocks.
    """
    return round(10 * min(-time.clock_gettime(time.CLOCK_BOOTTIME) + time.time() for _ in range(9)))
