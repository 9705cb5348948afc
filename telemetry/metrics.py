"""What is measured while the site runs, and how several processes of one machine add it up.

Each process counts in files of its own, which every other reads. A process takes the first place that no living one
holds and goes on counting where the dead one stopped: nothing counts twice, nothing is lost, and no file is left over.
"""

import fcntl
import os
import shutil
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
    buckets=(0.01, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5),
    registry=_OWN,
)
DELIVERIES = Counter("clinic_deliveries", "Tries to deliver a message, by what they came to.", ["kind", "outcome"], registry=_OWN)
CACHED_PAGES = Counter(
    "clinic_cached_pages", "Answers to requests for a public page, by what the page cache had of it.", ["found"], registry=_OWN
)
REFUSED = Counter("clinic_refused_readers", "Requests for a page that were answered 503 since too many waited.", registry=_OWN)
RESERVED = {"histogram": 3 * 2**20, "counter": 2**16}
"""Bytes of each file of a process. The library maps its files into memory, and the kernel kills a process (SIGBUS) that writes
to a mapped page for which a full disk has no block; so all that can ever be written has its blocks before."""
ROOM = 100 * 2**20
"""Bytes that must be free before a process takes some of them for numbers: what visitors send comes first."""
MOST_PLACES = 1000
_held: list[int] = []
"""Locks that last as long as the process."""
_shared: list[Path] = []
"""The folder of this process, once it shares one."""


def start_afresh(folder: Path) -> None:
    """Makes the folder that processes share, and forgets what processes counted that have ended."""
    folder.mkdir(mode=0o700, exist_ok=True)
    for lock in folder.glob("*.lock"):
        descriptor = _try_lock(lock)
        if descriptor is not None:
            for file in folder.glob(f"*_{lock.stem}.db"):
                file.unlink(missing_ok=True)
            os.close(descriptor)


def share(folder: Path) -> bool:
    """Counts from now on in `folder`, so that every process that shares it can tell of all. Once in a process.

    Only before anything was counted: what was counted earlier stays with this process. False when the disk has little room: this
    process then counts for itself.
    """
    try:
        if shutil.disk_usage(folder).free < ROOM:
            return False
        place = _take_place(folder)
        for kind, size in RESERVED.items():
            _reserve(folder / f"{kind}_{place}.db", size)
    except OSError:
        return False
    _shared.append(folder)
    os.environ["PROMETHEUS_MULTIPROC_DIR"] = str(folder)
    values.ValueClass = MultiProcessValue(process_identifier=lambda: place)  # type: ignore[no-untyped-call]
    return True


def collect() -> Iterator[Metric]:
    """The metrics of all processes that share our folder; those of this one alone where none is shared."""
    yield from MultiProcessCollector(None, _shared[0]).collect() if _shared else _OWN.collect()  # type: ignore[no-untyped-call]


def _take_place(folder: Path) -> int:
    for place in range(1, MOST_PLACES):
        descriptor = _try_lock(folder / f"{place}.lock")
        if descriptor is not None:
            _held.append(descriptor)
            return place
    raise RuntimeError(f"more than {MOST_PLACES} processes share {folder}")


def _reserve(file: Path, size: int) -> None:
    """Makes a file with all its blocks, or leaves one that is there as it is. Raises OSError, then without a file."""
    descriptor = os.open(file, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        os.posix_fallocate(descriptor, 0, size)
    except OSError:
        file.unlink()
        raise
    finally:
        os.close(descriptor)


def _try_lock(file: Path) -> int | None:
    """An open lock, or None while another process holds it; the kernel frees it when its process ends, however that ends."""
    descriptor = os.open(file, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(descriptor)
        return None
    return descriptor
