"""What happens to each comment of an invented site: who sends it where, what it answers, and how it is decided."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice
from random import Random

from benchmarks.texts import Texts
from domain.comments import Draft, Status
from domain.spam import MAX_LINKS

ARTICLE = "botox-chronic-migraine"
OTHERS = tuple(f"another-article-{number}" for number in range(1, 10))
ON_ARTICLE = 0.9
"""The share of comments on one article."""
REPLIES = 0.3
SPAN = timedelta(days=730)
QUIET_UNTIL_NOW = timedelta(days=3)
"""Nothing is sent any more, so that all is decided by now."""
NETWORK_KEPT = timedelta(days=30)
MIX = {Status.APPROVED: 0.75, Status.SPAM: 0.15, Status.TRASH: 0.06, Status.HELD: 0.02, Status.WITHDRAWN: 0.02}
"""Where comments end up."""
CAUGHT = 0.8
"""The share of spam that never was held."""
REMOVED_LATER = 0.3
"""The share of the trash that was approved first, so that replies to it may be there."""
READ_AFTER = timedelta(hours=3)
REMOVED_AFTER = timedelta(days=2)
CHAPTER = 1000
"""Comments that are told together; no reply answers a comment of an earlier chapter, so that each can be stored by itself."""


@dataclass(frozen=True)
class Story:
    """The life of comment `number`; `moves` are the states it is brought into, with the time of each.

    The last move of one that is `removed` happens when the whole chapter has been sent.
    """

    number: int
    article_id: str
    draft: Draft
    links: int
    network: str | None
    sent_at: datetime
    moves: tuple[tuple[Status, datetime], ...] = ()
    removed_at: datetime | None = None

    @property
    def first(self) -> Status:
        """Where it stood when it was sent."""
        return Status.SPAM if self.links > MAX_LINKS else Status.HELD

    @property
    def was_approved(self) -> bool:
        """Whether it could be answered."""
        return any(status is Status.APPROVED for status, _ in self.moves)


class Teller:
    """Invents `size` comments sent until `now`, the same ones for the same seed, and a backlog of held ones after them."""

    def __init__(self, size: int, backlog: int, now: datetime, seed: int = 1) -> None:
        self._size, self._total, self._now = size, size + backlog, now
        self._chance = Random(seed)
        self._texts = Texts(self._chance)

    def chapters(self) -> Iterator[list[Story]]:
        """All stories, a chapter at a time, numbered from 1."""
        numbers = iter(range(1, self._total + 1))
        while part := list(islice(numbers, CHAPTER)):
            yield self._chapter(part)

    def _chapter(self, numbers: list[int]) -> list[Story]:
        chapter: list[Story] = []
        answerable: dict[str, list[int]] = {}
        for number in numbers:
            story = self._story(number, answerable)
            chapter.append(story)
            if story.was_approved:
                answerable.setdefault(story.article_id, []).append(number)
        return chapter

    def _story(self, number: int, answerable: dict[str, list[int]]) -> Story:
        chance = self._chance
        article_id = ARTICLE if chance.random() < ON_ARTICLE else chance.choice(OTHERS)
        end = Status.HELD if number > self._size else chance.choices(list(MIX), weights=list(MIX.values()))[0]
        links = MAX_LINKS + chance.randint(1, 4) if end is Status.SPAM and chance.random() < CAUGHT else 0
        parents = answerable.get(article_id, [])
        parent_id = chance.choice(parents[-20:]) if parents and chance.random() < REPLIES else None
        sent_at = self._now - QUIET_UNTIL_NOW - SPAN * (1 - number / self._total)
        was_approved = end is Status.TRASH and chance.random() < REMOVED_LATER
        return Story(
            number,
            article_id,
            self._draft(links, parent_id),
            links,
            f"{chance.getrandbits(128):032x}" if self._now - sent_at < NETWORK_KEPT else None,
            sent_at,
            _moves(end, links > 0, was_approved, sent_at + READ_AFTER),
            sent_at + REMOVED_AFTER if was_approved else None,
        )

    def _draft(self, links: int, parent_id: int | None) -> Draft:
        # Most people write once or twice, a few are regulars.
        author = self._texts.author(int(max(1, self._size // 2) * self._chance.random() ** 2))
        text = self._texts.spam(links) if links else self._texts.comment()
        return Draft(author.name, author.email, text, parent_id=parent_id)


def _moves(end: Status, caught: bool, was_approved: bool, at: datetime) -> tuple[tuple[Status, datetime], ...]:
    if end is Status.HELD or caught:
        return ()
    return ((Status.APPROVED if was_approved else end, at),)
