"""What to read next: the articles before and after one in time, and those about the same."""

from collections.abc import Sequence
from heapq import nsmallest
from typing import NamedTuple

from domain.articles import Article

RELATED = 3


class Next(NamedTuple):
    """Where a reader may go from an article: the one published before it, the one after it, others about the same."""

    earlier: Article | None
    later: Article | None
    related: list[Article]


def after(article: Article, public: Sequence[Article]) -> Next:
    """The ways on from an article; `public` are all public ones, newest first.

    Related are up to RELATED others, closest first: what is about the same treatment or condition, then the newest. The two
    neighbours in time are not named twice.
    """
    ids = [other.id for other in public]
    place = ids.index(article.id)
    later = public[place - 1] if place else None
    earlier = public[place + 1] if place + 1 < len(public) else None
    named = {one.id for one in (article, earlier, later) if one is not None}
    others = (other for other in public if other.id not in named)
    return Next(earlier, later, nsmallest(RELATED, others, key=lambda other: _distance(article, other)))


def _distance(article: Article, other: Article) -> int:
    same_treatment = article.treatment is not None and article.treatment == other.treatment
    same_condition = article.condition is not None and article.condition == other.condition
    return 2 - same_treatment - same_condition
