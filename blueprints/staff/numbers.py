"""The numbers of the dashboard: which days somebody looks at, and what they say in the words and units of people."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from urllib.parse import urlencode

from flask import url_for
from werkzeug.datastructures import MultiDict

import clinic
from domain import reports, traffic
from domain.reports import Days, Overview, Waiting
from domain.traffic import Steps
from extensions import db
from web import words

WEEKS = {"4w": (4, "4 weeks"), "12w": (12, "12 weeks"), "26w": (26, "6 months"), "52w": (52, "1 year")}
USUAL = "12w"
MOST = 15
"""Articles and sources that are shown; those that led to least are left out."""
WRONG_DAY = "Enter both days as dates, such as 2026-11-30"
WRONG_ORDER = "The last day comes before the first"
TARGET = 30
"""Minutes within which an answer counts as soon where the owner has set no reminder."""
TOO_LONG = "Choose three years at most"


@dataclass(frozen=True)
class Chosen:
    """The days that are looked at; `key` is the button for them. A wrong choice is said, and leaves the usual days."""

    days: Days
    key: str
    article_id: str | None
    first: str
    last: str
    problem: str | None

    @classmethod
    def read(cls, values: MultiDict[str, str], today: date) -> "Chosen":
        """From a query string."""
        article = clinic.library().by_id(values.get("article", ""))
        key = values.get("range", USUAL)
        key = key if key in WEEKS else USUAL
        first, last = values.get("from", ""), values.get("to", "")
        days, problem = reports.last_weeks(today, WEEKS[key][0]), None
        if first or last:
            try:
                days, key = _typed(first, last), ""
            except ValueError as error:
                problem = str(error)
        return cls(days, key, article.id if article else None, first, last, problem)

    def url(self, **changes: str | None) -> str:
        """The dashboard with these days and this article, but for the changes."""
        typed = {"from": self.first, "to": self.last} if not self.key else {"range": self.key}
        values = {**typed, "article": self.article_id} | changes
        query = urlencode({name: value for name, value in values.items() if value})
        return f"{url_for('staff.dashboard.dashboard')}?{query}#numbers"


@dataclass(frozen=True)
class WeekLine:
    """A week as the table and the charts show it; None where there is nothing to say."""

    monday: date
    steps: Steps
    median: int | None
    ninetieth: int | None
    in_time: str


@dataclass(frozen=True)
class StepLine:
    """An article or a source, with what came of its views; `url` shows the sources of one article."""

    name: str
    steps: Steps
    opened: str
    sent: str
    url: str | None


@dataclass(frozen=True)
class Numbers:
    """All that the page shows of a range of days."""

    chosen: Chosen
    ranges: list[tuple[str, str, bool]]
    """Label, address, whether it is the one that is shown."""
    total: Steps
    target: int
    in_time: str
    median: str
    ninetieth: str
    is_working: bool
    weeks: list[WeekLine]
    articles: list[StepLine]
    sources: list[StepLine]
    article_title: str | None
    """The one whose sources are shown."""


def numbers(values: MultiDict[str, str]) -> Numbers:
    """What the days that were chosen say."""
    site = clinic.site()
    chosen = Chosen.read(values, clinic.now().astimezone(site.timezone).date())
    target = site.remind_minutes or TARGET
    found = reports.overview(db.session, chosen.days, target, chosen.article_id)
    return Numbers(
        chosen,
        [(label, chosen.url(**{"range": key, "from": None, "to": None}), key == chosen.key) for key, (_, label) in WEEKS.items()],
        found.total,
        target,
        _in_time(found.waiting),
        _duration(found.waiting.median),
        _duration(found.waiting.ninetieth),
        site.working_time.is_set,
        _weeks(found),
        _lines(found.by_article, _article_name, lambda article_id: chosen.url(article=article_id) if article_id else None),
        _lines(found.by_source, words.source, lambda _: None),
        _article_name(chosen.article_id) if chosen.article_id else None,
    )


def _typed(first: str, last: str) -> Days:
    try:
        days = Days(date.fromisoformat(first.strip()), date.fromisoformat(last.strip()))
    except ValueError as error:
        raise ValueError(WRONG_DAY) from error
    if not 2000 <= days.first.year <= days.last.year <= 2200:
        raise ValueError(WRONG_ORDER if days.last < days.first else WRONG_DAY)
    if days.last < days.first:
        raise ValueError(WRONG_ORDER)
    if days.last - days.first > reports.LONGEST:
        raise ValueError(TOO_LONG)
    return days


def _weeks(found: Overview) -> list[WeekLine]:
    return [
        WeekLine(week.monday, week.steps, week.waiting.median, week.waiting.ninetieth, _in_time(week.waiting))
        for week in found.weeks
    ]


def _lines(rows: list[tuple[str, Steps]], name: Callable[[str], str], url: Callable[[str], str | None]) -> list[StepLine]:
    return [
        StepLine(name(key), steps, _share(steps.forms, steps.views), _share(steps.sent, steps.forms), url(key))
        for key, steps in rows[:MOST]
    ]


def _article_name(article_id: str) -> str:
    if article_id == traffic.NO_ARTICLE:
        return "No article"
    article = clinic.library().by_id(article_id)
    return article.title if article else article_id


def _in_time(waiting: Waiting) -> str:
    return _share(waiting.in_time, waiting.contacted)


def _share(part: int, whole: int) -> str:
    """A percentage; none where it would mislead: requests can be more than the forms that were counted."""
    return f"{round(100 * part / whole)} %" if whole and part <= whole else "–"


def _duration(minutes: int | None) -> str:
    return words.duration(timedelta(minutes=minutes)) if minutes is not None else "–"
