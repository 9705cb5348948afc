"""The moderation queue."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial

from flask import Blueprint, abort, flash, redirect, render_template, request
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

import clinic
import database
from blueprints.staff import decisions, gate
from blueprints.staff.queue_rows import ACTIONS, OFFERED, queue_comments
from blueprints.staff.queue_view import TABS, View, choices, seen, ticked
from blueprints.staff.rows import row_id
from domain import comments
from domain.comments import How, Outcome, Seen, Status
from domain.settings import SETTINGS
from extensions import db

bp = Blueprint("comments", __name__)
PAGE = 25
NOT_LAST = "That was undone already, or you have decided something else since. Nothing was changed."


@bp.get("/comments")
def queue() -> str:
    """Comments in one state, newest first, a page at a time."""
    return page(View.read(request.args))


@dataclass(frozen=True)
class Unsent:
    """What somebody wrote in the queue and could not be kept: a "reply" to a comment or a new text for it ("amend")."""

    comment_id: int
    kind: str
    text: str
    problem: str


def page(view: View, unsent: Unsent | None = None) -> str:
    """The queue; with what could not be kept, if there is anything."""
    moment = comments.newest_event(db.session)
    found = comments.queue_page(db.session, view.tab, before=view.before, size=PAGE, only=view.only)
    counts = comments.count_by_status(db.session)
    return render_template(
        "staff/comments.html",
        page_title="Comments",
        view=view,
        tabs=[
            (label, counts[status], view.url(tab=status.value, before=None), status is view.tab) for status, label in TABS.items()
        ],
        page=found,
        moment=moment,
        rows=queue_comments(found.rows),
        next_url=view.url(before=found.rows[-1].id) if found.has_more else None,
        unsent=unsent,
        undo=decisions.undoable(),
        choices=choices(),
        bulk_actions=[(action, ACTIONS[action][0]) for action in OFFERED[view.tab]],
        most=decisions.MOST,
        opens_at=comments.paused_until(clinic.site(), clinic.now()),
    )


@bp.post("/comments/<int(max=2147483647):comment_id>")
def set_status(comment_id: int) -> ResponseReturnValue:
    """Approves, unapproves, marks as spam, trashes or restores one comment, unless it is no longer as it was shown."""
    action = request.form.get("action", "")
    if action not in ACTIONS:
        abort(400)
    status, shown = ACTIONS[action][1], {comment_id: seen(request.form.get("seen", ""))}
    done, left = decisions.carry_out([comment_id], _decision(shown, status))
    if not done and not left:
        abort(404)
    decisions.tell(status, done, left)
    return redirect(View.read(request.form).url(), 303)


@bp.post("/comments/bulk")
def bulk() -> ResponseReturnValue:
    """Decides about the ticked comments, or about all that match and are as the page had them, up to a number for each request."""
    action, view = request.form.get("action", ""), View.read(request.form)
    if action not in ACTIONS:
        abort(400)
    status, upto = ACTIONS[action][1], request.form.get("upto", type=row_id)
    if "all" in request.form:
        ids = comments.matching(db.session, view.tab, upto=upto, size=decisions.MOST, only=view.only)
        moment = request.form.get("moment", 0, type=row_id)
        shown: dict[int, Seen | None] = dict.fromkeys(ids, Seen(view.tab, event=moment))
    else:
        shown = ticked(request.form.getlist("comment")[: decisions.MOST], view.tab)
    done, left = decisions.carry_out(list(shown), _decision(shown, status))
    decisions.tell(status, done, left)
    if not shown:
        flash("No comment was ticked, so nothing was changed.", "notice")
    rest = (
        comments.count(db.session, view.tab, upto=upto, only=view.only)
        if len(shown) == decisions.MOST and "all" in request.form
        else 0
    )
    if rest:
        more = f"{rest:,} or more" if rest == comments.COUNTED else f"{rest:,} more"
        flash(f"{more} match. One request decides about {decisions.MOST:,} at most: do it again for the next ones.", "notice")
    return redirect(view.url(before=None), 303)


@bp.post("/comments/undo")
def undo() -> ResponseReturnValue:
    """Takes back the last decision of this session, one comment or many; or only puts the offer away."""
    offered = decisions.undoable() or {}
    asked = [request.form.get(name, type=row_id) for name in ("first", "last")]
    if asked != [offered.get("first"), offered.get("last")] or None in asked:
        flash(NOT_LAST, "notice")
    elif request.form.get("action") == "dismiss":
        decisions.forget()
    else:
        me = gate.me().id
        events = comments.decisions_between(db.session, offered["first"], offered["last"], by=me, limit=decisions.MOST)
        done, left = decisions.carry_out(events, partial(comments.undo, by=me, how=How.WEB, now=clinic.now()))
        decisions.forget()
        decisions.tell_undone(done, left)
    return redirect(View.read(request.form).url(), 303)


@bp.post("/comments/pause")
def pause() -> ResponseReturnValue:
    """Closes the comments of all articles for an hour, or opens them before it is over."""
    action, by, now = request.form.get("action", ""), gate.me().id, clinic.now()
    if action not in {"close", "open"}:
        abort(400)
    session = database.begin_write(db.session, SETTINGS)
    if action == "close":
        comments.pause(session, clinic.site(), by=by, now=now)
        flash("Readers cannot comment for an hour. Comments open again by themselves.", "success")
    else:
        comments.resume(session, clinic.site(), by=by, now=now)
        flash("Comments are open.", "success")
    session.commit()
    return redirect(View.read(request.form).url(), 303)


def _decision(shown: Mapping[int, Seen | None], status: Status) -> decisions.Work:
    by, now = gate.me().id, clinic.now()

    def work(session: Session, ids: Sequence[int]) -> Outcome:
        return comments.decide(session, {number: shown[number] for number in ids}, status, by=by, how=How.WEB, now=now)

    return work
