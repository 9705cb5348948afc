"""Where spam begins: the log-odds above which at most 0.3 % of the good comments of this site stand."""

import math
from bisect import bisect_right
from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, Session, mapped_column

from domain.orm import Base

MOST_GOOD_IN_SPAM = 0.003
GOOD_NEEDED = 1000
"""With fewer good comments than this nothing can be said about 0.3 % of them, and the learner may only hold."""
_WRONG = 2 * MOST_GOOD_IN_SPAM, 5
"""Of the good ones so many more than this, as a share and in all, beyond half of the spam are no good ones: labels are wrong."""
_BODY = 0.2, 0.05
"""Shares of the good ones between which their number falls off as it is taken to go on falling."""
_LEAST_PASSED = 0.2
"""Where labels are wrong, the share of the spam that always stays below the limit."""


class SpamThreshold(Base):
    """What the last evaluation found; one row, made by the first."""

    __tablename__ = "spam_threshold"
    __table_args__ = (sa.CheckConstraint("id = 1", name="single_row"),)

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    set_at: Mapped[datetime]
    log_odds: Mapped[float]
    slope: Mapped[float]
    offset: Mapped[float]
    good: Mapped[int]
    spam: Mapped[int]


class Limit(NamedTuple):
    """Where spam begins, as found on so many good comments; `slope` and `offset` turn log-odds into a chance."""

    good: int
    log_odds: float
    slope: float
    offset: float

    def chance(self, log_odds: float) -> int:
        """How likely a text with these log-odds is spam on this site, in per cent, 1 to 99."""
        return min(99, max(1, round(100 * _logistic(self.slope * log_odds + self.offset))))


def current(session: Session) -> SpamThreshold | None:
    """What the last evaluation set; None before the first."""
    return session.get(SpamThreshold, 1)


def beyond_good(good: Sequence[float], share: float = MOST_GOOD_IN_SPAM) -> float:
    """The log-odds that at most `share` of the good ones exceed. Raises ValueError for none."""
    if not good:
        raise ValueError("no good comments")
    return sorted(good, reverse=True)[int(share * len(good))]


def limit(good: Sequence[float], spam: Sequence[float]) -> float:
    """The log-odds beyond which all is spam, by these of comments that people called good and spam. Raises ValueError for none.

    That is `beyond_good`, unless labels are wrong: then the strongest of the "good" ones are spam, and no limit by order would
    leave any beyond it. Beyond the middle of the spam good ones hardly are; from those that are follows how much spam was
    called good, which is taken off everywhere. What is left falls off as an exponential, and the limit is where 0.3 % of it
    would be. It is never above `beyond_good`.
    """
    by_order = beyond_good(good)
    good, spam = sorted(good), sorted(spam)
    middle = spam[len(spam) // 2] if spam else math.inf
    wrong = _above(good, middle)
    if wrong < _WRONG[1] or wrong <= _WRONG[0] * len(good):
        return by_order
    share = wrong / max(1, _above(spam, middle))
    truly_good = len(good) - share * len(spam)
    if truly_good <= 0:
        return by_order
    high, low = (
        next((at for at in good if _above(good, at) - share * _above(spam, at) <= part * truly_good), good[-1]) for part in _BODY
    )
    falling = (low - high) / math.log(_BODY[0] / _BODY[1])
    by_body = low + falling * math.log(_BODY[1] / MOST_GOOD_IN_SPAM)
    return min(by_order, max(by_body, spam[int(_LEAST_PASSED * len(spam))]))


def _above(values: Sequence[float], at: float) -> int:
    return len(values) - bisect_right(values, at)


def calibration(good: Sequence[float], spam: Sequence[float]) -> tuple[float, float]:
    """Slope and offset of the logistic curve through these log-odds (Platt 1999, with his targets; Newton's method)."""
    high, low = (len(spam) + 1) / (len(spam) + 2), 1 / (len(good) + 2)
    points = [(x, high) for x in spam] + [(x, low) for x in good]
    slope, offset = 1.0, 0.0
    for _ in range(25):
        chances = [_logistic(slope * x + offset) for x, _ in points]
        by_slope = sum((p - t) * x for p, (x, t) in zip(chances, points, strict=True)) + 1e-3 * (slope - 1)
        by_offset = sum(p - t for p, (_, t) in zip(chances, points, strict=True)) + 1e-3 * offset
        steep = [p * (1 - p) for p in chances]
        aa = sum(s * x * x for s, (x, _) in zip(steep, points, strict=True)) + 1e-3
        ab = sum(s * x for s, (x, _) in zip(steep, points, strict=True))
        bb = sum(steep) + 1e-3
        apart = aa * bb - ab * ab
        slope -= (bb * by_slope - ab * by_offset) / apart
        offset -= (aa * by_offset - ab * by_slope) / apart
    return slope, offset


def _logistic(x: float) -> float:
    return 1 / (1 + math.exp(-x)) if x >= 0 else math.exp(x) / (1 + math.exp(x))
