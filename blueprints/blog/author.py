"""The page on which the author of a comment follows it, changes it for a while, or takes it back."""

from datetime import timedelta

from flask import abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_limiter.errors import RateLimitExceeded

import clinic
import database
import errors
from blueprints.blog.forms import EditForm, WishesForm
from blueprints.blog.routes import bp
from blueprints.blog.views import OwnComment
from domain import comments
from domain.articles import Article
from domain.comments import Comment
from domain.tokens import Purpose
from extensions import db, limiter
from web import comment_pages, page_meta, visitors

REFUSALS: dict[type[Exception], str] = {
    comments.TooOften: (
        f"A comment can be changed {comments.MAX_EDITS} times, and this one was. "
        "What you wrote is still here if you want to copy it."
    ),
    comments.TooLate: "The time to change this comment is over. What you wrote is still here if you want to copy it.",
    comments.Changed: "This comment was changed in another window meanwhile. What you wrote is still here to compare.",
}
CHANGES_PER_MINUTE = "30 per minute"
TOO_MANY = "Many changes came from your network in a short time. Your text is still here: please send it again in a minute."
BUSY = "We could not store your change at this moment. Your text is still here: please send it again in a minute."


@bp.get("/comments/<token>")
def comment_status(token: str) -> ResponseReturnValue:
    """What became of a comment, for whoever has the link."""
    return _status_page(token)


@bp.post("/comments/<token>")
def change_comment(token: str) -> ResponseReturnValue:
    """Replaces the text of a comment, chooses mail about it, or takes it back, for its author."""
    comment_id, item = _read_token(token)
    if comment_id is None:
        abort(404)
    action = request.form.get("action")
    if action == "edit":
        form = EditForm(request.form)
        try:
            return _edit(token, comment_id, item, form)
        except RateLimitExceeded:
            form.form_errors.append(TOO_MANY)
            return _status_page(token, form), 429, {"Retry-After": "60"}
        except database.UNAVAILABLE as error:
            return _busy(token, item, form, error)
    if action not in {"mail", "withdraw"}:
        abort(400)
    _pass_fence()
    return _choose_mail(token, comment_id) if action == "mail" else _withdraw(token, comment_id)


def _pass_fence() -> None:
    """Raises RateLimitExceeded far above what anybody does by hand."""
    if visitors.knows_address():
        with limiter.limit(CHANGES_PER_MINUTE):
            pass


def _withdraw(token: str, comment_id: int) -> ResponseReturnValue:
    session = database.begin_write(db.session, comments.MODERATION)
    comments.withdraw(session, comment_id, clinic.now())
    session.commit()
    return redirect(url_for("blog.comment_status", token=token), 303)


def _choose_mail(token: str, comment_id: int) -> ResponseReturnValue:
    comment = comments.get(db.session, comment_id)
    if comment is None or comment.staff_id is not None:
        raise errors.LinkOver
    session = database.begin_write(db.session, comments.MODERATION, *comments.serialise_wishes(comment))
    try:
        comments.choose_mail(session, comment_id, WishesForm(request.form).notify.wishes, clinic.now())
    except comments.Unknown as error:
        raise errors.LinkOver from error
    session.commit()
    return redirect(url_for("blog.comment_status", token=token), 303)


def _edit(token: str, comment_id: int, item: Article, form: EditForm) -> ResponseReturnValue:
    if not form.validate():
        return _status_page(token, form), 422
    _pass_fence()
    recipients, pace = clinic.comment_recipients(), clinic.comment_pace()
    session = database.begin_write(db.session, comments.MODERATION)
    try:
        comments.edit(
            session,
            comment_id,
            form.body.data or "",
            revision=form.revision_seen(),
            notify=recipients,
            pace=pace,
            about=item.html_without_drawings,
            rules=clinic.comment_rules(),
            now=clinic.now(),
        )
    except (comments.TooLate, comments.TooOften, comments.Changed) as refusal:
        session.rollback()
        form.form_errors.append(REFUSALS[type(refusal)])
        return _status_page(token, form), 409
    except comments.Unknown as error:
        raise errors.LinkOver from error
    session.commit()
    return redirect(url_for("blog.comment_status", token=token), 303)


def _busy(token: str, item: Article, form: EditForm, error: Exception) -> ResponseReturnValue:
    """The form with what was typed, and nothing else: the page must do without the database."""
    errors.log_without_words(error)
    db.session.rollback()
    page = render_template(
        "blog/comment_status.html", meta=page_meta.private("Your comment"), problem=BUSY, form=form, article=item, token=token
    )
    return page, 503, {"Retry-After": str(errors.RETRY_SECONDS)}


def _status_page(token: str, form: EditForm | None = None) -> str:
    comment_id, item = _read_token(token)
    comment = comments.get(db.session, comment_id) if comment_id is not None else None
    if comment_id is not None and (comment is None or comment.staff_id is not None):
        raise errors.LinkOver
    is_public = comment is not None and comment.status is comments.Status.APPROVED
    return render_template(
        "blog/comment_status.html",
        meta=page_meta.private("Your comment"),
        comment=OwnComment.of(comment) if comment else None,
        state=comment.status.value if comment else None,
        article=item,
        token=token,
        permalink=comment_pages.permalink(item, comment) if comment is not None and is_public else None,
        form=form or (EditForm(body=comment.text, revision=str(comment.revision)) if comment else None),
        edit_minutes=_edit_minutes(comment),
        mail_form=_mail_form(comment),
    )


def _mail_form(comment: Comment | None) -> WishesForm | None:
    """What mail the author gets, while there can be any."""
    if comment is None or comment.status not in comments.MAILABLE:
        return None
    return WishesForm(notify=[wish.value for wish in comment.wishes])


def _edit_minutes(comment: Comment | None) -> int | None:
    """How long after sending it the author may change it, while they may."""
    if comment is None or not comments.is_editable(comment, clinic.now()):
        return None
    return comments.EDIT_WINDOW // timedelta(minutes=1)


def _read_token(token: str) -> tuple[int | None, Article]:
    payload = clinic.open_link(Purpose.COMMENT_STATUS, token)
    item = clinic.library().by_id(str(payload["article"]))
    if item is None:
        raise errors.LinkOver
    comment_id = payload["comment"]
    return (int(comment_id) if comment_id is not None else None), item
