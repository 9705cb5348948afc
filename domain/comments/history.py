"""The history of a comment: who changed it, when, how, from what to what."""

from datetime import datetime

from sqlalchemy.orm import Session

from domain.comments.comment import Comment, CommentEvent, How, Status


def note(
    session: Session, comment: Comment, before: Status | None, *, by: int | None, how: How, now: datetime, **detail: object
) -> CommentEvent:
    """Adds and returns a row that says how the comment came into the state it is in now. The caller commits."""
    event = CommentEvent(
        comment_id=comment.id, at=now, from_status=before, to_status=comment.status, by_staff=by, how=how, detail=detail
    )
    session.add(event)
    return event
