"""What part of the moderation queue somebody looks at, as its address and its forms carry it."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any

from flask import url_for
from werkzeug.datastructures import MultiDict

import clinic
from blueprints.staff.rows import row_id
from domain.comments import Filter, Record, Seen, Status
from domain.text import clean_line
from web import words

TABS = {Status.HELD: "Held", Status.APPROVED: "Approved", Status.SPAM: "Spam", Status.TRASH: "Trash"}


AGES = {"today": "Today", "week": "Last 7 days", "month": "Last 30 days"}
DAYS = {"week": 7, "month": 30}
RECORDS = {
    Record.FIRST: "First from this address",
    Record.APPROVED: "Approved before",
    Record.REJECTED: "Spam or trash before",
}
MAX_SEARCH = 200


@dataclass(frozen=True)
class View:
    """A tab, its filters and a page of it. What an address has wrong is as if it were not there."""

    tab: Status
    before: int | None
    article: str | None
    age: str | None
    reason: str | None
    record: str | None
    q: str | None

    @classmethod
    def read(cls, values: MultiDict[str, str]) -> "View":
        """From a query string or a form."""
        tab = next((status for status in TABS if status.value == values.get("tab")), Status.HELD)
        article = clinic.library().by_id(values.get("article", ""))
        age, reason, record = values.get("age"), values.get("reason"), values.get("record")
        return cls(
            tab,
            values.get("before", type=row_id),
            article.id if article is not None else None,
            age if age in AGES else None,
            reason if reason in words.KINDS_OF_REASONS else None,
            record if record in set(RECORDS) else None,
            clean_line(values.get("q", ""))[:MAX_SEARCH].strip() or None,
        )

    @property
    def params(self) -> dict[str, str]:
        """What brings one back to this view; the page's forms repeat it as hidden fields."""
        values = {name: str(getattr(self, name) or "") for name in ("before", "article", "age", "reason", "record", "q")}
        return {"tab": self.tab.value} | {name: value for name, value in values.items() if value}

    @property
    def is_filtered(self) -> bool:
        """Whether not every comment of the tab is wanted."""
        return self.only != Filter()

    @cached_property
    def only(self) -> Filter:
        """The filters as the domain takes them; "today" began at midnight where the clinic is."""
        record = Record(self.record) if self.record is not None else None
        return Filter(self.article, self._since(), self.reason, record, self.q)

    def _since(self) -> datetime | None:
        if self.age is None:
            return None
        if self.age in DAYS:
            return clinic.now() - timedelta(days=DAYS[self.age])
        return clinic.now().astimezone(clinic.site().timezone).replace(hour=0, minute=0, second=0, microsecond=0)

    def url(self, **changes: str | int | None) -> str:
        """The address of this view, or of one beside it; None leaves a parameter out."""
        values: dict[str, Any] = {name: value for name, value in (self.params | changes).items() if value}
        return url_for("staff.comments.queue", **values)


def seen(typed: str) -> Seen | None:
    """What a form says was shown ("held.1"); None when it says nothing that can be understood."""
    status, _, revision = typed.partition(".")
    try:
        return Seen(Status(status), row_id(revision) if revision else None)
    except ValueError:
        return None


def ticked(values: Iterable[str], tab: Status) -> dict[int, Seen | None]:
    """The comments that were ticked ("12.1": number and revision), as they were shown; what is no such thing is left out."""
    found: dict[int, Seen | None] = {}
    for value in values:
        number, _, revision = value.partition(".")
        try:
            found[row_id(number)] = Seen(tab, row_id(revision))
        except ValueError:
            continue
    return found


def choices() -> dict[str, list[tuple[str, str]]]:
    """What each filter can be set to: value and label."""
    articles = [(item.id, item.title) for item in clinic.library().public(clinic.now())]
    records = [(record.value, label) for record, label in RECORDS.items()]
    return {"article": articles, "age": list(AGES.items()), "reason": list(words.KINDS_OF_REASONS.items()), "record": records}
