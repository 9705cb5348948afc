"""The numbers by day of an invented site, for the dashboard: what was seen, opened and sent, and how soon it was answered."""

from collections.abc import Iterator
from datetime import date, timedelta
from random import Random

import sqlalchemy as sa
from sqlalchemy.orm import Session

from benchmarks.rows import Row
from benchmarks.stories import ARTICLE, OTHERS
from domain.consultations import FirstContact
from domain.traffic import NO_ARTICLE, DailyTraffic, Step

YOUNG, OLD = timedelta(days=90), timedelta(days=3 * 365)
"""How long the smallest site has been counting, and the others; the days themselves are alike."""
SOURCES = ("direct", "google", "facebook", "instagram", "whatsapp", "bing", "leaflet", "chatgpt", "news.example", "health.example")
SEEN = 0.8
"""The share of articles and sources that a day has something of."""
WAITED = 60
"""Different waiting times of a day."""
_BATCH = 5000


def fill_numbers(session: Session, today: date, span: timedelta) -> None:
    """Stores the numbers of each day of `span` until `today`. The caller has begun a write, and commits."""
    chance = Random(1)
    for model, rows in ((DailyTraffic, _traffic(chance, today, span)), (FirstContact, _waited(chance, today, span))):
        batch: list[Row] = []
        for row in rows:
            batch.append(row)
            if len(batch) == _BATCH:
                session.execute(sa.insert(model), batch)
                batch.clear()
        if batch:
            session.execute(sa.insert(model), batch)


def _days(today: date, span: timedelta) -> Iterator[date]:
    return (today - timedelta(days=number) for number in range(span.days))


def _traffic(chance: Random, today: date, span: timedelta) -> Iterator[Row]:
    for day in _days(today, span):
        for article_id in (ARTICLE, *OTHERS, NO_ARTICLE):
            for source in SOURCES:
                for step, most in ((Step.VIEW, 200), (Step.FORM, 20), (Step.SENT, 9)):
                    if chance.random() < SEEN:
                        row: Row = {"day": day, "step": step, "article_id": article_id, "source": source}
                        yield row | {"number": chance.randint(1, most)}


def _waited(chance: Random, today: date, span: timedelta) -> Iterator[Row]:
    for day in _days(today, span):
        for minutes in chance.sample(range(1, 120), WAITED):
            yield {"day": day, "minutes": minutes, "number": chance.randint(1, 12)}
