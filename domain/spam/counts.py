"""What was learned: how often each feature was in spam and in good comments. Numbers that are added and taken away again.

No text is kept, and no row says whose comment it was. To unlearn is to subtract, so that nothing of it is left.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, Session, mapped_column

from domain import orm
from domain.orm import Base
from domain.spam.features import Feature, features
from domain.spam.threshold import Limit

COMMENTS = "comment"
"""The row of spam_total that counts the comments themselves."""


class SpamBucket(Base):
    """The counter of all features that share a bucket."""

    __tablename__ = "spam_bucket"

    bucket: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    spam: Mapped[int]
    good: Mapped[int]


class SpamTotal(Base):
    """How many features of a kind, or comments, were learned in all."""

    __tablename__ = "spam_total"

    kind: Mapped[str] = mapped_column(sa.String(12), primary_key=True)
    spam: Mapped[int]
    good: Mapped[int]


_ADD_TOTAL = sa.text(
    "INSERT INTO spam_total (kind, spam, good) VALUES (:key, :spam, :good)"
    " ON CONFLICT (kind) DO UPDATE SET spam = spam_total.spam + excluded.spam, good = spam_total.good + excluded.good"
)
_ADD_BUCKET = sa.text(
    "INSERT INTO spam_bucket (bucket, spam, good) VALUES (:key, :spam, :good)"
    " ON CONFLICT (bucket) DO UPDATE SET spam = spam_bucket.spam + excluded.spam, good = spam_bucket.good + excluded.good"
)
_LIMIT = "limit"
"""Stands among the kinds of totals for what the last evaluation set."""
_READ = (
    "SELECT 'limit', 0, 0, good, log_odds, slope, \"offset\" FROM spam_threshold"
    " UNION ALL SELECT kind, 0, spam, good, NULL, NULL, NULL FROM spam_total"
    " UNION ALL SELECT NULL, bucket, spam, good, NULL, NULL, NULL FROM spam_bucket WHERE bucket {}"
)
# One parameter for all numbers: hundreds take longer to hand over than all the rest of a verdict, and so does a statement that is
# another one each time.
_READ_BY_DIALECT = {
    "sqlite": (_READ.format("IN (SELECT value FROM json_each(?))"), "[{}]"),
    "postgresql": (_READ.format("= ANY(%s::integer[])"), "{{{}}}"),
}
_READ_TOTALS = sa.select(SpamTotal.kind, SpamTotal.spam, SpamTotal.good)


class Count(NamedTuple):
    """How often in spam, how often in good comments."""

    spam: int = 0
    good: int = 0

    def less(self, *, spam: int = 0, good: int = 0) -> "Count":
        """Without so many."""
        return Count(self.spam - spam, self.good - good)

    def at_least_none(self) -> "Count":
        """With nothing for what was taken away and never added, as when a process of another release has learned."""
        return Count(max(0, self.spam), max(0, self.good))


NEVER = Count()


@dataclass(frozen=True)
class Counts:
    """What there is about the features of a text: their buckets, the totals by kind, and where spam begins."""

    buckets: dict[int, Count]
    totals: dict[str, Count]
    limit: Limit | None = None
    """None before the first evaluation."""

    @property
    def comments(self) -> Count:
        """The comments that were learned."""
        return self.totals.get(COMMENTS, NEVER)

    def without(self, found: Sequence[Feature], *, is_spam: bool) -> "Counts":
        """As if a text with these features had not been learned."""
        taken = _additions([found], is_spam=is_spam, times=1)
        totals = {key: self.totals.get(key, NEVER).less(spam=row["spam"], good=row["good"]) for key, row in taken.totals.items()}
        buckets = {key: self.buckets.get(key, NEVER).less(spam=row["spam"], good=row["good"]) for key, row in taken.buckets.items()}
        return Counts({**self.buckets, **buckets}, {**self.totals, **totals}, self.limit)


@dataclass(frozen=True)
class _Additions:
    totals: dict[str, dict[str, int]]
    buckets: dict[int, dict[str, int]]


def learn(session: Session, texts: Iterable[str], *, is_spam: bool) -> None:
    """Counts texts that somebody decided about. The caller commits."""
    _add(session, texts, is_spam=is_spam, times=1)


def unlearn(session: Session, texts: Iterable[str], *, is_spam: bool) -> None:
    """Takes away what `learn` counted of the same texts. The caller commits."""
    _add(session, texts, is_spam=is_spam, times=-1)


def start_anew(session: Session) -> None:
    """Forgets all that was learned. The caller commits."""
    for table in (SpamBucket, SpamTotal):
        session.execute(sa.delete(table))


def read(session: Session, found: Iterable[Feature]) -> Counts:
    """The counts of these features, by primary key, all totals and the limit: one statement."""
    connection = orm.reading(session)
    statement, parameter = _READ_BY_DIALECT[connection.dialect.name]
    numbers = ",".join(map(str, sorted({feature.bucket for feature in found})))
    rows = connection.exec_driver_sql(statement, (parameter.format(numbers),)).all()
    named = {row[0]: row for row in rows if row[0] is not None}
    limit = named.pop(_LIMIT, None)
    return Counts(
        {row[1]: Count(row[2], row[3]) for row in rows if row[0] is None},
        {kind: Count(row[2], row[3]) for kind, row in named.items()},
        Limit(*limit[3:]) if limit is not None else None,
    )


def totals(session: Session) -> dict[str, Count]:
    """How much was learned, by kind; "comment" for the comments themselves."""
    rows = orm.reading(session).execute(_READ_TOTALS)
    return {kind: Count(spam, good) for kind, spam, good in rows}


def _add(session: Session, texts: Iterable[str], *, is_spam: bool, times: int) -> None:
    added = _additions([features(text) for text in texts], is_spam=is_spam, times=times)
    # The totals come first and in one order: on PostgreSQL who learns waits here for who learned before.
    if added.totals:
        session.execute(_ADD_TOTAL, [{"key": kind, **added.totals[kind]} for kind in sorted(added.totals)])
        session.execute(_ADD_BUCKET, [{"key": bucket, **added.buckets[bucket]} for bucket in sorted(added.buckets)])


def _additions(lists: Sequence[Sequence[Feature]], *, is_spam: bool, times: int) -> _Additions:
    kinds = Counter({COMMENTS: len(lists)} if lists else {})
    buckets: Counter[int] = Counter()
    for found in lists:
        kinds.update(feature.kind.value for feature in found)
        buckets.update(feature.bucket for feature in found)
    return _Additions(
        {key: _row(number * times, is_spam) for key, number in kinds.items()},
        {key: _row(number * times, is_spam) for key, number in buckets.items()},
    )


def _row(number: int, is_spam: bool) -> dict[str, int]:
    return {"spam": number, "good": 0} if is_spam else {"spam": 0, "good": number}
