"""Rows of the database as the staff pages show them: codes turned into words."""

from dataclasses import dataclass
from datetime import datetime

from domain import outbox
from domain.consultations import Status as RequestStatus
from domain.outbox import Kind, OutboxMail

MAX_ID = 2**31 - 1
REQUEST_LABELS = {
    RequestStatus.NEW: "New",
    RequestStatus.CONTACTED: "Contacted",
    RequestStatus.NO_ANSWER: "No answer",
    RequestStatus.BOOKED: "Booked",
    RequestStatus.CLOSED: "Closed",
    RequestStatus.SPAM: "Spam",
}
KIND_LABELS = {
    Kind.COMMENT_HELD: "Comment held",
    Kind.REQUEST_RECEIVED: "New request, to staff",
    Kind.REQUEST_ACKNOWLEDGED: "Acknowledgement to the visitor",
    Kind.STAFF_INVITED: "Invitation",
}
SUBJECTS = {
    Kind.COMMENT_HELD: "Comment",
    Kind.REQUEST_RECEIVED: "Request",
    Kind.REQUEST_ACKNOWLEDGED: "Request",
    Kind.STAFF_INVITED: "Person",
}


@dataclass(frozen=True)
class MailRow:
    """A message in the outbox."""

    id: int
    kind_label: str
    subject_label: str
    recipient: str
    state: str
    attempts: int
    next_at: datetime | None
    sent_at: datetime | None
    last_reply: str | None


def row_id(typed: str) -> int:
    """A row's number from a URL. Raises ValueError for what no column of ours can hold."""
    number = int(typed)
    if not 0 < number <= MAX_ID:
        raise ValueError
    return number


def mail_row(row: OutboxMail) -> MailRow:
    """A message with what became of it."""
    return MailRow(
        id=row.id,
        kind_label=KIND_LABELS[row.kind],
        subject_label=f"{SUBJECTS[row.kind]} {row.subject_id}",
        recipient=row.recipient,
        state=row.state.value,
        attempts=row.attempts,
        next_at=row.next_at if row.state is outbox.State.WAITING else None,
        sent_at=row.sent_at,
        last_reply=row.last_reply,
    )
