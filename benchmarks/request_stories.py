"""What happens to each request of an invented site: who sends it, who looks after it, and how it ends."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice
from random import Random

from benchmarks.stories import CHAPTER, NETWORK_KEPT, QUIET_UNTIL_NOW, SPAN
from benchmarks.texts import Texts
from domain import phones
from domain.consultations import GIVEN, ContactBy, Draft, Move, Status

TREATMENTS = {"chronic-migraine": 0.7, "facial-lines": 0.2, "unsure": 0.1}
MIX = {Status.CLOSED: 0.85, Status.SPAM: 0.07, Status.BOOKED: 0.04, Status.CONTACTED: 0.04}
"""Where requests end up; those that are still to be answered are the backlog, which does not grow with the years."""
UNANSWERED = 3
"""Each so many of the backlog did not answer the phone and is to be tried again."""
SUSPECTED = 0.02
"""The share of what is no spam and yet was suspected."""
MINE, THEIRS = 0.1, 0.6
"""The shares that two people look after; the rest is nobody's."""
NOTED = 0.5
ADDRESSED = 0.6
ANSWERED_AFTER, ENDED_AFTER = timedelta(hours=1), timedelta(days=2)


@dataclass(frozen=True)
class RequestStory:
    """The life of request `number`: who gets it (0 or 1 of two people, None nobody), then its moves, with the time of each."""

    number: int
    reference: str
    draft: Draft
    suspected: bool
    network: str | None
    sent_at: datetime
    assigned: int | None = None
    moves: tuple[tuple[Move, datetime], ...] = ()


class RequestTeller:
    """Invents `size` requests sent until `now` and decided, the same ones for the same seed, and a backlog to do after them."""

    def __init__(self, size: int, backlog: int, now: datetime, seed: int = 1) -> None:
        self._size, self._total, self._now = size, size + backlog, now
        self._chance = Random(seed)
        self._texts = Texts(self._chance)

    def chapters(self) -> Iterator[list[RequestStory]]:
        """All stories, a chapter at a time, numbered from 1."""
        numbers = iter(range(1, self._total + 1))
        while part := list(islice(numbers, CHAPTER)):
            yield [self._story(number) for number in part]

    def _story(self, number: int) -> RequestStory:
        chance = self._chance
        sent_at = self._now - QUIET_UNTIL_NOW - SPAN * (1 - number / self._total)
        if number > self._size:
            end = Status.NO_ANSWER if number % UNANSWERED == 0 else Status.NEW
        else:
            end = chance.choices(list(MIX), weights=list(MIX.values()))[0]
        share = chance.random()
        return RequestStory(
            number,
            f"DC-{number:07d}",
            self._draft(),
            end is Status.SPAM or chance.random() < SUSPECTED,
            f"{chance.getrandbits(128):032x}" if self._now - sent_at < NETWORK_KEPT else None,
            sent_at,
            0 if share < MINE else 1 if share < MINE + THEIRS else None,
            tuple(self._moves(end, sent_at)),
        )

    def _draft(self) -> Draft:
        # Most people ask once, a few ask often.
        who = int(self._size * self._chance.random() ** 2)
        author = self._texts.author(who)
        phone = phones.Phone(f"+92{3_000_000_000 + 7 * who}", "")
        return Draft(
            author.name,
            phone,
            f"0{3_000_000_000 + 7 * who}",
            self._chance.choice(list(ContactBy)),
            email=author.email if self._chance.random() < ADDRESSED else None,
            treatment=self._chance.choices(list(TREATMENTS), weights=list(TREATMENTS.values()))[0],
            message=self._texts.comment(),
        )

    def _moves(self, end: Status, sent_at: datetime) -> Iterator[tuple[Move, datetime]]:
        answered, ended = sent_at + ANSWERED_AFTER, sent_at + ENDED_AFTER
        if end is Status.CLOSED:
            yield Move(Status.CONTACTED, self._note()), answered
            yield Move(end, self._note(), reason=self._chance.choice(GIVEN)), ended
        elif end is not Status.NEW:
            at = {Status.BOOKED: ended, Status.NO_ANSWER: answered + ANSWERED_AFTER}.get(end)
            yield Move(end, self._note(), at), answered

    def _note(self) -> str:
        return self._texts.comment() if self._chance.random() < NOTED else ""
