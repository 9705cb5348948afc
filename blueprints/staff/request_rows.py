"""Consultation requests as the staff pages show them: the clock of working time, what happened, who changed what."""

from dataclasses import dataclass, fields
from datetime import date, datetime, timedelta

import clinic
from blueprints.staff.request_forms import CLOSE_REASONS
from blueprints.staff.rows import REQUEST_LABELS
from domain import consultations, staff
from domain.consultations import ConsultationRequest, RequestEvent, Status, What
from domain.phones import Phone
from extensions import db
from web import words

DONE = {
    What.ARRIVED: "sent the request",
    What.CORRECTED: "sent it again",
    What.NOTED: "added a note",
    What.ASSIGNED: "changed who looks after it",
    What.PHONE: "called",
    What.WHATSAPP: "opened WhatsApp",
    What.EMAIL: "wrote an email",
}


@dataclass(frozen=True)
class RequestRow:
    """A request in the inbox."""

    id: int
    reference: str
    name: str
    phone: Phone
    contact_by: str
    contact_label: str
    best_time_label: str
    status: str
    status_label: str
    suspected: bool
    reasons: list[str]
    created_at: datetime
    treatment_name: str | None
    waiting: str | None
    is_overdue: bool
    planned: tuple[str, datetime] | None
    assigned_name: str | None


@dataclass(frozen=True)
class RequestDetail(RequestRow):
    """A request with all that was typed."""

    message: str
    email: str | None
    best_day: date | None
    consent_version: str
    article_title: str | None
    found_by: str
    landing: str
    revision: int
    assigned_to: int | None
    appointment_at: datetime | None
    close_reason: str | None


def request_row(row: ConsultationRequest, names: dict[int | None, str]) -> RequestRow:
    """A request as a list shows it; `names` holds those of the people who look after requests."""
    waited = _waited(row)
    return RequestRow(
        id=row.id,
        reference=row.reference,
        name=row.name,
        phone=row.callable_phone,
        contact_by=row.contact_by.value,
        contact_label=words.CONTACT[row.contact_by],
        best_time_label=words.BEST_TIME[row.best_time],
        status=row.status.value,
        status_label=REQUEST_LABELS[row.status],
        suspected=row.suspected,
        reasons=[words.reason(code) for code in row.reasons],
        created_at=row.created_at,
        treatment_name=clinic.site().treatment_name(row.treatment),
        waiting=f"waiting {words.spell(waited, clinic.site().working_time.is_set)}" if waited is not None else None,
        is_overdue=waited is not None and _is_overdue(waited),
        planned=_planned(row),
        assigned_name=names.get(row.assigned_to),
    )


def detail_of(row: ConsultationRequest) -> RequestDetail:
    """A request as its own page shows it."""
    short = request_row(row, staff.names(db.session, [row.assigned_to]))
    source = clinic.library().by_id(row.article_id or "")
    return RequestDetail(
        **{field.name: getattr(short, field.name) for field in fields(short)},
        message=row.message,
        email=row.email,
        best_day=row.best_day,
        consent_version=row.consent_version,
        article_title=source.title if source else None,
        found_by=_found_by(row),
        landing=row.landing,
        revision=row.revision,
        assigned_to=row.assigned_to,
        appointment_at=row.appointment_at,
        close_reason=CLOSE_REASONS[row.close_reason] if row.close_reason else None,
    )


def history_lines(request_id: int) -> list[tuple[datetime, str, str, str, datetime | None]]:
    """When, who, what, the note and the time that was set, oldest first."""
    events = consultations.history(db.session, request_id)
    names = staff.names(db.session, [event.by_staff for event in events])
    return [(event.at, names.get(event.by_staff, "The visitor"), _done(event), event.note, event.planned_at) for event in events]


def changed_by(row: ConsultationRequest, now: datetime) -> str:
    """Who changed the request last, and what is to be done about a form that came too late."""
    at, who, done, _note, _planned_at = history_lines(row.id)[-1]
    minutes = int((now - at) / timedelta(minutes=1))
    ago = "just now" if minutes < 1 else f"{words.number(minutes, 'minute')} ago" if minutes < 60 else "meanwhile"
    return (
        f"{who} {done} {ago}. What you typed is kept below and nothing was overwritten: look, and send it again if it still holds."
    )


def _found_by(row: ConsultationRequest) -> str:
    """The source of the visit, with what the link said besides."""
    said = [row.utm_medium, row.utm_campaign, row.utm_term, row.utm_content]
    more = ", ".join(word for word in said if word)
    return f"{words.source(row.source)} ({more})" if more else words.source(row.source)


def _done(event: RequestEvent) -> str:
    if event.what is not What.MOVED:
        return DONE[event.what]
    if event.from_status is event.to_status:
        return f"set another time: {REQUEST_LABELS[event.to_status].lower()}"
    return f"moved this to {REQUEST_LABELS[event.to_status].lower()}"


def _waited(row: ConsultationRequest) -> timedelta | None:
    """Working time for which a new request has waited for its first contact."""
    if row.status is not Status.NEW or row.first_contact_at is not None:
        return None
    return clinic.site().working_time.between(row.created_at, clinic.now())


def _is_overdue(waited: timedelta) -> bool:
    """Whether it is time for the reminder, as the owner sets it; never where there is none."""
    minutes = clinic.site().remind_minutes
    return bool(minutes) and waited > timedelta(minutes=minutes)


def _planned(row: ConsultationRequest) -> tuple[str, datetime] | None:
    if row.status is Status.BOOKED and row.appointment_at is not None:
        return "appointment", row.appointment_at
    if row.status is Status.NO_ANSWER and row.due_at is not None:
        return "try again", row.due_at
    return None
