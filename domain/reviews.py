"""Which texts somebody has to read again: a review has run out, soon will, or was of another text."""

from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from enum import StrEnum
from typing import NamedTuple

from domain import sign_offs
from domain.documents import Document, Status
from domain.settings import Reviewer

SOON = timedelta(days=30)
"""So long before it is due a review is announced, since a doctor has to find the time."""


class Need(StrEnum):
    """Why a text is to be read, the most pressing first."""

    CHANGED = "changed"
    UNNAMED = "unnamed"
    OVERDUE = "overdue"
    SOON = "soon"


class Waiting(NamedTuple):
    """A text to be read; `due` is None where no date was set."""

    document: Document
    need: Need
    due: date | None


def need(document: Document, reviewers: Sequence[Reviewer], today: date) -> Need | None:
    """Why a text is to be read; None when nothing asks for it, as for one that never was signed and has no date.

    CHANGED: it is no longer what was signed. UNNAMED: who signed it is not among the reviewers.
    """
    if document.sign_off is not None and not document.sign_off.is_current:
        return Need.CHANGED
    if document.sign_off is not None and sign_offs.review(document.sign_off, reviewers) is None:
        return Need.UNNAMED
    if document.review_due is None or today < document.review_due - SOON:
        return None
    return Need.SOON if today <= document.review_due else Need.OVERDUE


def waiting(documents: Iterable[Document], reviewers: Sequence[Reviewer], today: date) -> list[Waiting]:
    """The published and scheduled texts that somebody has to read, the most pressing first."""
    found = [
        Waiting(document, why, document.review_due)
        for document in documents
        if document.status is Status.PUBLISHED and (why := need(document, reviewers, today)) is not None
    ]
    order = list(Need)
    return sorted(found, key=lambda one: (order.index(one.need), one.due or date.max, one.document.slug))
