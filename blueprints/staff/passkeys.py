"""Passkeys: made and removed at one's account, used at sign-in. They need JavaScript; the password does not."""

from urllib.parse import urlsplit

from flask import Blueprint, Response, abort, current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

import clinic
import database
from blueprints.staff import carried, entry, gate
from domain import audit, staff
from domain.networks import is_address
from domain.staff import RelyingParty
from extensions import db, limiter
from web import visitors

bp = Blueprint("passkeys", __name__)
ASKS_PER_MINUTE = "30 per minute"
"""Of one address, where it is known: each ask is a row."""


def relying_party() -> RelyingParty | None:
    """The site as browsers know it; None where SITE_URL has a bare address, to which no passkey can be bound."""
    parts = urlsplit(str(current_app.config["SITE_URL"]))
    host = parts.hostname or ""
    if not host or is_address(host) or (parts.scheme != "https" and host != "localhost"):
        return None
    return RelyingParty(host, f"{parts.scheme}://{parts.netloc}", clinic.site().name)


@bp.post("/account/passkeys/options")
def registration_options() -> ResponseReturnValue:
    """What the browser needs to make a passkey."""
    work = database.begin_write(db.session)
    options = staff.registration_options(work, gate.me(), _site(), clinic.now())
    work.commit()
    return Response(options, mimetype="application/json")


@bp.post("/account/passkeys")
def add() -> ResponseReturnValue:
    """Keeps a new passkey, named after this device."""
    work = database.begin_write(db.session)
    if not gate.still_me(work):
        return gate.to_sign_in()
    try:
        staff.add_passkey(work, gate.me(), request.form.get("credential", ""), visitors.device(), _site(), clinic.now())
        audit.record(work, clinic.now(), gate.me().id, "passkey added", f"staff {gate.me().id}")
    except staff.BadPasskey:
        work.commit()
        flash("The passkey could not be added. Please try again.", "error")
        return redirect(url_for("staff.second_factor.second_factor"), 303)
    codes = [] if staff.recovery_codes_left(work, gate.me()) else staff.new_recovery_codes(work, gate.me())
    work.commit()
    flash("This device has a passkey now. Use it at the next sign-in.", "success")
    if codes:
        return render_template("staff/recovery_codes.html", page_title="Your recovery codes", codes=codes)
    return redirect(url_for("staff.second_factor.second_factor"), 303)


@bp.post("/account/passkeys/<int(max=2147483647):passkey_id>/remove")
def remove(passkey_id: int) -> ResponseReturnValue:
    """Forgets a passkey."""
    work = database.begin_write(db.session)
    if staff.remove_passkey(work, gate.me(), passkey_id):
        audit.record(work, clinic.now(), gate.me().id, "passkey removed", f"staff {gate.me().id}")
    work.commit()
    flash("The passkey is removed. Delete it on the device too.", "success")
    return redirect(url_for("staff.second_factor.second_factor"), 303)


@bp.post("/login/passkey/options")
@limiter.limit(ASKS_PER_MINUTE, exempt_when=lambda: not visitors.knows_address())
def authentication_options() -> ResponseReturnValue:
    """What the browser needs to sign in."""
    work = database.begin_write(db.session)
    options = staff.authentication_options(work, _site(), clinic.now())
    work.commit()
    return Response(options, mimetype="application/json")


@bp.post("/login/passkey")
def sign_in() -> ResponseReturnValue:
    """Signs in whoever holds the key that signed our challenge."""
    work = database.begin_write(db.session)
    try:
        person = staff.whose_passkey(work, request.form.get("credential", ""), _site(), clinic.now())
    except staff.BadPasskey:
        work.commit()
        flash("This passkey does not open an account here. Sign in with your password.", "error")
        return redirect(url_for("staff.auth.login"), 303)
    typed, answer = carried.along(person), entry.signed_in(work, person, entry.own_path(request.form.get("next")))
    return carried.ask(typed) if typed else answer


def _site() -> RelyingParty:
    return relying_party() or abort(404)
