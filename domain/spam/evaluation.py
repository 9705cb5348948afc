"""How well the learner tells spam from good comments that it has not seen, and the limit that follows from that."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from domain.spam import counts, threshold
from domain.spam.features import features
from domain.spam.score import log_odds
from domain.spam.threshold import SpamThreshold

LEAST = 20
"""Comments of each sort, without which nothing can be said."""


class TooFew(Exception):
    """There are not LEAST comments of each sort that taught something."""


@dataclass(frozen=True)
class Evaluation:
    """Each comment as it would have been judged without itself. Beyond `limit` are `caught` of `spam` and `blocked` of `good`;
    `right` of all are on the right side of even odds."""

    good: int
    spam: int
    limit: float
    caught: int
    blocked: int
    right: int
    slope: float
    offset: float

    @property
    def is_enough(self) -> bool:
        """Whether there were enough good comments for the limit to be used."""
        return self.good >= threshold.GOOD_NEEDED

    @property
    def has_wrong_labels(self) -> bool:
        """Whether the limit was set as if some of what is called good were spam."""
        return self.blocked > threshold.MOST_GOOD_IN_SPAM * self.good


def evaluate(session: Session, lessons: Sequence[tuple[str, bool]]) -> Evaluation:
    """Judges texts that were learned, each with what it taught itself left out. Only reads. Raises TooFew.

    To leave one out is to subtract its counts, so all that is left out is exact, and nothing has to be learned anew.
    """
    by_lesson: dict[bool, list[float]] = {True: [], False: []}
    for text, is_spam in lessons:
        found = features(text)
        without = counts.read(session, found).without(found, is_spam=is_spam)
        by_lesson[is_spam].append(log_odds(found, without))
    spam, good = by_lesson[True], by_lesson[False]
    if min(len(spam), len(good)) < LEAST:
        raise TooFew
    limit = threshold.limit(good, spam)
    return Evaluation(
        len(good),
        len(spam),
        limit,
        caught=sum(value > limit for value in spam),
        blocked=sum(value > limit for value in good),
        right=sum(value > 0 for value in spam) + sum(value <= 0 for value in good),
        slope=(line := threshold.calibration(good, spam))[0],
        offset=line[1],
    )


def set_limit(session: Session, found: Evaluation, now: datetime) -> None:
    """Judges by this evaluation from now on. The caller commits."""
    row = SpamThreshold(id=1, set_at=now, log_odds=found.limit, slope=found.slope, offset=found.offset)
    row.good, row.spam = found.good, found.spam
    session.merge(row)


def interval(part: int, whole: int) -> tuple[float, float]:
    """Bounds of a share with 95 % confidence (Wilson 1927); 0 to 1 where nothing was counted."""
    if not whole:
        return 0.0, 1.0
    z, share = 1.959964, part / whole
    middle = share + z * z / (2 * whole)
    spread = z * math.sqrt(share * (1 - share) / whole + z * z / (4 * whole * whole))
    return max(0.0, (middle - spread) / (1 + z * z / whole)), min(1.0, (middle + spread) / (1 + z * z / whole))
