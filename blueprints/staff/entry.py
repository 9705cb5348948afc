"""Letting people in: after the password, the second factor where there is one, then a session of their own."""

from flask import g, redirect, session, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

import clinic
from domain import audit, staff
from domain.staff import Staff
from extensions import db
from web import visitors

CODE_MINUTES = 10
"""How long after the password the second factor may follow."""


def let_in(work: Session, person: Staff, wanted: str | None) -> ResponseReturnValue:
    """After the right password: in, or on to the second factor. Commits."""
    if staff.has_second_factor(work, person):
        half = [person.id, person.session_epoch, clinic.now().timestamp(), wanted]
        was_here = whose() == person.id
        work.commit()
        # Of the account as it was when the password was checked: after the commit it may be another one's.
        _renew()
        session["half"] = half
        if was_here:
            session["whose"] = half[0]
        return redirect(url_for("staff.auth.code"), 303)
    return signed_in(work, person, wanted)


def signed_in(work: Session, person: Staff, wanted: str | None) -> ResponseReturnValue:
    """In, with all that was asked for. Commits."""
    staff.note_sign_in(work, person, clinic.now())
    audit.record(work, clinic.now(), person.id, "sign in", f"staff {person.id}")
    begin(work, person)
    return redirect(wanted or url_for("staff.dashboard.dashboard"), 303)


def is_in() -> bool:
    """Whether a session was begun; else the second factor is missing."""
    return "key" in session


def whose() -> int | None:
    """The number of who was signed in here last, also after their session has ended, but not after they have signed out."""
    return session.get("whose")


def begin(work: Session, person: Staff) -> None:
    """Begins a new session, with a new cookie, for somebody who has just proved who they are. Commits."""
    key, number = staff.begin_session(work, person, visitors.device(), clinic.now()), person.id
    work.commit()
    # Only now: a commit that fails leaves the old session as it was.
    _renew()
    session["key"], session["whose"] = key, number


def _renew() -> None:
    session.clear()
    # The token of the old session, which a form of this request may have asked for, is worth nothing in the new one.
    g.pop("csrf_token", None)


def half_signed_in(*, to_change: bool = False) -> tuple[Staff, str | None] | None:
    """Who has given the password within CODE_MINUTES, locked `to_change` it, and the page they want."""
    match session.get("half"):
        case [int(staff_id), int(epoch), int() | float() as since, wanted]:
            person = (staff.to_change if to_change else staff.get)(db.session, staff_id)
            in_time = clinic.now().timestamp() - since < CODE_MINUTES * 60
            if person is not None and person.active and person.session_epoch == epoch and in_time:
                return person, wanted
    return None


def own_path(wanted: str | None) -> str | None:
    """The page somebody was sent away from, if it is one of ours."""
    is_ours = wanted is not None and (wanted == "/staff" or wanted.startswith("/staff/")) and "\\" not in wanted
    is_ours = is_ours and wanted is not None and wanted.isprintable()
    return wanted if is_ours else None
