"""The machine below the site: room on its disks, and its clock."""

import os
import shutil
import tempfile
import time
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path

from flask import current_app

import database
from checks.finding import Finding, Level

FULL = 100 * 2**20
"""Bytes below which the next write may fail."""
SCARCE = 2**30
"""Bytes below which somebody should look."""
SKEW = timedelta(seconds=5)
BUILT = datetime(2026, 11, 1, tzinfo=UTC)
"""No clock that is right is before this."""
_FREE_SPACE = "Free space: old kept mail and backups first. A full disk stops every request from being stored."
_MEND_CLOCK = "Let the machine follow a time server (timedatectl set-ntp true)."


def folders() -> list[Path]:
    """Where the site writes on this machine."""
    ours = [Path(current_app.instance_path)]
    file = database.sqlite_file(current_app.config["DATABASE_URL"])
    return [*ours, file.parent] if file is not None and file.parent.resolve() != ours[0].resolve() else ours


def disk(places: Iterable[Path]) -> Finding:
    """The fullest of these folders, and whether each can be written."""
    free = None
    for place in places:
        try:
            here = shutil.disk_usage(place).free
            _write(place)
        except OSError as error:
            what = f"{place} cannot be written ({error.strerror})."
            return Finding("disk", Level.FAIL, what, f"The folder must belong to the user of the site. {_FREE_SPACE}")
        free = here if free is None else min(free, here)
        if _few_files_left(place):
            return Finding("disk", Level.WARN, f"{place}: fewer than 1,000 more files fit on its disk.", _FREE_SPACE)
    assert free is not None
    level = Level.FAIL if free < FULL else Level.WARN if free < SCARCE else Level.OK
    return Finding("disk", level, f"{free / 2**30:,.1f} GiB free.", "" if level is Level.OK else _FREE_SPACE)


def _few_files_left(place: Path) -> bool:
    """Whether the file system, where it counts them at all, has hardly any inode left."""
    told = os.statvfs(place)
    return bool(told.f_files) and told.f_favail < 1000


def _write(place: Path) -> float:
    """Writes a file and takes it away; when it was written, as the file system says. Raises OSError."""
    with tempfile.NamedTemporaryFile(dir=place, prefix=".check-") as file:
        file.write(b"\0" * 4096)
        file.flush()
        return os.fstat(file.fileno()).st_mtime


def clock(now: datetime, newest: datetime | None, server: datetime | None, doubted_until: datetime | None = None) -> Finding:
    """The site's clock `now` against the newest row that is stored, the machine's against the database server and its disk.

    `server` is the database server's time at this moment; None where the database is a file. `doubted_until`: retention does not
    believe the clock until then.
    """
    if now < BUILT:
        return Finding("clock", Level.FAIL, "The clock is before this version of the site was made.", _MEND_CLOCK)
    if newest is not None and newest > now + timedelta(minutes=1):
        return Finding("clock", Level.WARN, "The newest row is from the future: the clock was set back, or was ahead.", _MEND_CLOCK)
    others = {"the database server": server, "the file system": _file_time()}
    here = datetime.fromtimestamp(time.time(), UTC)
    for name, there in others.items():
        if there is not None and abs(there - here) > SKEW:
            return Finding("clock", Level.WARN, f"The clock differs from that of {name} by {abs(there - here)}.", _MEND_CLOCK)
    if doubted_until is not None:
        until = f"{doubted_until:%Y-%m-%d %H:%M} UTC"
        what = f"The clock has jumped, or the site was off for days: nothing is deleted by time until {until}."
        return Finding("clock", Level.WARN, what, f"See whether it is {now:%Y-%m-%d %H:%M} UTC now. If not: {_MEND_CLOCK}")
    asked = "the database server and the file system" if server else "the file system"
    return Finding("clock", Level.OK, f"The clock agrees with {asked}.")


def _file_time() -> datetime | None:
    try:
        return datetime.fromtimestamp(_write(Path(current_app.instance_path)), UTC)
    except OSError:
        return None
