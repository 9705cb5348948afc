"""The history of a comment: who changed it, when, how, from what to what."""

from collections.abc import Iterable
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from domain import orm
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


_INSERT = sa.insert(orm.table(CommentEvent))


def note_arrival(session: Session, comment_id: int, status: Status, reasons: Iterable[str], now: datetime) -> None:
    """The first row of a comment that has come by its form. The history outlives the text of a place that replies keep, and
    some reasons quote it: "seen:" is left out, and of "word:" and "disallowed:", which may be somebody's address, the kind is
    kept. The caller commits.
    """
    kept = [code.partition(":")[0] if code.startswith(("word:", "disallowed:")) else code for code in reasons]
    detail = {"reasons": [code for code in dict.fromkeys(kept) if not code.startswith("seen:")]}
    orm.writing(session).execute(
        _INSERT,
        {
            "comment_id": comment_id,
            "at": now,
            "from_status": None,
            "to_status": status,
            "by_staff": None,
            "how": How.SITE,
            "detail": detail,
        },
    )
