"""Where a visit began, as the browser tells: a page of ours, the host of another site, the utm_ words of a link.

No cookie and no number of a person goes with it, and whatever in it could be one (an address, a phone number, the id that
an advertisement gives each click) is left out. The names of the utm_ words are those that every campaign tool uses.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Self
from urllib.parse import urlsplit

from domain.text import clean_line

MAX_VALUE = 100
MAX_SOURCE = 40
DIRECT = "direct"
"""The source of a visit that names none: typed, from a bookmark, or from a program that hides it."""
_UTM = ("utm_source", "utm_medium", "utm_campaign", "utm_term", "utm_content")
_PERSONAL = re.compile(r"@|%40")
_DIGIT = re.compile(r"\d")
MOST_DIGITS = 8
"""A date has so many; a phone number has more."""
_CLICK_ID = re.compile(r"(?=[^\W_]*\d)[^\W_]{20,}")
_HOST = re.compile(r"[\w-]+(\.[\w-]+)+")
_NOT_IN_A_SOURCE = re.compile(r"[^\w.& -]+")
_OF_MANY_HOSTS = {
    "google": ("google",),
    "bing": ("bing.com",),
    "duckduckgo": ("duckduckgo.com",),
    "yahoo": ("yahoo",),
    "facebook": ("facebook.com", "fb.com", "fb.me"),
    "instagram": ("instagram.com",),
    "whatsapp": ("whatsapp.com", "wa.me"),
    "linkedin": ("linkedin.com", "lnkd.in"),
    "youtube": ("youtube.com", "youtu.be"),
    "x": ("x.com", "twitter.com", "t.co"),
    "chatgpt": ("chatgpt.com", "openai.com"),
}
"""Sites that people come from under several hosts, with the ends of those hosts or, without a dot, one of their labels."""


@dataclass(frozen=True)
class FirstTouch:
    """What is known of the beginning of a visit; "" stands for what is not."""

    landing: str = ""
    referrer: str = ""
    utm_source: str = ""
    utm_medium: str = ""
    utm_campaign: str = ""
    utm_term: str = ""
    utm_content: str = ""

    @classmethod
    def of(cls, told: Mapping[str, str], *, landing: str, own_host: str) -> Self:
        """What a browser told, cleaned. `landing` is the path of a page of ours, or ""; `own_host` is no referrer."""
        host = _host(told.get("referrer", ""))
        words = {name: _harmless(told.get(name, "")) for name in _UTM}
        return cls(landing=landing[:MAX_VALUE], referrer="" if host == _host(own_host) else host, **words)

    @property
    def source(self) -> str:
        """The one word it is counted under: what the link said, else the site the visitor came from, else DIRECT."""
        named = _NOT_IN_A_SOURCE.sub("", self.utm_source.lower()).strip()[:MAX_SOURCE].rstrip()
        return _site(named or self.referrer) or DIRECT


NOTHING_KNOWN = FirstTouch()
FIELDS = tuple(field.name for field in fields(FirstTouch))
"""The names under which a request keeps it."""


def _harmless(value: str) -> str:
    line = clean_line(value)[:MAX_VALUE].strip()
    is_personal = _PERSONAL.search(line) or len(_DIGIT.findall(line)) > MOST_DIGITS or _CLICK_ID.search(line)
    return "" if is_personal else line


def _host(value: str) -> str:
    """The host of an address or a bare host, without the parts that say nothing; "" for what is none."""
    address = value if "//" in value else f"//{value}"
    try:
        host = (urlsplit(address).hostname or "").rstrip(".")
    except ValueError:
        return ""
    for label in ("www.", "m.", "l.", "lm."):
        host = host.removeprefix(label)
    return _harmless(host) if _HOST.fullmatch(host) else ""


def _site(host: str) -> str:
    labels = host.split(".")
    for name, ends in _OF_MANY_HOSTS.items():
        for end in ends:
            if end in labels[:-1] if "." not in end else f".{host}".endswith(f".{end}"):
                return name
    return host[:MAX_SOURCE]
