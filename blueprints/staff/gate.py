"""The one place that decides who gets in: sign-in, role, CSRF token; and what every staff page is given."""

from typing import Any, cast

from flask import Blueprint, abort, flash, g, make_response, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_wtf.csrf import CSRFError
from sqlalchemy.orm import Session

import clinic
import database
from blueprints.staff import carried, resend
from blueprints.staff.forms import SLOW_DOWN, ProofForm
from domain import comments, consultations, outbox, staff
from domain.comments import Status as CommentStatus
from domain.staff import Area, Staff, StaffSession
from extensions import csrf, db
from web import visitors

OPEN = frozenset(
    {"staff.auth.login", "staff.auth.code", "staff.auth.setup", "staff.passkeys.authentication_options", "staff.passkeys.sign_in"}
)
"""The views that need no sign-in; every other one does, also those nobody has thought of yet."""
AREAS = {f"staff.{area.value}": area for area in Area} | {
    "staff.blocks": Area.SETTINGS,
    "staff.spam": Area.COMMENTS,
    "staff.unlearning": Area.SETTINGS,
    "staff.auth": Area.ACCOUNT,
    "staff.second_factor": Area.ACCOUNT,
    "staff.passkeys": Area.ACCOUNT,
    "staff.styleguide": Area.HEALTH,
}
SENSITIVE = frozenset({Area.PEOPLE, Area.SETTINGS, Area.EXPORT, Area.PRIVACY})
"""Parts where a change, or a file of all that people sent, asks for the password again, unless it was given a moment ago."""
FACTORS = frozenset({"staff.second_factor.start", "staff.second_factor.confirm", "staff.passkeys.add", "staff.passkeys.remove"})
"""Views that change how somebody signs in, which ask the same: whoever finds an open browser must not add a key of theirs."""
MAIL_KINDS = {True: tuple(outbox.Kind), False: outbox.DESK_KINDS}


def guard(bp: Blueprint) -> None:
    """Puts the gate before every view of the staff area and its parts."""
    bp.before_request(_check)
    bp.context_processor(_context)
    bp.register_error_handler(CSRFError, resend.token_refused)
    for error in database.UNAVAILABLE:
        bp.register_error_handler(error, resend.unavailable)


def me() -> Staff:
    """Who is signed in; only behind the gate."""
    return cast(Staff, g.me)


def my_session() -> StaffSession:
    """The session this request belongs to; only behind the gate."""
    return cast(StaffSession, g.staff_session)


def can(area: str) -> bool:
    """Whether the signed-in person may open a part, by its name; for templates."""
    return staff.may(me().role, Area(area))


def mail_kinds() -> tuple[outbox.Kind, ...]:
    """The messages this person may see: all for who may see comments too, else those about requests."""
    return MAIL_KINDS[can(Area.COMMENTS)]


def _check() -> ResponseReturnValue | None:
    g.me = None
    if request.endpoint not in OPEN:
        g.me = _signed_in()
        if g.me is None:
            wanted = _here() if request.method == "GET" else _form_page()
            return carried.send_on(wanted) or redirect(url_for("staff.auth.login", next=wanted))
        area = AREAS.get(request.blueprint or "")
        if area is None or not staff.may(g.me.role, area):
            abort(403)
    csrf.protect()
    if g.me is None:
        return None
    _note_seen()
    return _second_factor_first() or _proof_first()


def _here() -> str:
    return request.full_path.rstrip("?")


def _form_page() -> str | None:
    """The staff page whose form came too late."""
    referrer, host = request.referrer or "", request.host_url.rstrip("/")
    return referrer.removeprefix(host) if referrer.startswith(host + url_for("staff.dashboard.dashboard")) else None


def _second_factor_first() -> ResponseReturnValue | None:
    """Who needs a second factor and has none sets one up before anything else."""
    is_needed = clinic.site().second_factor_required and AREAS.get(request.blueprint or "") is not Area.ACCOUNT
    if not is_needed or staff.has_second_factor(db.session, me()):
        return None
    flash("The clinic asks everybody for a second factor. Set yours up now.", "error")
    return redirect(url_for("staff.second_factor.second_factor"), 303)


def _proof_first() -> ResponseReturnValue | None:
    """Asks for the password before a sensitive change, on a page that keeps all that was typed."""
    is_sensitive = AREAS.get(request.blueprint or "") in SENSITIVE or request.endpoint in FACTORS
    is_sensitive = is_sensitive and request.method == "POST"
    if not is_sensitive or staff.is_fresh(my_session(), clinic.now()):
        return None
    form = ProofForm()
    problem, status = None, 403
    if form.proof.data:
        problem, status = prove(form.proof.data)
        if problem is None:
            return None
    kept = [(name, value) for name, value in request.form.items(multi=True) if name not in {"csrf_token", "proof"}]
    return render_template("staff/proof.html", page_title="Is it you?", form=form, fields=kept, problem=problem), status


def prove(password: str) -> tuple[str | None, int]:
    """Checks the password of who is signed in; None for the problem makes the session fresh. Commits.

    That takes long enough for the session to be ended elsewhere, and then leads to the sign-in instead.
    """
    try:
        known = staff.authenticate(db.session, me().email, password, visitors.network(), clinic.now())
    except staff.TooManyFailures:
        return SLOW_DOWN, 429
    work = database.begin_write(db.session)
    if known is None:
        staff.note_failure(work, me().email, visitors.network(), clinic.now())
    elif still_me(work):
        staff.note_proof(work, my_session().id, clinic.now())
    else:
        work.rollback()
        abort(make_response(to_sign_in()))
    work.commit()
    return (None, 200) if known is not None else ("This is not your password", 422)


def still_me(work: Session) -> bool:
    """Whether who has sent this request is signed in yet, with the account locked.

    For what changes how somebody signs in. To check and hash passwords takes long enough for the account's owner to end this
    session, and what came after that would undo it; of two such changes at once the second sees what the first has done.
    """
    staff.to_change(work, me().id)
    return _signed_in() is not None


def to_sign_in() -> ResponseReturnValue:
    """Where those go who are not signed in any more; what they have sent goes along where it may."""
    return carried.send_on(_form_page()) or redirect(url_for("staff.auth.login"), 303)


def _signed_in() -> Staff | None:
    key = session.get("key")
    found = staff.resume_session(db.session, key, clinic.now()) if isinstance(key, str) else None
    if found is None:
        session.pop("key", None)
        return None
    person, g.staff_session = found
    # As it was found, for the whole request: its row may be deleted before the request ends.
    db.session.expunge(g.staff_session)
    return person


def _note_seen() -> None:
    """Keeps the session from ending while it is used. A busy database may miss it: the next page tries again."""
    if not staff.wants_to_be_seen(my_session(), clinic.now()):
        return
    try:
        work = database.begin_write(db.session)
        staff.note_seen(work, my_session().id, clinic.now())
        work.commit()
    except database.UNAVAILABLE:
        db.session.rollback()


def _context() -> dict[str, Any]:
    if g.get("me") is None:
        return {"me": None}
    return {"me": g.me, "can": can, "counts": _counts()}


def _counts() -> dict[str, int | None]:
    """What waits, for the rail; None for a part this person may not open."""
    held = comments.count_by_status(db.session)[CommentStatus.HELD] if can(Area.COMMENTS) else None
    due = consultations.count_due(db.session, clinic.now()) if can(Area.REQUESTS) else None
    failed = outbox.count_in(db.session, outbox.State.FAILED, mail_kinds()) if can(Area.MAIL) else None
    return {"held": held, "requests_due": due, "mail_failed": failed}
