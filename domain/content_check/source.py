"""A content file as the rules see it: front matter and Markdown with their lines, read even where the site would refuse it."""

import re
from collections.abc import Callable, Mapping
from enum import StrEnum
from functools import cached_property
from pathlib import Path
from typing import Any

from domain import articles, front_matter, markdown, treatments
from domain.content_check import blocks
from domain.content_check.blocks import Block
from domain.documents import Document
from domain.front_matter import InvalidDocument

_CITATION = re.compile(r"\[@(R\d+(?:\s*,\s*R\d+)*)\]")


class Kind(StrEnum):
    """What a document is; the value is its folder."""

    ARTICLE = "articles"
    TREATMENT = "treatments"


READ: Mapping[Kind, Callable[..., Document]] = {Kind.ARTICLE: articles.read, Kind.TREATMENT: treatments.read}


class Source:
    """One file. What cannot be read of it is empty, and `fault` says why; `document` is what the site makes of it.

    `figures` is the folder of drawings, `generic` whether the site shows texts without brand names.
    """

    def __init__(self, folder: Path, kind: Kind, path: Path, *, generic: bool = False) -> None:
        self.path, self.kind, self.file = path, kind, str(path.relative_to(folder))
        self.figures, self.generic = folder / "figures", generic
        self.front: Mapping[str, Any] = {}
        self.body = self.text = ""
        self.document: Document | None = None
        self.fault: InvalidDocument | None = None
        try:
            self.text = front_matter.text_of(path)
            self.front, self.body = front_matter.head(path, self.text)
            self.document = READ[kind](path, generic=generic)
        except InvalidDocument as error:
            self.fault = error

    @cached_property
    def lines(self) -> dict[str, int]:
        """The line of each key of the front matter."""
        return front_matter.key_lines(self.text)

    def line_of(self, key: str) -> int:
        """The line of a key, or of the closest one around it; the first line where there is none."""
        return nearest_line(self.lines, key)

    def said(self, key: str) -> str:
        """A text of the front matter; empty where it is none."""
        value = self.front.get(key)
        return value.strip() if isinstance(value, str) else ""

    @property
    def body_line(self) -> int:
        """The line of the file on which the Markdown begins."""
        return self.text.count("\n", 0, len(self.text) - len(self.body)) + 1

    @property
    def references(self) -> Mapping[str, Any]:
        """The entries of the front matter."""
        found = self.front.get("references")
        return found if isinstance(found, Mapping) else {}

    @cached_property
    def summary(self) -> list[Block]:
        """The lines of the summary."""
        lines = self.front.get("summary")
        texts = enumerate(lines) if isinstance(lines, list) else ()
        return [blocks.of_line(text, self.line_of(f"summary.{number}")) for number, text in texts if isinstance(text, str)]

    @cached_property
    def blocks(self) -> list[Block]:
        """The blocks of the body, in order."""
        return blocks.of_body(self.body, self.body_line)

    @cached_property
    def anchors(self) -> frozenset[str] | None:
        """The ids that the page has; None for a file that the site refuses."""
        if self.document is None:
            return None
        return frozenset(re.findall(r'\bid="([^"]+)"', self.document.html)) | markdown.PAGE_IDS

    @cached_property
    def cited(self) -> dict[str, int]:
        """The references that are cited, each with the line of its first citation."""
        found: dict[str, int] = {}
        lines = self.front.get("summary")
        for number, text in enumerate(lines if isinstance(lines, list) else ()):
            for key in _keys(str(text)):
                found.setdefault(key, self.line_of(f"summary.{number}"))
        for number, text in enumerate(self.body.split("\n"), self.body_line):
            for key in _keys(text):
                found.setdefault(key, number)
        return found


def nearest_line(lines: Mapping[str, int], key: str) -> int:
    """The line of a key, or of the closest one around it; the first line where there is none."""
    while key:
        if key in lines:
            return lines[key]
        key = key.rpartition(".")[0]
    return 1


def _keys(text: str) -> list[str]:
    return [part.strip() for match in _CITATION.finditer(text) for part in match.group(1).split(",")]
