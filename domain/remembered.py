"""What was read and checked of documents, kept on the disk: a start with a thousand of them reads their facts, and no text.

The folder holds `facts-VERSION.json`, by a hash of each file, and a compressed file for each text. What it holds is trusted as the
database beside it is; whatever in it cannot be read is made anew from the documents. docs/decisions/0028 says why.
"""

import hashlib
import json
import os
import platform
import re
import threading
import time
import zlib
from collections import OrderedDict
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import fields, replace
from datetime import date, datetime
from functools import cache, partial
from importlib.metadata import version
from pathlib import Path
from typing import Any, Generic, TypeVar

from domain import document_text, sign_offs
from domain.document_text import Text
from domain.documents import Document, Status
from domain.sign_offs import SignOff

D = TypeVar("D", bound=Document)
Facts = dict[str, Any]
SOURCES = (
    *("articles", "document_text", "documents", "figures", "front_matter", "generic_names", "markdown", "remembered", "sign_offs"),
    *("text", "treatments"),
)
"""Modules of the domain that have a say in what is remembered: after a release that changed none of them, all of it counts."""
LIBRARIES = ("markdown-it-py", "mdit-py-plugins", "nh3", "PyYAML")
"""What else has a say in how a document comes out."""
AT_HAND = 32
"""Texts that a process keeps ready, those that were shown last: more than a feed has."""
STAYS_SECONDS = 24 * 3600
"""How long a text stays that no document has any more: another process may still show it."""
UNFINISHED = ".writing-"
DAMAGED = (OSError, LookupError, TypeError, ValueError, AttributeError, zlib.error)
_DRAWN = re.compile(r'id="figure-([a-z0-9-]+)-title"')


class Memory(Generic[D]):
    """The documents of one kind that were read before, by what their files hold.

    `make` makes one of its facts. `kind` says how they are read: the same file may be shown in several ways.
    """

    def __init__(self, folder: Path, make: Callable[..., D], kind: str) -> None:
        self._folder, self._make = folder, make
        self._salt = f"{code()} {kind}"
        self._index = folder / f"facts-{hashlib.sha256(self._salt.encode()).hexdigest()[:16]}.json"
        self._keys: dict[Path, str] = {}
        self._lock = threading.Lock()
        self._at_hand: OrderedDict[str, Text] = OrderedDict()

    def documents(self, files: Iterable[Path], read: Callable[[Path], D], others: Iterable[Path], drawings: Path) -> dict[Path, D]:
        """The documents of these files: remembered, else read now by `read` and remembered, as far as the disk takes it.

        `others` are the files of the documents that stay as they are; what nobody names is forgotten. `drawings` is the folder of
        figures. Raises what `read` raises; what was read until then is remembered.
        """
        known, figures, new = self._known(), hashes(drawings), dict[str, Facts]()
        texts, found = self._names(), dict[Path, D]()
        keys = {path: self._keys[path] for path in others if path in self._keys}
        kept = known
        try:
            for path in files:
                document, key, facts = self._recalled(path, read, known, figures, texts) or self._read(path, read, figures)
                found[path] = document
                if key is not None:
                    keys[path] = key
                    new |= {key: facts} if key not in known or known[key] != facts else {}
            kept, self._keys = {key: known[key] for key in keys.values() if key in known}, keys
        finally:
            if new:
                self._write(kept | new)
        return found

    def _recalled(
        self, path: Path, read: Callable[[Path], D], known: Mapping[str, Facts], figures: Mapping[str, str], texts: set[str]
    ) -> tuple[D, str | None, Facts] | None:
        with suppress(*DAMAGED):
            key = self._key(path.read_bytes())
            facts = known[key]
            if facts["text"] in texts and facts["figures"] == _named(facts["names"], figures):
                return self._make(**from_data(facts["facts"]), text=partial(self._text, facts["text"], path, read)), key, facts
        return None

    def _read(self, path: Path, read: Callable[[Path], D], figures: Mapping[str, str]) -> tuple[D, str | None, Facts]:
        before = _bytes(path)
        document = read(path)
        if before is None or _bytes(path) != before:
            # Changed meanwhile: nobody can say which of the two was read.
            return document, None, {}
        text = document.text()
        names = sorted(sign_offs.named(before.decode()) | set(_DRAWN.findall(text.html)))
        used, now = _named(names, figures), _named(names, hashes(path.parent.parent / "figures"))
        key = self._key(before)
        name = f"{hashlib.sha256(json.dumps([key, used]).encode()).hexdigest()}.z"
        try:
            if used != now:
                return document, None, {}
            self._put(name, zlib.compress(json.dumps(document_text.as_data(text), ensure_ascii=False).encode(), 1))
        except OSError:
            return document, None, {}
        facts = {"facts": as_data(document), "names": names, "figures": used, "text": name}
        return replace(document, text=partial(self._text, name, path, read)), key, facts

    def _text(self, name: str, path: Path, read: Callable[[Path], D]) -> Text:
        with self._lock:
            if name in self._at_hand:
                self._at_hand.move_to_end(name)
                return self._at_hand[name]
        try:
            text = document_text.from_data(json.loads(zlib.decompress((self._folder / name).read_bytes())))
        except DAMAGED:
            text = read(path).text()
        with self._lock:
            self._at_hand[name] = text
            while len(self._at_hand) > AT_HAND:
                self._at_hand.popitem(last=False)
        return text

    def _key(self, source: bytes) -> str:
        return hashlib.sha256(self._salt.encode() + source).hexdigest()

    def _known(self) -> dict[str, Facts]:
        with suppress(OSError, ValueError):
            known = json.loads(self._index.read_bytes())
            return known if isinstance(known, dict) else {}
        return {}

    def _names(self) -> set[str]:
        with suppress(OSError):
            return {path.name for path in self._folder.iterdir()}
        return set()

    def _write(self, known: Mapping[str, Facts]) -> None:
        """A folder that takes nothing costs time at the next start, and nothing else."""
        with suppress(OSError):
            self._put(self._index.name, json.dumps(known, ensure_ascii=False).encode())
            used, old = {facts["text"] for facts in known.values()} | {self._index.name}, time.time() - STAYS_SECONDS
            for name in self._names() - used:
                if (self._folder / name).stat().st_mtime < old:
                    (self._folder / name).unlink(missing_ok=True)

    def _put(self, name: str, content: bytes) -> None:
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        unfinished = self._folder / f"{UNFINISHED}{os.getpid()}-{name}"
        unfinished.write_bytes(content)
        unfinished.replace(self._folder / name)


