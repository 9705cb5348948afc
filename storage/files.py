"""Files that are there whole or not at all, and that are still there after the power has failed."""

import os
import tempfile
from pathlib import Path

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


def sync_folder(folder: Path) -> None:
    """Makes sure that the names of new files are on the disk too. Raises OSError."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
