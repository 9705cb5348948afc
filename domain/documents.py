"""Documents: Markdown files with checked front matter, loaded once, found by slug or by their immutable id."""

from bisect import bisect_right
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from functools import partial
from pathlib import Path
from typing import Any, Generic, TypeVar
from uuid import NAMESPACE_URL, uuid5

from markupsafe import Markup

from domain import document_text, figures, front_matter, generic_names, markdown, sign_offs
from domain.document_text import Reference, Text
from domain.front_matter import FrontMatter, InvalidDocument
from domain.settings import Reviewer
from domain.sign_offs import Review, SignOff
from domain.text import MAX_TITLE

WORDS_PER_MINUTE = 220
"""Slow silent reading of English prose (Brysbaert, J Mem Lang 2019;109:104047: 238 words a minute on average)."""
DESCRIPTION_LENGTH = (70, 160)


class Status(StrEnum):
    """What the author of a document decided; removed answers 410."""

    DRAFT = "draft"
    PUBLISHED = "published"
    REMOVED = "removed"


class Gone(Exception):
    """The document was removed on purpose."""


class Moved(Exception):
    """The document lives at another slug."""

    def __init__(self, slug: str) -> None:
        super().__init__(slug)
        self.slug = slug


class NotFound(Exception):
    """There never was such a document, or it is not public yet."""


