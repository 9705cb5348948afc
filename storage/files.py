"""Files that are there whole or not at all, and that are still there after the power has failed."""

import errno
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

UNFINISHED = ".writing-"


def replace(path: Path, content: bytes, mode: int = 0o600) -> Path:
    """Puts a file in its place, readable by its owner only; whatever happens, what was there before stays or this is there whole.

    `mode` is for what is no secret.

    While it is written it lies beside, under a name that begins with UNFINISHED. Raises OSError, then without a trace.
    """
    descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=UNFINISHED)
    try:
        with os.fdopen(descriptor, "wb") as file:
            os.fchmod(file.fileno(), mode)
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        Path(name).replace(path)
    except OSError:
        Path(name).unlink(missing_ok=True)
        raise
    sync_folder(path.parent)
    return path


@contextmanager
def new(path: Path) -> Iterator[BinaryIO]:
    """A file to write to, readable by its owner only, that gets its name when all is written; without a trace when that fails.

    Raises FileExistsError where there is one of this name, and OSError.
    """
    if path.exists():
        raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), str(path))
    descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=UNFINISHED)
    try:
        with os.fdopen(descriptor, "wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        Path(name).replace(path)
    finally:
        Path(name).unlink(missing_ok=True)
    sync_folder(path.parent)


def sync_folder(folder: Path) -> None:
    """Makes sure that the names of new files are on the disk too. Raises OSError."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
