"""Codes of the domain in the words people read, on pages and in mail."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from domain.attribution import DIRECT
from domain.consultations import BestTime, ContactBy
from domain.reviews import Need
from domain.traffic import OTHERS

THE_SITE = "the site"
"""Who did what nobody was signed in for: the dispatcher, a command."""
CONTACT = {ContactBy.PHONE: "Phone call", ContactBy.WHATSAPP: "WhatsApp", ContactBy.EMAIL: "Email"}
BEST_TIME = {
    BestTime.ANY: "Any time",
    BestTime.MORNING: "Morning",
    BestTime.AFTERNOON: "Afternoon",
    BestTime.EVENING: "Evening",
}
REASONS = {
    "honeypot": "filled in a field that people do not see",
    "cross-site": "sent from another website",
    "staff-name": "a name that looks like the clinic's or that of somebody who works here",
    "edited": "changed by its author",
    "blocked-address": "from an address that is blocked",
    "blocked-host": "from a mail host that is blocked",
    "blocked-network": "from a network that is blocked",
    "phone": "a phone number",
    "email": "an email address",
    "cnic": "a CNIC number",
    "dose": "a medicine with its dose",
    "amended": "edited by the clinic",
    "redacted": "personal details removed",
    "many-from-network": "many requests from the same network",
    "short-address": "a web address that hides where it leads",
    "link-markup": "code for a link",
    "other-script": "written in a script that is rare here",
    "name-address": "a web address for a name",
    "name-keyword": "a name out of advertising",
    "disposable-mail": "an email address that is thrown away",
    "praise": "praise that fits any page",
    "off-topic": "not a word in common with the article",
    "like-spam": "reads like what was marked as spam",
}
COUNTED_REASONS = {
    "repeated": ("much the same text a minute before", "much the same text {} minutes before"),
    "disguised": ("a word in letters that only look Latin", "{} words in letters that only look Latin"),
    "address-in-spam": ("another comment of this address is spam", "{} comments of this address are spam"),
    "network-in-spam": ("a comment from this network is spam", "{} comments from this network are spam"),
    "typed-in": ("typed within a second", "typed within {} seconds"),
    "rate": ("one comment from this network within the hour", "{} comments from this network within the hour"),
    "like-spam": ("", "reads like what was marked as spam ({} %)"),
}
"""Reasons with a number, for one and for more."""
KINDS_OF_REASONS = {
    "links": "links",
    "seen": "words seen in spam",
    "repeated": "much the same text as before",
    "word": "a word to look at",
    "disallowed": "a disallowed word",
    "disguised": "letters that only look Latin",
    "typed-in": "typed within seconds",
    "rate": "many comments from one network",
    "address-in-spam": "from an address whose comments are spam",
    "network-in-spam": "from a network whose comments are spam",
    **REASONS,
}
"""Every reason without what it is based on, to choose from."""


def reason(code: str) -> str:
    """A verdict's reason ("links:3", "honeypot") as a person says it."""
    name, _, number = code.partition(":")
    if name == "links":
        return f"{number} link{'' if number == '1' else 's'}"
    if name == "seen":
        spam, good, word = number.split(":", 2)
        return f"“{word}” seen in {spam} spam, {good} good"
    if number and name in COUNTED_REASONS:
        one, many = COUNTED_REASONS[name]
        return (one if number == "1" else many).format(number)
    if name in {"word", "disallowed"}:
        return f"the {'disallowed ' if name == 'disallowed' else ''}word “{number}”"
    return REASONS.get(code, code)


HELD = {
    "comments": "comments",
    "requests": "requests",
    "mails": "messages in the outbox",
    "readers": "addresses that asked for mail",
    "blocks": "blocks",
    "sign_ins": "refused sign-ins",
}
"""What there is of a person, by the fields of domain.privacy.Counts."""
SOURCES = {DIRECT: "Direct, or not known", OTHERS: "Many others"}


def source(code: str) -> str:
    """Where visits came from, as a person says it; hosts and campaigns stand as they are."""
    return SOURCES.get(code, code if "." in code else code[:1].upper() + code[1:])


def spell(waited: timedelta, is_working: bool) -> str:
    """How long somebody has waited ("45 working minutes", "3 hours"), in working time or by the clock on the wall."""
    kind = "working " if is_working else ""
    minutes = int(waited / timedelta(minutes=1))
    if minutes < 120:
        return number(minutes, f"{kind}minute")
    return number(minutes // 60, f"{kind}hour")


def duration(length: timedelta) -> str:
    """A length of time in a few characters: "45 min", "2 h 30 min", "26 h"."""
    hours, minutes = divmod(round(length / timedelta(minutes=1)), 60)
    if hours == 0:
        return f"{minutes} min"
    return f"{hours} h {minutes} min" if minutes and hours < 24 else f"{hours} h"


def number(count: int, unit: str) -> str:
    """A count with its unit: "1 minute", "2 minutes"."""
    return f"{count:,} {unit}{'' if count == 1 else 's'}"


def clock(moment: datetime, zone: ZoneInfo) -> str:
    """A time of the day with whose it is ("13:00 Karachi time"): who reads it may be anywhere."""
    return f"{moment.astimezone(zone):%H:%M} {zone.key.rpartition('/')[2].replace('_', ' ')} time"


REVIEW = {
    Need.CHANGED: "changed since it was signed",
    Need.UNNAMED: "signed by somebody who is not in site.toml",
    Need.OVERDUE: "review overdue",
    Need.SOON: "review due soon",
}
"""Why a text is to be read again."""
