"""Messages about comments, to those who read them before they appear."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

import clinic
from domain import comments, outbox, staff
from domain.outbox import OutboxMail
from domain.staff import Staff
from messages.letter import Moot, article_title, letter
from transport.smtp import OutboxMessage
from web import words

MOST = 20
"""Comments that one message shows; the queue has them all."""
SHORT = 600
"""Characters of each text where a message shows several."""


@dataclass(frozen=True)
class HeldComment:
    """A comment that waits, as the message shows it."""

    name: str
    text: str
    submitted_at: datetime
    article_title: str
    reasons: list[str]
    decide_url: str


def held(session: Session, row: OutboxMail) -> OutboxMessage:
    """To a moderator: one comment waits, or several, each with their own link to decide."""
    numbers = outbox.items(session, [row.id]).get(row.id, [])
    found = [comment for number in numbers if (comment := comments.get(session, number)) is not None]
    waiting = [comment for comment in found if comment.status is comments.Status.HELD]
    if not waiting:
        raise Moot
    person = staff.by_email(session, row.recipient)
    longest = SHORT if len(waiting) > 1 else None
    return letter(
        row,
        {"Auto-Submitted": "auto-generated"},
        comments=[_shown(comment, person, longest) for comment in waiting[:MOST]],
        more=max(0, len(waiting) - MOST),
        count=len(waiting),
        queue_url=clinic.absolute("staff.comments.queue"),
    )


def _shown(comment: comments.Comment, person: Staff | None, longest: int | None) -> HeldComment:
    is_cut = longest is not None and len(comment.text) > longest
    return HeldComment(
        name=comment.name,
        text=f"{comment.text[:longest].rstrip()} …" if is_cut else comment.text,
        submitted_at=comment.submitted_at,
        article_title=article_title(comment.article_id),
        reasons=[words.reason(code) for code in comment.reasons],
        decide_url=_decide_url(person, comment),
    )


def _decide_url(person: Staff | None, comment: comments.Comment) -> str:
    """The recipient's own link to decide; the queue for an address that is no account."""
    if person is None:
        return clinic.absolute("staff.comments.queue")
    return clinic.moderation_link(person, comment)
