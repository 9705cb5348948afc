"""The YAML at the head of a document: each key read as the kind it must be, or refused with a line that says so."""

import re
from collections.abc import Iterator, Mapping
from datetime import date, datetime
from pathlib import Path
from typing import Any

import yaml

REFERENCE_PARTS = {
    "doi": (r"10\.[0-9]{4,9}/\S+", "an identifier such as 10.1177/0333102410364676"),
    "pmid": (r"[0-9]+", "a number"),
    "url": (r"https?://\S+", "an address that begins with https:// or http://"),
}
"""What the identifiers of a reference look like; they are made into links."""
MAX_CHANGE = 300
"""Characters of a line that tells readers what was changed."""


_PARTED = re.compile(r"---\n(.*?)\n---\n(.*)\Z", re.DOTALL)


class InvalidDocument(Exception):
    """A document cannot be used; says the file, the key and what is expected."""

    def __init__(self, path: Path, key: str, expected: str) -> None:
        super().__init__(f"{path}: {key}: expected {expected}")
        self.path, self.key, self.expected = path, key, expected


class _TwiceGiven(yaml.MarkedYAMLError):
    """A key that stands twice in one mapping; `problem` is the key."""


class _Loader(yaml.CSafeLoader):
    """Refuses a key that stands twice in one mapping, where YAML alone lets the last one win.

    A time that cannot be, such as month 13, stays a text, so that whoever reads its key can name it.
    """

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        """The mapping of a node. Raises _TwiceGiven."""
        seen: set[str] = set()
        for key, _ in node.value:
            if isinstance(key, yaml.ScalarNode) and key.value in seen:
                raise _TwiceGiven(problem=key.value, problem_mark=key.start_mark)
            seen.add(str(key.value))
        return super().construct_mapping(node, deep)

    def possible_time(self, node: yaml.ScalarNode) -> Any:
        """The date or time of a scalar, or its text."""
        try:
            return self.construct_yaml_timestamp(node)
        except ValueError:
            return node.value


_Loader.add_constructor("tag:yaml.org,2002:timestamp", _Loader.possible_time)


def split(path: Path) -> tuple["FrontMatter", str]:
    """The checked reader of a file's front matter, and the Markdown below it. Raises InvalidDocument."""
    return parse(path, text_of(path))


def text_of(path: Path) -> str:
    """The text of a file. Raises InvalidDocument when there is none to be read."""
    try:
        return path.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise InvalidDocument(path, "encoding", "UTF-8 text") from error
    except OSError as error:
        raise InvalidDocument(path, "file", f"a file that can be read ({error.strerror})") from error


def parse(path: Path, text: str) -> tuple["FrontMatter", str]:
    """The same for the text of a file; `path` only names it. Raises InvalidDocument."""
    front, body = head(path, text)
    return FrontMatter(path, front), body


def head(path: Path, text: str) -> tuple[Mapping[str, Any], str]:
    """The front matter as YAML has it, nothing of it checked, and the Markdown below. Raises InvalidDocument."""
    match = _PARTED.match(text)
    if match is None:
        raise InvalidDocument(path, "front matter", "YAML between two lines of ---, then the text")
    try:
        front = yaml.load(match.group(1), Loader=_Loader)  # a SafeLoader  # nosec
    except _TwiceGiven as error:
        raise InvalidDocument(path, str(error.problem), f"one entry; line {_line(error)} gives a second one") from error
    except (yaml.YAMLError, ValueError) as error:  # ValueError: a number without digits, such as 0x_
        raise InvalidDocument(path, "front matter", f"valid YAML (line {_line(error)})") from error
    if not isinstance(front, Mapping):
        raise InvalidDocument(path, "front matter", "a list of key: value lines")
    return front, match.group(2)


def key_lines(text: str) -> dict[str, int]:
    """The line of the file at which each key begins, and each entry of a list, as "title", "references.R1.doi", "summary.0".

    Empty for a text whose front matter `head` refuses.
    """
    match = _PARTED.match(text)
    try:
        root = yaml.compose(match.group(1), Loader=yaml.CSafeLoader) if match else None  # composes, makes nothing  # nosec
    except yaml.YAMLError:
        return {}
    return {key: line + 2 for key, line in _places("", root)}


def _places(prefix: str, node: yaml.Node | None) -> Iterator[tuple[str, int]]:
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            yield f"{prefix}{key.value}", key.start_mark.line
            yield from _places(f"{prefix}{key.value}.", value)
    elif isinstance(node, yaml.SequenceNode):
        for number, entry in enumerate(node.value):
            yield f"{prefix}{number}", entry.start_mark.line


