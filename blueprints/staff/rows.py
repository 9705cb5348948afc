"""Rows of the database as the staff pages show them: codes turned into words."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from domain import outbox
from domain.consultations import Status as RequestStatus
from domain.outbox import Kind, OutboxMail
from extensions import db

MAX_ID = 2**31 - 1
MOST_SUBJECTS = 5
"""Numbers that a row of mail lists."""
REQUEST_LABELS = {
    RequestStatus.NEW: "New",
    RequestStatus.CONTACTED: "Contacted",
    RequestStatus.NO_ANSWER: "No answer",
    RequestStatus.BOOKED: "Booked",
    RequestStatus.CLOSED: "Closed",
    RequestStatus.SPAM: "Spam",
}
KIND_LABELS = {
    Kind.COMMENT_HELD: "Comments held, to a moderator",
    Kind.COMMENT_PUBLISHED: "Comment published, to its author",
    Kind.COMMENT_REPLIED: "Replies, to a reader",
    Kind.READER_ASKED: "Question to confirm an address",
    Kind.REQUEST_RECEIVED: "New request, to staff",
    Kind.REQUEST_ACKNOWLEDGED: "Acknowledgement to the visitor",
    Kind.STAFF_INVITED: "Invitation",
}
SUBJECTS = {
    Kind.COMMENT_HELD: "Comment",
    Kind.COMMENT_PUBLISHED: "Comment",
    Kind.COMMENT_REPLIED: "Comment",
    Kind.READER_ASKED: "Reader",
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


def mail_rows(rows: Sequence[OutboxMail]) -> list[MailRow]:
    """Messages with what became of each."""
    gathered = outbox.items(db.session, [row.id for row in rows])
    return [_mail_row(row, gathered.get(row.id, [row.subject_id])) for row in rows]


def _mail_row(row: OutboxMail, subjects: Sequence[int]) -> MailRow:
    numbers = ", ".join(map(str, subjects[:MOST_SUBJECTS])) + (" …" if len(subjects) > MOST_SUBJECTS else "")
    return MailRow(
        id=row.id,
        kind_label=KIND_LABELS[row.kind],
        subject_label=f"{SUBJECTS[row.kind]}{'s' if len(subjects) > 1 else ''} {numbers}",
        recipient=row.recipient,
        state=row.state.value,
        attempts=row.attempts,
        next_at=row.next_at if row.state is outbox.State.WAITING else None,
        sent_at=row.sent_at,
        last_reply=row.last_reply,
    )
