"""What the clinic says about itself: facts of site.toml, checked, and the rows by which the owner changes some at run time."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, time
from functools import partial
from itertools import groupby
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, Session, mapped_column

from domain import orm, periods, phones, quiet_hours, routing, verification, working_time
from domain.orm import Base
from domain.periods import PERIODS, Periods
from domain.phones import Phone
from domain.quiet_hours import QuietHours
from domain.routing import Rule
from domain.verification import Engine
from domain.working_time import DAYS, Holiday, Spans, WorkingTime

COMMENT_NUMBERS = {
    "depth": (1, 10),
    "page_size": (10, 500),
    "close_after_days": (0, 3650),
    "pause_seconds": (0, 3600),
    "per_network": (1, 10000),
    "hold_links": (1, 100),
    "mail_minutes": (0, 1440),
}
"""Whole numbers of [comments] with the bounds they must keep."""
REQUEST_NUMBERS = {"remind_minutes": (0, 1440), "escalate_minutes": (0, 10080)}
"""Those of [requests]."""
PRIVACY_NUMBERS = periods.BOUNDS
"""Those of [privacy]."""


@dataclass(frozen=True)
class Address:
    """Where the clinic is; all that structured data and a letter need."""

    street: str
    city: str
    area: str = ""
    postal_code: str = ""

    @property
    def lines(self) -> list[str]:
        """The lines of a letter, empty ones left out."""
        return [line for line in (self.street, self.area, f"{self.city} {self.postal_code}".strip()) if line]


class Treatment(NamedTuple):
    """Something a visitor may ask about."""

    slug: str
    name: str


class Reviewer(NamedTuple):
    """A doctor who reviews what the site says: a real person, named with consent. `credential` is a registration number."""

    id: str
    name: str
    credential: str
    specialty: str
    url: str | None = None


def _run_of_days(days: list[str]) -> str:
    first, last = days[0].capitalize(), days[-1].capitalize()
    return first if len(days) == 1 else f"{first} and {last}" if len(days) == 2 else f"{first} to {last}"


@dataclass(frozen=True)
class Site:
    """The facts and defaults in force. What is None or empty is not shown anywhere."""

    name: str
    city: str
    timezone: ZoneInfo
    email: str | None = None
    phone: Phone | None = None
    whatsapp: Phone | None = None
    emergency_number: str | None = None
    licence: str | None = None
    address: Address | None = None
    opening: Mapping[str, Spans] = field(default_factory=dict)
    holidays: tuple[Holiday, ...] = ()
    treatments: tuple[Treatment, ...] = ()
    reviewers: tuple[Reviewer, ...] = ()
    generic_names: bool = False
    website_field: bool = False
    comments_open: bool = True
    comments_newest_first: bool = False
    comment_depth: int = 3
    comment_page_size: int = 100
    comments_close_after_days: int = 0
    comments_paused_until: datetime | None = None
    comment_pause_seconds: int = 15
    comments_per_network: int = 10
    moderation_words: tuple[str, ...] = ()
    disallowed_words: tuple[str, ...] = ()
    comment_hold_links: int = 2
    trust_authors: bool = False
    comment_mail_minutes: int = 15
    quiet_hours: QuietHours | None = None
    second_factor_required: bool = False
    remind_minutes: int = 30
    escalate_minutes: int = 120
    digest_at: time | None = time(8)
    recipients: tuple[str, ...] = ()
    routes: tuple[Rule, ...] = ()
    notice: str = ""
    minimal_mail: bool = False
    live_host: str | None = None
    google_verification: str = ""
    bing_verification: str = ""
    keep_request_months: int = PERIODS.request_months
    keep_comment_days: int = PERIODS.comment_days
    keep_spam_days: int = PERIODS.spam_days
    keep_network_days: int = PERIODS.network_days
    keep_audit_months: int = PERIODS.audit_months
    keep_notice_days: int = PERIODS.notice_days

    @property
    def hours(self) -> list[tuple[str, str]]:
        """Days that follow each other with equal hours ("Monday to Thursday", "Friday"), Monday first, each with
        "09:00-13:00, 14:00-17:00" or "closed"; empty when no hours are set."""
        if not self.opening:
            return []
        runs = [
            (hours, list(days)) for hours, days in groupby(DAYS, lambda day: working_time.write_spans(self.opening.get(day, ())))
        ]
        return [(_run_of_days(days), hours) for hours, days in runs]

    @property
    def week(self) -> list[list[list[str]]]:
        """The spans of seven days, Monday first, each as ["09:00", "13:00"]: what a browser says "open now" from."""
        return [[[f"{opens:%H:%M}", f"{closes:%H:%M}"] for opens, closes in self.opening.get(day, ())] for day in DAYS]

    @property
    def closed_days(self) -> list[list[str]]:
        """First and last days of the holidays, as ISO dates."""
        return [[holiday.first.isoformat(), holiday.last.isoformat()] for holiday in self.holidays]

    @property
    def working_time(self) -> WorkingTime:
        """Hours, holidays and zone together, to count working time with."""
        return WorkingTime(self.timezone, self.opening, self.holidays)

    @property
    def periods(self) -> Periods:
        """How long what people sent is kept."""
        return Periods(*(getattr(self, f"keep_{name}") for name in Periods._fields))

    @property
    def signature(self) -> str:
        """Who the site is, where it says so in one line."""
        return f"{self.name}, {self.city}"

    def is_live_on(self, host: str) -> bool:
        """Whether search engines may have the pages of this host: where a live host is named, that one alone."""
        return host == (self.live_host or host)

    def treatment_name(self, slug: str | None) -> str | None:
        """The name of a treatment; None for an unknown one."""
        return next((treatment.name for treatment in self.treatments if treatment.slug == slug), None)

    @property
    def unset(self) -> list[str]:
        """The facts that go-live needs and that nobody has given yet."""
        facts = {
            "address": self.address,
            "phone": self.phone,
            "WhatsApp number": self.whatsapp,
            "opening hours": self.opening,
            "public email address": self.email,
            "emergency number": self.emergency_number,
            "licence number": self.licence,
            "reviewing doctor": self.reviewers,
        }
        return [name for name, value in facts.items() if not value]


MAX_NOTICE = 200
"""Characters of the line that every public page can show."""
MAX_RECIPIENTS = 10
Value = bool | int | str | list[str] | None
"""What a row of the owner's settings can hold."""


