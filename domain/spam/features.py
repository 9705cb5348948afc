"""What the learner counts in a text: words, pairs of words, signs, and a few facts about the whole."""

import math
import re
import zlib
from collections.abc import Iterator
from enum import StrEnum
from typing import NamedTuple

from domain.spam.normalise import plain

BUCKETS = 1 << 18
"""Features share this many counters: what is kept has a bound, whatever people write (4 MB on SQLite, 18 MB on PostgreSQL)."""
MAX_WORDS = 300
"""Of a longer text the first and the last half of this many are read; what wants to be found stands there."""
_LINK = re.compile(
    r"(?:https?://|www\.)[^\s<>\"]+"
    r"|(?<![\w@.-])[\w-]{1,63}(?:\.[\w-]{1,63}){0,5}"
    r"\.(?:com|net|org|info|tv|ly|be|co|in|de|biz|me|ru|io|pk|shop|online|site|xyz|top|club)\b(?:/\S*)?",
    re.IGNORECASE,
)
_HOST = re.compile(r"(?:https?://)?(?:www\.)?([\w.-]+)", re.IGNORECASE)
_PIECE = re.compile(r"\x01|[^\W_]+(?:'[^\W_]+)*|[^\w\s]")
_CALLS = re.compile(
    r"\b(?:check(?:ing)? (?:\w{1,30} ){0,2}out|subscri\w*|subs?|channel|upload\w*|click|visit|download|promo\w*|giveaway"
    r"|my (?:\w{1,30} )?(?:channel|videos?|page|songs?|covers?|music|profile|blog|website|site)|follow (?:me|us)|sign up"
    r"|join (?:us|me|our)|add me|whatsapp|make money|earn|per (?:day|hour|week|month)|free|work from home|donat\w*"
    r"|please (?:like|share|help|check|subscribe|watch|take)|like (?:us|this comment|this page)|share this|vote (?:for|me))\b",
    re.IGNORECASE,
)
"""Calls of advertising in comments anywhere; how many different ones a text has is one feature, which the learner weighs."""


class Kind(StrEnum):
    """Groups of features; each is weighed by itself."""

    WORD = "word"
    PAIR = "pair"
    SIGN = "sign"
    WHOLE = "whole"


class Feature(NamedTuple):
    """One thing that a text has; `word` is what a person may read of it. Only the number of its bucket is ever stored."""

    kind: Kind
    word: str
    bucket: int
    """Its counter, the same in every process."""

    @classmethod
    def of(cls, kind: Kind, word: str) -> "Feature":
        """With the bucket that follows."""
        return cls(kind, word, zlib.crc32(f"{kind.value} {word}".encode()) % BUCKETS)


def features(text: str) -> list[Feature]:
    """The features of a text, each once, in the order of the text.

    Nothing with an @, no word with a digit and no path of a web address is one, so that addresses, numbers, dates and names
    of accounts are not.
    """
    read = plain(text)
    links = _LINK.findall(read)
    low = _LINK.sub(" \x01 ", read).lower().replace("\u2019", "'")
    pieces = _ends(list(_pieces(low)))
    words = [piece for piece in pieces if piece == "\x01" or piece[0].isalnum()]
    named = ["(link)" if word == "\x01" else word for word in words]
    found = [Feature.of(Kind.WORD, word) for word in named]
    found += [Feature.of(Kind.PAIR, f"{one} {other}") for one, other in zip(["^", *named], [*named, "$"], strict=True)]
    found += [Feature.of(Kind.SIGN, piece) for piece in pieces if piece != "\x01" and not piece[0].isalnum()]
    found += [Feature.of(Kind.WORD, host) for host in map(_host, links[:MAX_WORDS]) if host]
    return list(dict.fromkeys([*found, *_whole(read, low, len(words), len(links))]))


def _pieces(low: str) -> Iterator[str]:
    for chunk in low.split():
        if "@" not in chunk:
            yield from (piece for piece in _PIECE.findall(chunk) if piece.isalpha() or not any(map(str.isdigit, piece)))


def _ends(pieces: list[str]) -> list[str]:
    half = MAX_WORDS // 2
    return pieces if len(pieces) <= MAX_WORDS else [*pieces[:half], *pieces[-half:]]


def _host(link: str) -> str:
    """The host of a web address, as a word; none where it has digits, as what names somebody often does."""
    match = _HOST.match(link.lower())
    host = match.group(1).strip(".") if match else ""
    return "" if any(c.isdigit() for c in host) or "@" in link else host


def _whole(read: str, low: str, words: int, links: int) -> list[Feature]:
    letters = sum(map(str.isalpha, read))
    capitals = sum(map(str.isupper, read)) * 4 // (letters + 1)
    digits = min(3, int(math.log2(1 + sum(map(str.isdigit, read)))))
    calls = min(4, len({match.group()[:5] for match in _CALLS.finditer(low)}))
    facts = (f"links {min(3, links)}", f"length {int(math.log2(words + 1))}", f"capitals {capitals}", f"digits {digits}")
    return [Feature.of(Kind.WHOLE, fact) for fact in (*facts, f"calls {calls}")]
