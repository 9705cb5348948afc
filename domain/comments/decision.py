"""Decisions of the queue, on one comment or many: nothing is overwritten unseen, and each can be taken back."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from domain import orm
from domain.comments.comment import Comment, CommentEvent, How, Seen, Status
from domain.comments.moderation import follow_up, put
from domain.comments.teaching import teach


@dataclass(frozen=True)
class Outcome:
    """What became of a decision: the ids of the history rows it made, and the newest rows of what it left as it is."""

    done: list[int] = field(default_factory=list)
    left: list[CommentEvent] = field(default_factory=list)


def decide(
    session: Session, seen: Mapping[int, Seen | None], status: Status, *, by: int | None, how: How, now: datetime
) -> Outcome:
    """Moves those of the comments that are still as they were `seen` and that the state machine lets move.

    The others, which somebody has decided or changed meanwhile, stay as they are. A comment that is not there is in neither
    list. `by` is None for a command. The spam filter learns from what was done. The caller has begun a write with MODERATION,
    and commits.
    """
    done: list[CommentEvent] = []
    left: list[int] = []
    comments = _locked(session, seen)
    in_list = [number for number, shown in seen.items() if shown is not None and shown.event is not None]
    newest = newest_events(session, in_list) if in_list else {}
    for comment in comments:
        shown = seen[comment.id]
        if not comment.may_become(status) or not (shown is None or shown.still_holds(comment, newest.get(comment.id))):
            left.append(comment.id)
        else:
            done.append(put(session, comment, status, by=by, how=how, now=now))
    moved = {event.comment_id for event in done}
    teach(session, [comment for comment in comments if comment.id in moved])
    follow_up(session, done, now)
    session.flush()
    return Outcome([event.id for event in done], list(newest_events(session, left).values()))


def undo(session: Session, event_ids: Iterable[int], *, by: int, how: How, now: datetime) -> Outcome:
    """Takes back these decisions of one person where nothing has happened to the comment since.

    What the spam filter learned from them goes with them. The caller has begun a write with MODERATION, and commits.
    """
    own = sa.select(CommentEvent).where(
        CommentEvent.id.in_(list(event_ids)), CommentEvent.by_staff == by, CommentEvent.from_status.is_not(None)
    )
    events = {event.comment_id: event for event in session.scalars(own.order_by(CommentEvent.id))}
    comments = _locked(session, events)
    newest = newest_events(session, events)
    done: list[CommentEvent] = []
    left: list[CommentEvent] = []
    for comment in comments:
        event = events[comment.id]
        before = event.from_status
        if newest[comment.id].id != event.id or before is None or not comment.may_become(before):
            left.append(newest[comment.id])
        else:
            done.append(put(session, comment, before, by=by, how=how, now=now, undo=event.id))
    moved = {event.comment_id for event in done}
    teach(session, [comment for comment in comments if comment.id in moved])
    follow_up(session, done, now)
    session.flush()
    return Outcome([event.id for event in done], left)


def decisions_between(session: Session, first: int, last: int, by: int, limit: int) -> list[int]:
    """The ids of one person's history rows from `first` to `last`, at most `limit`."""
    query = sa.select(CommentEvent.id).where(CommentEvent.id.between(first, last), CommentEvent.by_staff == by)
    return list(session.scalars(query.order_by(CommentEvent.id).limit(limit)))


def newest_events(session: Session, comment_ids: Iterable[int]) -> dict[int, CommentEvent]:
    """The last thing that happened to each of these comments, whoever did it."""
    newest = sa.select(sa.func.max(CommentEvent.id)).where(CommentEvent.comment_id.in_(list(comment_ids)))
    query = sa.select(CommentEvent).where(CommentEvent.id.in_(newest.group_by(CommentEvent.comment_id)))
    return {event.comment_id: event for event in session.scalars(query)}


def newest_event(session: Session) -> int:
    """The number of the last thing that happened to any comment, 0 for nothing; to be asked before comments are shown."""
    return session.scalars(sa.select(sa.func.max(CommentEvent.id))).one() or 0


def _locked(session: Session, comment_ids: Mapping[int, Any]) -> list[Comment]:
    # Locked, since an author may turn the mail about one of them on or off.
    query = sa.select(Comment).where(Comment.id.in_(list(comment_ids))).order_by(Comment.id)
    return list(session.scalars(orm.locking(query)))
