"""Messages to the owners about the texts of the site: which are to be read again by a doctor."""

from dataclasses import dataclass
from datetime import date

from sqlalchemy.orm import Session

import clinic
from domain import reviews
from domain.outbox import OutboxMail
from domain.reviews import Need, Waiting
from messages.letter import Moot, letter
from transport.smtp import OutboxMessage
from web import words

AUTOMATIC = {"Auto-Submitted": "auto-generated"}


@dataclass(frozen=True)
class ShownText:
    """A text as a message lists it."""

    title: str
    why: str
    due: date | None
    url: str


def reviews_due(_session: Session, row: OutboxMail) -> OutboxMessage:
    """To the owners, once a month: every text that is to be read again as things stand when this is sent."""
    found = clinic.texts_to_read()
    if not found:
        raise Moot
    return letter(row, AUTOMATIC, texts=[_shown(one) for one in found], content_url=_page())


def sign_off_ended(_session: Session, row: OutboxMail) -> OutboxMessage:
    """To the owners: a text is not the one that was signed. Moot once it is signed again or put back."""
    found = next((one for one in clinic.texts_to_read() if _is_of(one, row)), None)
    if found is None:
        raise Moot
    return letter(
        row, AUTOMATIC, text=_shown(found), slug=found.document.slug, content_url=clinic.absolute("staff.content.documents")
    )


def _is_of(one: Waiting, row: OutboxMail) -> bool:
    return one.need is Need.CHANGED and reviews.number(one.document) == row.subject_id


def _shown(one: Waiting) -> ShownText:
    url = clinic.absolute("staff.content.preview", document_id=one.document.id)
    return ShownText(one.document.title, words.REVIEW[one.need], one.due, url)


def _page() -> str:
    return clinic.absolute("staff.content.documents")
