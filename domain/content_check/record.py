"""What is known of a content file once it was read: all that rules about several files ask of it, and what it breaks by itself.

A record can be kept on the disk as JSON, so that a file is read again only when it has changed.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import date, datetime
from functools import partial
from pathlib import Path
from typing import Any

from domain import remembered
from domain.articles import Article
from domain.content_check.finding import Hit
from domain.content_check.source import READ, Kind, Source, nearest_line
from domain.document_text import Text
from domain.documents import Document, Status
from domain.treatments import TreatmentPage

MADE: Mapping[Kind, type[Document]] = {Kind.ARTICLE: Article, Kind.TREATMENT: TreatmentPage}
SAID = ("id", "slug", "status", "title", "seo_title", "description")
"""Texts of the front matter that rules about several files compare, or that a file is shown by."""
TOLD_OF = (*SAID, "old_slugs", "generic", "reviewer", "signed", "review_due", "treatment")
"""Keys on whose lines such rules find something."""


@dataclass(frozen=True)
class Fault:
    """Why the site would not start with a file. `drawing` is the figure's file where the fault is there, else empty."""

    drawing: str
    key: str
    expected: str
    line: int


@dataclass(frozen=True, kw_only=True)
class Record:
    """A content file as the rules about several see it. What cannot be read of it is empty, and `fault` says why.

    `said` are the texts of SAID. `links` are those of the text with their lines, `anchors` the ids that the page has, None for a
    file that the site refuses. `document` is what the site makes of the file. `hits` is what breaks a rule about one text, by
    the rule's name.
    """

    kind: Kind
    file: str
    is_read: bool
    said: Mapping[str, str]
    old_slugs: tuple[str, ...]
    generic_slug: str
    lines: Mapping[str, int]
    review_due: date | None
    links: tuple[tuple[int, str], ...]
    anchors: frozenset[str] | None
    document: Document | None
    fault: Fault | None
    hits: Mapping[str, tuple[Hit, ...]]

    @property
    def id(self) -> str:
        """The name by which comments know it."""
        return self.said["id"]

    @property
    def slug(self) -> str:
        """Its address."""
        return self.said["slug"]

    @property
    def is_published(self) -> bool:
        """Whether readers see it, now or at a time that is set."""
        return self.said["status"] == Status.PUBLISHED

    @property
    def slugs(self) -> list[tuple[str, str]]:
        """Each of its addresses with its key."""
        old = [(f"old_slugs.{number}", slug) for number, slug in enumerate(self.old_slugs)]
        return [("slug", self.slug), *old, *([("generic.slug", self.generic_slug)] if self.generic_slug else [])]

    def line_of(self, key: str) -> int:
        """The line of a key, or of the closest one around it; the first line where there is none."""
        return nearest_line(self.lines, key)


def of(source: Source, hits: Mapping[str, tuple[Hit, ...]]) -> Record:
    """The record of a file that was just read."""
    old, generic, due = (source.front.get(key) for key in ("old_slugs", "generic", "review_due"))
    other = generic.get("slug") if isinstance(generic, Mapping) else None
    links = [(block.line_of(link.at), link) for block in [*source.summary, *source.blocks] for link in block.links]
    return Record(
        kind=source.kind,
        file=source.file,
        is_read=bool(source.front),
        said={key: source.said(key) for key in SAID},
        old_slugs=tuple(map(str, old)) if isinstance(old, list) else (),
        generic_slug=str(other) if other else "",
        lines={key: line for key, line in source.lines.items() if key.partition(".")[0] in TOLD_OF} if source.front else {},
        review_due=due if isinstance(due, date) and not isinstance(due, datetime) else None,
        links=tuple((line, link.address) for line, link in links if not link.is_image),
        anchors=source.anchors,
        document=source.document,
        fault=_fault(source),
        hits=hits,
    )


def _fault(source: Source) -> Fault | None:
    fault = source.fault
    if fault is None:
        return None
    drawing = "" if fault.path == source.path else fault.path.name
    line = source.body_line if fault.key == "body" or drawing else source.line_of(fault.key)
    return Fault(drawing, fault.key, fault.expected, line)


def as_data(record: Record) -> dict[str, Any]:
    """What JSON can hold of it; its place and its name are not in it."""
    return {
        "is_read": record.is_read,
        "said": dict(record.said),
        "old_slugs": list(record.old_slugs),
        "generic_slug": record.generic_slug,
        "lines": dict(record.lines),
        "review_due": record.review_due.isoformat() if record.review_due else None,
        "links": [list(link) for link in record.links],
        "anchors": None if record.anchors is None else sorted(record.anchors),
        "document": remembered.as_data(record.document) if record.document else None,
        "fault": asdict(record.fault) if record.fault else None,
        "hits": {rule: [list(hit) for hit in hits] for rule, hits in record.hits.items()},
    }


def from_data(data: Mapping[str, Any], folder: Path, kind: Kind, path: Path, *, generic: bool) -> Record:
    """The record of a file from that. Raises one of remembered.DAMAGED for what `as_data` never made."""
    due, anchors, document, fault = (data[key] for key in ("review_due", "anchors", "document", "fault"))
    text = partial(_text, kind, path, generic=generic)
    return Record(
        kind=kind,
        file=str(path.relative_to(folder)),
        is_read=data["is_read"],
        said={key: data["said"][key] for key in SAID},
        old_slugs=tuple(data["old_slugs"]),
        generic_slug=data["generic_slug"],
        lines=dict(data["lines"]),
        review_due=date.fromisoformat(due) if due else None,
        links=tuple((line, address) for line, address in data["links"]),
        anchors=None if anchors is None else frozenset(anchors),
        document=MADE[kind](**remembered.from_data(document), text=text) if document else None,
        fault=Fault(**fault) if fault else None,
        hits={rule: tuple(Hit(*hit) for hit in hits) for rule, hits in data["hits"].items()},
    )


def _text(kind: Kind, path: Path, *, generic: bool) -> Text:
    return READ[kind](path, generic=generic).text()
