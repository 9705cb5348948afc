"""What part of the inbox somebody looks at, as its address and its forms carry it, and as the domain takes it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import cached_property
from typing import Any, NamedTuple

from flask import url_for
from werkzeug.datastructures import MultiDict

import clinic
from blueprints.staff import gate
from blueprints.staff.rows import REQUEST_LABELS, row_id
from domain import staff
from domain.consultations import NOBODY, Filter, Status
from domain.staff import Area
from domain.text import clean_line
from extensions import db

DUE, EVERY = "due", "all"
TABS = {DUE: "To do"} | {status.value: label for status, label in REQUEST_LABELS.items()} | {EVERY: "All"}
ME, NO_ONE = "me", "nobody"
FIRST, OVERDUE = "first", "overdue"
MAX_SEARCH = 200
FILTERS = ("q", "assigned", "treatment", "suspected", "waiting", "from", "to")
LABELS = {
    "q": "Search: {}",
    "assigned": "With: {}",
    "treatment": "Treatment: {}",
    "suspected": "{}",
    "waiting": "First contact: {}",
    "from": "Arrived from {}",
    "to": "Arrived until {}",
}


Choices = dict[str, list[tuple[str, str]]]


class Chip(NamedTuple):
    """A filter that is on, and the address without it."""

    label: str
    url: str


@dataclass(frozen=True)
class View:
    """A tab, its filters and a page of it. What cannot be understood is left out, and `problems` say so by field."""

    tab: str
    before: int | None
    filters: Mapping[str, str]
    typed: Mapping[str, str]
    problems: Mapping[str, str]
    choices: Choices

    @classmethod
    def read(cls, values: MultiDict[str, str]) -> "View":
        """From a query string or a form."""
        typed = {name: clean_line(values.get(name, ""))[:MAX_SEARCH].strip() for name in ("filter", *FILTERS)}
        offered = choices()
        problems = {name: problem for name, problem in _problems(typed, offered) if problem}
        filters = {name: typed[name] for name in FILTERS if typed[name] and name not in problems}
        tab = DUE if "filter" in problems else typed["filter"] or DUE
        return cls(tab, values.get("before", type=row_id), filters, typed, problems, offered)

    @property
    def params(self) -> dict[str, str]:
        """What brings one back to this list; the export repeats it as hidden fields."""
        return {"filter": self.tab, **self.filters}

    @property
    def is_filtered(self) -> bool:
        """Whether not every request of the tab is wanted."""
        return bool(self.filters)

    @cached_property
    def only(self) -> Filter:
        """The tab and its filters as the domain takes them; days begin at midnight where the clinic is."""
        wanted = self.filters
        first, last = (_day(wanted.get(name, "")) for name in ("from", "to"))
        return Filter(
            status=next((status for status in Status if status.value == self.tab), None),
            due_by=clinic.now() if self.tab == DUE else None,
            assigned_to=_assigned(wanted["assigned"]) if "assigned" in wanted else None,
            treatment=wanted.get("treatment"),
            suspected="suspected" in wanted,
            since=_midnight(first) if first else None,
            until=_midnight(last + timedelta(days=1)) if last else None,
            uncontacted_since=_uncontacted_since(wanted["waiting"]) if "waiting" in wanted else None,
            text=wanted.get("q"),
        )

    @property
    def chips(self) -> list[Chip]:
        """The filters that are on."""
        return [Chip(self._in_words(name, value), self.url(**{name: None})) for name, value in self.filters.items()]

    def _in_words(self, name: str, value: str) -> str:
        return LABELS[name].format(dict(self.choices.get(name, [])).get(value, value))

    @property
    def codes(self) -> dict[str, str | bool]:
        """The list for the audit log, which holds no word that was typed: only that some were."""
        return {name: value for name, value in self.params.items() if name != "q"} | (
            {"search": True} if "q" in self.filters else {}
        )

    def url(self, **changes: str | int | None) -> str:
        """The address of this list from its beginning, or of one beside it; None leaves a parameter out."""
        values: dict[str, Any] = {name: value for name, value in (self.params | changes).items() if value}
        return url_for("staff.requests.inbox", **values)

    @property
    def plain_url(self) -> str:
        """The address of the tab without filters."""
        return url_for("staff.requests.inbox", filter=self.tab)


def choices() -> Choices:
    """What each filter can be set to: value and label."""
    people = [(str(number), name) for number, name in desk() if number != gate.me().id]
    waiting = [(FIRST, "Waiting for it")]
    if clinic.site().remind_minutes:
        waiting.append((OVERDUE, "Overdue"))
    return {
        "filter": list(TABS.items()),
        "assigned": [(ME, "Me"), (NO_ONE, "Nobody"), *people],
        "treatment": [(treatment.slug, treatment.name) for treatment in clinic.site().treatments],
        "suspected": [("y", "Suspected only")],
        "waiting": waiting,
    }


def desk() -> list[tuple[int, str]]:
    """Who answers requests: number and name."""
    people = staff.everyone(db.session)
    return [(person.id, person.name) for person in people if person.active and staff.may(person.role, Area.REQUESTS)]


def _problems(typed: Mapping[str, str], offered: Choices) -> Iterator[tuple[str, str | None]]:
    unknown = {
        "filter": "There is no such list; this is what is to be done",
        "assigned": "Nobody who answers requests has this number",
        "treatment": "The clinic has no such treatment",
        "suspected": "This box is ticked or it is not",
        "waiting": "A first contact is waited for or overdue",
    }
    for name, options in offered.items():
        yield name, unknown[name] if typed[name] and typed[name] not in dict(options) else None
    first, last = (_day(typed[name]) for name in ("from", "to"))
    for name, day in (("from", first), ("to", last)):
        yield name, f"“{typed[name][:40]}” is no date; write it as 2026-11-30" if typed[name] and day is None else None
    if first is not None and last is not None and last < first:
        yield "to", "This day lies before the first one"


def _day(typed: str) -> date | None:
    try:
        day = date.fromisoformat(typed)
    except ValueError:
        return None
    return day if 2000 <= day.year <= clinic.now().year + 10 else None


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), clinic.site().timezone).astimezone(UTC)


def _assigned(typed: str) -> int:
    named = {ME: gate.me().id, NO_ONE: NOBODY}
    return named[typed] if typed in named else int(typed)


def _uncontacted_since(typed: str) -> datetime:
    site, now = clinic.site(), clinic.now()
    return now if typed == FIRST else site.working_time.before(now, timedelta(minutes=site.remind_minutes))
