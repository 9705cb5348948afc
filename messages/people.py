"""Messages to people who work here."""

from sqlalchemy.orm import Session

import clinic
from domain import staff, tokens
from domain.outbox import OutboxMail
from messages.letter import Moot, letter
from transport.smtp import OutboxMessage


def invited(session: Session, row: OutboxMail) -> OutboxMessage:
    """To somebody invited: a link to set a password."""
    person = staff.get(session, row.subject_id)
    if person is None or person.state is not staff.State.INVITED:
        raise Moot
    hours = int(tokens.LIFETIME[tokens.Purpose.STAFF_SETUP].total_seconds() // 3600)
    link = clinic.setup_link(person)
    return letter(row, {"Auto-Submitted": "auto-generated"}, person_name=person.name, link=link, hours=hours)
