"""Messages about consultation requests."""

from sqlalchemy.orm import Session

import clinic
from domain import consultations
from domain.consultations import ConsultationRequest
from domain.outbox import OutboxMail
from messages.letter import Moot, answerable, letter
from transport.smtp import OutboxMessage
from web import words


def received(session: Session, row: OutboxMail) -> OutboxMessage:
    """To staff: what the visitor wrote, answered straight to the visitor; the owner may keep the private part out of mail."""
    request, is_minimal = _wanted_request(session, row), clinic.site().minimal_mail
    return letter(
        row,
        {"Auto-Submitted": "auto-generated"},
        reply_to=answerable(request.email),
        request={
            "reference": request.reference,
            "name": request.name,
            "phone": request.callable_phone,
            "email": request.email,
            "contact_label": words.CONTACT[request.contact_by],
            "best_time_label": words.BEST_TIME[request.best_time],
            "best_day": request.best_day,
            "treatment_name": None if is_minimal else clinic.site().treatment_name(request.treatment),
            "message": "" if is_minimal else request.message,
            "is_withheld": is_minimal and bool(request.message or request.treatment),
            "suspected": request.suspected,
            "is_test": request.is_test,
            "before": consultations.before_corrections(session, request.id, with_treatment=not is_minimal),
        },
        request_url=clinic.absolute("staff.requests.detail", request_id=request.id),
    )


def acknowledged(session: Session, row: OutboxMail) -> OutboxMessage:
    """To the visitor: the request has arrived (RFC 3834)."""
    headers = {"Auto-Submitted": "auto-replied", "X-Auto-Response-Suppress": "All"}
    return letter(row, headers, reference=_wanted_request(session, row).reference)


def _wanted_request(session: Session, row: OutboxMail) -> ConsultationRequest:
    request = consultations.get(session, row.subject_id)
    if request is None or request.status is consultations.Status.SPAM:
        raise Moot
    return request
