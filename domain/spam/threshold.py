"""Where spam begins: the log-odds above which at most 0.3 % of the good comments of this site stand."""

import math
from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, Session, mapped_column

from domain.orm import Base

MOST_GOOD_IN_SPAM = 0.003
GOOD_NEEDED = 1000
"""With fewer good comments than this nothing can be said about 0.3 % of them, and the learner may only hold."""


class SpamThreshold(Base):
    """What the last evaluation found; one row, made by the first. `slope` and `offset` turn log-odds into a chance."""

    __tablename__ = "spam_threshold"
    __table_args__ = (sa.CheckConstraint("id = 1", name="single_row"),)

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    set_at: Mapped[datetime]
    log_odds: Mapped[float]
    slope: Mapped[float]
    offset: Mapped[float]
    good: Mapped[int]
    spam: Mapped[int]

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