@dataclass(frozen=True, kw_only=True)
class Document:
    """What is known of a document, and the way to its text; words counts summary and body.

    `text` is asked for when the document is shown: most of the time that is one of them and not all. `treatment` is the slug of one
    in site.toml; `changes` are days with what was changed, newest first. A published document whose time of publication is still to
    come is scheduled. `text_hash` stands for the clinical text; `sign_off` may be of an earlier one. `review_due` is when somebody
    must read it again, signed or not; `compliance_note` is what the clinic has to print, such as the number of an approval.
    """

    id: str
    slug: str
    old_slugs: tuple[str, ...]
    status: Status
    title: str
    seo_title: str
    description: str
    excerpt: str
    published: datetime
    updated: datetime
    author: str
    text_hash: str
    sign_off: SignOff | None
    review_due: date | None
    compliance_note: str | None
    treatment: str | None
    condition: str | None
    words: int
    changes: tuple[tuple[date, str], ...] = ()
    text: Callable[[], Text] = field(compare=False, repr=False)

    @property
    def summary(self) -> Sequence[Markup]:
        """The lines above the body."""
        return self.text().summary

    @property
    def html(self) -> Markup:
        """The body."""
        return self.text().html

    @property
    def html_without_drawings(self) -> Markup:
        """The body with the captions of its figures alone, for those who cannot show them."""
        return self.text().html_without_drawings

    @property
    def toc(self) -> Sequence[tuple[str, str]]:
        """Its second-level headings, as (anchor, text)."""
        return self.text().toc

    @property
    def references(self) -> Sequence[Reference]:
        """Its sources, in the order in which the text cites them."""
        return self.text().references

    @property
    def urn(self) -> str:
        """A name for feed readers that no move of slug or host changes (RFC 4122, version 5)."""
        return uuid5(NAMESPACE_URL, f"dynamic-clinic/articles/{self.id}").urn

    @property
    def minutes(self) -> int:
        """Reading time, rounded up."""
        return -(-self.words // WORDS_PER_MINUTE)

    def review(self, reviewers: Sequence[Reviewer]) -> Review | None:
        """The medical review that this text stands under; None without one, and once the text has changed."""
        return sign_offs.review(self.sign_off, reviewers)

    def is_public(self, now: datetime) -> bool:
        """Whether everybody sees it at this moment."""
        return self.status is Status.PUBLISHED and self.published <= now


D = TypeVar("D", bound=Document)


class Library(Generic[D]):
    """All documents of a folder."""

    def __init__(self, documents: Sequence[D]) -> None:
        self._by_slug = {document.slug: document for document in documents}
        self._by_id = {document.id: document for document in documents}
        self._moved = {old: document.slug for document in documents for old in document.old_slugs}
        self._all = sorted(self._by_slug.values(), key=lambda document: document.published, reverse=True)
        self._published = [document for document in self._all if document.status is Status.PUBLISHED]
        self._moments = [document.published for document in reversed(self._published)]

    @property
    def all(self) -> list[D]:
        """Documents of every status, newest first."""
        return list(self._all)

    def public(self, now: datetime) -> list[D]:
        """What everybody sees at this moment, newest first."""
        return self._published[len(self._moments) - bisect_right(self._moments, now) :]

    def next_published(self, after: datetime) -> datetime | None:
        """When the first document is, or was, published after a moment."""
        place = bisect_right(self._moments, after)
        return self._moments[place] if place < len(self._moments) else None

    def get(self, slug: str, now: datetime) -> D:
        """The public document of this exact slug. Raises Moved (old slug, other case), Gone (removed) or NotFound."""
        document = self._by_slug.get(slug)
        if document is None:
            known = self._moved.get(slug.lower()) or (slug.lower() if slug.lower() in self._by_slug else None)
            if known is None or not (self._by_slug[known].is_public(now) or self._by_slug[known].status is Status.REMOVED):
                raise NotFound
            raise Moved(known)
        if document.status is Status.REMOVED:
            raise Gone
        if not document.is_public(now):
            raise NotFound
        return document

    def knows(self, slug: str) -> bool:
        """Whether a slug is, or was, that of a document of any status."""
        return slug in self._by_slug or slug in self._moved

    def by_id(self, document_id: str) -> D | None:
        """A document of any status; None when its file has vanished."""
        return self._by_id.get(document_id)


def collect(read: Mapping[Path, D], treatments: Collection[str] | None = None) -> Library[D]:
    """The library of documents by their files. Raises InvalidDocument for one that cannot stand beside the others.

    `treatments` are those a document may be about; without them any will do.
    """
    seen: dict[tuple[str, str], Path] = {}
    for path, document in read.items():
        if treatments is not None and document.treatment not in {None, *treatments}:
            raise InvalidDocument(path, "treatment", f"one of the slugs in site.toml ({', '.join(treatments)})")
        for key, value in (("id", document.id), *(("slug", slug) for slug in (document.slug, *document.old_slugs))):
            if (key, value) in seen:
                raise InvalidDocument(path, key, f"a value of its own; {seen[key, value].name} has {value!r} already")
            seen[key, value] = path
    return Library(list(read.values()))


def parts(path: Path, generic: bool = False) -> tuple[FrontMatter, dict[str, Any]]:
    """The checked front matter of a file, and the fields that every document has. Raises InvalidDocument.

    `generic` asks for the text without the brand name, where the file has one.
    """
    written, text = front_matter.split(path)
    text_hash = sign_offs.text_hash(path, written.data, text)
    fields, body = generic_names.choose(written, text, generic)
    citations = markdown.Citations(known=frozenset(fields.references))
    summary = [markdown.render_line(line, citations) for line in fields.lines("summary")]
    try:
        rendered = markdown.render(body, citations, partial(figures.read, path.parent.parent / "figures"))
    except markdown.InvalidBody as error:
        raise InvalidDocument(path, "body", str(error)) from error
    if citations.unknown:
        raise InvalidDocument(path, "references", f"an entry for every citation; {', '.join(citations.unknown)} is missing")
    if unused := fields.references.keys() - citations.uses.keys():
        raise InvalidDocument(path, "references", f"only cited entries; {', '.join(sorted(unused))} is cited nowhere")
    shown = Text(
        summary=tuple(line.html for line in summary),
        html=rendered.html,
        html_without_drawings=rendered.without_drawings,
        toc=tuple(rendered.toc),
        references=tuple(
            document_text.reference(number, fields.references[key], citations.uses[key])
            for number, key in enumerate(citations.order, 1)
        ),
    )
    published, updated = fields.moment("published"), fields.moment("updated")
    if updated < published:
        raise InvalidDocument(path, "updated", "a time that is not before published")
    return fields, {
        "id": fields.slug("id"),
        "slug": fields.slug("slug"),
        "old_slugs": fields.slugs("old_slugs"),
        "status": Status(fields.one_of("status", tuple(Status))),
        "title": fields.text("title"),
        "seo_title": fields.text("seo_title", longest=MAX_TITLE),
        "description": fields.text("description", *DESCRIPTION_LENGTH),
        "excerpt": fields.text("excerpt"),
        "published": published,
        "updated": updated,
        "author": fields.text("author"),
        "text_hash": text_hash,
        "sign_off": sign_offs.read(fields, text_hash),
        "review_due": fields.day("review_due") if "review_due" in fields.data else None,
        "compliance_note": fields.optional("compliance_note"),
        "treatment": fields.optional("treatment"),
        "condition": fields.optional("condition"),
        "changes": _changes(fields, updated),
        "words": rendered.words + sum(line.words for line in summary),
        "text": lambda: shown,
    }


def _changes(fields: FrontMatter, updated: datetime) -> tuple[tuple[date, str], ...]:
    changes = fields.changes()
    if changes and changes[0][0] > updated.date():
        raise fields.wrong("changes", "no day after updated, which is the last significant change")
    return changes
