"""The inbox of consultation requests, and the page on which one is answered."""

from dataclasses import replace
from datetime import timedelta
from urllib.parse import urlsplit

from flask import Blueprint, Response, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

import clinic
import database
import errors
from blueprints.staff import gate
from blueprints.staff.request_forms import StepForm, typed_moment
from blueprints.staff.request_rows import changed_by, detail_of, history_lines, request_row
from blueprints.staff.request_view import DUE, EVERY, TABS, View, desk
from blueprints.staff.rows import REQUEST_LABELS, mail_rows, row_id
from domain import audit, calendar_file, consultations, staff
from domain.calendar_file import Appointment
from domain.consultations import AGAIN, ConsultationRequest, ContactBy, InboxPage, Status
from extensions import db

bp = Blueprint("requests", __name__)
PAGE = 25
NEXT_TRY = timedelta(hours=2)
"""Working time after which somebody who did not answer is tried again, unless staff say otherwise."""


@bp.get("/requests")
def inbox() -> str:
    """What is to be done now, longest due first, or other requests, newest first; those that match, a page at a time."""
    view = View.read(request.args)
    page = consultations.inbox_page(db.session, view.only, after=view.before, size=PAGE)
    counts = consultations.count_by_status(db.session)
    numbers = {status.value: number for status, number in counts.items()}
    numbers |= {DUE: consultations.count_due(db.session, clinic.now()), EVERY: sum(counts.values())}
    names = staff.names(db.session, [row.assigned_to for row in page.rows])
    return render_template(
        "staff/requests.html",
        page_title=f"Requests: {TABS[view.tab].lower()}",
        problem=bool(view.problems),
        view=view,
        tabs=[(label, numbers[tab], view.url(filter=tab), tab == view.tab) for tab, label in TABS.items()],
        tab_label=TABS[view.tab],
        page=page,
        rows=[request_row(row, names) for row in page.rows],
        next_url=view.url(before=page.rows[-1].id) if page.has_more else None,
        elsewhere=_elsewhere(view, page),
    )


def _elsewhere(view: View, page: InboxPage) -> int:
    """How many match in any state, where none does in the one that is looked at."""
    if page.rows or view.tab == EVERY or not view.is_filtered:
        return 0
    return consultations.count(db.session, replace(view.only, status=None, due_by=None), most=consultations.COUNTED)


@bp.get("/requests/<int(max=2147483647):request_id>")
def detail(request_id: int) -> str:
    """One request with everything that is known of it."""
    _note_view(_wanted(request_id))
    # It may be erased by now.
    row = _wanted(request_id)
    return _detail_page(row, _form(row))


@bp.post("/requests/<int(max=2147483647):request_id>")
def move(request_id: int) -> ResponseReturnValue:
    """Moves a request or adds a note; what somebody else changed meanwhile is not overwritten."""
    row = _wanted(request_id)
    form, pressed = _form(row), request.form.get("status", "")
    if pressed and _status(pressed) is None:
        abort(400)
    if not form.validate():
        return _detail_page(row, form), 422
    seen = request.form.get("revision", type=row_id) or 0
    session = database.begin_write(db.session)
    # A note alone goes to the state in which somebody else may have put it a moment ago.
    current = _to_change(session, request_id).status
    status = _status(pressed) or current
    try:
        consultations.move(
            session,
            request_id,
            form.to_move(status),
            by=gate.me().id,
            working=clinic.site().working_time,
            now=clinic.now(),
            revision=seen if pressed else None,
        )
    except consultations.Forbidden:
        session.rollback()
        return _changed(request_id, form)
    session.commit()
    flash(f"Saved: {REQUEST_LABELS[status].lower()}." if pressed else "Saved: your note.", "success")
    return redirect(url_for("staff.requests.detail", request_id=request_id), 303)


@bp.post("/requests/<int(max=2147483647):request_id>/assign")
def assign(request_id: int) -> ResponseReturnValue:
    """Gives a request to one of those who answer requests, or to anybody, with the note that stands in the same form."""
    row = _wanted(request_id)
    form, to = _form(row), request.form.get("to", type=row_id)
    if not form.may_go_along():
        return _detail_page(row, form), 422
    session = database.begin_write(db.session)
    if to is not None:
        # Whoever closes this account at the moment has to see the request among those of its owner, or this the closed account.
        staff.to_change(session, to)
        if to not in dict(desk()):
            session.rollback()
            flash("Not handed over: that account is closed, or does not answer requests. Choose somebody else.", "error")
            return _detail_page(_wanted(request_id), form), 409
    _to_change(session, request_id)
    seen, note = request.form.get("revision", type=row_id) or 0, form.note.data or ""
    try:
        consultations.assign(session, request_id, to, by=gate.me().id, now=clinic.now(), revision=seen, note=note)
    except consultations.Forbidden:
        session.rollback()
        return _changed(request_id, form)
    session.commit()
    flash("Saved.", "success")
    return redirect(url_for("staff.requests.detail", request_id=request_id), 303)


