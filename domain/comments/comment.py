"""A comment as it is kept: its states, its tables, its place in a thread."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, Session, mapped_column

from domain.comments.personal import REDACTED
from domain.orm import NEVER_AGAIN, Base, enum_type
from domain.text import MAX_EMAIL, MAX_NAME, MAX_URL

PATH_STEP = 10
"""Digits of one step of a path: enough for every id of a 32-bit column, and sorted alike by every collation."""
BLOCK = 1000
"""Threads of a ThreadBlock; the triggers of the migration that made the table say the same."""
PATH_LEVELS = 10
"""Replies deeper than this stand beside the one they answer; the true parent is stored all the same."""


CONSENT_VERSION = "2026-11-28"
CONSENT_TEXT = (
    "By posting you agree that your name and comment may be published on this page. "
    "Your email address is kept, but never published."
)
"""The words beside the form; a change of them needs a new CONSENT_VERSION, which each comment keeps."""

AMENDED = "amended"
"""The reason that marks what staff have rewritten."""

MODERATION = "moderation"
"""Each transaction that changes comments which are there begins with it, so that they run one after the other: they touch the same
threads, counts and counters of the spam filter, in whatever order, and PostgreSQL would have two of them wait for each other. New
comments come `beside` one another, and not while one is changed that they may answer."""


class Status(StrEnum):
    """Rule 8 of the design."""

    HELD = "held"
    APPROVED = "approved"
    SPAM = "spam"
    TRASH = "trash"
    WITHDRAWN = "withdrawn"


ALLOWED: dict[Status, frozenset[Status]] = {
    Status.HELD: frozenset({Status.APPROVED, Status.SPAM, Status.TRASH, Status.WITHDRAWN}),
    Status.APPROVED: frozenset({Status.HELD, Status.SPAM, Status.TRASH, Status.WITHDRAWN}),
    Status.SPAM: frozenset({Status.HELD, Status.APPROVED, Status.TRASH, Status.WITHDRAWN}),
    Status.TRASH: frozenset({Status.HELD, Status.APPROVED, Status.SPAM, Status.WITHDRAWN}),
    Status.WITHDRAWN: frozenset(),
}
"""The moves there are; nobody brings back what its author withdrew."""

QUIET = frozenset({Status.SPAM, Status.TRASH, Status.WITHDRAWN})
"""States about which no mail is sent any more."""


class How(StrEnum):
    """The way a change was made."""

    WEB = "web"
    MAIL = "mail"
    COMMAND = "command"
    AUTHOR = "author"
    SITE = "site"


class Wish(StrEnum):
    """Mail that an author asked for with a comment."""

    PUBLISHED = "published"
    REPLIES = "replies"


class Unknown(Exception):
    """There is no such comment."""


class Changed(Exception):
    """Somebody has changed the comment since it was shown."""


class Forbidden(Exception):
    """The state machine has no such move."""


HAS_REASONS = sa.text("CAST(reasons AS TEXT) <> '[]'")
"""Whether anything was noticed of a comment; written as it is in the index, which serves no other writing of it."""


HAS_TAUGHT = sa.text("learned_as_spam IS NOT NULL")


class Comment(Base):
    """What somebody wrote under an article. The true parent is stored; the address is shown to staff only.

    `path` is the place in the thread: one step of PATH_STEP digits for each ancestor and itself, so that sorting by it puts
    every reply under its parent. `thread_rank` is minus the id of the thread's first comment: ascending, the newest thread
    comes first. `shown` is true for approved comments and for removed ones that have shown replies. `consent_version` is
    empty for replies of staff, who are shown no notice, and for comments older than the notice. `learned_as_spam` is what the
    spam filter has learned it as, None for nothing.
    """

    __tablename__ = "comment"
    __table_args__ = (
        sa.Index("ix_comment_oldest", "article_id", "shown", "path"),
        sa.Index("ix_comment_newest", "article_id", "shown", "thread_rank", "path"),
        sa.Index("ix_comment_queue", "status", "id"),
        sa.Index("ix_comment_queue_article", "status", "article_id", "id"),
        sa.Index("ix_comment_queue_age", "status", "submitted_at", "id"),
        sa.Index("ix_comment_queue_reason", "status", "id", sqlite_where=HAS_REASONS, postgresql_where=HAS_REASONS),
        sa.Index("ix_comment_record", "email_key", "status"),
        sa.Index("ix_comment_author", "email_key", "submitted_at"),
        sa.Index("ix_comment_network", "network", "submitted_at"),
        sa.Index("ix_comment_learned", "status_since", sqlite_where=HAS_TAUGHT, postgresql_where=HAS_TAUGHT),
        NEVER_AGAIN,
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    article_id: Mapped[str] = mapped_column(sa.String(100))
    parent_id: Mapped[int | None] = mapped_column(sa.ForeignKey("comment.id"), index=True)
    staff_id: Mapped[int | None] = mapped_column(sa.ForeignKey("staff.id"))
    name: Mapped[str] = mapped_column(sa.String(MAX_NAME))
    email: Mapped[str] = mapped_column(sa.String(MAX_EMAIL))
    email_key: Mapped[str] = mapped_column(sa.String(MAX_EMAIL))
    website: Mapped[str | None] = mapped_column(sa.String(MAX_URL))
    text: Mapped[str] = mapped_column(sa.Text)
    lang: Mapped[str] = mapped_column(sa.String(12))
    consent_version: Mapped[str] = mapped_column(sa.String(20), default="", server_default=sa.text("''"))
    status: Mapped[Status] = mapped_column(enum_type(Status, "status"))
    revision: Mapped[int] = mapped_column(default=1)
    path: Mapped[str] = mapped_column(sa.String(PATH_STEP * PATH_LEVELS), server_default=sa.text("''"))
    thread_rank: Mapped[int] = mapped_column(server_default="0")
    shown: Mapped[bool] = mapped_column(server_default=sa.false())
    reasons: Mapped[list[str]]
    learned_as_spam: Mapped[bool | None]
    tell_published: Mapped[bool] = mapped_column(server_default=sa.false())
    tell_replies: Mapped[bool] = mapped_column(server_default=sa.false())
    network: Mapped[str | None] = mapped_column(sa.String(32))
    submitted_at: Mapped[datetime]
    status_since: Mapped[datetime]

    @property
    def level(self) -> int:
        """How deep in its thread: 0 for a comment on the article itself; at most PATH_LEVELS - 1."""
        return len(self.path) // PATH_STEP - 1

    @property
    def wishes(self) -> frozenset[Wish]:
        """What mail its author wants."""
        wanted = {Wish.PUBLISHED: self.tell_published, Wish.REPLIES: self.tell_replies}
        return frozenset(wish for wish, is_wanted in wanted.items() if is_wanted)

    @property
    def is_edited_by_staff(self) -> bool:
        """Whether staff took something out or rewrote it, which readers are told."""
        return bool({AMENDED, REDACTED} & set(self.reasons))

    @property
    def is_emptied(self) -> bool:
        """Only its place in the thread is left: what its author typed was let go of."""
        return not self.email

    def may_become(self, status: Status) -> bool:
        """Whether the state machine has this move, and there is still something to move."""
        return status in ALLOWED[self.status] and not self.is_emptied


class CommentCount(Base):
    """How many comments of an article stand in a state. Triggers keep the rows in step, whoever changes a comment."""

    __tablename__ = "comment_count"

    article_id: Mapped[str] = mapped_column(sa.String(100), primary_key=True)
    status: Mapped[Status] = mapped_column(enum_type(Status, "status", constrained=False), primary_key=True)
    number: Mapped[int]


class ThreadBlock(Base):
    """How many comments are shown in a block of an article's threads, those whose first ids have the same thousands.

    Triggers keep the rows in step. They say where a page begins without a walk over all that stands before it.
    """

    __tablename__ = "thread_block"

    article_id: Mapped[str] = mapped_column(sa.String(100), primary_key=True)
    block: Mapped[int] = mapped_column(primary_key=True)
    number: Mapped[int]


class CommentVersion(Base):
    """What a comment said before its author changed it or staff redacted it; staff see it beside the new text."""

    __tablename__ = "comment_version"
    __table_args__ = (sa.UniqueConstraint("comment_id", "revision"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    comment_id: Mapped[int] = mapped_column(sa.ForeignKey("comment.id", ondelete="CASCADE"))
    revision: Mapped[int]
    text: Mapped[str] = mapped_column(sa.Text)
    replaced_at: Mapped[datetime]


class CommentEvent(Base):
    """One change of state: who, when, how, from, to, why."""

    __tablename__ = "comment_event"

    id: Mapped[int] = mapped_column(primary_key=True)
    comment_id: Mapped[int] = mapped_column(sa.ForeignKey("comment.id", ondelete="CASCADE"), index=True)
    at: Mapped[datetime]
    from_status: Mapped[Status | None] = mapped_column(enum_type(Status, "from_status"))
    to_status: Mapped[Status] = mapped_column(enum_type(Status, "to_status"))
    by_staff: Mapped[int | None] = mapped_column(sa.ForeignKey("staff.id"))
    how: Mapped[How] = mapped_column(enum_type(How, "how"))
    detail: Mapped[dict[str, Any]]


@dataclass(frozen=True)
class Seen:
    """A comment as it was shown to who decides. None stands for "whichever" revision; `event` is the number of the last thing
    that had happened to any comment by then, for who was shown a list and names no revisions.
    """

    status: Status
    revision: int | None = None
    event: int | None = None

    def still_holds(self, comment: Comment, newest: CommentEvent | None = None) -> bool:
        """Whether the comment is as it was shown; `newest` is the last thing that happened to it, where `event` is known."""
        is_unchanged = self.event is None or newest is None or newest.id <= self.event
        return comment.status is self.status and self.is_of_text(comment) and is_unchanged

    def is_of_text(self, comment: Comment) -> bool:
        """Whether the text is the one that was shown."""
        return self.revision in {None, comment.revision}


def get(session: Session, comment_id: int) -> Comment | None:
    """A comment in any state."""
    return session.get(Comment, comment_id)
