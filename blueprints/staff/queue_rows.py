"""Comments as the moderation queue shows them: in their thread, with their author's record and their history."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from flask import url_for
from markupsafe import Markup

import clinic
from domain import comments, staff
from domain.comments import QUIET, Comment, CommentEvent, How, personal
from domain.comments import Status as CommentStatus
from domain.text import paragraphs
from extensions import db
from web import words

ACTIONS = {
    "approve": ("Approve", CommentStatus.APPROVED),
    "unapprove": ("Unapprove", CommentStatus.HELD),
    "restore": ("Restore", CommentStatus.HELD),
    "spam": ("Spam", CommentStatus.SPAM),
    "trash": ("Trash", CommentStatus.TRASH),
}
OFFERED = {
    CommentStatus.HELD: ("approve", "spam", "trash"),
    CommentStatus.APPROVED: ("unapprove", "spam", "trash"),
    CommentStatus.SPAM: ("restore", "approve", "trash"),
    CommentStatus.TRASH: ("restore", "approve", "spam"),
    CommentStatus.WITHDRAWN: (),
}
STATUS_WORDS = {
    CommentStatus.HELD: "held",
    CommentStatus.APPROVED: "approved",
    CommentStatus.SPAM: "marked as spam",
    CommentStatus.TRASH: "moved to trash",
    CommentStatus.WITHDRAWN: "withdrawn",
}
HOW_WORDS = {
    How.WEB: "in the queue",
    How.MAIL: "from a mail",
    How.COMMAND: "by a command",
    How.AUTHOR: "by a signed link",
    How.SITE: "by itself",
}
FIRST_WORDS = 80
"""Characters of a comment that its replies are shown with."""
REMOVED = "a comment that was removed"


@dataclass(frozen=True)
class QueueComment:
    """A comment in the moderation queue."""

    id: int
    name: str
    email: str
    website: str | None
    html: Markup
    submitted_at: datetime
    status: str
    revision: int
    article_title: str
    article_url: str | None
    reasons: list[str]
    actions: list[tuple[str, str]]
    decided: str | None
    answers: str | None
    record: str | None
    history: list[tuple[datetime, str]]
    is_staff: bool
    can_answer: bool
    can_redact: bool
    can_amend: bool
    text: str
    earlier: list[tuple[datetime, Markup]]
    earlier_number: int


def queue_comments(rows: Sequence[Comment]) -> list[QueueComment]:
    """Comments with their article, what they answer, reasons, what can be done and all that was done."""
    ids = [row.id for row in rows]
    histories = comments.histories(db.session, ids)
    parents = comments.parents(db.session, rows)
    records = comments.records(db.session, rows)
    earlier = comments.earlier_texts(db.session, ids)
    names = staff.names(db.session, {event.by_staff for history in histories.values() for event in history})
    return [
        _queue_comment(
            row,
            histories.get(row.id, []),
            names,
            _answers(row, parents),
            _record(row, records.get(row.email_key, {})),
            earlier.get(row.id, comments.Earlier([], 0)),
        )
        for row in rows
    ]


def _queue_comment(
    row: Comment,
    history: Sequence[CommentEvent],
    names: dict[int | None, str],
    answers: str | None,
    record: str | None,
    earlier: comments.Earlier,
) -> QueueComment:
    decision = next((event for event in reversed(history) if event.by_staff is not None), None)
    item = clinic.library().by_id(row.article_id)
    is_public = item is not None and item.is_public(clinic.now())
    return QueueComment(
        id=row.id,
        name=row.name,
        email=row.email,
        website=row.website,
        html=_html(row.text),
        submitted_at=row.submitted_at,
        status=row.status.value,
        revision=row.revision,
        article_title=item.title if item else row.article_id,
        article_url=url_for("blog.article", slug=item.slug) if item and is_public else None,
        reasons=[words.reason(code) for code in row.reasons],
        actions=[(action, ACTIONS[action][0]) for action in OFFERED[row.status]],
        decided=event_line(decision, names) if decision is not None else None,
        answers=answers,
        record=record,
        history=[(event.at, _history_line(event, names)) for event in history],
        is_staff=row.staff_id is not None,
        earlier=[(version.replaced_at, _html(version.text)) for version in earlier.texts],
        earlier_number=earlier.number,
        can_answer=row.status in {CommentStatus.HELD, CommentStatus.APPROVED},
        can_amend=row.staff_id is None and row.status is not CommentStatus.WITHDRAWN and not row.is_emptied,
        text=row.text,
        can_redact=row.staff_id is None and row.status is not CommentStatus.WITHDRAWN and bool(personal.findings(row.text)),
    )


def _html(text: str) -> Markup:
    return Markup(paragraphs(text))  # paragraphs escapes everything but its own tags  # nosec


def event_line(event: CommentEvent, names: dict[int | None, str]) -> str:
    """What happened to a comment, who did it and when: "approved by Sana, 23 November 2026, 10:42"."""
    local = event.at.astimezone(clinic.site().timezone)
    done = _change(event) if event.from_status is event.to_status else STATUS_WORDS[event.to_status]
    return f"{done} by {event_by(event, names)}, {local.day} {local:%B %Y, %H:%M}"


def _change(event: CommentEvent) -> str:
    """What changed where the state did not."""
    mark = next((mark for mark in (personal.REDACTED, comments.AMENDED) if mark in event.detail), None)
    return words.reason(mark) if mark else "changed"


def event_by(event: CommentEvent, names: dict[int | None, str]) -> str:
    """Who it was, in words."""
    if event.by_staff is not None:
        return names.get(event.by_staff, "somebody")
    return "its author" if event.how is How.AUTHOR else "the site"


def _history_line(event: CommentEvent, names: dict[int | None, str]) -> str:
    if event.from_status is None:
        what = "sent" if event.by_staff is None else "written"
    elif event.from_status is event.to_status:
        what = _change(event)
    else:
        what = f"{event.from_status.value} → {event.to_status.value}"
    who = "its author" if event.from_status is None and event.by_staff is None else event_by(event, names)
    how = "" if event.by_staff is None else f" {HOW_WORDS[event.how]}"
    undone = ", taking back the decision before" if "undo" in event.detail else ""
    return f"{what}, by {who}{how}{undone}"


def _answers(row: Comment, parents: dict[int, Comment]) -> str | None:
    """The comment that this one answers, as its name and first words."""
    if row.parent_id is None:
        return None
    parent = parents.get(row.parent_id)
    if parent is None or parent.status in QUIET or not parent.text:
        return REMOVED
    text = " ".join(parent.text.split())
    return f"{parent.name}: {text[:FIRST_WORDS].rstrip()}{'…' if len(text) > FIRST_WORDS else ''}"


def _record(row: Comment, counts: dict[CommentStatus, int]) -> str | None:
    """The other comments of the same address: "3 approved, 1 spam"."""
    others = {status: number - (status is row.status) for status, number in counts.items()}
    parts = [f"{others[status]:,} {status.value}" for status in CommentStatus if others.get(status)]
    return ", ".join(parts) or None
