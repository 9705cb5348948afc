"""What the rules are told of the site around a document."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property

from domain.content_check.record import Record
from domain.content_check.source import Kind
from domain.settings import Reviewer

OWN = ("id", "title", "seo_title", "description")
"""What each document has for itself, beside its slugs."""


@dataclass(frozen=True)
class Around:
    """`is_page` says whether the site answers at a path, documents aside; `records` are all files; `today` is the clinic's date.

    `treatments` are the slugs of site.toml, `commented` the ids of documents that readers have commented on.
    """

    records: tuple[Record, ...]
    today: date
    is_page: Callable[[str], bool]
    reviewers: tuple[Reviewer, ...] = ()
    treatments: Collection[str] = ()
    commented: Collection[str] = ()
    bases: Mapping[Kind, str] = field(default_factory=lambda: {Kind.ARTICLE: "/blog/", Kind.TREATMENT: "/treatments/"})

    @cached_property
    def first_to_say(self) -> Mapping[tuple[str, str], Record]:
        """The first document with a text, by the key of OWN and the text in small letters."""
        found: dict[tuple[str, str], Record] = {}
        for record in self.records:
            for key in OWN:
                found.setdefault((key, record.said[key].casefold()), record)
        return found

    @cached_property
    def first_at(self) -> Mapping[tuple[Kind, str], Record]:
        """The first document that has an address, now or as an old or a generic one."""
        found: dict[tuple[Kind, str], Record] = {}
        for record in self.records:
            for _, slug in record.slugs:
                found.setdefault((record.kind, slug), record)
        return found

    @cached_property
    def first_now_at(self) -> Mapping[tuple[Kind, str], Record]:
        """The first document whose address this is now."""
        return {(record.kind, record.slug): record for record in reversed(self.records)}
