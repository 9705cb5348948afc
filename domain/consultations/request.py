"""A consultation request as it is kept: its states, its tables."""

from datetime import date, datetime
from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, MappedColumn, Session, mapped_column

from domain import orm
from domain.attribution import DIRECT, MAX_SOURCE, MAX_VALUE
from domain.orm import NEVER_AGAIN, Base, enum_type
from domain.phones import MAX_PHONE, Phone, from_e164
from domain.text import MAX_EMAIL, MAX_NAME


class ContactBy(StrEnum):
    """How the visitor wants to be answered."""

    PHONE = "phone"
    WHATSAPP = "whatsapp"
    EMAIL = "email"


class BestTime(StrEnum):
    """When; the clinic promises no hour."""

    ANY = "any"
    MORNING = "morning"
    AFTERNOON = "afternoon"
    EVENING = "evening"


class Status(StrEnum):
    """Rule 8 of the design; `suspected` is a flag beside these, spam is set by a person only."""

    NEW = "new"
    CONTACTED = "contacted"
    NO_ANSWER = "no_answer"
    BOOKED = "booked"
    CLOSED = "closed"
    SPAM = "spam"


OPEN = frozenset({Status.NEW, Status.CONTACTED, Status.NO_ANSWER, Status.BOOKED})
ALLOWED: dict[Status, frozenset[Status]] = {
    Status.NEW: frozenset({Status.CONTACTED, Status.NO_ANSWER, Status.BOOKED, Status.CLOSED, Status.SPAM}),
    Status.CONTACTED: frozenset({Status.NO_ANSWER, Status.BOOKED, Status.CLOSED, Status.SPAM}),
    Status.NO_ANSWER: frozenset({Status.CONTACTED, Status.BOOKED, Status.CLOSED, Status.SPAM}),
    Status.BOOKED: frozenset({Status.CONTACTED, Status.NO_ANSWER, Status.CLOSED, Status.SPAM}),
    Status.CLOSED: frozenset({Status.CONTACTED, Status.BOOKED}),
    Status.SPAM: frozenset({Status.NEW}),
}


AGAIN = frozenset({Status.NO_ANSWER, Status.BOOKED})
"""States that can be set again, with another time."""


DUE = frozenset({Status.NEW, Status.NO_ANSWER})
"""States in which somebody has to act at a time, `due_at`."""


class CloseReason(StrEnum):
    """How a request ended."""

    CAME = "came"
    DECLINED = "declined"
    UNREACHABLE = "unreachable"
    DUPLICATE = "duplicate"
    OTHER = "other"
    TEST = "test"
    """Sent by the site itself to see that the form works (flask probe); never set by anybody, and final."""


GIVEN = tuple(reason for reason in CloseReason if reason is not CloseReason.TEST)
"""Reasons that a person gives for closing a request."""


class What(StrEnum):
    """What an event of a request is; the last three are attempts to reach the visitor."""

    ARRIVED = "arrived"
    CORRECTED = "corrected"
    MOVED = "moved"
    NOTED = "noted"
    ASSIGNED = "assigned"
    PHONE = "phone"
    WHATSAPP = "whatsapp"
    EMAIL = "email"


def _touch() -> MappedColumn[str]:
    return mapped_column(sa.String(MAX_VALUE), default="", server_default=sa.text("''"))


UNANSWERED = sa.text("first_contact_at IS NULL AND escalated_at IS NULL")
"""Of the new requests, the few for which the clock of a first contact still runs."""


SUSPECTED = sa.text("suspected")
"""Written as it is in the indexes, which serve no other writing of it."""


