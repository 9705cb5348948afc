"""The facts of site.toml: each value checked, or refused with its key and what is expected."""

import re
from collections.abc import Callable, Iterable, Mapping, Set
from datetime import time
from functools import partial
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from domain import phones, quiet_hours, routing, verification, working_time
from domain.phones import Phone
from domain.quiet_hours import BadQuietHours, QuietHours
from domain.routing import BadRule, Rule
from domain.settings import COMMENT_NUMBERS, PRIVACY_NUMBERS, REQUEST_NUMBERS, Address, Reviewer, Site, Treatment
from domain.text import MAX_EMAIL
from domain.verification import BadWord, Engine
from domain.working_time import DAYS, BadHoliday, BadHours, Holiday, Spans

ADDRESS_LINES = ("street", "area", "city", "postal_code")


class InvalidSetting(Exception):
    """A fact is of the wrong kind; says the key and what is expected."""

    def __init__(self, key: str, expected: str) -> None:
        super().__init__(f"{key}: expected {expected}")


def read_site(data: Mapping[str, Any]) -> Site:
    """The facts of a parsed site.toml; what it leaves out is as Site has it. Raises InvalidSetting for a wrong kind of value or
    an unknown key."""
    tables = {name: _table(data, name) for name in FACTS}
    _known("", data, {*FACTS, "reviewers", "treatments"})
    for name, table in tables.items():
        _known(f"{name}.", table, FACTS[name].keys())
    found: dict[str, Any] = {
        fact.field: fact.read(tables[name], f"{name}.{key}")
        for name, facts in FACTS.items()
        for key, fact in facts.items()
        if key in tables[name] or fact.is_needed
    }
    treatments = _treatments(data)
    routes = _routes(found.pop("routes", ()), {treatment.slug for treatment in treatments})
    return Site(treatments=treatments, reviewers=_reviewers(data), routes=routes, **found)


def _known(prefix: str, table: Mapping[str, Any], allowed: Set[str]) -> None:
    for key in table.keys() - allowed:
        raise InvalidSetting(f"{prefix}{key}", f"one of the known keys ({', '.join(sorted(allowed))})")


