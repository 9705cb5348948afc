"""The words that tell most, for staff to see: read from the comments that are still kept, since no word is stored."""

from collections import Counter
from collections.abc import Iterable

from sqlalchemy.orm import Session

from domain.spam import counts
from domain.spam.features import Feature, Kind, features
from domain.spam.score import Weighed
from domain.spam.score import words as weighed_words

LEAST_WEIGHT = 0.5
"""A word that is seen a little more often in one sort tells nothing."""
IN_COMMENTS = 3
"""A word of fewer comments is one person's more than the site's: a name, perhaps."""


def most_telling(session: Session, texts: Iterable[str], number: int) -> tuple[list[Weighed], list[Weighed]]:
    """Of the words of these texts, at most `number` that speak most for spam, and as many that speak most against it."""
    seen: Counter[Feature] = Counter()
    for text in texts:
        seen.update(feature for feature in features(text) if feature.kind is Kind.WORD)
    words = [feature for feature, comments in seen.items() if comments >= IN_COMMENTS]
    # In parts, so that no statement grows with the site.
    weighed = [one for start in range(0, len(words), _PART) for one in _weighed(session, words[start : start + _PART])]
    weighed.sort(key=lambda one: (-one.weight, one.feature.word))
    against = [one for one in weighed if one.weight > LEAST_WEIGHT][:number]
    harmless = [one for one in reversed(weighed) if one.weight < -LEAST_WEIGHT][:number]
    return against, harmless


_PART = 5000


def _weighed(session: Session, words: list[Feature]) -> list[Weighed]:
    return weighed_words(words, counts.read(session, words))
