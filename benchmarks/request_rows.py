"""Stories of requests as the rows that domain.consultations would have written for them; a test holds the two equal."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import NAMESPACE_OID, uuid5

from benchmarks.request_stories import RequestStory
from benchmarks.rows import SENT_AFTER, Row
from domain.audit import AuditEntry
from domain.consultations import CONSENT_VERSION, BestTime, ConsultationRequest, Move, RequestEvent, Status, What
from domain.consultations.desk import REACHED
from domain.outbox import Kind, OutboxMail, State
from domain.text import normalise_email

WHY = ["honeypot"]
"""Why a suspected one is suspected."""


@dataclass
class RequestChapter:
    """The rows of one chapter, in the order in which the domain would have written them."""

    requests: list[Row] = field(default_factory=list)
    events: list[Row] = field(default_factory=list)
    entries: list[Row] = field(default_factory=list)
    mails: list[Row] = field(default_factory=list)
    public_changes: int = 0
    """Readers see nothing of a request."""

    @property
    def tables(self) -> list[tuple[Any, list[Row]]]:
        """Tables and their rows, what is referred to first."""
        models = (ConsultationRequest, RequestEvent, AuditEntry, OutboxMail)
        return [
            (model.__table__, rows)
            for model, rows in zip(models, (self.requests, self.events, self.entries, self.mails), strict=True)
        ]


class RequestWriter:
    """Turns stories into rows. The first of two people decides all and has got the mail; both look after requests."""

    def __init__(self, staff_ids: tuple[int, int], recipient: str) -> None:
        self._staff_ids, self._recipient = staff_ids, recipient

    def chapter(self, stories: Sequence[RequestStory]) -> RequestChapter:
        """The rows of a whole chapter."""
        made = RequestChapter()
        for story in stories:
            row = _request(story)
            made.requests.append(row)
            made.events.append(_event(row, story.sent_at, None, What.ARRIVED))
            made.mails.append(self._mail(story))
            if story.assigned is not None:
                self._assign(made, row, self._staff_ids[story.assigned], story.sent_at)
            for to, at in story.moves:
                self._move(made, row, to, at)
        return made

    def _assign(self, made: RequestChapter, row: Row, to: int, at: datetime) -> None:
        row["assigned_to"] = to
        row["revision"] += 1
        made.events.append(_event(row, at, row["status"], What.ASSIGNED, by=self._staff_ids[0]))
        made.entries.append(self._entry(row, at, "assigned", {"to": to}))

    def _move(self, made: RequestChapter, row: Row, to: Move, at: datetime) -> None:
        before = row["status"]
        row |= {"status": to.status, "status_since": at, "due_at": to.at if to.status is Status.NO_ANSWER else None}
        row |= {"close_reason": to.reason, "revision": row["revision"] + 1}
        row["appointment_at"] = to.at if to.status is Status.BOOKED else None
        if to.status in REACHED and row["first_contact_at"] is None:
            row |= {"first_contact_at": at, "first_contact_minutes": int((at - row["created_at"]) / timedelta(minutes=1))}
        made.events.append(_event(row, at, before, What.MOVED, by=self._staff_ids[0], to=to))
        made.entries.append(self._entry(row, at, to.status.value, {"before": before.value}))

    def _entry(self, row: Row, at: datetime, action: str, detail: dict[str, Any]) -> Row:
        entry: Row = {"at": at, "staff_id": self._staff_ids[0], "action": f"request {action}", "subject": f"request {row['id']}"}
        return entry | {"detail": detail}

    def _mail(self, story: RequestStory) -> Row:
        at = story.sent_at
        row: Row = {"kind": Kind.REQUEST_RECEIVED, "subject_id": story.number, "recipient": self._recipient}
        row |= {"message_key": str(uuid5(NAMESPACE_OID, str(story.number))), "state": State.SENT, "attempts": 1}
        return row | {"created_at": at, "next_at": at, "retrying_since": at, "sent_at": at + SENT_AFTER}


def _request(story: RequestStory) -> Row:
    draft, at = story.draft, story.sent_at
    row: Row = {"id": story.number, "reference": story.reference, "submission_id": None, "name": draft.name, "lang": "en"}
    row |= {"phone": draft.phone.e164, "phone_raw": draft.phone_raw, "email": draft.email, "message": draft.message}
    row |= {"email_key": normalise_email(draft.email) if draft.email else None, "contact_by": draft.contact_by}
    row |= {"best_time": BestTime.ANY, "best_day": None, "treatment": draft.treatment, "article_id": None}
    row |= {"consent_version": CONSENT_VERSION, "network": story.network, "suspected": story.suspected}
    row |= {"reasons": WHY if story.suspected else [], "status": Status.NEW, "status_since": at, "assigned_to": None}
    row |= {
        "created_at": at,
        "due_at": at,
        "first_contact_at": None,
        "first_contact_minutes": None,
        "reminded_at": None,
        "escalated_at": None,
    }
    return row | {"appointment_at": None, "close_reason": None, "revision": 1}


def _event(row: Row, at: datetime, before: Status | None, what: What, *, by: int | None = None, to: Move | None = None) -> Row:
    event: Row = {"request_id": row["id"], "at": at, "from_status": before, "to_status": row["status"], "by_staff": by}
    return event | {"note": to.note if to else "", "what": what, "planned_at": to.at if to else None}
