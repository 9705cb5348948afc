"""Articles of the blog: documents that readers may comment on."""

from collections.abc import Collection
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from domain import documents
from domain.documents import Document
from domain.remembered import Memory
from domain.shelf import Shelf


@dataclass(frozen=True, kw_only=True)
class Article(Document):
    """An article ready to be shown."""

    accepts_comments: bool


def shelf(
    folder: Path, treatments: Collection[str] | None = None, *, generic: bool = False, kept: Path | None = None
) -> Shelf[Article]:
    """The articles of a folder; see Shelf and documents.parts. Raises InvalidDocument.

    `kept` is the folder where what was read is remembered, without which it is read each time.
    """
    memory = Memory(kept, Article, f"generic: {generic}") if kept else None
    return Shelf(folder, partial(read, generic=generic), treatments, memory)


def read(path: Path, *, generic: bool = False) -> Article:
    """One article file. Raises InvalidDocument."""
    fields, common = documents.parts(path, generic)
    return Article(**common, accepts_comments=fields.one_of("comments", ("open", "closed")) == "open")