class ConsultationRequest(Base):
    """What a visitor asked for. Phone as E.164 beside what was typed; the reference is what both sides call it.

    `source` and the names down to `utm_content` are the first touch, see domain.attribution. `first_contact_minutes` is the
    working time until `first_contact_at`, rounded as domain.consultations.answering counts it. `due_at` is when somebody has
    to act: the arrival while new, the next try after no answer, else None. `reminded_at` and `escalated_at` are when the desk
    and the owners were told that nobody had answered. `revision` rises with each change of what staff see.
    """

    __tablename__ = "consultation_request"
    __table_args__ = (
        sa.Index("ix_consultation_request_inbox", "status", "created_at", "id"),
        sa.Index("ix_consultation_request_arrived", "created_at", "id"),
        sa.Index("ix_consultation_request_assigned", "assigned_to", "created_at", "id"),
        sa.Index("ix_consultation_request_assigned_status", "assigned_to", "status", "created_at", "id"),
        sa.Index("ix_consultation_request_treatment", "treatment", "created_at", "id"),
        sa.Index("ix_consultation_request_treatment_status", "treatment", "status", "created_at", "id"),
        sa.Index("ix_consultation_request_suspected", "created_at", "id", sqlite_where=SUSPECTED, postgresql_where=SUSPECTED),
        sa.Index(
            "ix_consultation_request_suspected_status",
            "status",
            "created_at",
            "id",
            sqlite_where=SUSPECTED,
            postgresql_where=SUSPECTED,
        ),
        sa.Index("ix_consultation_request_due", "due_at", "id"),
        sa.Index("ix_consultation_request_phone", "phone", "created_at"),
        sa.Index("ix_consultation_request_network", "network", "created_at"),
        sa.Index(
            "ix_consultation_request_unanswered",
            "status",
            "created_at",
            "id",
            sqlite_where=UNANSWERED,
            postgresql_where=UNANSWERED,
        ),
        NEVER_AGAIN,
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    reference: Mapped[str] = mapped_column(sa.String(12), unique=True)
    submission_id: Mapped[str | None] = mapped_column(sa.String(64), unique=True)
    name: Mapped[str] = mapped_column(sa.String(MAX_NAME))
    phone: Mapped[str] = mapped_column(sa.String(20))
    phone_raw: Mapped[str] = mapped_column(sa.String(MAX_PHONE))
    email: Mapped[str | None] = mapped_column(sa.String(MAX_EMAIL))
    email_key: Mapped[str | None] = mapped_column(sa.String(MAX_EMAIL), index=True)
    contact_by: Mapped[ContactBy] = mapped_column(enum_type(ContactBy, "contact_by"))
    best_time: Mapped[BestTime] = mapped_column(enum_type(BestTime, "best_time"))
    best_day: Mapped[date | None]
    treatment: Mapped[str | None] = mapped_column(sa.String(60))
    message: Mapped[str] = mapped_column(sa.Text)
    consent_version: Mapped[str] = mapped_column(sa.String(20))
    article_id: Mapped[str | None] = mapped_column(sa.String(100))
    source: Mapped[str] = mapped_column(sa.String(MAX_SOURCE), default=DIRECT, server_default=DIRECT)
    landing: Mapped[str] = _touch()
    referrer: Mapped[str] = _touch()
    utm_source: Mapped[str] = _touch()
    utm_medium: Mapped[str] = _touch()
    utm_campaign: Mapped[str] = _touch()
    utm_term: Mapped[str] = _touch()
    utm_content: Mapped[str] = _touch()
    lang: Mapped[str] = mapped_column(sa.String(12))
    network: Mapped[str | None] = mapped_column(sa.String(32))
    suspected: Mapped[bool]
    reasons: Mapped[list[str]]
    status: Mapped[Status] = mapped_column(enum_type(Status, "status"))
    status_since: Mapped[datetime]
    assigned_to: Mapped[int | None] = mapped_column(sa.ForeignKey("staff.id"))
    created_at: Mapped[datetime]
    due_at: Mapped[datetime | None]
    first_contact_at: Mapped[datetime | None]
    first_contact_minutes: Mapped[int | None]
    reminded_at: Mapped[datetime | None]
    escalated_at: Mapped[datetime | None]
    appointment_at: Mapped[datetime | None] = mapped_column(index=True)
    close_reason: Mapped[CloseReason | None] = mapped_column(enum_type(CloseReason, "close_reason", constrained=False))
    revision: Mapped[int] = mapped_column(default=1, server_default="1")

    @property
    def is_test(self) -> bool:
        """Whether the site sent it to itself: it waits for nobody and counts nowhere."""
        return self.close_reason is CloseReason.TEST

    @property
    def moves(self) -> frozenset[Status]:
        """The states it may go to."""
        return frozenset() if self.is_test else ALLOWED[self.status]

    @property
    def callable_phone(self) -> Phone:
        """The number with its links."""
        return from_e164(self.phone)


class RequestCount(Base):
    """How many requests stand in a state. Triggers keep the rows in step, whoever changes a request."""

    __tablename__ = "request_count"

    status: Mapped[Status] = mapped_column(enum_type(Status, "status", constrained=False), primary_key=True)
    number: Mapped[int]


class RequestEvent(Base):
    """One step of a request, with what staff noted; `planned_at` is the next try or the appointment that was set."""

    __tablename__ = "request_event"

    id: Mapped[int] = mapped_column(primary_key=True)
    request_id: Mapped[int] = mapped_column(sa.ForeignKey("consultation_request.id", ondelete="CASCADE"), index=True)
    at: Mapped[datetime]
    from_status: Mapped[Status | None] = mapped_column(enum_type(Status, "from_status"))
    to_status: Mapped[Status] = mapped_column(enum_type(Status, "to_status"))
    by_staff: Mapped[int | None] = mapped_column(sa.ForeignKey("staff.id"))
    note: Mapped[str] = mapped_column(sa.Text, default="")
    what: Mapped[What] = mapped_column(enum_type(What, "what", constrained=False), server_default="moved")
    planned_at: Mapped[datetime | None]


def get(session: Session, request_id: int) -> ConsultationRequest | None:
    """A request in any state."""
    return session.get(ConsultationRequest, request_id)


def to_change(session: Session, request_id: int) -> ConsultationRequest | None:
    """A request in any state, locked and as it stands now, for whoever goes by what it says. The caller commits."""
    return orm.locked(session, ConsultationRequest, request_id)
