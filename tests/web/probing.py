"""What tests of flask probe look at: the requests that are stored, and how many count."""

from datetime import timedelta

import sqlalchemy as sa

from domain import traffic
from domain.consultations import ConsultationRequest
from tests.conftest import Clock, Store


def requests(store: Store) -> list[ConsultationRequest]:
    """What is stored, oldest first."""
    with store() as session:
        rows = list(session.scalars(sa.select(ConsultationRequest).order_by(ConsultationRequest.id)))
        session.expunge_all()
        return rows


def sent(store: Store, clock: Clock) -> int:
    """Requests in the statistics."""
    around = timedelta(days=2)
    with store() as session:
        days = traffic.by_day(session, clock().date() - around, clock().date() + around)
    return sum(steps.sent for steps in days.values())