def _phone(value: str | None) -> Phone | None:
    return phones.from_e164(value) if value else None


def _moment(value: str | None) -> datetime | None:
    return datetime.fromisoformat(value) if value else None


class Kept(NamedTuple):
    """How a value of Site is kept in a row: `read` makes it from what the row holds, `write` the other way round."""

    read: Callable[[Any], object]
    write: Callable[[Any], Value]


_SWITCH, _NUMBER = Kept(bool, bool), Kept(int, int)
_WORDS = Kept(tuple, list)
_PHONE = Kept(_phone, lambda phone: phone.e164 if phone else None)
RUNTIME: Mapping[str, Kept] = {
    "website_field": _SWITCH,
    "comments_open": _SWITCH,
    "comments_newest_first": _SWITCH,
    "comment_depth": _NUMBER,
    "comment_page_size": _NUMBER,
    "comments_close_after_days": _NUMBER,
    "comment_pause_seconds": _NUMBER,
    "comments_per_network": _NUMBER,
    "moderation_words": _WORDS,
    "disallowed_words": _WORDS,
    "comment_hold_links": _NUMBER,
    "trust_authors": _SWITCH,
    "comment_mail_minutes": _NUMBER,
    "quiet_hours": Kept(quiet_hours.read, quiet_hours.write),
    "second_factor_required": _SWITCH,
    "phone": _PHONE,
    "whatsapp": _PHONE,
    "opening": Kept(working_time.read_week, working_time.write_week),
    "holidays": Kept(working_time.read_holidays, lambda days: [working_time.write_holiday(day) for day in days]),
    "remind_minutes": _NUMBER,
    "escalate_minutes": _NUMBER,
    "digest_at": Kept(working_time.read_clock, working_time.write_clock),
    "notice": Kept(str, str),
    "recipients": _WORDS,
    "routes": Kept(routing.read_rules, lambda rules: [routing.write_rule(rule) for rule in rules]),
    "minimal_mail": _SWITCH,
    "google_verification": Kept(partial(verification.read, Engine.GOOGLE), str),
    "bing_verification": Kept(partial(verification.read, Engine.BING), str),
    **{f"keep_{name}": _NUMBER for name in PRIVACY_NUMBERS},
}
"""What the owner changes at run time: a field of Site, and how a row keeps it."""
SWITCHED: Mapping[str, Kept] = {"comments_paused_until": Kept(_moment, lambda moment: moment.isoformat() if moment else None)}
"""What staff switch elsewhere than in the owner's settings."""
_KEPT = {**RUNTIME, **SWITCHED}
SETTINGS = "settings"
"""What changes of settings name in `begin_write`: two must not both be the first to make a row."""


class Setting(Base):
    """A value the owner changed at run time; it wins over site.toml."""

    __tablename__ = "setting"

    key: Mapped[str] = mapped_column(sa.String(60), primary_key=True)
    value: Mapped[Any] = mapped_column(sa.JSON)
    changed_at: Mapped[datetime]
    changed_by: Mapped[int | None] = mapped_column(sa.ForeignKey("staff.id"))


def effective(session: Session, site: Site) -> Site:
    """site.toml's facts with the owner's rows over them."""
    rows = orm.reading(session).execute(_ROWS)
    # A key of another version of the site is none of ours.
    changed: dict[str, Any] = {key: _KEPT[key].read(value) for key, value in rows if key in _KEPT}
    return replace(site, **changed) if changed else site


_ROWS = sa.select(Setting.key, Setting.value)


def differing(site: Site, values: Mapping[str, Value]) -> list[str]:
    """The keys under which `values` has something else than the facts in force."""
    return [key for key, value in values.items() if value != _KEPT[key].write(getattr(site, key))]


def changes(session: Session) -> dict[str, tuple[datetime, int | None]]:
    """When and by whom which keys were changed last."""
    query = sa.select(Setting.key, Setting.changed_at, Setting.changed_by).order_by(Setting.key)
    return {key: (at, by) for key, at, by in session.execute(query)}


def change(session: Session, site: Site, values: Mapping[str, Value], now: datetime, by: int) -> list[str]:
    """Stores what differs from the facts in force; `values` has keys of RUNTIME or SWITCHED, each as its row keeps it.

    Returns the keys that changed. The caller has begun a write with SETTINGS, bumps the site version and commits.
    """
    changed = differing(site, values)
    for key in changed:
        session.merge(Setting(key=key, value=values[key], changed_at=now, changed_by=by))
    return changed
