"""One's own second factor: an authenticator app, and recovery codes."""

import segno
from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from markupsafe import Markup
from sqlalchemy.orm import Session

import clinic
import database
from blueprints.staff import gate, passkeys
from blueprints.staff.forms import CodeForm, ProofForm
from domain import audit, staff
from extensions import db

bp = Blueprint("second_factor", __name__)
WRONG_CODE = "This is not the code your app shows now. Check the phone's clock, then type the newest code"


@bp.get("/account/second-factor")
def second_factor() -> ResponseReturnValue:
    """Where it stands, and the QR code of an app that is being set up."""
    return _page()


@bp.post("/account/second-factor/start")
def start() -> ResponseReturnValue:
    """Makes a secret for a new app."""
    session = database.begin_write(db.session)
    if not gate.still_me(session):
        return gate.to_sign_in()
    staff.begin_second_factor(session, gate.me())
    session.commit()
    return redirect(url_for("staff.second_factor.second_factor"), 303)


@bp.post("/account/second-factor")
def confirm() -> ResponseReturnValue:
    """Puts the new app in force once its first code has come; ends all other sessions."""
    form = CodeForm()
    if not form.validate():
        return _page(form=form), 422
    session = database.begin_write(db.session)
    if not gate.still_me(session):
        return gate.to_sign_in()
    made = staff.turn_on(session, gate.me(), form.code.data or "", clinic.now())
    if made is None:
        session.rollback()
        form.code.errors = [WRONG_CODE]
        return _page(form=form), 422
    staff.end_other_sessions(session, gate.me(), gate.my_session().id)
    return _codes(session, made, "second factor on")


@bp.post("/account/second-factor/change")
def change() -> ResponseReturnValue:
    """With the password: new recovery codes (the old ones are worth nothing from then on), or back to the password alone."""
    form = ProofForm()
    problem, status = gate.prove(form.proof.data) if form.validate() else ("Enter your password", 422)
    if problem is not None:
        form.proof.errors = [problem]
        return _page(proof=form), status
    session = database.begin_write(db.session)
    if not gate.still_me(session):
        return gate.to_sign_in()
    if request.form.get("do") == "codes":
        return _codes(session, staff.new_recovery_codes(session, gate.me()), "recovery codes made")
    staff.turn_off(session, gate.me())
    audit.record(session, clinic.now(), gate.me().id, "second factor off", f"staff {gate.me().id}")
    session.commit()
    flash("Signing in asks for your password only.", "success")
    return redirect(url_for("staff.account.account"), 303)


def _codes(session: Session, made: list[str], action: str) -> ResponseReturnValue:
    audit.record(session, clinic.now(), gate.me().id, action, f"staff {gate.me().id}")
    session.commit()
    return render_template("staff/recovery_codes.html", page_title="Your recovery codes", codes=made)


def _page(form: CodeForm | None = None, proof: ProofForm | None = None) -> str:
    secret = staff.pending_secret(db.session, gate.me())
    return render_template(
        "staff/second_factor.html",
        page_title="Second factor",
        has_app=staff.has_app(db.session, gate.me()),
        keys=staff.passkeys_of(db.session, gate.me()),
        passkeys=passkeys.relying_party() is not None,
        left=staff.recovery_codes_left(db.session, gate.me()),
        form=form or CodeForm(formdata=None),
        proof=proof or ProofForm(formdata=None),
        secret=" ".join(secret[i : i + 4] for i in range(0, len(secret), 4)) if secret else None,
        qr=_qr(staff.app_uri(secret, gate.me(), clinic.site().name)) if secret else None,
    )


def _qr(text: str) -> Markup:
    """An SVG drawing, dark on light whatever the theme: cameras want it so."""
    drawing = segno.make(text, error="m").svg_inline(scale=5, border=4, dark="#000", light="#fff")
    return Markup(drawing)  # squares and nothing else  # nosec
