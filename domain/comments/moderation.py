"""Deciding about comments: the moves and the clinic's replies."""

from collections.abc import Sequence
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from domain import audit, orm, outbox, site_version
from domain.comments import notices
from domain.comments.comment import QUIET, Changed, Comment, CommentEvent, Forbidden, How, Seen, Status, Unknown
from domain.comments.history import note
from domain.comments.teaching import teach
from domain.comments.thread import NotAnswerable, add, show_or_hide
from domain.outbox import Kind
from domain.staff import Staff

SECOND_CLICK = timedelta(minutes=1)
"""Within which the same reply by the same person is the first one, sent twice."""


def set_status(session: Session, comment_id: int, status: Status, *, by: int | None, how: How, now: datetime) -> Status | None:
    """Moves a comment; returns the state it was in, or None when it was there already. Raises Unknown.

    Adds the history row and the audit entry, stops mail about what is no longer wanted, bumps the site version when readers see
    a change. Raises Forbidden for a move ALLOWED does not have. The caller has begun a write with MODERATION, and commits.
    """
    comment = orm.locked(session, Comment, comment_id)
    if comment is None:
        raise Unknown
    if comment.status is status:
        return None
    before = comment.status
    event = put(session, comment, status, by=by, how=how, now=now)
    teach(session, [comment])
    follow_up(session, [event], now)
    return before


def put(
    session: Session, comment: Comment, status: Status, *, by: int | None, how: How, now: datetime, **detail: int
) -> CommentEvent:
    """Moves a comment that the caller has locked, for somebody of the staff; returns the history row.

    `detail` goes into the history and the audit entry. Raises Forbidden. The caller calls `follow_up` and
    `teach` once for all that it has moved, and commits.
    """
    if status is Status.WITHDRAWN:
        raise Forbidden
    before = comment.status
    event = _change(session, comment, status, by=by, how=how, now=now, **detail)
    audit.record(session, now, by, f"comment {status.value}", f"comment {comment.id}", before=before.value, **detail)
    return event


def follow_up(session: Session, events: Sequence[CommentEvent], now: datetime) -> None:
    """What changes of state bring with them, done once for all: mail stops or starts, readers see it. The caller commits."""
    by_status = {status: [event.comment_id for event in events if event.to_status is status] for status in Status}
    quiet = [number for status in QUIET for number in by_status[status]]
    outbox.cancel(session, [Kind.COMMENT_PUBLISHED], quiet)
    outbox.drop(session, [Kind.COMMENT_REPLIED], quiet)
    outbox.drop(session, [Kind.COMMENT_HELD], [*quiet, *by_status[Status.APPROVED]])
    notices.tell_of(session, by_status[Status.APPROVED], now)
    if any(Status.APPROVED in {event.from_status, event.to_status} for event in events):
        site_version.bump(session)


def reply(session: Session, comment_id: int, text: str, *, seen: Seen | None = None, by: Staff, now: datetime) -> Comment:
    """Answers a comment in the clinic's name, which approves a held one; the badge goes with `staff_id`, never with a name.

    The same text by the same person within SECOND_CLICK is the reply that is there. Raises NotAnswerable for a comment that is
    neither held nor approved, and Changed for one that would be published otherwise than it was `seen`. The caller has begun a
    write with MODERATION, and commits.
    """
    parent = orm.locked(session, Comment, comment_id)
    if parent is not None and (sent := _sent_before(session, parent, text, by, now)) is not None:
        return sent
    if parent is None or parent.status not in {Status.HELD, Status.APPROVED}:
        raise NotAnswerable
    if seen is not None and not (seen.is_of_text(parent) and parent.status in {seen.status, Status.APPROVED}):
        raise Changed
    set_status(session, parent.id, Status.APPROVED, by=by.id, how=How.WEB, now=now)
    answer = Comment(
        article_id=parent.article_id,
        staff_id=by.id,
        name=by.name,
        email=by.email,
        email_key=by.email,
        text=text,
        lang=parent.lang,
        status=Status.HELD,
        reasons=[],
    )
    add(session, answer, parent, now)
    note(session, answer, None, by=by.id, how=How.WEB, now=now)
    set_status(session, answer.id, Status.APPROVED, by=by.id, how=How.WEB, now=now)
    return answer


def _sent_before(session: Session, parent: Comment, text: str, by: Staff, now: datetime) -> Comment | None:
    same = (Comment.parent_id == parent.id, Comment.staff_id == by.id, Comment.text == text, Comment.status == Status.APPROVED)
    return session.scalars(sa.select(Comment).where(*same, Comment.submitted_at > now - SECOND_CLICK).limit(1)).first()


def move(
    session: Session, comment: Comment, status: Status, *, by: int | None, how: How, now: datetime, **detail: object
) -> CommentEvent:
    """Changes a state with all that belongs to it; returns the history row. Raises Forbidden. The caller commits."""
    event = _change(session, comment, status, by=by, how=how, now=now, **detail)
    follow_up(session, [event], now)
    return event


def _change(
    session: Session, comment: Comment, status: Status, *, by: int | None, how: How, now: datetime, **detail: object
) -> CommentEvent:
    before = comment.status
    if not comment.may_become(status):
        raise Forbidden
    comment.status, comment.status_since = status, now
    event = note(session, comment, before, by=by, how=how, now=now, **detail)
    show_or_hide(session, comment, before)
    return event
