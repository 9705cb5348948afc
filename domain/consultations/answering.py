"""How long visitors waited for their first answer, in minutes of working time, counted by the day on which they asked.

The numbers stay when the requests are erased. What somebody has called spam does not count.
"""

import math
from datetime import date, datetime, timedelta
from typing import NamedTuple

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, Session, mapped_column

from domain import orm, traffic
from domain.consultations.request import ConsultationRequest
from domain.orm import Base
from domain.traffic import Counted, Step
from domain.working_time import WorkingTime

_STEPS = ((120, 1), (8 * 60, 5), (5 * 24 * 60, 30), (60 * 24 * 60, 24 * 60))
"""Up to so many minutes, waiting times are told apart by so many; longer ones count as the last."""


class FirstContact(Base):
    """How many of the visitors of a day waited so many minutes of working time; `minutes` is rounded up, see `rounded`."""

    __tablename__ = "first_contact"

    day: Mapped[date] = mapped_column(primary_key=True)
    minutes: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    number: Mapped[int]


class Waited(NamedTuple):
    """So many visitors of a day waited so long."""

    day: date
    minutes: int
    number: int


_ADD = sa.text(
    "INSERT INTO first_contact (day, minutes, number) VALUES (:day, :minutes, 1) "
    "ON CONFLICT (day, minutes) DO UPDATE SET number = first_contact.number + 1"
).bindparams(sa.bindparam("day", type_=sa.Date))


def count_arrival(session: Session, article_id: str | None, source: str, now: datetime, working: WorkingTime) -> None:
    """Counts a request that comes at this moment. The caller commits."""
    traffic.add(session, now.astimezone(working.timezone).date(), {_sent(article_id, source): 1})


def count_in(session: Session, request: ConsultationRequest, working: WorkingTime) -> None:
    """Counts a request that is no spam after all. The caller commits."""
    day = _day(request, working)
    traffic.add(session, day, {_counted(request): 1})
    if request.first_contact_minutes is not None:
        session.execute(_ADD, {"day": day, "minutes": request.first_contact_minutes})


def count_out(session: Session, request: ConsultationRequest, working: WorkingTime) -> None:
    """Takes back what `count_in` and `reached` counted of a request that is spam. The caller commits."""
    day = _day(request, working)
    traffic.take_back(session, day, _counted(request))
    if request.first_contact_minutes is not None:
        row = orm.locked(session, FirstContact, (day, request.first_contact_minutes))
        if row is not None and row.number > 0:
            row.number -= 1


def reached(session: Session, request: ConsultationRequest, working: WorkingTime, now: datetime) -> None:
    """Keeps when somebody first tried to reach the visitor, and counts how long that took. The caller commits."""
    if request.first_contact_at is not None:
        return
    request.first_contact_at = now
    request.first_contact_minutes = rounded(working.between(request.created_at, now))
    session.execute(_ADD, {"day": _day(request, working), "minutes": request.first_contact_minutes})


def waited(session: Session, first: date, last: date) -> list[Waited]:
    """How long those waited who asked on these days, the last one included."""
    query = sa.select(FirstContact.day, FirstContact.minutes, FirstContact.number)
    return [Waited(*row) for row in session.execute(query.where(FirstContact.day.between(first, last), FirstContact.number > 0))]


def rounded(waiting: timedelta) -> int:
    """Minutes as they are counted: to the minute up to two hours, coarser beyond; always up, so that none looks shorter."""
    minutes = math.ceil(waiting / timedelta(minutes=1))
    for until, step in _STEPS:
        if minutes <= until:
            return math.ceil(minutes / step) * step
    return _STEPS[-1][0]


def _counted(request: ConsultationRequest) -> Counted:
    return _sent(request.article_id, request.source)


def _sent(article_id: str | None, source: str) -> Counted:
    return Counted(Step.SENT, article_id or traffic.NO_ARTICLE, source)


def _day(request: ConsultationRequest, working: WorkingTime) -> date:
    return request.created_at.astimezone(working.timezone).date()