def _line(error: Exception) -> int | str:
    mark = getattr(error, "problem_mark", None)
    return mark.line + 2 if mark else "?"


def _is_change(row: object) -> bool:
    if not isinstance(row, Mapping) or row.keys() != {"date", "text"} or not isinstance(row["text"], str):
        return False
    return type(row["date"]) is date and 0 < len(row["text"].strip()) <= MAX_CHANGE


class FrontMatter:
    """Reads keys of the front matter, each with the kind that is expected."""

    KNOWN = frozenset(
        [
            "id",
            "slug",
            "old_slugs",
            "status",
            "title",
            "seo_title",
            "description",
            "excerpt",
            "published",
            "updated",
            "author",
            "reviewer",
            "reviewed",
            "review_due",
            "signed",
            "compliance_note",
            "generic",
            "treatment",
            "condition",
            "comments",
            "changes",
            "summary",
            "references",
        ]
    )

    def __init__(self, path: Path, data: Mapping[str, Any], prefix: str = "") -> None:
        """`prefix` stands before a key that is wrong, where `data` is a part of the whole."""
        self.path, self.data, self.prefix = path, data, prefix
        for key in data.keys() - self.KNOWN:
            raise self.wrong(str(key), f"one of the known keys ({', '.join(sorted(self.KNOWN))})")
        references = data.get("references") or {}
        if not isinstance(references, Mapping) or not all(isinstance(entry, Mapping) for entry in references.values()):
            raise self.wrong("references", "a mapping such as R1: {authors, title, source, doi, pmid, url}")
        self.references: dict[str, Mapping[str, Any]] = {str(key): entry for key, entry in references.items()}
        for key, entry in self.references.items():
            if entry.keys() - {"authors", "title", "source", "doi", "pmid", "url"} or not entry.get("title"):
                raise self.wrong(f"references.{key}", "title and any of authors, source, doi, pmid, url")
            for part, (pattern, expected) in REFERENCE_PARTS.items():
                if part in entry and not re.fullmatch(pattern, str(entry[part])):
                    raise self.wrong(f"references.{key}.{part}", expected)

    def wrong(self, key: str, expected: str) -> InvalidDocument:
        """The error to raise."""
        return InvalidDocument(self.path, f"{self.prefix}{key}", expected)

    def text(self, key: str, shortest: int = 1, longest: int = 500) -> str:
        """A text of a length within these bounds."""
        value = self.data.get(key)
        if not isinstance(value, str) or not shortest <= len(value.strip()) <= longest:
            raise self.wrong(key, f"a text of {shortest} to {longest} characters")
        return value.strip()

    def optional(self, key: str) -> str | None:
        """A text, or None when the key is not there."""
        return self.text(key) if key in self.data else None

    def lines(self, key: str) -> list[str]:
        """A list of texts, not empty."""
        value = self.data.get(key)
        if not isinstance(value, list) or not value or not all(isinstance(line, str) for line in value):
            raise self.wrong(key, "a list of texts")
        return value

    def changes(self) -> tuple[tuple[date, str], ...]:
        """What was changed and when, newest first; nothing when the key is not there."""
        rows = self.data.get("changes", [])
        if not isinstance(rows, list) or not all(_is_change(row) for row in rows):
            raise self.wrong("changes", 'a list such as - {date: 2026-11-28, text: "What readers should know of it."}')
        return tuple(sorted(((row["date"], row["text"].strip()) for row in rows), key=lambda row: row[0], reverse=True))

    def slug(self, key: str) -> str:
        """A word for URLs: lower-case letters, digits, hyphens."""
        return self._slug(key, self.data.get(key))

    def slugs(self, key: str) -> tuple[str, ...]:
        """A list of such words, or nothing."""
        return tuple(self._slug(key, value) for value in self.lines(key)) if self.data.get(key) else ()

    def _slug(self, key: str, value: object) -> str:
        if not isinstance(value, str) or not re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", value):
            raise self.wrong(key, "lower-case letters, digits and hyphens")
        return value

    def one_of(self, key: str, values: tuple[str, ...]) -> str:
        """One of these words."""
        value = self.data.get(key)
        if value not in values:
            raise self.wrong(key, " or ".join(values))
        return str(value)

    def day(self, key: str) -> date:
        """A date without a time."""
        value = self.data.get(key)
        if not isinstance(value, date) or isinstance(value, datetime):
            raise self.wrong(key, "a date such as 2027-11-28")
        return value

    def moment(self, key: str) -> datetime:
        """A date and time with its zone."""
        value = self.data.get(key)
        if not isinstance(value, datetime) or value.tzinfo is None:
            raise self.wrong(key, "a date and time with its zone, such as 2026-11-22T09:00:00+05:00")
        return value
