"""Rows of the database as the staff pages show them: codes turned into words."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from domain import consultations, outbox
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
    Kind.REQUESTS_SUSPECTED: "Requests to check, to staff",
    Kind.REQUESTS_OVERDUE: "Reminder of requests, to staff",
    Kind.REQUESTS_ESCALATED: "Requests nobody answered, to the owners",
    Kind.DESK_DIGEST: "Morning digest, to staff",
    Kind.STAFF_INVITED: "Invitation",
    Kind.REVIEWS_DUE: "Texts to be reviewed, to the owners",
    Kind.SIGN_OFF_ENDED: "Text changed after its sign-off, to the owners",
    Kind.HOOK_OVERDUE: "Reminder of requests, to the webhook",
    Kind.HOOK_ESCALATED: "Requests nobody answered, to the webhook",
    Kind.HOOK_MAIL_ALARM: "Alarm about mail, to the webhook",
}
REQUEST = "Request"
SUBJECTS: dict[Kind, str] = dict.fromkeys(outbox.REQUEST_LISTS, REQUEST) | {
    Kind.COMMENT_HELD: "Comment",
    Kind.COMMENT_PUBLISHED: "Comment",
    Kind.COMMENT_REPLIED: "Comment",
    Kind.READER_ASKED: "Reader",
    Kind.REQUEST_RECEIVED: REQUEST,
    Kind.REQUEST_ACKNOWLEDGED: REQUEST,
    Kind.STAFF_INVITED: "Person",
    Kind.REVIEWS_DUE: "Month",
    Kind.SIGN_OFF_ENDED: "Text",
    Kind.HOOK_MAIL_ALARM: "Mail",
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
    subjects = {row.id: gathered.get(row.id, [row.subject_id]) for row in rows}
    asked = {number for row in rows if SUBJECTS.get(row.kind) == REQUEST for number in subjects[row.id][:MOST_SUBJECTS]}
    references = consultations.references(db.session, asked) if asked else {}
    return [_mail_row(row, subjects[row.id], references) for row in rows]


def _mail_row(row: OutboxMail, subjects: Sequence[int], references: Mapping[int, str]) -> MailRow:
    return MailRow(
        id=row.id,
        kind_label=KIND_LABELS[row.kind],
        subject_label=_subject_label(row, subjects, references),
        recipient=row.recipient,
        state=row.state.value,
        attempts=row.attempts,
        next_at=row.next_at if row.state is outbox.State.WAITING else None,
        sent_at=row.sent_at,
        last_reply=row.last_reply,
    )


def _subject_label(row: OutboxMail, subjects: Sequence[int], references: Mapping[int, str]) -> str:
    if row.kind is Kind.DESK_DIGEST:
        return date.fromordinal(row.subject_id).isoformat()
    known = references if SUBJECTS[row.kind] == REQUEST else {}
    shown = [known.get(number, str(number)) for number in subjects[:MOST_SUBJECTS]]
    numbers = ", ".join(shown) + (" …" if len(subjects) > MOST_SUBJECTS else "")
    return f"{SUBJECTS[row.kind]}{'s' if len(subjects) > 1 else ''} {numbers}"
