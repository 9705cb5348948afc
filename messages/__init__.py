"""What the outbox sends: one function per kind of message, in a module per noun."""

from collections.abc import Callable

from sqlalchemy.orm import Session

from domain.outbox import Kind, OutboxMail
from messages import comments, content, desk, hooks, people, readers, requests
from messages.letter import Moot
from transport.smtp import OutboxMessage
from transport.webhook import Notice

__all__ = ["KINDS", "Moot", "compose"]

KINDS: dict[Kind, Callable[[Session, OutboxMail], OutboxMessage | Notice]] = {
    Kind.COMMENT_HELD: comments.held,
    Kind.COMMENT_PUBLISHED: readers.published,
    Kind.COMMENT_REPLIED: readers.replied,
    Kind.READER_ASKED: readers.asked,
    Kind.REQUEST_RECEIVED: requests.received,
    Kind.REQUEST_ACKNOWLEDGED: requests.acknowledged,
    Kind.REQUESTS_SUSPECTED: desk.suspected,
    Kind.REQUESTS_OVERDUE: desk.overdue,
    Kind.REQUESTS_ESCALATED: desk.escalated,
    Kind.DESK_DIGEST: desk.morning,
    Kind.STAFF_INVITED: people.invited,
    Kind.REVIEWS_DUE: content.reviews_due,
    Kind.SIGN_OFF_ENDED: content.sign_off_ended,
    Kind.HOOK_OVERDUE: hooks.overdue,
    Kind.HOOK_ESCALATED: hooks.escalated,
    Kind.HOOK_MAIL_ALARM: hooks.mail_alarm,
}


def compose(session: Session, row: OutboxMail) -> OutboxMessage | Notice:
    """The message a row stands for. Raises Moot when its subject is gone."""
    return KINDS[row.kind](session, row)