@bp.post("/requests/<int(max=2147483647):request_id>/attempt")
def attempt(request_id: int) -> ResponseReturnValue:
    """Notes that somebody calls or writes; a script sends it while the phone opens, or the person by a button, with their note."""
    way = next((way for way in ContactBy if way.value == request.form.get("way")), None)
    if way is None:
        abort(400)
    row = _wanted(request_id)
    form = _form(row)
    if not form.may_go_along():
        return _detail_page(row, form), 422
    working, note = clinic.site().working_time, form.note.data or ""
    session = database.begin_write(db.session)
    if not consultations.note_attempt(session, request_id, way, by=gate.me().id, working=working, now=clinic.now(), note=note):
        abort(404)
    session.commit()
    if note:
        flash("Saved: your note.", "success")
    return redirect(url_for("staff.requests.detail", request_id=request_id), 303)


@bp.get("/requests/<int(max=2147483647):request_id>/appointment.ics")
def appointment(request_id: int) -> Response:
    """The appointment for a calendar: who and when, nothing of what was written."""
    if _wanted(request_id).appointment_at is not None:
        _note_view(_wanted(request_id))
    row = _wanted(request_id)
    if row.appointment_at is None:
        abort(404)
    host = urlsplit(clinic.absolute("pages.home")).hostname
    entry = Appointment(
        uid=f"{row.reference}@{host}",
        sequence=row.revision,
        start=row.appointment_at,
        summary=f"{row.name} ({row.reference})",
        description=row.callable_phone.display,
    )
    answer = Response(calendar_file.event(entry, clinic.now()), mimetype="text/calendar")
    answer.headers["Content-Disposition"] = f'attachment; filename="{row.reference}.ics"'
    return answer


def _wanted(request_id: int) -> ConsultationRequest:
    row = consultations.get(db.session, request_id)
    if row is None:
        abort(404)
    return row


def _to_change(session: Session, request_id: int) -> ConsultationRequest:
    return consultations.to_change(session, request_id) or abort(404)


def _note_view(row: ConsultationRequest) -> None:
    """Puts who looks at a request into the audit log, once a person and day: the one thing here that a GET adds.

    A busy database may miss it: the front desk needs the page more.
    """
    now = clinic.now()
    midnight = now.astimezone(clinic.site().timezone).replace(hour=0, minute=0, second=0, microsecond=0)
    entry = (gate.me().id, "request seen", f"request {row.id}")
    if audit.stands(db.session, midnight, *entry):
        return
    try:
        work = database.begin_write(db.session, f"views of {gate.me().id}")
        if not audit.stands(work, midnight, *entry):
            audit.record(work, now, *entry)
        work.commit()
    except database.UNAVAILABLE as error:
        errors.log_without_words(error)
        db.session.rollback()


def _status(value: str) -> Status | None:
    return next((status for status in Status if status.value == value), None)


def _form(row: ConsultationRequest) -> StepForm:
    site, now = clinic.site(), clinic.now()
    working = site.working_time
    suggested = {
        "next_try": typed_moment(working.next_opening(working.after(now, NEXT_TRY)), site.timezone),
        "appointment": typed_moment(row.appointment_at, site.timezone) if row.appointment_at else "",
    }
    return StepForm(data=suggested, zone=site.timezone, now=now, arrived=min(row.created_at, now))


def _changed(request_id: int, form: StepForm) -> ResponseReturnValue:
    """Somebody was quicker: says who did what, and keeps what was typed."""
    row = _wanted(request_id)
    return _detail_page(row, form, changed_by(row, clinic.now())), 409


def _detail_page(row: ConsultationRequest, form: StepForm, problem: str | None = None) -> str:
    moves = [status for status in Status if status in row.moves or (status is row.status and status in AGAIN)]
    earlier = consultations.earlier(db.session, row)
    return render_template(
        "staff/request.html",
        page_title=f"Request {row.reference}",
        row=detail_of(row),
        form=form,
        history=history_lines(row.id),
        moves=[status.value for status in moves],
        labels={status.value: label for status, label in REQUEST_LABELS.items()},
        desk=desk(),
        earlier=[request_row(other, {}) for other in earlier],
        mails=mail_rows(consultations.mail_about(db.session, row.id)),
        problem=problem,
    )
