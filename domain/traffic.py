"""How many pages were seen, request forms opened and requests sent, by day, article and source: numbers, nothing of a person.

Seen and opened are told by browsers with JavaScript, so they are fewer than there were; sent is every request that is kept
and that nobody has called spam. They stay when the requests they counted are erased.
"""

from collections.abc import Mapping, Sequence
from datetime import date
from enum import StrEnum
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlalchemy.orm import InstrumentedAttribute, Mapped, Session, mapped_column

from domain import orm
from domain.attribution import MAX_SOURCE
from domain.orm import Base, enum_type

MOST_SOURCES = 100
"""Sources that one day tells apart; anybody can invent more, which are counted together as OTHERS."""
OTHERS = "others"
NO_ARTICLE = ""
"""Stands for pages that are no articles, and for forms and requests that none led to."""


class Step(StrEnum):
    """What somebody did on the way to a consultation."""

    VIEW = "view"
    FORM = "form"
    SENT = "sent"


class Counted(NamedTuple):
    """What one number is about."""

    step: Step
    article_id: str
    source: str


class DailyTraffic(Base):
    """How often a thing happened on a day of the clinic's zone."""

    __tablename__ = "daily_traffic"

    day: Mapped[date] = mapped_column(primary_key=True)
    step: Mapped[Step] = mapped_column(enum_type(Step, "step"), primary_key=True)
    article_id: Mapped[str] = mapped_column(sa.String(100), primary_key=True)
    source: Mapped[str] = mapped_column(sa.String(MAX_SOURCE), primary_key=True)
    number: Mapped[int]


_ADD = sa.text(
    "INSERT INTO daily_traffic (day, step, article_id, source, number) VALUES (:day, :step, :article_id, :source, :number) "
    "ON CONFLICT (day, step, article_id, source) DO UPDATE SET number = daily_traffic.number + excluded.number"
).bindparams(sa.bindparam("day", type_=sa.Date))
_SOURCES = sa.select(DailyTraffic.source).where(DailyTraffic.day == sa.bindparam("day")).distinct()


class Steps(NamedTuple):
    """How many came how far."""

    views: int
    forms: int
    sent: int


def add(session: Session, day: date, counts: Mapping[Counted, int]) -> None:
    """Adds to the numbers of a day. The caller has begun a write, and commits."""
    connection = orm.writing(session)
    known = set(connection.execute(_SOURCES, {"day": day}).scalars())
    # In one order everywhere, so that two transactions never wait for each other.
    for (step, article_id, source), number in sorted(counts.items()):
        if source not in known:
            source = source if len(known) < MOST_SOURCES else OTHERS
            known.add(source)
        row = {"day": day, "step": step.value, "article_id": article_id, "source": source, "number": number}
        connection.execute(_ADD, row)


def take_back(session: Session, day: date, counted: Counted) -> None:
    """Takes one from a number of a day; where its source was counted among OTHERS, from those. The caller commits."""
    for source in (counted.source, OTHERS):
        row = orm.locked(session, DailyTraffic, (day, counted.step, counted.article_id, source))
        if row is not None and row.number > 0:
            row.number -= 1
            return


def by_day(session: Session, first: date, last: date) -> dict[date, Steps]:
    """The numbers of each day on which there was anything; both days belong to the range."""
    return {row[0]: Steps(*row[1:]) for row in session.execute(_totals([DailyTraffic.day], first, last))}


def by_article_and_source(session: Session, first: date, last: date) -> dict[tuple[str, str], Steps]:
    """The numbers of each pair of article and source; both days belong to the range."""
    pairs = _totals([DailyTraffic.article_id, DailyTraffic.source], first, last)
    return {(row[0], row[1]): Steps(*row[2:]) for row in session.execute(pairs)}


def _totals(keys: Sequence[InstrumentedAttribute[Any]], first: date, last: date) -> sa.Select[Any]:
    numbers = [sa.func.sum(sa.case((DailyTraffic.step == step, DailyTraffic.number), else_=0)) for step in Step]
    return sa.select(*keys, *numbers).where(DailyTraffic.day.between(first, last)).group_by(*keys)
