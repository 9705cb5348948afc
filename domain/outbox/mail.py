"""A message that waits to be sent: its table, its kinds, where it stands and why a try failed."""

from datetime import datetime
from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from domain.orm import NEVER_AGAIN, Base, enum_type
from domain.text import MAX_EMAIL


class Kind(StrEnum):
    """What a message says; each has a function in messages/ and, unless it goes to the webhook, a folder in templates/emails/."""

    COMMENT_HELD = "comment_held"
    COMMENT_PUBLISHED = "comment_published"
    COMMENT_REPLIED = "comment_replied"
    READER_ASKED = "reader_asked"
    REQUEST_RECEIVED = "request_received"
    REQUEST_ACKNOWLEDGED = "request_acknowledged"
    REQUESTS_SUSPECTED = "requests_suspected"
    REQUESTS_OVERDUE = "requests_overdue"
    REQUESTS_ESCALATED = "requests_escalated"
    DESK_DIGEST = "desk_digest"
    STAFF_INVITED = "staff_invited"
    REVIEWS_DUE = "reviews_due"
    SIGN_OFF_ENDED = "sign_off_ended"
    HOOK_OVERDUE = "hook_overdue"
    HOOK_ESCALATED = "hook_escalated"
    HOOK_MAIL_ALARM = "hook_mail_alarm"


COMMENT_KINDS = (Kind.COMMENT_PUBLISHED,)
"""About one comment, which is their subject."""
COMMENT_LISTS = (Kind.COMMENT_HELD, Kind.COMMENT_REPLIED)
"""About several comments, which are their items."""
REQUEST_KINDS = (Kind.REQUEST_RECEIVED, Kind.REQUEST_ACKNOWLEDGED)
"""About one request, which is their subject."""
REQUEST_LISTS = (
    Kind.REQUESTS_SUSPECTED,
    Kind.REQUESTS_OVERDUE,
    Kind.REQUESTS_ESCALATED,
    Kind.HOOK_OVERDUE,
    Kind.HOOK_ESCALATED,
)
"""About several requests, which are their items."""
HOOK_KINDS = (Kind.HOOK_OVERDUE, Kind.HOOK_ESCALATED, Kind.HOOK_MAIL_ALARM)
"""What goes to the webhook and not by mail; their recipient is WEBHOOK, since its address is the machine's business."""
CONTENT_KINDS = (Kind.REVIEWS_DUE, Kind.SIGN_OFF_ENDED)
"""To the owners, about the texts of the site."""
NOTICE_KINDS = (Kind.DESK_DIGEST, Kind.HOOK_MAIL_ALARM, *CONTENT_KINDS)
"""About nothing that anybody sent: let go of by time alone, all others with what they are about."""
WEBHOOK = "webhook"
DESK_KINDS = (*REQUEST_KINDS, *REQUEST_LISTS, Kind.DESK_DIGEST, Kind.HOOK_MAIL_ALARM)
"""What the front desk may see of the outbox."""
PACED_KINDS = (*COMMENT_LISTS, *REQUEST_LISTS)
"""May be put in for a later time; every other kind is due at once."""
READER_KINDS = (Kind.COMMENT_PUBLISHED, Kind.COMMENT_REPLIED, Kind.READER_ASKED)
"""To an address that somebody typed with a wish for mail."""
VISITOR_KINDS = (Kind.REQUEST_ACKNOWLEDGED, *READER_KINDS)
"""To people who do not work here: a try may fail for a reason of their mailboxes, which says nothing of our mail. All others
go to staff, or to the webhook."""


class State(StrEnum):
    """Where a message stands."""

    WAITING = "waiting"
    SENT = "sent"
    FAILED = "failed"
    CANCELLED = "cancelled"


class Failure(StrEnum):
    """Why a try failed: for a while, for good, or because of our own set-up (rule 9 of the design)."""

    TEMPORARY = "temporary"
    PERMANENT = "permanent"
    SETUP = "setup"


class OutboxMail(Base):
    """One message to one recipient; rendered when it is sent. `alarmed_at` is when its trouble was told elsewhere."""

    __tablename__ = "outbox_mail"
    __table_args__ = (
        sa.Index("ix_outbox_mail_due", "state", "next_at"),
        sa.Index("ix_outbox_mail_subject", "kind", "subject_id"),
        sa.Index("ix_outbox_mail_recipient", "kind", "recipient", "created_at"),
        NEVER_AGAIN,
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[Kind] = mapped_column(enum_type(Kind, "kind", constrained=False))
    subject_id: Mapped[int]
    recipient: Mapped[str] = mapped_column(sa.String(MAX_EMAIL))
    message_key: Mapped[str] = mapped_column(sa.String(36), unique=True)
    state: Mapped[State] = mapped_column(enum_type(State, "state"))
    created_at: Mapped[datetime]
    next_at: Mapped[datetime]
    attempts: Mapped[int] = mapped_column(default=0)
    retrying_since: Mapped[datetime]
    lease: Mapped[str | None] = mapped_column(sa.String(36))
    lease_until: Mapped[datetime | None]
    holder: Mapped[str | None] = mapped_column(sa.String(120))
    sent_at: Mapped[datetime | None]
    failure: Mapped[Failure | None] = mapped_column(enum_type(Failure, "failure"))
    last_reply: Mapped[str | None] = mapped_column(sa.String(500))
    alarmed_at: Mapped[datetime | None]
