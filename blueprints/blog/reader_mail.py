"""The page behind the link in each mail to a reader: confirm the address, choose what comes, or stop all of it.

Nothing changes on GET or HEAD, so a mail scanner that follows links does no harm; a one-click POST stops all (RFC 8058).
"""

from flask import abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

import clinic
import database
import errors
from blueprints.blog.forms import comment_number
from blueprints.blog.routes import bp
from domain import comments, readers
from domain.comments import Comment
from domain.readers import Reader
from domain.tokens import Purpose
from extensions import db
from web import comment_pages, page_meta


@bp.get("/comments/mail/<token>")
def reader_mail(token: str) -> str:
    """What mail goes to the address the link was sent to."""
    return _page(token, _reader(token))


@bp.post("/comments/mail/<token>")
def choose_mail(token: str) -> ResponseReturnValue:
    """Confirms the address, stops the mail about one comment, or all of it."""
    session = database.begin_write(db.session, comments.MODERATION)
    reader = _reader(token)
    action = request.form.get("action")
    is_one_click = "List-Unsubscribe" in request.form
    if is_one_click or action == "stop":
        readers.refuse(session, reader, clinic.now())
    elif action == "confirm":
        readers.confirm(reader, clinic.now())
    elif action == "leave":
        comments.stop_watching(session, reader.email_key, comment_number(request.form.get("comment", "")))
    else:
        abort(400)
    session.commit()
    # Mail programs that send the one click follow no redirect (RFC 8058, 3.1).
    return _page(token, reader) if is_one_click else redirect(url_for("blog.reader_mail", token=token), 303)


def _reader(token: str) -> Reader:
    payload = clinic.open_link(Purpose.READER_MAIL, token)
    reader = readers.get(db.session, int(payload["reader"] or 0))
    if reader is None:
        raise errors.LinkOver
    return reader


def _page(token: str, reader: Reader) -> str:
    rows = comments.watched(db.session, reader.email_key)
    state = "stopped" if reader.refused_at else "confirmed" if reader.confirmed_at else "unconfirmed"
    return render_template(
        "blog/reader_mail.html",
        meta=page_meta.private("Mail about comments"),
        token=token,
        state=state,
        watched=[found for row in rows if (found := _watched(row)) is not None],
    )


def _watched(row: Comment) -> tuple[int, str, str] | None:
    item = clinic.library().by_id(row.article_id)
    return (row.id, item.title, comment_pages.permalink(item, row)) if item is not None else None
