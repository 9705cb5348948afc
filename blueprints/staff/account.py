"""One's own account."""

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

import clinic
import database
from blueprints.staff import entry, gate
from blueprints.staff.forms import PasswordForm
from domain import audit, staff
from extensions import db

bp = Blueprint("account", __name__)


@bp.route("/account", methods=["GET", "POST"])
def account() -> ResponseReturnValue:
    """Changes the password and ends all other sessions."""
    form = PasswordForm(words=[gate.me().name, gate.me().email])
    if not form.is_submitted():
        return _page(form)
    if not form.validate():
        return _page(form), 422
    problem, status = gate.prove(form.current_password.data or "")
    if problem is not None:
        form.current_password.errors = [problem]
        return _page(form), status
    password_hash = staff.hash_password(form.new_password.data or "")
    session = database.begin_write(db.session)
    if not gate.still_me(session):
        return gate.to_sign_in()
    staff.set_password_hash(gate.me(), password_hash)
    audit.record(session, clinic.now(), gate.me().id, "password set", f"staff {gate.me().id}")
    entry.begin(session, gate.me())
    flash("Your password is changed. Other devices were signed out.", "success")
    return redirect(url_for("staff.account.account"), 303)


@bp.post("/account/sessions/<int(max=2147483647):session_id>/end")
def end_session(session_id: int) -> ResponseReturnValue:
    """Signs another device of one's own out."""
    session = database.begin_write(db.session)
    if staff.end_session(session, gate.me(), session_id):
        audit.record(session, clinic.now(), gate.me().id, "session ended", f"staff {gate.me().id}")
    session.commit()
    flash("That device is signed out.", "success")
    return redirect(url_for("staff.account.account"), 303)


@bp.post("/account/sessions/end-others")
def end_other_sessions() -> ResponseReturnValue:
    """Signs out every device but this one."""
    session = database.begin_write(db.session)
    staff.end_other_sessions(session, gate.me(), gate.my_session().id)
    audit.record(session, clinic.now(), gate.me().id, "sessions ended", f"staff {gate.me().id}")
    session.commit()
    flash("All other devices are signed out.", "success")
    return redirect(url_for("staff.account.account"), 303)


def _page(form: PasswordForm) -> str:
    return render_template(
        "staff/account.html",
        page_title="Your account",
        form=form,
        sessions=staff.open_sessions(db.session, gate.me(), clinic.now()),
        this_session=gate.my_session().id,
        has_second_factor=staff.has_second_factor(db.session, gate.me()),
    )
