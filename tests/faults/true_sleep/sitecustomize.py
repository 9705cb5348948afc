"""Loaded by every Python that runs under libfaketime: 0.9.10 fails CPython's way to sleep (clock_nanosleep until a time)."""

import select
import time


def sleep(seconds: float) -> None:
    """As time.sleep, by another system call."""
    select.select([], [], [], seconds)


time.sleep = sleep
