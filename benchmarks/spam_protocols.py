"""The ways in which a filter is measured: the learner of domain.spam with its counts in memory, on labelled comments."""

import math
import random
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from benchmarks.spam_corpus import Labelled
from domain.spam import threshold
from domain.spam.counts import COMMENTS, Count, Counts
from domain.spam.features import Feature, features
from domain.spam.score import log_odds

RESAMPLES = 500


@dataclass(frozen=True)
class Item:
    """A comment as the learner reads it."""

    found: Sequence[Feature]
    is_spam: bool
    group: int


def items(rows: Iterable[Labelled]) -> list[Item]:
    """Comments with their features."""
    return [Item(features(row.text), row.is_spam, row.group) for row in rows]


@dataclass
class Memory:
    """Counts as the tables hold them."""

    buckets: dict[int, Count] = field(default_factory=dict)
    totals: dict[str, Count] = field(default_factory=dict)

    def learn(self, item: Item, times: int = 1) -> None:
        """Adds a comment; with -1 takes it away."""
        spam, good = (-times, 0) if item.is_spam else (0, -times)
        for feature in item.found:
            bucket, kind = feature.bucket, feature.kind.value
            self.buckets[bucket] = self.buckets.get(bucket, Count()).less(spam=spam, good=good)
            self.totals[kind] = self.totals.get(kind, Count()).less(spam=spam, good=good)
        self.totals[COMMENTS] = self.totals.get(COMMENTS, Count()).less(spam=spam, good=good)

    def log_odds(self, item: Item) -> float:
        """What the learner makes of a comment."""
        return log_odds(item.found, Counts(self.buckets, self.totals))

    def without(self, item: Item) -> float:
        """The same as if this comment, which was learned, had not been."""
        return log_odds(item.found, Counts(self.buckets, self.totals).without(item.found, is_spam=item.is_spam))


@dataclass(frozen=True)
class Scored:
    """Log-odds with the label."""

    log_odds: float
    is_spam: bool


@dataclass(frozen=True)
class Result:
    """Judged comments, with the limit they were judged by."""

    scored: Sequence[Scored]
    limit: float = 0.0

    def table(self) -> tuple[int, int, int, int]:
        """Spam caught, spam missed, good ones blocked, good ones passed."""
        caught = sum(one.is_spam and one.log_odds > self.limit for one in self.scored)
        blocked = sum(not one.is_spam and one.log_odds > self.limit for one in self.scored)
        spam = sum(one.is_spam for one in self.scored)
        return caught, spam - caught, blocked, len(self.scored) - spam - blocked

    @property
    def accuracy(self) -> float:
        """The share that is judged right."""
        caught, _, _, passed = self.table()
        return (caught + passed) / len(self.scored)

    @property
    def mcc(self) -> float:
        """Matthews' correlation of verdicts and labels."""
        caught, missed, blocked, passed = self.table()
        below = math.sqrt((caught + blocked) * (caught + missed) * (passed + blocked) * (passed + missed))
        return (caught * passed - blocked * missed) / below if below else 0.0

    def mcc_bounds(self) -> tuple[float, float]:
        """95 % of resamples (bootstrap, seeded) are between these."""
        draw = random.Random(1)
        found = sorted(Result(draw.choices(self.scored, k=len(self.scored)), self.limit).mcc for _ in range(RESAMPLES))
        return found[RESAMPLES // 40], found[-RESAMPLES // 40 - 1]


def prequential(stream: Sequence[Item]) -> Result:
    """From nothing: each comment is judged, then learned."""
    memory, scored = Memory(), []
    for item in stream:
        scored.append(Scored(memory.log_odds(item), item.is_spam))
        memory.learn(item)
    return Result(scored)


def trained(items: Iterable[Item]) -> Memory:
    """What is known after these."""
    memory = Memory()
    for item in items:
        memory.learn(item)
    return memory


def limit_on(memory: Memory, learned: Iterable[Item]) -> float:
    """The limit as `flask spam evaluate` sets it: each comment judged without itself."""
    by_lesson: dict[bool, list[float]] = {True: [], False: []}
    for item in learned:
        by_lesson[item.is_spam].append(memory.without(item))
    return threshold.limit(by_lesson[False], by_lesson[True])


def frozen(stream: Sequence[Item], share: float) -> Result:
    """The first part of the stream is learned and the limit set on it; the rest is judged by that and never learned."""
    cut = int(len(stream) * share)
    memory = trained(stream[:cut])
    return judged(memory, stream[cut:], limit_on(memory, stream[:cut]))


def judged(memory: Memory, tested: Iterable[Item], limit: float) -> Result:
    """Comments by what is known and a limit."""
    return Result([Scored(memory.log_odds(item), item.is_spam) for item in tested], limit)


def by_video(everything: Sequence[Item]) -> dict[int, Result]:
    """Each video judged by what the others taught."""
    videos = sorted({item.group for item in everything})
    return {video: _held_out(everything, [item.group == video for item in everything]) for video in videos}


def ten_fold(everything: Sequence[Item]) -> Result:
    """Shuffled, ten parts, each judged by the other nine."""
    mixed = list(everything)
    random.Random(1).shuffle(mixed)
    parts = [_held_out(mixed, [place % 10 == part for place in range(len(mixed))]) for part in range(10)]
    return together(parts)


def together(results: Iterable[Result]) -> Result:
    """Several results, all at even odds, as one."""
    return Result([one for result in results for one in result.scored])


def _held_out(everything: Sequence[Item], is_tested: Sequence[bool]) -> Result:
    marked = list(zip(everything, is_tested, strict=True))
    memory = trained(item for item, tested in marked if not tested)
    return judged(memory, (item for item, tested in marked if tested), 0.0)
