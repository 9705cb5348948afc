"""The words by which search engines see that a site is its owner's, as they hand them out."""

import re
from enum import StrEnum

MAX_TYPED = 300
"""Characters of what may be typed: a whole meta element."""
_ELEMENT = re.compile(r"<meta\b[^>]*\bcontent\s*=\s*[\"']?([^\"'\s>]+)", re.IGNORECASE)


class Engine(StrEnum):
    """Who asks; the value is the name of the meta element on the home page."""

    GOOGLE = "google-site-verification"
    BING = "msvalidate.01"


_SHAPES = {
    # Google hands out 43 characters of base64url, Bing 32 hexadecimal ones; neither promises the length.
    Engine.GOOGLE: re.compile(r"[A-Za-z0-9_-]{20,100}={0,2}"),
    Engine.BING: re.compile(r"[0-9A-Fa-f]{16,64}"),
}


class BadWord(Exception):
    """This is not what that search engine hands out."""


def read(engine: Engine, typed: str) -> str:
    """The word alone, from itself or from the whole meta element; empty for nothing. Raises BadWord."""
    text = typed.strip()
    element = _ELEMENT.match(text)
    word = element.group(1) if element else text
    if word and not _SHAPES[engine].fullmatch(word):
        raise BadWord
    return word