def _table(data: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    value = data.get(key, {})
    if not isinstance(value, Mapping):
        raise InvalidSetting(key, f"a table [{key}]")
    return value


def _text(table: Mapping[str, Any], key: str, *, required: bool = False) -> str | None:
    value = table.get(key.rsplit(".", 1)[1], "")
    if not isinstance(value, str) or (required and not value.strip()):
        raise InvalidSetting(key, "a text in quotes" + ("" if required else ', "" for none'))
    return value.strip() or None


def _switch(table: Mapping[str, Any], key: str) -> bool:
    value = table[key.rsplit(".", 1)[1]]
    if not isinstance(value, bool):
        raise InvalidSetting(key, "true or false")
    return value


def _number(table: Mapping[str, Any], key: str, default: int | None = None) -> int:
    name = key.rsplit(".", 1)[1]
    lowest, highest = (COMMENT_NUMBERS | REQUEST_NUMBERS | PRIVACY_NUMBERS)[name]
    value = table.get(name, default)
    if not isinstance(value, int) or isinstance(value, bool) or not lowest <= value <= highest:
        raise InvalidSetting(key, f"a whole number from {lowest} to {highest}")
    return value


_WORDS = 'a list of texts such as ["casino", "viagra"]'
_HOLIDAYS = 'a list such as ["2026-12-25 Quaid-e-Azam Day", "2027-03-20 to 2027-03-22 Eid ul-Fitr"]'


def _words(table: Mapping[str, Any], key: str, expected: str = _WORDS) -> tuple[str, ...]:
    value = table[key.rsplit(".", 1)[1]]
    if not isinstance(value, list) or not all(isinstance(word, str) and word.strip() for word in value):
        raise InvalidSetting(key, expected)
    return tuple(value)


def _quiet_hours(comments: Mapping[str, Any], key: str) -> QuietHours | None:
    try:
        return quiet_hours.read(_text(comments, key) or "")
    except BadQuietHours as error:
        raise InvalidSetting(key, 'a span such as "21:00-08:00", "" for none') from error


def _escalate_minutes(requests: Mapping[str, Any], key: str) -> int:
    minutes = _number(requests, key, Site.escalate_minutes)
    if 0 < minutes <= _number(requests, "requests.remind_minutes", Site.remind_minutes):
        raise InvalidSetting(key, "more than requests.remind_minutes, or 0 for never")
    return minutes


def _digest_at(requests: Mapping[str, Any], key: str) -> time | None:
    try:
        return working_time.read_clock(_text(requests, key) or "")
    except BadHours as error:
        raise InvalidSetting(key, 'a time such as "08:00", "" for no digest') from error


def _routes(lines: Iterable[str], slugs: Set[str]) -> tuple[Rule, ...]:
    try:
        return tuple(routing.read_rule(line, slugs) for line in lines)
    except BadRule as error:
        expected = 'a list such as ["unsure, open: desk@clinic.example"] with slugs of [[treatments]], or "any"'
        raise InvalidSetting("requests.routes", expected) from error


def _host(search: Mapping[str, Any], key: str) -> str | None:
    value = (_text(search, key) or "").lower()
    if value and not re.fullmatch(r"(?:[a-z0-9-]{1,63}\.)+[a-z0-9-]{1,63}", value):
        raise InvalidSetting(key, 'the host alone, such as "clinic.example"')
    return value or None


def _verification(engine: Engine, search: Mapping[str, Any], key: str) -> str:
    try:
        return verification.read(engine, _text(search, key) or "")
    except BadWord as error:
        raise InvalidSetting(key, f"what {engine.name.capitalize()} hands out for the element {engine}") from error


def _timezone(clinic: Mapping[str, Any], key: str) -> ZoneInfo:
    name = _text(clinic, key, required=True) or ""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise InvalidSetting(key, 'the name of a time zone such as "Asia/Karachi"') from error


def _email(clinic: Mapping[str, Any], key: str) -> str | None:
    value = _text(clinic, key)
    if value and not (re.fullmatch(r"[^@\s]+@[^@\s]+\.[^@\s]+", value) and len(value) <= MAX_EMAIL):
        raise InvalidSetting(key, "an email address")
    return value


def _phone(clinic: Mapping[str, Any], key: str) -> Phone | None:
    value = _text(clinic, key)
    try:
        return phones.parse(value) if value else None
    except phones.BadPhone as error:
        raise InvalidSetting(key, 'a phone number such as "051-2345678"') from error


def _address(clinic: Mapping[str, Any], key: str) -> Address:
    table = clinic["address"]
    if not isinstance(table, Mapping):
        raise InvalidSetting(key, f"a table [{key}]")
    _known(f"{key}.", table, set(ADDRESS_LINES))
    values = {line: _text(table, f"{key}.{line}", required=line in {"street", "city"}) or "" for line in ADDRESS_LINES}
    return Address(**values)


def _opening(clinic: Mapping[str, Any], key: str) -> dict[str, Spans]:
    table = clinic["hours"]
    if not isinstance(table, Mapping):
        raise InvalidSetting(key, f"a table [{key}]")
    _known(f"{key}.", table, set(DAYS))
    return {day: spans for day in DAYS if (spans := _spans(table, f"{key}.{day}"))}


def _spans(table: Mapping[str, Any], key: str) -> Spans:
    try:
        return working_time.read_spans(_text(table, key) or "")
    except BadHours as error:
        raise InvalidSetting(key, f'{_HOURS[error.code]} such as "09:00-13:00, 14:00-17:00", or "closed"') from error


_HOURS = {"shape": "spans", "order": "spans that end after their start", "overlap": "spans that do not overlap"}


def _holidays(clinic: Mapping[str, Any], key: str) -> tuple[Holiday, ...]:
    try:
        return working_time.read_holidays(_words(clinic, key, _HOLIDAYS))
    except BadHoliday as error:
        raise InvalidSetting(key, _HOLIDAYS) from error


def _is_text(value: object) -> bool:
    return isinstance(value, str) and bool(value.strip())


def _treatments(data: Mapping[str, Any]) -> tuple[Treatment, ...]:
    rows = data.get("treatments", [])
    if not isinstance(rows, list) or not rows:
        raise InvalidSetting("treatments", "at least one [[treatments]] with slug and name")
    found = []
    for number, row in enumerate(rows):
        key = f"treatments[{number}]"
        if not isinstance(row, Mapping) or set(row) != {"slug", "name"} or not all(_is_text(v) for v in row.values()):
            raise InvalidSetting(key, "a slug and a name, both texts")
        if not re.fullmatch(r"[a-z0-9-]{1,60}", row["slug"]):
            raise InvalidSetting(f"{key}.slug", "lower-case letters, digits and hyphens")
        found.append(Treatment(row["slug"], row["name"]))
    if len({treatment.slug for treatment in found}) < len(found):
        raise InvalidSetting("treatments", "slugs that differ from each other")
    return tuple(found)


def _reviewers(data: Mapping[str, Any]) -> tuple[Reviewer, ...]:
    rows = data.get("reviewers", [])
    if not isinstance(rows, list):
        raise InvalidSetting("reviewers", "tables [[reviewers]]")
    found = []
    for number, row in enumerate(rows):
        key = f"reviewers[{number}]"
        given = set(row) if isinstance(row, Mapping) else set()
        if not {"id", "name", "credential", "specialty"} <= given <= set(Reviewer._fields) or not all(map(_is_text, row.values())):
            raise InvalidSetting(key, "id, name, credential and specialty, perhaps url, all texts")
        if not re.fullmatch(r"[a-z0-9-]{1,60}", row["id"]):
            raise InvalidSetting(f"{key}.id", "lower-case letters, digits and hyphens")
        if "url" in row and not re.fullmatch(r"https://[^\s\"<>]+", row["url"]):
            raise InvalidSetting(f"{key}.url", "an address that begins with https://")
        found.append(Reviewer(**{name: value.strip() for name, value in row.items()}))
    if len({reviewer.id for reviewer in found}) < len(found):
        raise InvalidSetting("reviewers", "ids that differ from each other")
    return tuple(found)


class Fact(NamedTuple):
    """A key of site.toml: the field of Site it fills, how its value is read, and whether that is done where it is not given."""

    field: str
    read: Callable[[Mapping[str, Any], str], Any]
    is_needed: bool = False


_named = partial(_text, required=True)
FACTS: Mapping[str, Mapping[str, Fact]] = {
    "clinic": {
        "name": Fact("name", _named, True),
        "city": Fact("city", _named, True),
        "timezone": Fact("timezone", _timezone, True),
        "email": Fact("email", _email),
        "phone": Fact("phone", _phone),
        "whatsapp": Fact("whatsapp", _phone),
        "emergency_number": Fact("emergency_number", _text),
        "licence": Fact("licence", _text),
        "address": Fact("address", _address),
        "hours": Fact("opening", _opening),
        "holidays": Fact("holidays", _holidays),
    },
    "content": {"generic_names": Fact("generic_names", _switch)},
    "comments": {
        "website_field": Fact("website_field", _switch),
        "open": Fact("comments_open", _switch),
        "newest_first": Fact("comments_newest_first", _switch),
        "depth": Fact("comment_depth", _number),
        "page_size": Fact("comment_page_size", _number),
        "close_after_days": Fact("comments_close_after_days", _number),
        "pause_seconds": Fact("comment_pause_seconds", _number),
        "per_network": Fact("comments_per_network", _number),
        "moderation_words": Fact("moderation_words", _words),
        "disallowed_words": Fact("disallowed_words", _words),
        "hold_links": Fact("comment_hold_links", _number),
        "trust_authors": Fact("trust_authors", _switch),
        "mail_minutes": Fact("comment_mail_minutes", _number),
        "quiet_hours": Fact("quiet_hours", _quiet_hours),
    },
    "staff": {"second_factor_required": Fact("second_factor_required", _switch)},
    "requests": {
        "remind_minutes": Fact("remind_minutes", _number),
        # It must fit the other one, which may be given alone.
        "escalate_minutes": Fact("escalate_minutes", _escalate_minutes, True),
        "digest_at": Fact("digest_at", _digest_at),
        "routes": Fact("routes", _words),
        "minimal_mail": Fact("minimal_mail", _switch),
    },
    "search": {
        "live_host": Fact("live_host", _host),
        "google_verification": Fact("google_verification", partial(_verification, Engine.GOOGLE)),
        "bing_verification": Fact("bing_verification", partial(_verification, Engine.BING)),
    },
    "privacy": {name: Fact(f"keep_{name}", _number) for name in PRIVACY_NUMBERS},
}
"""Each table of site.toml with its keys, beside the lists [[treatments]] and [[reviewers]]."""
