"""Who works here: inviting, roles, closing accounts."""

from collections.abc import Collection

from flask import Blueprint, abort, flash, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

import clinic
import database
from blueprints.staff import gate
from blueprints.staff.forms import ROLE_LABELS, InviteForm
from domain import audit, consultations, outbox, staff
from domain.consultations import reminders
from domain.outbox import Kind
from domain.staff import Area, Role, Staff
from extensions import db

bp = Blueprint("people", __name__)
TO_THE_DESK = (Kind.REQUESTS_ESCALATED, Kind.DESK_DIGEST, *outbox.CONTENT_KINDS)
"""Mail about requests that goes to people with an account, and to nobody who may no longer see them."""
LAST_OWNER = "This is the only owner. Make somebody else an owner first."


@bp.get("/people")
def people() -> str:
    """Everybody who has or had an account, and the form to invite somebody."""
    return _page(InviteForm())


@bp.post("/people")
def invite() -> ResponseReturnValue:
    """Makes an account without a password; the link goes out by mail and is shown once to the owner."""
    form = InviteForm()
    if not form.validate():
        return _page(form), 422
    session = database.begin_write(db.session, "staff-invite")
    _stay_owner(session)
    try:
        person = staff.invite(session, form.email.data or "", form.name.data or "", Role(form.role.data), clinic.now())
    except staff.AlreadyThere:
        session.rollback()
        form.email.errors = ["Somebody with this address has an account already"]
        return _page(form), 422
    outbox.enqueue(session, Kind.STAFF_INVITED, person.id, [person.email], clinic.now())
    _audit(session, "person invited", person)
    session.commit()
    return _page(InviteForm(formdata=None), clinic.setup_link(person), mailed=True)


@bp.post("/people/<int(max=2147483647):staff_id>/role")
def set_role(staff_id: int) -> ResponseReturnValue:
    """Gives a person another role; ends their sessions, and takes what the new role may not do off their hands."""
    role = next((role for role in Role if role.value == request.form.get("role")), None)
    if role is None:
        abort(400)
    session, person = _person(staff_id)
    try:
        staff.set_role(session, person, role)
    except staff.LastOwner:
        return _refuse(session)
    if not staff.may(role, Area.COMMENTS):
        outbox.cancel_to(session, person.email, [Kind.COMMENT_HELD])
    if not staff.may(role, Area.REQUESTS):
        _off_the_desk(session, person, TO_THE_DESK)
    elif role is not Role.OWNER:
        reminders.hand_over(session, person.email)
    return _done(session, "role changed", person, f"{person.name} is now: {ROLE_LABELS[role]}.")


@bp.post("/people/<int(max=2147483647):staff_id>/deactivate")
def deactivate(staff_id: int) -> ResponseReturnValue:
    """Closes an account at once; the person's requests wait for anybody."""
    session, person = _person(staff_id)
    try:
        staff.deactivate(session, person)
    except staff.LastOwner:
        return _refuse(session)
    _off_the_desk(session, person, [Kind.COMMENT_HELD, Kind.STAFF_INVITED, *TO_THE_DESK])
    return _done(session, "person deactivated", person, f"The account of {person.name} is closed.")


@bp.post("/people/<int(max=2147483647):staff_id>/reactivate")
def reactivate(staff_id: int) -> ResponseReturnValue:
    """Opens a closed account again, by a new set-up link."""
    session, person = _person(staff_id)
    if person.active:
        abort(409)
    staff.reactivate(person)
    _audit(session, "person reactivated", person)
    session.commit()
    return _page(InviteForm(formdata=None), clinic.setup_link(person))


@bp.post("/people/<int(max=2147483647):staff_id>/link")
def reset_link(staff_id: int) -> ResponseReturnValue:
    """Shows a link by which a person sets a new password."""
    session, person = _person(staff_id)
    if not person.active:
        abort(409)
    _audit(session, "reset link made", person)
    session.commit()
    return _page(InviteForm(formdata=None), clinic.setup_link(person))


@bp.post("/people/<int(max=2147483647):staff_id>/second-factor")
def remove_second_factor(staff_id: int) -> ResponseReturnValue:
    """Back to the password alone, for somebody who has lost phone and recovery codes; ends their sessions."""
    session, person = _person(staff_id)
    staff.turn_off(session, person)
    staff.end_sessions(person)
    return _done(session, "second factor removed", person, f"{person.name} signs in with the password only.")


def _person(staff_id: int) -> tuple[Session, Staff]:
    session = database.begin_write(db.session, "staff-people")
    _stay_owner(session)
    person = staff.to_change(session, staff_id)
    if person is None:
        abort(404)
    return session, person


def _stay_owner(session: Session) -> None:
    """Sends those to the sign-in whose account was closed or given another role while they waited for their turn to write."""
    # Another role ends the sessions, too.
    if not gate.still_me(session):
        session.rollback()
        abort(make_response(gate.to_sign_in()))


def _off_the_desk(session: Session, person: Staff, kinds: Collection[Kind]) -> None:
    """What somebody had in hand waits for anybody, and what only they were to be told is told to others."""
    consultations.unassign_all(session, person.id, by=gate.me().id, now=clinic.now())
    reminders.hand_over(session, person.email)
    outbox.cancel_to(session, person.email, kinds)


def _audit(session: Session, action: str, person: Staff) -> None:
    audit.record(session, clinic.now(), gate.me().id, action, f"staff {person.id}", role=person.role.value)


def _refuse(session: Session) -> ResponseReturnValue:
    session.rollback()
    flash(LAST_OWNER, "error")
    return redirect(url_for("staff.people.people"), 303)


def _done(session: Session, action: str, person: Staff, words: str) -> ResponseReturnValue:
    _audit(session, action, person)
    session.commit()
    flash(words, "success")
    return redirect(url_for("staff.people.people"), 303)


def _page(form: InviteForm, invite_link: str | None = None, *, mailed: bool = False) -> str:
    return render_template(
        "staff/people.html",
        page_title="People",
        people=staff.everyone(db.session),
        second_factors=staff.with_second_factor(db.session),
        roles=[(role.value, label) for role, label in ROLE_LABELS.items()],
        form=form,
        invite_link=invite_link,
        mailed=mailed,
    )
