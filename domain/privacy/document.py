"""Everything that is held about a person, as one document; docs/operations.md describes its shape."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any, TypeVar

import sqlalchemy as sa
from sqlalchemy.orm import DeclarativeBase, Session

from domain.attribution import FIELDS as FIRST_TOUCH
from domain.comments import Comment, CommentEvent, CommentVersion
from domain.comments.blocks import CommentBlock
from domain.consultations import ConsultationRequest, RequestEvent
from domain.outbox import OutboxMail
from domain.privacy.held import matches
from domain.privacy.person import Person
from domain.readers import Reader
from domain.staff import SignInFailure

COMMENT = (
    "id", "article_id", "parent_id", "name", "email", "website", "text", "lang", "consent_version", "status", "status_since",
    "submitted_at", "reasons", "tell_published", "tell_replies",
)  # fmt: skip
EARLIER_TEXT = ("revision", "text", "replaced_at")
COMMENT_EVENT = ("at", "from_status", "to_status", "how")
REQUEST = (
    "reference", "name", "phone", "phone_raw", "email", "contact_by", "best_time", "best_day", "treatment", "message", "article_id",
    "lang", "consent_version", "status", "status_since", "suspected", "reasons", "created_at", "due_at", "first_contact_at",
    "first_contact_minutes", "appointment_at", "close_reason", "source", *FIRST_TOUCH,
)  # fmt: skip
REQUEST_EVENT = ("at", "what", "from_status", "to_status", "note", "planned_at")
READER = ("email_key", "created_at", "asked_at", "confirmed_at", "refused_at")
MAIL = ("kind", "recipient", "state", "created_at", "sent_at")
BLOCK = ("created_at", "until", "note")
SIGN_IN = ("at",)

Row = dict[str, Any]
M = TypeVar("M", bound=DeclarativeBase)


def document(session: Session, person: Person, now: datetime) -> Row:
    """Texts, numbers, booleans, lists and objects, ready for JSON; times are UTC (ISO 8601). Who of the staff did what is left
    out: that is about them. So is the scrambled mark of a network: whether there is one is said."""
    found = matches(person)
    comments = _all(session, Comment, found.comments)
    requests = _all(session, ConsultationRequest, found.requests)
    return {
        "about": {"kind": person.kind.value, "value": person.value},
        "made_at": _plain(now),
        "comments": [_comment(session, comment) for comment in comments],
        "requests": [_request(session, request) for request in requests],
        "reader": _rows(_all(session, Reader, found.readers), READER),
        "mail": _rows(_all(session, OutboxMail, found.mails), MAIL),
        "blocks": _rows(_all(session, CommentBlock, found.blocks), BLOCK),
        "refused_sign_ins": _rows(_all(session, SignInFailure, found.sign_ins), SIGN_IN),
    }


def _comment(session: Session, comment: Comment) -> Row:
    versions = _all(session, CommentVersion, CommentVersion.comment_id == comment.id)
    events = _all(session, CommentEvent, CommentEvent.comment_id == comment.id)
    return _row(comment, COMMENT) | {
        "network_mark_kept": comment.network is not None,
        "earlier_texts": _rows(versions, EARLIER_TEXT),
        "history": _rows(events, COMMENT_EVENT),
    }


def _request(session: Session, request: ConsultationRequest) -> Row:
    events = _all(session, RequestEvent, RequestEvent.request_id == request.id)
    return _row(request, REQUEST) | {"network_mark_kept": request.network is not None, "history": _rows(events, REQUEST_EVENT)}


def _all(session: Session, model: type[M], condition: sa.ColumnElement[bool]) -> Sequence[M]:
    key = sa.inspect(model).primary_key[0]
    return session.scalars(sa.select(model).where(condition).order_by(key)).all()


def _rows(rows: Iterable[object], names: Sequence[str]) -> list[Row]:
    return [_row(row, names) for row in rows]


def _row(row: object, names: Sequence[str]) -> Row:
    values: Mapping[str, Any] = {name: getattr(row, name) for name in names}
    return {name: _plain(value) for name, value in values.items()}


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.isoformat(timespec="seconds")
    return value.isoformat() if isinstance(value, date) else value
