"""Old addresses and where they lead: the entries of content/redirects.toml, checked, so that no answer moves twice."""

import re
import tomllib
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import parse_qsl, quote, unquote, urlencode, urlsplit

STATUSES = (301, 308, 410)
Pairs = tuple[tuple[str, str], ...]
_HEAD = re.compile(r"^\s*\[\[\s*redirect\s*\]\]", re.MULTILINE)


class InvalidRedirects(Exception):
    """The file cannot be used; one line that says where and why."""


class Fault(NamedTuple):
    """What is wrong, and the line of the file where its entry begins."""

    line: int
    text: str


class Answer(NamedTuple):
    """How an old address is answered; a 410 leads nowhere."""

    status: int
    location: str = ""


@dataclass(frozen=True)
class Entry:
    """One old address: its folded path, what its query must hold, and the answer. `target` is a path with its query, or a URL."""

    line: int
    written: str
    path: str
    query: Pairs
    status: int
    target: str

    @property
    def lands_on(self) -> tuple[str, Pairs] | None:
        """The folded path and the query of the target when it is on this site."""
        return _place(self.target) if self.target.startswith("/") else None


class Redirects:
    """Entries that passed the checks; `find` costs one look into a dictionary for an address that is none of them."""

    def __init__(self, entries: Sequence[Entry] = ()) -> None:
        self._by_path: dict[str, list[Entry]] = {}
        # What asks for more of the query is the closer match.
        for entry in sorted(entries, key=lambda entry: len(entry.query), reverse=True):
            self._by_path.setdefault(entry.path, []).append(entry)

    def find(self, path: str, query: str) -> Answer | None:
        """The answer for a path (decoded) and a raw query, None where the address is not an old one.

        What the query holds beyond the entry's own goes along; where that makes the target an old address too, its answer is
        given at once.
        """
        if fold(path) not in self._by_path:
            return None
        found = self._match(path, _pairs(query))
        answer = None
        while found is not None:
            entry, rest = found
            if not entry.target:
                return Answer(entry.status)
            location = _with_query(entry.target, rest)
            answer = Answer(entry.status, location)
            parts = urlsplit(location)
            found = self._match(unquote(parts.path), _pairs(parts.query)) if location.startswith("/") else None
        return answer

    def _match(self, path: str, given: Pairs) -> tuple[Entry, Pairs] | None:
        for entry in self._by_path.get(fold(path), ()):
            if set(entry.query) <= set(given):
                return entry, tuple(pair for pair in given if pair not in entry.query)
        return None


def fold(path: str) -> str:
    """A decoded path without case, doubled slashes and closing slash: how old addresses are compared."""
    return re.sub("/+", "/", path).rstrip("/").casefold() or "/"


def load(path: Path) -> Redirects:
    """The entries of a file; none where there is no file. Raises InvalidRedirects with the first fault of `faults`."""
    entries = _entries(path)
    if found := _contradictions(entries):
        raise InvalidRedirects(f"{path}:{found[0].line}: {found[0].text}")
    return Redirects(entries)


def faults(
    path: Path, *, pages: Collection[str] = (), moved: Mapping[str, str] | None = None, is_page: Callable[[str], bool] | None = None
) -> list[Fault]:
    """Everything that is wrong with a file, by line; empty when it may be used.

    `pages` are the paths that the site answers itself, `moved` the old paths of its documents with their new ones, `is_page`
    says whether the site has a page at a path exactly so written. Raises InvalidRedirects when the file cannot be read at all.
    """
    entries = _entries(path)
    taken = {fold(page) for page in pages}
    found = _contradictions(entries)
    for entry in entries:
        if not entry.query and entry.path in taken:
            found.append(Fault(entry.line, f"{entry.written}: would hide a page of this site"))
        if entry.lands_on is None or any(fault.line == entry.line for fault in found):
            continue
        target = unquote(urlsplit(entry.target).path)
        if target in (moved or {}):
            found.append(
                Fault(entry.line, f"{entry.written}: a chain; {target} moves on to {(moved or {})[target]}, name that one")
            )
        elif is_page is not None and not is_page(target):
            found.append(Fault(entry.line, f"{entry.written}: leads to {target}, which is no page of this site so written"))
    return sorted(found)


