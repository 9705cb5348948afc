"""What is measured while the site runs, and how several processes of one machine add it up.

Each process counts in files of its own, which every other reads. A process takes the first place that no living one
holds and goes on counting where the dead one stopped: nothing counts twice, nothing is lost, and no file is left over.
"""

import fcntl
import os
from collections.abc import Iterator
from pathlib import Path

from prometheus_client import CollectorRegistry, Counter, Histogram, values
from prometheus_client.metrics_core import Metric
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.values import MultiProcessValue

_OWN = CollectorRegistry()
REQUEST_SECONDS = Histogram(
    "clinic_request_seconds",
    "Seconds until the answer to a request began.",
    ["method", "route", "status"],
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10),
    registry=_OWN,
)
DELIVERIES = Counter("clinic_deliveries", "Tries to deliver a message, by what they came to.", ["kind", "outcome"], registry=_OWN)
MOST_PLACES = 1000
_held: list[int] = []
"""Locks that last as long as the process."""


def start_afresh(folder: Path) -> None:
    """Makes the folder that processes share, and forgets what processes counted that have ended."""
    folder.mkdir(mode=0o700, exist_ok=True)
    for lock in folder.glob("*.lock"):
        descriptor = _try_lock(lock)
        if descriptor is not None:
            for file in folder.glob(f"*_{lock.stem}.db"):
                file.unlink(missing_ok=True)
            os.close(descriptor)


def share(folder: Path) -> None:
    """Counts from now on in `folder`, so that every process that shares it can tell of all. Once in a process.

    Only before anything was counted: what was counted earlier stays with this process.
    """
    place = _take_place(folder)
    os.environ["PROMETHEUS_MULTIPROC_DIR"] = str(folder)
    values.ValueClass = MultiProcessValue(process_identifier=lambda: place)  # type: ignore[no-untyped-call]


def collect() -> Iterator[Metric]:
    """The metrics of all processes that share our folder; those of this one alone where none is shared."""
    folder = os.environ.get("PROMETHEUS_MULTIPROC_DIR") if _held else None
    yield from MultiProcessCollector(None, folder).collect() if folder else _OWN.collect()  # type: ignore[no-untyped-call]


def _take_place(folder: Path) -> int:
    for place in range(1, MOST_PLACES):
        descriptor = _try_lock(folder / f"{place}.lock")
        if descriptor is not None:
            _held.append(descriptor)
            return place
    raise RuntimeError(f"more than {MOST_PLACES} processes share {folder}")


def _try_lock(file: Path) -> int | None:
    """An open lock, or None while another process holds it; the kernel frees it when its process ends, however that ends."""
    descriptor = os.open(file, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(descriptor)
        return None
    return descriptor
