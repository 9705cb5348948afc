"""Documents that may change on the disk while the site runs: read again when they have, kept as they were when they are wrong."""

import os
from collections.abc import Callable, Collection
from contextlib import suppress
from pathlib import Path
from typing import Generic, TypeVar

from domain import documents
from domain.documents import Document
from domain.front_matter import InvalidDocument
from domain.remembered import Memory

D = TypeVar("D", bound=Document)
Stamp = tuple[int, int]
"""When a file was last written, in nanoseconds, and its size in bytes."""
Stamps = tuple[dict[str, Stamp], dict[str, Stamp]]
"""Those of the documents and of the figures, by their paths."""
_NOTHING: Stamps = ({}, {})


class Shelf(Generic[D]):
    """The *.md of a folder, checked. What the folder of figures beside it holds concerns all of them.

    `treatments` are those a document may be about; without them any will do. With a `memory`, what was read before is taken from
    there. Raises InvalidDocument naming the file, the key and what is expected. A folder that is not there is an empty one; but one
    that was there is not taken for emptied.
    """

    def __init__(
        self,
        folder: Path,
        read: Callable[[Path], D],
        treatments: Collection[str] | None = None,
        memory: Memory[D] | None = None,
    ) -> None:
        self._folder, self._read, self._treatments, self._memory = folder, read, treatments, memory
        self._is_away, self._stamps = False, _NOTHING
        try:
            self._stamps = self._look()
        except OSError as error:
            raise _unreadable(error) from None
        self._documents = self._all({})
        self.library = documents.collect(self._documents, treatments)

    def refresh(self) -> bool:
        """Reads what has changed since the last time; whether `library` is another one now.

        Raises InvalidDocument once for a change that cannot be shown: the library then stays as it was.
        """
        try:
            before, now = self._stamps, self._look()
        except OSError as error:
            if self._is_away:
                return False
            self._is_away = True
            raise _unreadable(error) from None
        self._is_away = False
        if now == before:
            return False
        self._stamps = now
        same = {Path(name) for name, stamp in now[0].items() if before[0].get(name) == stamp and before[1] == now[1]}
        try:
            read = self._all({path: document for path, document in self._documents.items() if path in same})
            self.library = documents.collect(read, self._treatments)
        except InvalidDocument:
            # Nothing of it is trusted: the next change makes all files be read.
            self._documents = {}
            raise
        self._documents = read
        return True

    def _all(self, kept: dict[Path, D]) -> dict[Path, D]:
        files = [path for path in map(Path, sorted(self._stamps[0])) if path not in kept]
        if self._memory is None:
            found = {path: self._read(path) for path in files}
        else:
            found = self._memory.documents(files, self._read, kept, self._figures)
        # In the order of their names, so that of two that cannot stand beside each other the same one is told of.
        every = kept | found
        return {path: every[path] for path in map(Path, sorted(self._stamps[0]))}

    @property
    def _figures(self) -> Path:
        return self._folder.parent / "figures"

    def _look(self) -> Stamps:
        # Without their folder of figures, the texts that show one cannot be read, which says the same.
        texts = _stamps(self._folder, ".md", were_there=bool(self._stamps[0]))
        return texts, _stamps(self._figures, ".svg", were_there=False)


def _unreadable(error: OSError) -> InvalidDocument:
    return InvalidDocument(Path(error.filename), "folder", f"one that can be read ({error.strerror})")


def _stamps(folder: Path, suffix: str, *, were_there: bool) -> dict[str, Stamp]:
    """By path as text: a thousand of them are looked at twice a second. Raises OSError for a folder that is gone, or closed."""
    found = {}
    with suppress(*([] if were_there else [FileNotFoundError])), os.scandir(folder) as entries:
        for entry in entries:
            if entry.name.endswith(suffix) and not entry.name.startswith("."):
                try:
                    status = entry.stat()
                except OSError:  # gone since, or a link to nowhere; reading it says so
                    found[entry.path] = (0, 0)
                else:
                    found[entry.path] = (status.st_mtime_ns, status.st_size)
    return found
