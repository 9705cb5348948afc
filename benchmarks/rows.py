"""Stories as the rows that domain.comments would have written for them; a test holds the two equal."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from benchmarks.stories import Story
from domain.audit import AuditEntry
from domain.comments import CONSENT_VERSION, Comment, CommentEvent, How, Status
from domain.comments.thread import place
from domain.outbox import Kind, OutboxItem, OutboxMail, State

Row = dict[str, Any]
SENT_AFTER = timedelta(seconds=5)
"""How long a mail waited for the dispatcher."""


@dataclass
class Chapter:
    """The rows of one chapter, in the order in which the domain would have written them."""

    comments: list[Row] = field(default_factory=list)
    events: list[Row] = field(default_factory=list)
    entries: list[Row] = field(default_factory=list)
    mails: list[Row] = field(default_factory=list)
    items: list[Row] = field(default_factory=list)
    public_changes: int = 0
    """How often readers saw a change."""

    @property
    def tables(self) -> list[tuple[Any, list[Row]]]:
        """Tables and their rows, what is referred to first."""
        return [
            (Comment.__table__, self.comments),
            (CommentEvent.__table__, self.events),
            (AuditEntry.__table__, self.entries),
            (OutboxMail.__table__, self.mails),
            (OutboxItem.__table__, self.items),
        ]


class Writer:
    """Turns stories into rows, decided by one of the staff, who has also got the mail about what was held."""

    def __init__(self, staff_id: int, recipient: str) -> None:
        self._staff_id, self._recipient = staff_id, recipient
        self._mails = 0

    def chapter(self, stories: Sequence[Story]) -> Chapter:
        """The rows of a whole chapter."""
        made = Chapter()
        placed: dict[int, Comment] = {}
        for story in stories:
            parent = placed.get(story.draft.parent_id or 0)
            placed[story.number] = comment = Comment(id=story.number)
            place(comment, parent)
            made.comments.append(_comment(story, comment))
            self._send(made, story)
            for status, at in story.moves:
                self._move(made, made.comments[-1], status, at)
        for story, row in zip(stories, made.comments, strict=True):
            if story.removed_at is not None:
                self._move(made, row, Status.TRASH, story.removed_at)
        _show(made.comments)
        return made

    def _send(self, made: Chapter, story: Story) -> None:
        reasons = {"reasons": _reasons(story)}
        made.events.append(_event(story.number, story.sent_at, None, story.first, None, How.SITE, reasons))
        if story.first is Status.HELD:
            made.mails.append(self._mail(story))
            made.items.append({"mail_id": self._mails, "item_id": story.number})

    def _move(self, made: Chapter, row: Row, status: Status, at: datetime) -> None:
        by_author = status is Status.WITHDRAWN
        before, number = row["status"], row["id"]
        row["status"], row["status_since"] = status, at
        by, how = (None, How.AUTHOR) if by_author else (self._staff_id, How.WEB)
        made.events.append(_event(number, at, before, status, by, how, {}))
        if not by_author:
            entry = {"at": at, "staff_id": by, "action": f"comment {status.value}", "subject": f"comment {number}"}
            made.entries.append(entry | {"detail": {"before": before.value}})
        made.public_changes += Status.APPROVED in {before, status}

    def _mail(self, story: Story) -> Row:
        at = story.sent_at
        self._mails += 1
        row: Row = {"id": self._mails, "kind": Kind.COMMENT_HELD, "subject_id": story.number, "recipient": self._recipient}
        row |= {"message_key": str(uuid5(NAMESPACE_URL, str(story.number))), "state": State.SENT, "attempts": 1}
        return row | {"created_at": at, "next_at": at, "retrying_since": at, "sent_at": at + SENT_AFTER}


def _comment(story: Story, placed: Comment) -> Row:
    draft = story.draft
    row: Row = {"id": story.number, "article_id": story.article_id, "parent_id": placed.parent_id, "staff_id": None}
    row |= {"name": draft.name, "email": draft.email, "email_key": draft.email_key, "website": draft.website, "text": draft.text}
    row |= {"lang": "en", "status": story.first, "revision": 1, "path": placed.path, "thread_rank": placed.thread_rank}
    row |= {"shown": False, "reasons": _reasons(story), "network": story.network, "consent_version": CONSENT_VERSION}
    return row | {"submitted_at": story.sent_at, "status_since": story.sent_at}


def _reasons(story: Story) -> list[str]:
    return [f"links:{story.links}"] if story.links else []


def _event(
    number: int, at: datetime, before: Status | None, status: Status, by: int | None, how: How, detail: dict[str, Any]
) -> Row:
    row: Row = {"comment_id": number, "at": at, "from_status": before, "to_status": status}
    return row | {"by_staff": by, "how": how, "detail": detail}


def _show(rows: Sequence[Row]) -> None:
    """Shown are approved comments and those above one that is shown; replies stand behind what they answer."""
    above = {row["id"]: row for row in rows}
    for row in reversed(rows):
        row["shown"] = row["shown"] or row["status"] is Status.APPROVED
        if row["shown"] and row["parent_id"] is not None:
            above[row["parent_id"]]["shown"] = True
