"""The facts of site.toml: each value checked, or refused with its key and what is expected."""

import re
from collections.abc import Mapping
from datetime import time
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from domain import phones, quiet_hours, routing, verification, working_time
from domain.periods import PERIODS
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
    """The facts of a parsed site.toml. Raises InvalidSetting for a wrong kind of value or an unknown key."""
    clinic, comments = _table(data, "clinic"), _table(data, "comments")
    tables = {"clinic", "comments", "content", "requests", "privacy", "reviewers", "search", "staff", "treatments"}
    _known("", data, tables)
    facts = {
        "name",
        "city",
        "timezone",
        "email",
        "phone",
        "whatsapp",
        "emergency_number",
        "licence",
        "address",
        "hours",
        "holidays",
    }
    _known("clinic.", clinic, facts)
    others = {"moderation_words", "disallowed_words", "trust_authors", "quiet_hours"}
    people = _table(data, "staff")
    requests = _table(data, "requests")
    _known("requests.", requests, {"digest_at", "routes", "minimal_mail", *REQUEST_NUMBERS})
    privacy = _table(data, "privacy")
    _known("privacy.", privacy, {*PRIVACY_NUMBERS})
    search = _table(data, "search")
    _known("search.", search, {"live_host", "google_verification", "bing_verification"})
    _known("staff.", people, {"second_factor_required"})
    _known("comments.", comments, {"website_field", "open", "newest_first", *others, *COMMENT_NUMBERS})
    texts = _table(data, "content")
    _known("content.", texts, {"generic_names"})
    periods: dict[str, Any] = {
        f"keep_{name}": _number(privacy, f"privacy.{name}", getattr(PERIODS, name)) for name in PRIVACY_NUMBERS
    }
    return Site(
        name=_text(clinic, "clinic.name", required=True) or "",
        city=_text(clinic, "clinic.city", required=True) or "",
        timezone=_timezone(clinic),
        email=_email(clinic),
        phone=_phone(clinic, "clinic.phone"),
        whatsapp=_phone(clinic, "clinic.whatsapp"),
        emergency_number=_text(clinic, "clinic.emergency_number"),
        licence=_text(clinic, "clinic.licence"),
        address=_address(clinic),
        opening=_opening(clinic),
        holidays=_holidays(clinic),
        treatments=_treatments(data),
        reviewers=_reviewers(data),
        generic_names=_switch(texts, "content.generic_names", False),
        website_field=_switch(comments, "comments.website_field", False),
        comments_open=_switch(comments, "comments.open", True),
        comments_newest_first=_switch(comments, "comments.newest_first", False),
        comment_depth=_number(comments, "comments.depth", 3),
        comment_page_size=_number(comments, "comments.page_size", 100),
        comments_close_after_days=_number(comments, "comments.close_after_days", 0),
        comment_pause_seconds=_number(comments, "comments.pause_seconds", 15),
        comments_per_network=_number(comments, "comments.per_network", 10),
        moderation_words=_words(comments, "comments.moderation_words"),
        disallowed_words=_words(comments, "comments.disallowed_words"),
        comment_hold_links=_number(comments, "comments.hold_links", 2),
        trust_authors=_switch(comments, "comments.trust_authors", False),
        comment_mail_minutes=_number(comments, "comments.mail_minutes", 15),
        quiet_hours=_quiet_hours(comments),
        second_factor_required=_switch(people, "staff.second_factor_required", False),
        remind_minutes=_number(requests, "requests.remind_minutes", 30),
        escalate_minutes=_escalate_minutes(requests),
        digest_at=_digest_at(requests),
        routes=_routes(data, requests),
        minimal_mail=_switch(requests, "requests.minimal_mail", False),
        live_host=_host(search),
        google_verification=_verification(search, "search.google_verification", Engine.GOOGLE),
        bing_verification=_verification(search, "search.bing_verification", Engine.BING),
        **periods,
    )


def _known(prefix: str, table: Mapping[str, Any], allowed: set[str]) -> None:
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


def _switch(table: Mapping[str, Any], key: str, default: bool) -> bool:
    value = table.get(key.rsplit(".", 1)[1], default)
    if not isinstance(value, bool):
        raise InvalidSetting(key, "true or false")
    return value


def _number(table: Mapping[str, Any], key: str, default: int) -> int:
    name = key.rsplit(".", 1)[1]
    lowest, highest = (COMMENT_NUMBERS | REQUEST_NUMBERS | PRIVACY_NUMBERS)[name]
    value = table.get(name, default)
    if not isinstance(value, int) or isinstance(value, bool) or not lowest <= value <= highest:
        raise InvalidSetting(key, f"a whole number from {lowest} to {highest}")
    return value


_WORDS = 'a list of texts such as ["casino", "viagra"]'
_HOLIDAYS = 'a list such as ["2026-12-25 Quaid-e-Azam Day", "2027-03-20 to 2027-03-22 Eid ul-Fitr"]'


