"""What staff write in the moderation queue: a reply in the clinic's name, or a change of a comment's own text."""

from flask import abort, flash, redirect, request
from flask.typing import ResponseReturnValue

import clinic
import database
from blueprints.staff import decisions, gate
from blueprints.staff.comments import Unsent, bp, page
from blueprints.staff.queue_view import View, seen
from blueprints.staff.rows import row_id
from domain import comments
from domain.comments import How
from domain.text import MAX_TEXT, clean_text
from extensions import db

GONE = "This comment was withdrawn or removed meanwhile, so your reply was not published. Its text is here if you want to copy it."
UNREAD = (
    "This comment was changed after you had opened the page, so neither it nor your reply was published. "
    "Your text is still here: please read the comment again and send your reply then."
)
WITHDRAWN = "Its author has withdrawn this comment, so nothing was changed."
CHANGED = "This comment was changed while you wrote, so yours was not saved. It is here if you want to copy it."


@bp.post("/comments/<int(max=2147483647):comment_id>/reply")
def reply(comment_id: int) -> ResponseReturnValue:
    """Answers a comment in the clinic's name, and approves it if it was held and its text is the one that was read."""
    view, text = View.read(request.form), clean_text(request.form.get("text", ""))
    shown = seen(request.form.get("seen", ""))
    if (fault := _fault(text, "your reply")) is not None:
        return page(view, Unsent(comment_id, "reply", text, fault)), 422
    if shown is None:
        return page(view, Unsent(comment_id, "reply", text, UNREAD)), 409
    session = database.begin_write(db.session, comments.MODERATION)
    try:
        comments.reply(session, comment_id, text, seen=shown, by=gate.me(), now=clinic.now())
    except (comments.NotAnswerable, comments.Changed) as refusal:
        session.rollback()
        problem = GONE if isinstance(refusal, comments.NotAnswerable) else UNREAD
        return page(view, Unsent(comment_id, "reply", text, problem)), 409
    session.commit()
    decisions.forget()
    flash("Your reply is published.", "success")
    return redirect(view.url(), 303)


@bp.post("/comments/<int(max=2147483647):comment_id>/text")
def amend(comment_id: int) -> ResponseReturnValue:
    """Replaces the text of a comment; readers are told that the clinic has edited it."""
    view, text = View.read(request.form), clean_text(request.form.get("text", ""))
    revision = request.form.get("revision", 0, type=row_id)
    if (fault := _fault(text, "the comment")) is not None:
        return page(view, Unsent(comment_id, "amend", text, fault)), 422
    session = database.begin_write(db.session, comments.MODERATION)
    try:
        is_new = comments.amend(session, comment_id, text, revision=revision, by=gate.me().id, how=How.WEB, now=clinic.now())
    except comments.Unknown:
        abort(404)
    except (comments.Forbidden, comments.Changed) as refusal:
        session.rollback()
        problem = WITHDRAWN if isinstance(refusal, comments.Forbidden) else CHANGED
        return page(view, Unsent(comment_id, "amend", text, problem)), 409
    session.commit()
    flash("The comment was changed; the earlier text is kept below for staff." if is_new else "Nothing was changed.", "success")
    return redirect(view.url(), 303)


@bp.post("/comments/<int(max=2147483647):comment_id>/redact")
def redact(comment_id: int) -> ResponseReturnValue:
    """Takes the personal details out of one comment."""
    session = database.begin_write(db.session, comments.MODERATION)
    try:
        count = comments.redact(session, comment_id, by=gate.me().id, how=How.WEB, now=clinic.now())
    except comments.Unknown:
        abort(404)
    except comments.Forbidden:
        session.rollback()
        flash(WITHDRAWN, "notice")
    else:
        session.commit()
        done = "The personal details were removed; the earlier text is kept below for staff."
        flash(done if count else "The comment holds no personal details any more.", "success" if count else "notice")
    return redirect(View.read(request.form).url(), 303)


def _fault(text: str, what: str) -> str | None:
    if not text:
        return f"Write {what}"
    too_long = f"{what.capitalize()} must be {MAX_TEXT:,} characters or fewer; it has {len(text):,}"
    return too_long if len(text) > MAX_TEXT else None
