"""Documents that may change on the disk while the site runs: read again when they have, kept as they were when they are wrong."""

import os
from collections.abc import Callable, Collection
from contextlib import suppress
from pathlib import Path
from typing import Generic, TypeVar

from domain import documents
from domain.documents import Document
from domain.front_matter import InvalidDocument

D = TypeVar("D", bound=Document)
Stamp = tuple[int, int]
"""When a file was last written, in nanoseconds, and its size in bytes."""


class Shelf(Generic[D]):
    """The *.md of a folder, checked. What the folder of figures beside it holds concerns all of them.

    `treatments` are those a document may be about; without them any will do. Raises InvalidDocument naming the file, the key and
    what is expected.
    """

    def __init__(self, folder: Path, read: Callable[[Path], D], treatments: Collection[str] | None = None) -> None:
        self._folder, self._read, self._treatments = folder, read, treatments
        self._stamps = self._look()
        self._documents = {path: read(path) for path in sorted(self._stamps[0])}
        self.library = documents.collect(self._documents, treatments)

    def refresh(self) -> bool:
        """Reads what has changed since the last time; whether `library` is another one now.

        Raises InvalidDocument once for a change that cannot be shown: the library then stays as it was.
        """
        before, now = self._stamps, self._look()
        if now == before:
            return False
        self._stamps = now
        same = {path for path, stamp in now[0].items() if before[0].get(path) == stamp and before[1] == now[1]}
        try:
            read = {
                path: self._documents[path] if path in same and path in self._documents else self._read(path)
                for path in sorted(now[0])
            }
            self.library = documents.collect(read, self._treatments)
        except InvalidDocument:
            # Nothing of it is trusted: the next change makes all files be read.
            self._documents = {}
            raise
        self._documents = read
        return True

    def _look(self) -> tuple[dict[Path, Stamp], dict[Path, Stamp]]:
        return _stamps(self._folder, ".md"), _stamps(self._folder.parent / "figures", ".svg")


def _stamps(folder: Path, suffix: str) -> dict[Path, Stamp]:
    found = {}
    with suppress(FileNotFoundError), os.scandir(folder) as entries:
        for entry in entries:
            if entry.name.endswith(suffix) and not entry.name.startswith("."):
                try:
                    status = entry.stat()
                except OSError:  # gone since, or a link to nowhere; reading it says so
                    found[Path(entry.path)] = (0, 0)
                else:
                    found[Path(entry.path)] = (status.st_mtime_ns, status.st_size)
    return found
