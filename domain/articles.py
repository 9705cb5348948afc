"""Articles: Markdown files with checked front matter, loaded once, found by slug or by their immutable id."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from markupsafe import Markup, escape

from domain import front_matter, markdown
from domain.front_matter import InvalidArticle
from domain.text import MAX_TITLE

WORDS_PER_MINUTE = 220
"""Slow silent reading of English prose (Brysbaert, J Mem Lang 2019;109:104047: 238 words a minute on average)."""
DESCRIPTION_LENGTH = (70, 160)


class Status(StrEnum):
    """Whether readers see an article; removed answers 410."""

    DRAFT = "draft"
    PUBLISHED = "published"
    REMOVED = "removed"


class Gone(Exception):
    """The article was removed on purpose."""


class Moved(Exception):
    """The article lives at another slug."""

    def __init__(self, slug: str) -> None:
        super().__init__(slug)
        self.slug = slug


class NotFound(Exception):
    """There never was such an article."""


@dataclass(frozen=True)
class Reference:
    """A numbered source with its link back to each place that cites it."""

    number: int
    label: str
    html: Markup
    url: str | None
    backlinks: tuple[str, ...]

    @property
    def anchor(self) -> str:
        """Its id on the page."""
        return f"ref-{self.number}"


@dataclass(frozen=True)
class Article:
    """An article ready to be shown; html, summary and references are sanitised HTML; words counts summary and body."""

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
    treatment: str | None
    condition: str | None
    accepts_comments: bool
    summary: list[Markup]
    html: Markup
    toc: list[tuple[str, str]]
    references: tuple[Reference, ...]
    words: int

    @property
    def urn(self) -> str:
        """A name for feed readers that no move of slug or host changes (RFC 4122, version 5)."""
        return uuid5(NAMESPACE_URL, f"dynamic-clinic/articles/{self.id}").urn

    @property
    def minutes(self) -> int:
        """Reading time, rounded up."""
        return -(-self.words // WORDS_PER_MINUTE)


class Library:
    """All article files of a folder."""

    def __init__(self, articles: list[Article]) -> None:
        self._by_slug = {article.slug: article for article in articles}
        self._by_id = {article.id: article for article in articles}
        self._moved = {old: article.slug for article in articles for old in article.old_slugs}

    @property
    def published(self) -> list[Article]:
        """What readers see, newest first."""
        shown = [article for article in self._by_slug.values() if article.status is Status.PUBLISHED]
        return sorted(shown, key=lambda article: article.published, reverse=True)

    def get(self, slug: str) -> Article:
        """The published article of this exact slug. Raises Moved (old slug, other case), Gone (removed) or NotFound."""
        article = self._by_slug.get(slug)
        if article is None:
            known = self._moved.get(slug.lower()) or (slug.lower() if slug.lower() in self._by_slug else None)
            if known is None or self._by_slug[known].status is Status.DRAFT:
                raise NotFound
            raise Moved(known)
        if article.status is Status.REMOVED:
            raise Gone
        if article.status is Status.DRAFT:
            raise NotFound
        return article

    def by_id(self, article_id: str) -> Article | None:
        """An article of any status; None when its file has vanished."""
        return self._by_id.get(article_id)


def load(folder: Path, treatments: Collection[str] | None = None) -> Library:
    """Reads every *.md of a folder. Raises InvalidArticle naming the file, the key and what is expected.

    `treatments` are those an article may be about; without them any will do.
    """
    articles: list[Article] = []
    seen: dict[tuple[str, str], Path] = {}
    for path in sorted(folder.glob("*.md")):
        article = read(path)
        if treatments is not None and article.treatment not in {None, *treatments}:
            raise InvalidArticle(path, "treatment", f"one of the slugs in site.toml ({', '.join(treatments)})")
        for key, value in (("id", article.id), *(("slug", slug) for slug in (article.slug, *article.old_slugs))):
            if (key, value) in seen:
                raise InvalidArticle(path, key, f"a value of its own; {seen[key, value].name} has {value!r} already")
            seen[key, value] = path
        articles.append(article)
    return Library(articles)


def read(path: Path) -> Article:
    """One article file. Raises InvalidArticle."""
    fields, body = front_matter.split(path)
    citations = markdown.Citations(known=frozenset(fields.references))
    summary = [markdown.render_line(line, citations) for line in fields.lines("summary")]
    try:
        rendered = markdown.render(body, citations)
    except markdown.InvalidBody as error:
        raise InvalidArticle(path, "body", str(error)) from error
    if citations.unknown:
        raise InvalidArticle(path, "references", f"an entry for every citation; {', '.join(citations.unknown)} is missing")
    if unused := fields.references.keys() - citations.uses.keys():
        raise InvalidArticle(path, "references", f"only cited entries; {', '.join(sorted(unused))} is cited nowhere")
    published, updated = fields.moment("published"), fields.moment("updated")
    if updated < published:
        raise InvalidArticle(path, "updated", "a time that is not before published")
    return Article(
        id=fields.slug("id"),
        slug=fields.slug("slug"),
        old_slugs=fields.slugs("old_slugs"),
        status=Status(fields.one_of("status", tuple(Status))),
        title=fields.text("title"),
        seo_title=fields.text("seo_title", longest=MAX_TITLE),
        description=fields.text("description", *DESCRIPTION_LENGTH),
        excerpt=fields.text("excerpt"),
        published=published,
        updated=updated,
        author=fields.text("author"),
        treatment=fields.optional("treatment"),
        condition=fields.optional("condition"),
        accepts_comments=fields.one_of("comments", ("open", "closed")) == "open",
        summary=[line.html for line in summary],
        html=rendered.html,
        toc=rendered.toc,
        references=tuple(
            _reference(number, fields.references[key], citations.uses[key]) for number, key in enumerate(citations.order, 1)
        ),
        words=rendered.words + sum(line.words for line in summary),
    )


def _reference(number: int, entry: Mapping[str, Any], uses: int) -> Reference:
    url = _reference_url(entry)
    label = " ".join(f"{str(entry[key]).rstrip('.')}." for key in ("authors", "title", "source") if entry.get(key))
    return Reference(
        number=number,
        label=label,
        html=Markup(" ").join([escape(label), *_reference_links(entry)]),
        url=url,
        backlinks=tuple(f"cite-{number}-{use}" for use in range(1, uses + 1)),
    )


def _reference_url(entry: Mapping[str, Any]) -> str | None:
    if entry.get("doi"):
        return f"https://doi.org/{entry['doi']}"
    return str(entry["url"]) if entry.get("url") else None


def _reference_links(entry: Mapping[str, Any]) -> list[Markup]:
    pubmed = f"https://pubmed.ncbi.nlm.nih.gov/{entry.get('pmid')}/"
    rows = [
        (entry.get("doi"), f"https://doi.org/{entry.get('doi')}", f"doi:{entry.get('doi')}"),
        (entry.get("pmid"), pubmed, f"PubMed {entry.get('pmid')}"),
        (entry.get("url"), str(entry.get("url")), str(entry.get("url", "")).split("://")[-1].rstrip("/")),
    ]
    return [Markup('<a href="{}">{}</a>').format(url, text) for present, url, text in rows if present]
