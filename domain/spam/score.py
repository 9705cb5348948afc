"""From counts to log-odds: multinomial naive Bayes by groups of features, made milder where little is known.

Each group counts with the sum of its weights over the square root of their number: words of one text are not independent,
and the plain sum makes a long text too sure of itself (docs/decisions/0025). Only additions over the text's features in
their order, so that every process comes to the same number.
"""

import math
from collections.abc import Sequence
from typing import NamedTuple

from domain.spam.counts import NEVER, Count, Counts
from domain.spam.features import Feature, Kind

SMOOTHING = 2.0
"""Comments that a feature is taken to have been seen in before any was, shared by spam and good as all are."""
HALF_TRUST = 1.0
"""A feature seen in so many comments has half its weight."""
GROUP_WEIGHT = 1.25
STRONGEST = 10
"""Features of a group that count; with more, a text could be talked round by adding harmless words to it."""


class Weighed(NamedTuple):
    """A feature with its weight (above 0: more in spam) and how often it was seen."""

    feature: Feature
    weight: float
    seen: Count


class Score(NamedTuple):
    """The log-odds that a text is spam, and the features by which it came to them, the strongest first."""

    log_odds: float
    weighed: tuple[Weighed, ...]


def score(found: Sequence[Feature], counts: Counts) -> Score:
    """Weighs the features of a text; 0 and nothing where nothing was learned."""
    learned = counts.comments
    log_odds = math.log((learned.spam + 1) / (learned.good + 1))
    groups: dict[Kind, list[Feature]] = {kind: [] for kind in Kind}
    for feature in found:
        groups[feature.kind].append(feature)
    weighed: list[Weighed] = []
    for kind, group in groups.items():
        telling = sorted(_weigh(group, counts, counts.totals.get(kind.value, NEVER)), key=_strength, reverse=True)
        if kind is Kind.WHOLE:
            log_odds += sum(one.weight for one in telling)
        elif telling:
            strongest = telling[:STRONGEST]
            log_odds += GROUP_WEIGHT * sum(one.weight for one in strongest) / math.sqrt(len(strongest))
        weighed += telling
    return Score(log_odds, tuple(sorted(weighed, key=_strength, reverse=True)))


def _strength(one: Weighed) -> float:
    return abs(one.weight)


def _weigh(group: Sequence[Feature], counts: Counts, total: Count) -> list[Weighed]:
    spam, good = total.spam + 1, total.good + 1
    usual, share = math.log(spam / good), spam / (spam + good)
    more_spam, more_good = 2 * SMOOTHING * share, 2 * SMOOTHING * (1 - share)
    weighed = []
    for feature in group:
        seen = counts.buckets.get(feature.bucket, NEVER)
        number = seen.spam + seen.good
        weight = math.log((seen.spam + more_spam) / (seen.good + more_good)) - usual if number else 0.0
        weighed.append(Weighed(feature, weight * number / (number + HALF_TRUST), seen))
    return weighed
