"""The texts as the page Content shows them: states and reviews in words, findings with their lines."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from flask import current_app

import clinic
from checks import content
from domain import content_check, reviews
from domain.content_check import Finding, Kind, Source
from domain.documents import Document, Status
from web import words

KINDS = {Kind.ARTICLE: "Article", Kind.TREATMENT: "Treatment"}


@dataclass(frozen=True)
class DocumentRow:
    """A file: its text's state, when it is or was published, its review, and what is wrong. `is_running`: the site has it so."""

    id: str | None
    title: str
    file: str
    kind: str
    state: str
    moment: datetime | None
    review: str
    asks: bool
    is_running: bool
    address: str | None
    faults: Sequence[Finding]


def report() -> tuple[list[DocumentRow], list[Finding]]:
    """A row for each file as it stands now, and the findings that belong to none of them."""
    folder = Path(current_app.config["CONTENT_PATH"])
    sources = content_check.read(folder, generic_names=clinic.base_site().generic_names)
    found = content.faults(sources=sources)
    files = {source.file for source in sources}
    rows = [_row(source, [fault for fault in found if fault.file == source.file]) for source in sources]
    return rows, [fault for fault in found if fault.file not in files]


def _row(source: Source, faults: Sequence[Finding]) -> DocumentRow:
    item = source.document
    running = _running(source)
    review, asks = _review(item) if item else ("", False)
    return DocumentRow(
        id=running.id if running else None,
        title=source.said("title") or source.file,
        file=source.file,
        kind=KINDS[source.kind],
        state=_state(item) if item else "cannot be read",
        moment=item.published if item else None,
        review=review,
        asks=asks,
        is_running=item is not None and item == running,
        address=_address(running, source.kind) if running and running.is_public(clinic.now()) else None,
        faults=faults,
    )


def _running(source: Source) -> Document | None:
    """The text as the running site has it; its file may be newer."""
    name = source.said("id")
    return clinic.library().by_id(name) if source.kind is Kind.ARTICLE else clinic.treatment_pages().by_id(name)


def _address(item: Document, kind: Kind) -> str:
    return clinic.path("blog.article" if kind is Kind.ARTICLE else "pages.treatment", slug=item.slug)


def _state(item: Document) -> str:
    if item.status is not Status.PUBLISHED:
        return item.status.value
    return "published" if item.is_public(clinic.now()) else "scheduled"


def _review(item: Document) -> tuple[str, bool]:
    """The review in words, and whether somebody has to do something about it."""
    site = clinic.base_site()
    why = reviews.need(item, site.reviewers, clinic.today())
    if why is not None:
        return words.REVIEW[why], True
    review = item.review(site.reviewers)
    return (f"reviewed by {review.reviewer.name}", False) if review else ("not yet reviewed", False)
