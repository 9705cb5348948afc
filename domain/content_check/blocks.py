"""The blocks of a document as plain text with their lines: what the rules about words and structure look at."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

from markdown_it.token import Token

from domain import markdown

CITED = "\x00"
"""Stands in the text of a block for a citation."""


class Part(StrEnum):
    """What a block is."""

    SUMMARY = "summary"
    HEADING = "heading"
    PARAGRAPH = "paragraph"
    ITEM = "item"
    ROW = "row"


class Link(NamedTuple):
    """A link or an image of a block: its address, its text, and where it stands in the block's text."""

    address: str
    text: str
    at: int
    is_image: bool = False


@dataclass(frozen=True)
class Block:
    """A paragraph, list item, heading, table row or line of the summary as plain text, CITED where something is cited.

    `level` is a heading's, `boxes` are those around it. `introduced` says that a cited line that ends in a colon, or a cited
    caption, stands before the list or table it belongs to.
    """

    part: Part
    line: int
    text: str
    level: int = 0
    boxes: tuple[str, ...] = ()
    links: tuple[Link, ...] = ()
    introduced: bool = False

    def line_of(self, at: int) -> int:
        """The line of the file on which a place of the text stands."""
        return self.line + self.text.count("\n", 0, at)

    @property
    def prose(self) -> str:
        """The text without its citations."""
        return self.text.replace(CITED, "")


def of_line(text: str, line: int) -> Block:
    """A line of the summary."""
    inline = next((token for token in markdown.tokens(text) if token.type == "inline"), None)
    words, links = _text(inline) if inline else ("", ())
    return Block(Part.SUMMARY, line, words, links=links)


def of_body(body: str, first: int) -> list[Block]:
    """The blocks of a body, in order; `first` is the line of the file at which it begins."""
    return list(_Walk(first).over(markdown.tokens(body)))


class _Walk:
    """What is open at a token: boxes, lists and a table, each list and table with whether something cited introduces it."""

    def __init__(self, first: int) -> None:
        self.first = first
        self.boxes: list[str] = []
        self.lists: list[bool] = []
        self.table = False
        self.row: list[Token] = []
        self.heading: Token | None = None
        self.before: Block | None = None

    def over(self, tokens: list[Token]) -> Iterator[Block]:
        for token in tokens:
            if token.type == "inline" and self.row:
                self.row.append(token)
            elif token.type == "inline":
                self.before = self._block(token)
                yield self.before
            elif token.type == "tr_close":
                yield self._end_row()
            elif token.nesting > 0:
                self._open(token)
            elif token.nesting < 0:
                self._close(token)

    def _open(self, token: Token) -> None:
        if token.type.startswith("container_"):
            self.boxes.append(token.type.split("_")[1])
        elif token.type.endswith("_list_open"):
            self.lists.append(any(self.lists) or self._is_introduced())
        elif token.type == "table_open":
            self.table = self._is_introduced()
        elif token.type == "tr_open":
            self.row = [token]
        elif token.type == "heading_open":
            self.heading = token

    def _close(self, token: Token) -> None:
        if token.type.startswith("container_"):
            self.boxes.pop()
        elif token.type.endswith("_list_close"):
            self.lists.pop()
        elif token.type == "heading_close":
            self.heading = None

    def _is_introduced(self) -> bool:
        block = self.before
        words = block.prose.rstrip() if block is not None and CITED in block.text else ""
        return words.startswith("Table ") or words.endswith(":")

    def _line(self, token: Token) -> int:
        return self.first + (token.map[0] if token.map else 0)

    def _block(self, token: Token) -> Block:
        part = Part.HEADING if self.heading else Part.ITEM if self.lists else Part.PARAGRAPH
        words, links = _text(token)
        level = int(self.heading.tag[1:]) if self.heading else 0
        return Block(part, self._line(token), words, level, tuple(self.boxes), links, bool(self.lists) and self.lists[-1])

    def _end_row(self) -> Block:
        opening, *cells = self.row
        self.row = []
        words = [_text(cell) for cell in cells]
        links = tuple(link for _, found in words for link in found)
        text = " | ".join(text for text, _ in words)
        return Block(Part.ROW, self._line(opening), text, 0, tuple(self.boxes), links, self.table)


def _text(inline: Token) -> tuple[str, tuple[Link, ...]]:
    """The plain text of a line or paragraph, and its links."""
    text, links, opened = "", [], list[tuple[str, int]]()
    for child in inline.children or ():
        if child.type == "citation":
            text += CITED
        elif child.type in {"text", "code_inline"}:
            text += child.content
        elif child.type in {"softbreak", "hardbreak"}:
            text += "\n"
        elif child.type == "link_open":
            opened.append((str(child.attrGet("href") or ""), len(text)))
        elif child.type == "link_close":
            address, at = opened.pop()
            links.append(Link(address, text[at:], at))
        elif child.type == "image":
            links.append(Link(str(child.attrGet("src") or ""), child.content, len(text), is_image=True))
    return text, tuple(links)
