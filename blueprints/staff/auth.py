"""Signing in and out, and setting up an account by a one-time link."""

from flask import Blueprint, flash, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue

import clinic
import database
import errors
from blueprints.staff import carried, entry, gate, passkeys
from blueprints.staff.forms import SLOW_DOWN, CodeForm, LoginForm, SetupForm
from domain import audit, staff, tokens
from domain.staff import Staff
from domain.tokens import Purpose
from extensions import db
from web import visitors

bp = Blueprint("auth", __name__)
REFUSED = "The email address or the password is not right"


@bp.route("/login", methods=["GET", "POST"])
def login() -> ResponseReturnValue:
    """Sign-in; the same answer for an unknown address and a wrong password. A form that came too late goes along."""
    typed = carried.arrived()
    if typed is not None:
        return _login_page(LoginForm(formdata=None, next=request.args.get("next", "")), typed), 403
    form = LoginForm(next=request.args.get("next", ""))
    if not form.is_submitted():
        return _login_page(form)
    if not form.validate():
        return _login_page(form), 422
    network, email = visitors.network(), form.email.data or ""
    try:
        person = staff.authenticate(db.session, email, form.password.data or "", network, clinic.now())
    except staff.TooManyFailures:
        form.form_errors.append(SLOW_DOWN)
        return _login_page(form), 429
    checked = (person.id, person.session_epoch) if person else None
    renewed = staff.renewed_hash(person, form.password.data or "") if person else None
    work = database.begin_write(db.session)
    person = staff.unchanged(work, *checked) if checked else None
    if person is None:
        staff.note_failure(work, email, network, clinic.now())
        work.commit()
        form.form_errors.append(REFUSED)
        return _login_page(form), 422
    person.password_hash = renewed or person.password_hash
    typed, wanted = carried.along(person), entry.own_path(form.next.data)
    answer = entry.let_in(work, person, wanted)
    if typed is None:
        return answer
    return carried.ask(typed) if entry.is_in() else _code_page(CodeForm(formdata=None), wanted, typed)


@bp.route("/login/code", methods=["GET", "POST"])
def code() -> ResponseReturnValue:
    """The second factor of who has just given the password."""
    half = entry.half_signed_in()
    if half is None:
        return _too_late()
    person, wanted = half
    form = CodeForm()
    if not form.is_submitted():
        return _code_page(form, wanted)
    if not form.validate():
        return _code_page(form, wanted), 422
    work = database.begin_write(db.session, f"second factor of {person.id}")
    if entry.half_signed_in(to_change=True) is None:
        work.rollback()
        return _too_late()
    try:
        staff.check_code_limit(work, person, clinic.now())
    except staff.TooManyFailures:
        work.rollback()
        form.form_errors.append(SLOW_DOWN)
        return _code_page(form, wanted), 429
    if not staff.take_code(work, person, form.code.data or "", clinic.now()):
        staff.note_wrong_code(work, person, visitors.network(), clinic.now())
        work.commit()
        form.code.errors = ["This code is not right, or was used before. Type the newest one, or a recovery code"]
        return _code_page(form, wanted), 422
    typed, answer = carried.along(), entry.signed_in(work, person, wanted)
    return carried.ask(typed) if typed else answer


@bp.post("/logout")
def logout() -> ResponseReturnValue:
    """Ends this session: a cookie that was kept opens nothing any more."""
    work = database.begin_write(db.session)
    staff.end_session(work, gate.me(), gate.my_session().id)
    audit.record(work, clinic.now(), gate.me().id, "sign out", f"staff {gate.me().id}")
    work.commit()
    session.clear()
    return redirect(url_for("staff.auth.login"), 303)


@bp.route("/setup/<token>", methods=["GET", "POST"])
def setup(token: str) -> ResponseReturnValue:
    """Sets a password by a link that works once: the first owner's, an invitation, or a reset."""
    person = _person_of(token)
    form = SetupForm(name=person.name if person else "", words=[person.email] if person else [])
    if person is not None:
        del form.email
    if not form.is_submitted():
        return _setup_page(form, token, person)
    if not form.validate():
        return _setup_page(form, token, person), 422
    password_hash = staff.hash_password(form.password.data or "")
    work = database.begin_write(db.session, "staff-setup")
    email = form["email"].data if "email" in form else ""
    # Asked again inside the transaction: of two who hold the same link only one gets in.
    person = staff.set_up(work, _person_of(token, to_change=True), form.name.data or "", email, password_hash, clinic.now())
    audit.record(work, clinic.now(), person.id, "password set", f"staff {person.id}")
    answer = entry.let_in(work, person, None)
    flash(f"Welcome, {person.name}. Your password is set.", "success")
    return answer


def _person_of(token: str, *, to_change: bool = False) -> Staff | None:
    """Whose link it is, locked `to_change` it; None for the first owner's. A link that has done its work answers 410."""
    try:
        tokens.read(clinic.keys(), Purpose.FIRST_OWNER, token)
        if not staff.nobody_yet(db.session):
            raise errors.LinkOver
        return None
    except tokens.ExpiredToken as error:
        raise errors.LinkOver from error
    except tokens.BadToken:
        pass
    payload = clinic.open_link(Purpose.STAFF_SETUP, token)
    person = (staff.to_change if to_change else staff.get)(db.session, int(payload["staff"] or 0))
    if person is None or not person.active or person.session_epoch != payload["epoch"]:
        raise errors.LinkOver
    return person


def _too_late() -> ResponseReturnValue:
    flash("That took too long. Sign in again.", "error")
    # A form that goes along stays on the page.
    return (_login_page(LoginForm(formdata=None)), 403) if carried.along() else redirect(url_for("staff.auth.login"), 303)


def _login_page(form: LoginForm, typed: carried.Typed | None = None) -> str:
    return render_template(
        "staff/login.html",
        page_title="Sign in",
        form=form,
        typed=typed or carried.along(),
        passkeys=passkeys.relying_party() is not None,
    )


def _code_page(form: CodeForm, wanted: str | None, typed: carried.Typed | None = None) -> str:
    return render_template(
        "staff/login_code.html",
        page_title="Second factor",
        form=form,
        typed=typed or carried.along(),
        wanted=wanted,
        passkeys=passkeys.relying_party() is not None,
    )


def _setup_page(form: SetupForm, token: str, person: Staff | None) -> str:
    intro = (
        "Nobody has an account here yet. Set up the first one: the owner's."
        if person is None
        else f"Set the password for {person.email}."
    )
    return render_template("staff/setup.html", page_title="Set up your account", form=form, token=token, person=person, intro=intro)
