"""What the numbers by day say about a range of days: by week, by article, by source, and how soon visitors were answered."""

import math
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import NamedTuple

from sqlalchemy.orm import Session

from domain import consultations, traffic
from domain.consultations import Waited
from domain.traffic import Steps

WEEK = timedelta(weeks=1)
LONGEST = timedelta(days=3 * 366)
"""The longest range of days that is looked at together."""
NO_STEPS = Steps(0, 0, 0)


class Days(NamedTuple):
    """A range of days, the last one included."""

    first: date
    last: date


@dataclass(frozen=True)
class Waiting:
    """How long visitors waited for a first contact, in minutes of working time; None where nobody was contacted."""

    contacted: int
    in_time: int
    """How many waited no longer than the target."""
    median: int | None
    ninetieth: int | None


@dataclass(frozen=True)
class Week:
    """A week, or what of it lies in the range; `monday` is its first day."""

    monday: date
    steps: Steps
    waiting: Waiting


@dataclass(frozen=True)
class Overview:
    """All numbers of a range. Articles and sources are sorted by what led to most, the first being what counts most."""

    days: Days
    weeks: list[Week]
    total: Steps
    waiting: Waiting
    by_article: list[tuple[str, Steps]]
    by_source: list[tuple[str, Steps]]


def last_weeks(today: date, weeks: int) -> Days:
    """The week of `today` and the ones before it, so many together."""
    return Days(_monday(today) - timedelta(weeks=weeks - 1), today)


def overview(session: Session, days: Days, target: int, article_id: str | None = None) -> Overview:
    """The numbers of a range of days; `target` is the number of minutes in which a visitor ought to be answered.

    `article_id` narrows the sources to those of one article, NO_ARTICLE to those of no article. Reads only.
    """
    by_day = traffic.by_day(session, *days)
    waited = consultations.waited(session, *days)
    pairs = traffic.by_article_and_source(session, *days)
    of_weeks = _by_week(waited)
    chosen = {pair: steps for pair, steps in pairs.items() if article_id in {None, pair[0]}}
    return Overview(
        days,
        [_week(monday, by_day, of_weeks[monday], target) for monday in _mondays(days)],
        _sum(by_day.values()),
        waiting(waited, target),
        _ranked((article, steps) for (article, _), steps in pairs.items()),
        _ranked((source, steps) for (_, source), steps in chosen.items()),
    )


def waiting(rows: Iterable[Waited], target: int) -> Waiting:
    """Median and 90th percentile by the nearest rank: the least time that so many did not exceed."""
    rows = sorted(rows, key=lambda row: row.minutes)
    count = sum(row.number for row in rows)
    in_time = sum(row.number for row in rows if row.minutes <= target)
    return Waiting(count, in_time, _percentile(rows, count, 0.5), _percentile(rows, count, 0.9))


def _percentile(rows: list[Waited], count: int, share: float) -> int | None:
    rank = math.ceil(count * share)
    for row in rows:
        rank -= row.number
        if rank <= 0:
            return row.minutes
    return None


def _week(monday: date, by_day: Mapping[date, Steps], waited: Iterable[Waited], target: int) -> Week:
    days = [monday + timedelta(days=number) for number in range(7)]
    steps = _sum(by_day.get(day, NO_STEPS) for day in days)
    return Week(monday, steps, waiting(waited, target))


def _by_week(rows: Iterable[Waited]) -> defaultdict[date, list[Waited]]:
    found: defaultdict[date, list[Waited]] = defaultdict(list)
    for row in rows:
        found[_monday(row.day)].append(row)
    return found


def _monday(day: date) -> date:
    return day - timedelta(days=day.weekday())


def _mondays(days: Days) -> list[date]:
    first, last = _monday(days.first), _monday(days.last)
    return [first + timedelta(weeks=number) for number in range((last - first) // WEEK + 1)]


def _ranked(rows: Iterable[tuple[str, Steps]]) -> list[tuple[str, Steps]]:
    totals: dict[str, Steps] = {}
    for name, steps in rows:
        totals[name] = _sum([totals.get(name, NO_STEPS), steps])
    return sorted(totals.items(), key=lambda row: (row[1].sent, row[1].forms, row[1].views), reverse=True)


def _sum(steps: Iterable[Steps]) -> Steps:
    return Steps(*(sum(numbers) for numbers in zip(*steps, strict=True))) if (steps := list(steps)) else NO_STEPS
