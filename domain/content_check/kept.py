"""Records of content files kept on the disk: to check a thousand texts again, of which one has changed, one is read.

As domain/remembered.py keeps what the site shows, by the same promise: what is kept is taken only while the file, the drawings it
names and all code that has a say are the same, so that it is what a check would find now.
"""

import hashlib
import json
import os
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from functools import cache
from math import inf
from pathlib import Path
from typing import Any

from domain import remembered, sign_offs
from domain.content_check import record
from domain.content_check.record import Record
from domain.content_check.source import Kind

File = tuple[Kind, Path]


class Unfinished(Exception):
    """The time was up before all files were read; what was read is kept, so that the next time goes on from there."""

    def __init__(self, done: int, files: int) -> None:
        super().__init__(f"{done} of {files} files read")
        self.done, self.files = done, files


class Kept:
    """The records in a folder of their own, for texts that are shown with or without brand names."""

    def __init__(self, folder: Path, *, generic: bool) -> None:
        self._folder, self._generic = folder, generic
        self._salt = f"{remembered.code()} {_code()} generic: {generic}"
        self._index = folder / f"records-{hashlib.sha256(self._salt.encode()).hexdigest()[:16]}.json"

    def records(
        self, content: Path, files: Sequence[File], read: Callable[[Kind, Path], Record], seconds: float
    ) -> tuple[Record, ...]:
        """The records of these files of a content folder, in their order: those that are kept, else read now by `read` and kept.

        Raises Unfinished when reading takes longer than `seconds`; where the disk keeps nothing, it takes the time it takes.
        """
        known, figures, until = self._known(), remembered.hashes(content / "figures"), time.monotonic() + seconds
        found, now = list[Record](), dict[str, Any]()
        for kind, path in files:
            if time.monotonic() > until and now.keys() - known.keys():
                if self._write(known | now):
                    raise Unfinished(len(found), len(files))
                until = inf
            key = self._key(kind, path, figures)
            one = self._recalled(known.get(key), content, kind, path)
            if one is None:
                one = read(kind, path)
                # Changed meanwhile: nobody can say which of the two was read.
                key = key if self._key(kind, path, remembered.hashes(content / "figures")) == key else ""
            found.append(one)
            now |= {key: record.as_data(one) if key not in known else known[key]} if key else {}
        if now != known:
            self._write(now)
        return tuple(found)

    def _recalled(self, data: Any, content: Path, kind: Kind, path: Path) -> Record | None:
        with suppress(*remembered.DAMAGED):
            return record.from_data(data, content, kind, path, generic=self._generic)
        return None

    def _key(self, kind: Kind, path: Path, figures: Mapping[str, str]) -> str:
        """What stands for the file and the drawings that it may name; empty for a file that cannot be read."""
        try:
            source = path.read_bytes()
        except OSError:
            return ""
        named = sorted(sign_offs.named(source.decode(errors="replace")) & figures.keys())
        drawn = json.dumps([kind.value, [(name, figures[name]) for name in named]])
        return hashlib.sha256(f"{self._salt} {drawn} ".encode() + source).hexdigest()

    def _known(self) -> dict[str, Any]:
        with suppress(OSError, ValueError):
            known = json.loads(self._index.read_bytes())
            return known if isinstance(known, dict) else {}
        return {}

    def _write(self, records: Mapping[str, Any]) -> bool:
        """Whether the disk took it. What other releases have kept goes after a day, as they may still run."""
        try:
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            unfinished = self._folder / f"{remembered.UNFINISHED}{os.getpid()}"
            unfinished.write_text(json.dumps(records, ensure_ascii=False), encoding="utf-8")
            unfinished.replace(self._index)
            for other in set(self._folder.iterdir()) - {self._index}:
                if other.stat().st_mtime < time.time() - remembered.STAYS_SECONDS:
                    other.unlink(missing_ok=True)
        except OSError:
            return False
        return True


@cache
def _code() -> str:
    told = hashlib.sha256()
    for path in sorted(Path(__file__).parent.glob("*.py")):
        told.update(path.read_bytes())
    return told.hexdigest()
