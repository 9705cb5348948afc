"""Whose comments go to the trash for a while: what the owner blocks, and until when."""

from flask import Blueprint, abort, current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

import clinic
import database
from blueprints.staff import gate
from blueprints.staff.block_forms import TARGETS, BlockForm
from blueprints.staff.rows import row_id
from domain import comments, networks, staff
from domain.comments import Comment, blocks
from domain.comments.blocks import Target
from extensions import db

bp = Blueprint("blocks", __name__)
NO_NETWORK = "The network of this comment is not known any more, so it cannot be blocked by the comment."


@bp.get("/settings/blocks")
def block_list() -> str:
    """The blocks in force, and the form for a new one; with ?comment= it is about that comment's author."""
    comment = _comment(request.args.get("comment", type=row_id))
    return _page(BlockForm(known=comment is not None, comment=str(comment.id) if comment else ""), comment)


@bp.post("/settings/blocks")
def add() -> ResponseReturnValue:
    """Blocks an address, a mail host or a network; an IP address is hashed and not kept (rule 5 of the design)."""
    comment = _comment(request.form.get("comment", type=row_id))
    form = BlockForm(known=comment is not None)
    if not form.validate():
        return _page(form, comment), 422
    target = Target(form.target.data)
    value = _value(form, target, comment)
    if value is None:
        form.target.errors = [NO_NETWORK]
        return _page(form, comment), 422
    session = database.begin_write(db.session)
    blocks.add(session, target, value, lasts=form.lasts, note=form.note.data or "", by=gate.me().id, now=clinic.now())
    session.commit()
    flash("Blocked. What comes from there goes to the trash.", "success")
    return redirect(url_for("staff.blocks.block_list"), 303)


@bp.post("/settings/blocks/<int(max=2147483647):block_id>/lift")
def lift(block_id: int) -> ResponseReturnValue:
    """Ends a block."""
    session = database.begin_write(db.session)
    if not blocks.lift(session, block_id, by=gate.me().id, now=clinic.now()):
        abort(404)
    session.commit()
    flash("The block is lifted.", "success")
    return redirect(url_for("staff.blocks.block_list"), 303)


def _value(form: BlockForm, target: Target, comment: Comment | None) -> str | None:
    """What the block compares with: what was typed, else what the comment has; None when that is not known."""
    typed = form.typed_value
    if target is Target.NETWORK:
        key = str(current_app.config["SECRET_KEY"])
        return networks.fingerprint(typed, key, clinic.now()) if typed else (comment.network if comment else None)
    if typed or comment is None:
        return typed
    return comment.email_key if target is Target.ADDRESS else comment.email_key.rpartition("@")[2]


def _comment(number: int | None) -> Comment | None:
    """The comment whose author is meant; none of the clinic's own."""
    comment = comments.get(db.session, number) if number is not None else None
    return comment if comment is not None and comment.staff_id is None and not comment.is_emptied else None


def _page(form: BlockForm, comment: Comment | None) -> str:
    rows = blocks.current(db.session, clinic.now())
    names = staff.names(db.session, {row.created_by for row in rows})
    return render_template(
        "staff/blocks.html",
        page_title="Blocks",
        form=form,
        comment=comment,
        rows=[
            {
                "id": row.id,
                "label": TARGETS[row.target],
                "value": None if row.target is Target.NETWORK else row.value,
                "note": row.note,
                "until": row.until,
                "by": names.get(row.created_by, "somebody"),
            }
            for row in rows
        ],
    )