def _entries(path: Path) -> list[Entry]:
    try:
        text = path.read_text(encoding="utf-8")
        data = tomllib.loads(text)
    except FileNotFoundError:
        return []
    except OSError as error:
        raise InvalidRedirects(f"{path}: expected a file that can be read ({error.strerror})") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise InvalidRedirects(f"{path}: expected valid TOML: {error}") from error
    rows = data.get("redirect", [])
    if data.keys() - {"redirect"} or not isinstance(rows, list):
        raise InvalidRedirects(f"{path}: expected nothing but tables [[redirect]]")
    lines = [text.count("\n", 0, match.end()) + 1 for match in _HEAD.finditer(text)]
    if len(lines) != len(rows):
        raise InvalidRedirects(f"{path}: expected each entry to begin with [[redirect]]")
    try:
        return [_entry(line, row) for line, row in zip(lines, rows, strict=True)]
    except _Wrong as error:
        raise InvalidRedirects(f"{path}:{error}") from error


class _Wrong(Exception):
    """An entry is not one; its text begins with the line."""


def _entry(line: int, row: Mapping[str, Any]) -> Entry:
    def wrong(key: str, expected: str) -> _Wrong:
        return _Wrong(f"{line}: {key}: expected {expected}")

    if row.keys() - {"from", "to", "status"}:
        raise wrong(", ".join(sorted(row.keys() - {"from", "to", "status"})), "from, to and status only")
    written, target, status = row.get("from"), row.get("to", ""), row.get("status", 301)
    if not isinstance(written, str) or not _is_path(written) or "#" in written:
        raise wrong("from", 'a path with or without a query, such as "/old-page" or "/?p=12"')
    if status not in STATUSES or isinstance(status, bool):
        raise wrong("status", "301, 308 or 410")
    if status == 410 and target:
        raise wrong("to", "nothing beside status = 410")
    if status != 410 and not (isinstance(target, str) and (_is_path(target) or _is_elsewhere(target))):
        raise wrong("to", 'a path of this site such as "/about", or an address that begins with https://')
    path, query = _place(written)
    return Entry(line, written, path, query, status, target)


def _is_path(value: str) -> bool:
    return re.fullmatch(r"/(?!/)[^\s\\]*", value) is not None


def _is_elsewhere(value: str) -> bool:
    return re.fullmatch(r"https://[^\s/\\@#?]+(?:/[^\s\\]*)?", value) is not None


def _contradictions(entries: Sequence[Entry]) -> list[Fault]:
    """Entries that repeat one another, chains and loops among them."""
    found, seen = [], dict[tuple[str, frozenset[tuple[str, str]]], Entry]()
    for entry in entries:
        key = (entry.path, frozenset(entry.query))
        if key in seen:
            found.append(Fault(entry.line, f"{entry.written}: line {seen[key].line} has this address already"))
        seen[key] = entry
    for entry in entries:
        if (way := _loop(entry, entries)) is not None:
            found.append(Fault(entry.line, f"a loop: {' -> '.join(step.written for step in [*way, entry])}"))
        elif (following := next((other for other in entries if _surely(entry, other)), None)) is not None:
            found.append(Fault(entry.line, f"a chain: {entry.written} -> {following.written} -> {following.target or '410'}"))
    return sorted(found)


def _surely(entry: Entry, other: Entry) -> bool:
    """Whether the target of one entry is the old address of another."""
    return _perhaps(entry, other) and set(other.query) <= set((entry.lands_on or ("", ()))[1])


def _perhaps(entry: Entry, other: Entry) -> bool:
    """Whether it is, or may become so by what a visitor's query holds besides."""
    if entry.lands_on is None or entry.lands_on[0] != other.path:
        return False
    missing = set(other.query) - set(entry.lands_on[1])
    return not missing & set(entry.query)


def _loop(start: Entry, entries: Sequence[Entry]) -> list[Entry] | None:
    """The way from an entry back to itself, as far as addresses can lead; None where there is none."""
    waiting, been = [[start]], {start.line}
    while waiting:
        way = waiting.pop()
        for other in entries:
            if not _perhaps(way[-1], other):
                continue
            if other is start:
                return way
            if other.line not in been:
                been.add(other.line)
                waiting.append([*way, other])
    return None


def _place(address: str) -> tuple[str, Pairs]:
    parts = urlsplit(address)
    return fold(unquote(parts.path)), _pairs(parts.query)


def _pairs(query: str) -> Pairs:
    return tuple(parse_qsl(query, keep_blank_values=True, errors="replace"))


def _with_query(target: str, more: Pairs) -> str:
    bare, hash_sign, fragment = target.partition("#")
    path, _, query = bare.partition("?")
    whole = "&".join(part for part in (query, urlencode(more, quote_via=quote)) if part)
    # Other letters than ASCII have no place in a header; what is quoted already stays.
    return quote("".join([path, "?" if whole else "", whole, hash_sign, fragment]), safe="/:?#[]@!$&'()*+,;=~%-._")
