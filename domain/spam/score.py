"""From counts to log-odds: multinomial naive Bayes by groups of features, made milder where little is known.

Each group counts with the sum of its weights over the square root of their number: words of one text are not independent,
and the plain sum makes a long text too sure of itself (docs/decisions/0025). Only additions over the text's features in
their order, so that every process comes to the same number.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from domain.spam.counts import NEVER, Count, Counts
from domain.spam.features import Feature, Kind

SMOOTHING = 2.0
"""Comments that a feature is taken to have been seen in before any was, shared by spam and good as all are."""
HALF_TRUST = 1.0
"""A feature seen in so many comments has half its weight."""
GROUP_WEIGHT = 2.0
STRONGEST = 20
"""Features of a group that count; with more, a text could be talked round by adding harmless words to it."""


@dataclass(frozen=True)
class Weighed:
    """A feature with its weight (above 0: more in spam) and how often it was seen."""

    feature: Feature
    weight: float
    seen: Count


@dataclass(frozen=True)
class Score:
    """The log-odds that a text is spam, and the features by which it came to them, the strongest first."""

    log_odds: float
    weighed: tuple[Weighed, ...]


def score(found: Sequence[Feature], counts: Counts) -> Score:
    """Weighs the features of a text; 0 and nothing where nothing was learned."""
    learned = counts.comments
    log_odds = math.log((learned.spam + 1) / (learned.good + 1))
    weighed: list[Weighed] = []
    for kind in Kind:
        total = counts.totals.get(kind.value, NEVER)
        group = [_weigh(feature, counts.buckets.get(feature.bucket, NEVER), total) for feature in found if feature.kind is kind]
        telling = sorted(group, key=lambda one: -abs(one.weight))
        if kind is Kind.WHOLE:
            log_odds += sum(one.weight for one in telling)
        elif telling:
            strongest = telling[:STRONGEST]
            log_odds += GROUP_WEIGHT * sum(one.weight for one in strongest) / math.sqrt(len(strongest))
        weighed += telling
    return Score(log_odds, tuple(sorted(weighed, key=lambda one: -abs(one.weight))))


def _weigh(feature: Feature, seen: Count, total: Count) -> Weighed:
    spam, good = total.spam + 1, total.good + 1
    share = spam / (spam + good)
    weight = math.log((seen.spam + 2 * SMOOTHING * share) / (seen.good + 2 * SMOOTHING * (1 - share))) - math.log(spam / good)
    number = seen.spam + seen.good
    return Weighed(feature, weight * number / (number + HALF_TRUST), seen)