@cache
def code() -> str:
    """A hash of all that makes documents of files: our own code and the libraries it uses."""
    told = hashlib.sha256(platform.python_version().encode())
    for library in LIBRARIES:
        told.update(f"{library} {version(library)}".encode())
    for name in SOURCES:
        told.update(Path(__file__).with_name(f"{name}.py").read_bytes())
    return told.hexdigest()


def _bytes(path: Path) -> bytes | None:
    try:
        return path.read_bytes()
    except OSError:
        return None


def hashes(drawings: Path) -> dict[str, str]:
    """SHA-256 in hex of each drawing of a folder, by its name."""
    return {path.stem: hashlib.sha256(_bytes(path) or b"").hexdigest() for path in drawings.glob("*.svg")}


def _named(names: Iterable[str], figures: Mapping[str, str]) -> dict[str, str]:
    return {name: figures[name] for name in names if name in figures}


def as_data(document: Document) -> Facts:
    """What JSON can hold of a document: all but its text."""
    return {field.name: _plain(getattr(document, field.name)) for field in fields(document) if field.name != "text"}


def _plain(value: Any) -> Any:
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, SignOff):
        return [value.reviewer, value.reviewed.isoformat(), value.due.isoformat(), value.is_current]
    if isinstance(value, tuple):
        return [_plain(one) for one in value]
    return value


def from_data(data: Facts) -> Facts:
    """The facts as the document has them. Raises one of DAMAGED for what `as_data` never made."""
    due, signed = data["review_due"], data["sign_off"]
    return data | {
        "old_slugs": tuple(data["old_slugs"]),
        "status": Status(data["status"]),
        "published": datetime.fromisoformat(data["published"]),
        "updated": datetime.fromisoformat(data["updated"]),
        "review_due": date.fromisoformat(due) if due else None,
        "sign_off": SignOff(signed[0], date.fromisoformat(signed[1]), date.fromisoformat(signed[2]), signed[3]) if signed else None,
        "changes": tuple((date.fromisoformat(day), words) for day, words in data["changes"]),
    }
