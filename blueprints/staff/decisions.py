"""Carries out what the queue decides, in batches, and says what became of it; remembers the last decision for Undo."""

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from flask import flash
from flask import session as visit
from sqlalchemy.orm import Session

import database
from blueprints.staff.queue_rows import STATUS_WORDS, event_line
from domain import staff
from domain.comments import MODERATION, CommentEvent, Outcome, Status
from extensions import db

BATCH = 100
"""Comments to a transaction, so that nobody else waits long for a turn."""
MOST = 1000
"""Comments to a request; what is beyond is named and left for the next one."""
SHOWN = 3
_KEY = "undo"

Work = Callable[[Session, Sequence[int]], Outcome]


def carry_out(ids: Sequence[int], work: Work) -> tuple[list[int], list[str]]:
    """Does `work` batch by batch, each committed; returns the history rows made and a line for each comment left as it was."""
    done: list[int] = []
    left: list[str] = []
    for start in range(0, len(ids), BATCH):
        session = database.begin_write(db.session, MODERATION)
        outcome = work(session, ids[start : start + BATCH])
        done += outcome.done
        left += _lines(session, outcome.left)
        session.commit()
    return done, left


def tell(status: Status, done: Sequence[int], left: Sequence[str]) -> None:
    """Says what was decided and what was left; the bar at the end of the page offers to take it back."""
    forget()
    if done:
        what = "The comment was" if len(done) == 1 else f"{len(done):,} comments were"
        visit[_KEY] = {"first": min(done), "last": max(done), "words": f"{what} {STATUS_WORDS[status]}."}
    _tell_left(left, alone=not done)


def tell_undone(done: Sequence[int], left: Sequence[str]) -> None:
    """Says what was taken back and what somebody has decided since."""
    if done:
        flash("Undone." if len(done) == 1 else f"Undone: {len(done):,} comments are as they were.", "success")
    _tell_left(left, alone=not done)


def undoable() -> dict[str, Any] | None:
    """The last decision of this session: `first` and `last` history row, and `words`."""
    return visit.get(_KEY)


def forget() -> None:
    """There is nothing to take back any more."""
    visit.pop(_KEY, None)


def _lines(session: Session, events: Iterable[CommentEvent]) -> list[str]:
    rows = list(events)
    names = staff.names(session, [event.by_staff for event in rows])
    return [event_line(event, names) for event in rows]


def _tell_left(left: Sequence[str], alone: bool) -> None:
    if not left:
        return
    if alone and len(left) == 1:
        flash(f"Nothing was changed: this comment was already {left[0]}.", "notice")
        return
    lines = list(dict.fromkeys(left))
    more = "; and others" if len(lines) > SHOWN else ""
    flash(f"{len(left):,} left as they are, decided or changed meanwhile: {'; '.join(lines[:SHOWN])}{more}.", "notice")
