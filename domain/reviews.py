"""Which texts somebody has to read again, and the mail to the owners that says so: once a month, and once for each change.

That the mail went out is in the audit log, which is kept longer than the outbox keeps what it sent, so nothing is told twice.
"""

import hashlib
from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import NamedTuple

from sqlalchemy.orm import Session

from domain import audit, outbox, sign_offs
from domain.documents import Document, Status
from domain.outbox import Kind
from domain.settings import Reviewer

SOON = timedelta(days=30)
"""So long before it is due a review is announced, since a doctor has to find the time."""


REMEMBERED = timedelta(days=730)
"""The database itself refuses to let younger audit entries go."""
_LISTED, _CHANGED = "reviews listed", "sign-off ended"


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


def month(day: date) -> int:
    """The number of a month, by which its mail is known."""
    return day.year * 100 + day.month


def number(document: Document) -> int:
    """A number for a text as it stands, by which the mail about its change is known."""
    return int(hashlib.sha256(f"{document.id} {document.text_hash}".encode()).hexdigest()[:7], 16) + 1


def untold(session: Session, found: Sequence[Waiting], now: datetime) -> list[Waiting]:
    """The changed texts of which the owners have not heard yet."""
    since = now - REMEMBERED
    return [
        one
        for one in found
        if one.need is Need.CHANGED and not audit.stands(session, since, None, _CHANGED, f"text {number(one.document)}")
    ]


def is_month_due(session: Session, found: Sequence[Waiting], today: date, now: datetime) -> bool:
    """Whether something waits and this month's mail has not gone out; one that comes up later in the month goes out then."""
    return bool(found) and not audit.stands(session, now - timedelta(days=62), None, _LISTED, f"month {month(today)}")


def tell(session: Session, found: Sequence[Waiting], owners: Sequence[str], today: date, now: datetime) -> int:
    """Queues what the owners have not been told of the texts that wait, each once; how many messages there are.

    They are rendered when they are sent. The caller has begun a write in which nobody else runs this, and commits.
    """
    queued = 0
    for one in untold(session, found, now):
        queued += len(outbox.enqueue(session, Kind.SIGN_OFF_ENDED, number(one.document), owners, now))
        audit.record(session, now, None, _CHANGED, f"text {number(one.document)}", document=one.document.id)
    if is_month_due(session, found, today, now):
        queued += len(outbox.enqueue(session, Kind.REVIEWS_DUE, month(today), owners, now))
        audit.record(session, now, None, _LISTED, f"month {month(today)}", texts=len(found))
    return queued
