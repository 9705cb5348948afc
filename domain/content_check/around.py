"""What the rules are told of the site around a document."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from domain.content_check.source import Kind, Source
from domain.settings import Reviewer


@dataclass(frozen=True)
class Around:
    """`is_page` says whether the site answers at a path, documents aside; `sources` are all files; `today` is the clinic's date.

    `commented` are the ids of documents that readers have commented on.
    """

    folder: Path
    today: date
    is_page: Callable[[str], bool]
    reviewers: tuple[Reviewer, ...] = ()
    generic_names: bool = False
    commented: Collection[str] = ()
    sources: tuple[Source, ...] = ()
    bases: Mapping[Kind, str] = field(default_factory=lambda: {Kind.ARTICLE: "/blog/", Kind.TREATMENT: "/treatments/"})