def _words(table: Mapping[str, Any], key: str, expected: str = _WORDS) -> tuple[str, ...]:
    value = table.get(key.rsplit(".", 1)[1], [])
    if not isinstance(value, list) or not all(isinstance(word, str) and word.strip() for word in value):
        raise InvalidSetting(key, expected)
    return tuple(value)


def _quiet_hours(comments: Mapping[str, Any]) -> QuietHours | None:
    try:
        return quiet_hours.read(_text(comments, "comments.quiet_hours") or "")
    except BadQuietHours as error:
        raise InvalidSetting("comments.quiet_hours", 'a span such as "21:00-08:00", "" for none') from error


def _escalate_minutes(requests: Mapping[str, Any]) -> int:
    minutes = _number(requests, "requests.escalate_minutes", 120)
    if 0 < minutes <= _number(requests, "requests.remind_minutes", 30):
        raise InvalidSetting("requests.escalate_minutes", "more than requests.remind_minutes, or 0 for never")
    return minutes


def _digest_at(requests: Mapping[str, Any]) -> time | None:
    if "digest_at" not in requests:
        return Site.digest_at
    try:
        return working_time.read_clock(_text(requests, "requests.digest_at") or "")
    except BadHours as error:
        raise InvalidSetting("requests.digest_at", 'a time such as "08:00", "" for no digest') from error


def _routes(data: Mapping[str, Any], requests: Mapping[str, Any]) -> tuple[Rule, ...]:
    slugs = {treatment.slug for treatment in _treatments(data)}
    try:
        return tuple(routing.read_rule(line, slugs) for line in _words(requests, "requests.routes"))
    except BadRule as error:
        expected = 'a list such as ["unsure, open: desk@clinic.example"] with slugs of [[treatments]], or "any"'
        raise InvalidSetting("requests.routes", expected) from error


def _host(search: Mapping[str, Any]) -> str | None:
    value = (_text(search, "search.live_host") or "").lower()
    if value and not re.fullmatch(r"(?:[a-z0-9-]{1,63}\.)+[a-z0-9-]{1,63}", value):
        raise InvalidSetting("search.live_host", 'the host alone, such as "clinic.example"')
    return value or None


def _verification(search: Mapping[str, Any], key: str, engine: Engine) -> str:
    try:
        return verification.read(engine, _text(search, key) or "")
    except BadWord as error:
        raise InvalidSetting(key, f"what {engine.name.capitalize()} hands out for the element {engine}") from error


def _timezone(clinic: Mapping[str, Any]) -> ZoneInfo:
    name = _text(clinic, "clinic.timezone", required=True) or ""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise InvalidSetting("clinic.timezone", 'the name of a time zone such as "Asia/Karachi"') from error


def _email(clinic: Mapping[str, Any]) -> str | None:
    value = _text(clinic, "clinic.email")
    if value and not (re.fullmatch(r"[^@\s]+@[^@\s]+\.[^@\s]+", value) and len(value) <= MAX_EMAIL):
        raise InvalidSetting("clinic.email", "an email address")
    return value


def _phone(clinic: Mapping[str, Any], key: str) -> Phone | None:
    value = _text(clinic, key)
    try:
        return phones.parse(value) if value else None
    except phones.BadPhone as error:
        raise InvalidSetting(key, 'a phone number such as "051-2345678"') from error


def _address(clinic: Mapping[str, Any]) -> Address | None:
    table = clinic.get("address")
    if table is None:
        return None
    if not isinstance(table, Mapping):
        raise InvalidSetting("clinic.address", "a table [clinic.address]")
    _known("clinic.address.", table, set(ADDRESS_LINES))
    values = {key: _text(table, f"clinic.address.{key}", required=key in {"street", "city"}) or "" for key in ADDRESS_LINES}
    return Address(**values)


def _opening(clinic: Mapping[str, Any]) -> dict[str, Spans]:
    table = clinic.get("hours", {})
    if not isinstance(table, Mapping):
        raise InvalidSetting("clinic.hours", "a table [clinic.hours]")
    _known("clinic.hours.", table, set(DAYS))
    return {day: spans for day in DAYS if (spans := _spans(table, f"clinic.hours.{day}"))}


def _spans(table: Mapping[str, Any], key: str) -> Spans:
    try:
        return working_time.read_spans(_text(table, key) or "")
    except BadHours as error:
        raise InvalidSetting(key, f'{_HOURS[error.code]} such as "09:00-13:00, 14:00-17:00", or "closed"') from error


_HOURS = {"shape": "spans", "order": "spans that end after their start", "overlap": "spans that do not overlap"}


def _holidays(clinic: Mapping[str, Any]) -> tuple[Holiday, ...]:
    try:
        return working_time.read_holidays(_words(clinic, "clinic.holidays", _HOLIDAYS))
    except BadHoliday as error:
        raise InvalidSetting("clinic.holidays", _HOLIDAYS) from error


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
