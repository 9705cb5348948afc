"""Deciding about a comment from the mail, signed out: a link of one's own that shows it, and a button for each decision.

Nothing changes on GET or HEAD and nothing submits itself, so a mail scanner that follows links does no harm. The link is
bound to a person and to the text as it stood; it is over once somebody has decided or the author has changed the comment,
and for good once the person's account was closed or got another role.
"""

from flask import abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

import clinic
import database
import errors
from blueprints.blog.routes import bp
from blueprints.blog.views import OwnComment, public_comment
from domain import comments, staff
from domain.comments import Comment, How, Status
from domain.staff import Area, Staff, State
from domain.tokens import Purpose
from extensions import db
from web import page_meta, words

DECISIONS = {"approve": Status.APPROVED, "spam": Status.SPAM, "trash": Status.TRASH}


@bp.get("/moderate/<token>")
def moderation(token: str) -> ResponseReturnValue:
    """The comment with the buttons, or who has decided meanwhile."""
    person, comment, revision = _read(token)
    parent = comments.get(db.session, comment.parent_id) if comment.parent_id is not None else None
    item = clinic.library().by_id(comment.article_id)
    decision = comments.newest_events(db.session, [comment.id]).get(comment.id)
    return render_template(
        "blog/moderation.html",
        meta=page_meta.private("A comment to decide about"),
        person=person,
        token=token,
        comment=OwnComment.of(comment),
        parent=public_comment(parent) if parent else None,
        article_title=item.title if item else comment.article_id,
        reasons=[words.reason(code) for code in comment.reasons],
        is_open=comment.status is Status.HELD and comment.revision == revision,
        is_changed=comment.revision != revision,
        state=comment.status.value,
        decided_by=staff.names(db.session, [decision.by_staff]).get(decision.by_staff) if decision else None,
        decided_at=decision.at if decision else None,
    )


@bp.post("/moderate/<token>")
def moderate(token: str) -> ResponseReturnValue:
    """Takes the decision, unless it was taken or the text has changed; the page then says so."""
    wanted = DECISIONS.get(request.form.get("action", ""))
    if wanted is None:
        abort(400)
    session = database.begin_write(db.session, comments.MODERATION)
    person, comment, revision = _read(token)
    if comment.status is Status.HELD and comment.revision == revision:
        comments.set_status(session, comment.id, wanted, by=person.id, how=How.MAIL, now=clinic.now())
        session.commit()
    return redirect(url_for("blog.moderation", token=token), 303)


def _read(token: str) -> tuple[Staff, Comment, int]:
    """Whose link it is and what it is about; 410 once the person may no longer moderate or the comment is gone."""
    payload = clinic.open_link(Purpose.COMMENT_MODERATION, token)
    person = staff.get(db.session, int(payload["staff"] or 0))
    comment = comments.get(db.session, int(payload["comment"] or 0))
    if person is None or comment is None or person.link_epoch != payload.get("epoch") or not _may_moderate(person):
        raise errors.LinkOver
    return person, comment, int(payload["revision"] or 0)


def _may_moderate(person: Staff) -> bool:
    return person.state is State.ACTIVE and staff.may(person.role, Area.COMMENTS)
