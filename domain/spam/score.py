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

SMOOTHING = 1.0
"""Comments that a feature is taken to have been seen in before any was, shared by spam and good as all are."""
HALF_TRUST = 0.5
"""A feature seen in so many comments has half its weight."""
GROUP_WEIGHT = 1.25
STRONGEST = 10
"""Features of a group that count; with more, a text could be talked round by adding harmless words to it."""


class Weighed(NamedTuple):
    """A feature with its weight (above 0: more in spam) and how often it was seen."""

    feature: Feature
    weight: float
    seen: Count


def log_odds(found: Sequence[Feature], counts: Counts) -> float:
    """The log-odds that a text with these features is spam; 0 where nothing was learned."""
    learned = counts.comments.at_least_none()
    odds = math.log((learned.spam + 1) / (learned.good + 1))
    groups: dict[Kind, list[Feature]] = {kind: [] for kind in Kind}
    for feature in found:
        groups[feature.kind].append(feature)
    for kind, group in groups.items():
        weights = _weights(kind, group, counts)
        if kind is Kind.WHOLE:
            odds += sum(weights)
        elif weights:
            strongest = sorted(weights, key=abs, reverse=True)[:STRONGEST]
            odds += GROUP_WEIGHT * sum(strongest) / math.sqrt(len(strongest))
    return odds


def words(found: Sequence[Feature], counts: Counts) -> list[Weighed]:
    """The words among these features that were seen before, the strongest first."""
    group = [feature for feature in found if feature.kind is Kind.WORD]
    seen = [counts.buckets.get(feature.bucket, NEVER) for feature in group]
    rows = zip(group, _weights(Kind.WORD, group, counts), seen, strict=True)
    return sorted((Weighed(*row) for row in rows if row[2] != NEVER), key=lambda one: abs(one.weight), reverse=True)


def _weights(kind: Kind, group: Sequence[Feature], counts: Counts) -> list[float]:
    total = counts.totals.get(kind.value, NEVER).at_least_none()
    spam, good = total.spam + 1, total.good + 1
    usual, share = math.log(spam / good), spam / (spam + good)
    more_spam, more_good = 2 * SMOOTHING * share, 2 * SMOOTHING * (1 - share)
    weights = []
    for feature in group:
        in_spam, in_good = count = counts.buckets.get(feature.bucket, NEVER)
        if in_spam < 0 or in_good < 0:
            in_spam, in_good = count.at_least_none()
        number = in_spam + in_good
        weight = math.log((in_spam + more_spam) / (in_good + more_good)) - usual if number else 0.0
        weights.append(weight * number / (number + HALF_TRUST))
    return weights
