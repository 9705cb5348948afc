"""How the filter does, week by week: numbers that outlive the comments they count."""

from datetime import UTC, date, datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, Session, mapped_column

from domain import orm
from domain.orm import Base


class SpamWeek(Base):
    """The comments that came in the week from `monday` (UTC): all, those put to the spam at once, and where people saw it
    otherwise: spam that was missed, good ones that were flagged."""

    __tablename__ = "spam_week"

    monday: Mapped[date] = mapped_column(primary_key=True)
    came: Mapped[int]
    caught: Mapped[int]
    missed: Mapped[int]
    flagged: Mapped[int]


_ADD = sa.text(
    "INSERT INTO spam_week (monday, came, caught, missed, flagged) VALUES (:monday, :came, :caught, :missed, :flagged)"
    " ON CONFLICT (monday) DO UPDATE SET came = spam_week.came + excluded.came, caught = spam_week.caught + excluded.caught,"
    " missed = spam_week.missed + excluded.missed, flagged = spam_week.flagged + excluded.flagged"
).bindparams(sa.bindparam("monday", type_=sa.Date))


def add(session: Session, monday: date, *, came: int = 0, caught: int = 0, missed: int = 0, flagged: int = 0) -> None:
    """Counts in the week from `monday`; with negative numbers takes back. The caller commits."""
    numbers = {"came": came, "caught": caught, "missed": missed, "flagged": flagged}
    orm.writing(session).execute(_ADD, {"monday": monday, **numbers})


def monday_of(at: datetime) -> date:
    """The first day of the week of a moment, in UTC."""
    day = at.astimezone(UTC).date()
    return day - timedelta(days=day.weekday())


def newest(session: Session, number: int) -> list[SpamWeek]:
    """The last weeks in which anything came, the newest first."""
    return list(session.scalars(sa.select(SpamWeek).order_by(SpamWeek.monday.desc()).limit(number)))
