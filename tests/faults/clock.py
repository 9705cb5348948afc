"""A wall clock that can be stepped for all processes of a site at once (libfaketime); the monotonic clock stays true."""

import os
import time
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

MISSING = "no libfaketime here, so the clock is not stepped: apt-get install libfaketime"
SLEEP = Path(__file__).with_name("true_sleep")


def library() -> Path | None:
    """Where Debian keeps libfaketime."""
    return next(Path("/usr/lib").glob("*/faketime/libfaketimeMT.so.1"), None)


@dataclass(frozen=True)
class Step:
    """One step: when (monotonic seconds) and how far, in seconds; forward is positive."""

    at: float
    seconds: int


@dataclass
class SteppedClock:
    """The offset lives in a file that every call of clock_gettime reads again."""

    file: Path
    steps: list[Step] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._write()

    @property
    def settings(self) -> dict[str, str]:
        """The environment of processes that go by this clock; none where there is no libfaketime."""
        found = library()
        if found is None:
            return {}
        return {
            "LD_PRELOAD": str(found),
            "FAKETIME_TIMESTAMP_FILE": str(self.file),
            "FAKETIME_NO_CACHE": "1",
            "FAKETIME_DONT_FAKE_MONOTONIC": "1",
            # Else waits on conditions end at once, and threads that wait for Python's lock spin.
            "FAKETIME_FORCE_MONOTONIC_FIX": "0",
            "NO_FAKE_STAT": "1",
            "PYTHONPATH": str(SLEEP),
        }

    @property
    def offset(self) -> int:
        """Seconds from the true time to this clock's."""
        return sum(step.seconds for step in self.steps)

    def step(self, seconds: int) -> None:
        """Everybody's time jumps."""
        self.steps.append(Step(time.monotonic(), seconds))
        self._write()

    def _write(self) -> None:
        # Renamed into its place: a process that reads half a file would jump by itself.
        half = self.file.with_suffix(".half")
        half.write_text(f"{self.offset:+d}\n")
        half.replace(self.file)


def forget(pids: Iterable[int]) -> None:
    """Removes what libfaketime leaves in shared memory when a process is killed."""
    for pid in pids:
        for name in (f"faketime_shm_{pid}", f"sem.faketime_sem_{pid}"):
            Path("/dev/shm", name).unlink(missing_ok=True)


def is_required() -> bool:
    """Whether its absence is a failure: where the project is built and tested for good."""
    return os.environ.get("CI") == "true"
