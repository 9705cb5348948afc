"""The texts as the page Content shows them: states and reviews in words, findings with their lines."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import clinic
from checks import content
from domain import reviews
from domain.content_check import Finding, Kind, Record
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
    """A row for each file as it stands now, and the findings that belong to none of them.

    Raises content_check.Unfinished when there is too much to be read for one page.
    """
    records = content.records(seconds=content.SECONDS)
    faults: dict[str, list[Finding]] = {record.file: [] for record in records}
    others: list[Finding] = []
    for fault in content.faults(records):
        faults.get(fault.file, others).append(fault)
    return [_row(record, faults[record.file]) for record in records], others


def _row(record: Record, faults: Sequence[Finding]) -> DocumentRow:
    item = record.document
    running = _running(record)
    review, asks = _review(item) if item else ("", False)
    return DocumentRow(
        id=running.id if running else None,
        title=record.said["title"] or record.file,
        file=record.file,
        kind=KINDS[record.kind],
        state=_state(item) if item else "cannot be read",
        moment=item.published if item else None,
        review=review,
        asks=asks,
        is_running=item is not None and item == running,
        address=_address(running, record.kind) if running and running.is_public(clinic.now()) else None,
        faults=faults,
    )


def _running(record: Record) -> Document | None:
    """The text as the running site has it; its file may be newer."""
    pages = clinic.library() if record.kind is Kind.ARTICLE else clinic.treatment_pages()
    return pages.by_id(record.id)


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
