"""How long a verdict takes, and how much room the counts need, when a million comments have been learned."""

import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from random import Random

import sqlalchemy as sa
from flask import Flask

import database
from benchmarks.progress import Progress
from benchmarks.texts import Texts
from domain import spam
from domain.spam.counts import COMMENTS, SpamBucket, SpamTotal
from domain.spam.features import Kind, features
from domain.spam.threshold import SpamThreshold
from extensions import db

DIFFERENT = 100_000
"""So many texts are invented; with more comments than that, each was sent several times. The table grows no further by it."""
SPAM_SHARE = 0.2
VERDICTS = 2000


@dataclass(frozen=True)
class Speed:
    """Milliseconds of a verdict, from the text to the reasons, and what the tables of the learner hold."""

    median: float
    ninety_ninth: float
    most: float
    longest_text: float
    """Of a comment of 5,000 characters, at the median."""
    longest_text_99th: float
    buckets: int


def measure(app: Flask, learned: int) -> Speed:
    """Fills the empty database of an application with what so many comments have taught, then judges others."""
    texts = Texts(Random(1))
    with app.app_context():
        _fill(texts, learned)
        asked = [texts.comment() if place % 5 else texts.spam(1) for place in range(VERDICTS)]
        long = " ".join(texts.comment() for _ in range(40))[:5000]
        times, longest = _times(asked), _times([long] * 500)
        buckets = db.session.scalars(sa.select(sa.func.count()).select_from(SpamBucket)).one()
        db.session.rollback()
    ends = [(values[len(values) // 2], values[len(values) * 99 // 100]) for values in (times, longest)]
    return Speed(*ends[0], times[-1], *ends[1], buckets)


def _fill(texts: Texts, learned: int) -> None:
    chance = Random(2)
    counts: dict[int, list[int]] = {}
    totals = Counter[tuple[str, bool]]()
    different = min(learned, DIFFERENT)
    times = learned // different
    with Progress(f"learning {learned:,} comments", different) as progress:
        for _ in range(different):
            is_spam = chance.random() < SPAM_SHARE
            totals[COMMENTS, is_spam] += times
            for feature in features(texts.spam(chance.randint(1, 3)) if is_spam else texts.comment()):
                counts.setdefault(feature.bucket, [0, 0])[is_spam] += times
                totals[feature.kind.value, is_spam] += times
            progress.forward(1)
    session = database.begin_write(db.session)
    session.execute(sa.insert(SpamBucket), [{"bucket": key, "good": good, "spam": bad} for key, (good, bad) in counts.items()])
    kinds = [COMMENTS, *(kind.value for kind in Kind)]
    session.execute(
        sa.insert(SpamTotal), [{"kind": kind, "spam": totals[kind, True], "good": totals[kind, False]} for kind in kinds]
    )
    session.add(SpamThreshold(id=1, set_at=datetime.now(UTC), log_odds=4.0, slope=1.0, offset=0.0, good=learned, spam=learned))
    session.commit()
    session = database.begin_write(session)
    session.execute(sa.text("ANALYZE"))
    session.commit()


def _times(asked: Sequence[str]) -> list[float]:
    """In milliseconds, sorted; each verdict begins a transaction of its own, as a submission does."""
    times = []
    for text in asked:
        session = database.begin_write(db.session)
        session.connection()
        start = time.perf_counter()
        spam.judge(session, spam.Submission(text, repeated=spam.sketch.last_alike(session, text, datetime.now(UTC))))
        times.append((time.perf_counter() - start) * 1000)
        session.rollback()
    return sorted(times)
