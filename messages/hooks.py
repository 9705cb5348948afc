"""What goes to the webhook: events with references, counts and a link for staff, nothing that a person typed."""

from sqlalchemy.orm import Session

import clinic
from domain import outbox
from domain.outbox import OutboxMail
from messages.desk import MOST, unanswered
from messages.letter import Moot
from transport.webhook import Notice


def overdue(session: Session, row: OutboxMail) -> Notice:
    """The front desk has been reminded."""
    return _of_requests("requests.overdue", session, row)


def escalated(session: Session, row: OutboxMail) -> Notice:
    """The owners have been told."""
    return _of_requests("requests.escalated", session, row)


def mail_alarm(session: Session, row: OutboxMail) -> Notice:
    """Mail was given up, or has failed for long."""
    trouble = outbox.trouble(session, clinic.now())
    if not (trouble.failed or trouble.stuck):
        raise Moot
    url = clinic.absolute("staff.mail.outbox")
    return Notice(row.message_key, "mail.alarm", row.created_at, {"failed": trouble.failed, "stuck": trouble.stuck, "url": url})


def _of_requests(event: str, session: Session, row: OutboxMail) -> Notice:
    waiting = unanswered(session, row)
    facts: dict[str, str | int | list[str]] = {
        "count": len(waiting),
        "references": [request.reference for request in waiting[:MOST]],
        "url": clinic.absolute("staff.requests.inbox"),
    }
    return Notice(row.message_key, event, row.created_at, facts)
