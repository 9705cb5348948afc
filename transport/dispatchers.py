"""Names of dispatcher processes, by which others on the same machine can tell whether one still lives."""

import os
import socket
from contextlib import suppress
from pathlib import Path


def own_name() -> str:
    """This process: machine and process id."""
    return f"{machine()}/{os.getpid()}"


def machine() -> str:
    """Where process ids mean what they mean here: this boot of this host, and this container of it."""
    parts = [socket.gethostname()[:60]]
    with suppress(OSError):
        parts += [Path("/proc/sys/kernel/random/boot_id").read_text()[:8], Path("/proc/self/ns/pid").readlink().name[5:-1]]
    return ".".join(parts)


def has_ended(name: str) -> bool:
    """Whether the process is known to be gone; false for one of another machine, of which nothing can be known."""
    where, _, process = name.rpartition("/")
    if where != machine():
        return False
    try:
        os.kill(int(process), 0)
    except ProcessLookupError:
        return True
    except PermissionError:
        return False
    return False
