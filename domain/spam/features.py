"""What the learner counts in a text: words, pairs of words, signs, and a few facts about the whole."""

import math
import re
import unicodedata
import zlib
from collections.abc import Iterable, Iterator
from enum import StrEnum
from typing import NamedTuple

from domain.spam.normalise import plain

BUCKETS = 1 << 18
"""Features share this many counters: what is kept has a bound, whatever people write (4 MB on SQLite, 18 MB on PostgreSQL)."""
MAX_WORDS = 300
"""Of a longer text the first and the last half of this many are read; what wants to be found stands there."""
LINK = "(link)"
"""Stands for a web address among the words."""
_LINK = re.compile(
    r"(?:https?://|www\.)[^\s<>\"]+"
    r"|(?<![\w@.-])[\w-]{1,63}(?:\.[\w-]{1,63}){0,5}"
    r"\.(?:com|net|org|info|tv|ly|be|co|in|de|biz|me|ru|io|pk|shop|online|site|xyz|top|club)\b(?:/\S*)?",
    re.IGNORECASE,
)
_HOST = re.compile(r"(?:https?://)?(?:www\.)?([\w.-]+)", re.IGNORECASE)
_PIECE = re.compile(r"[^\W_]+(?:'[^\W_]+)*|[^\w\s]")
_MARK = "\x01"
"""Stands for a web address in the text."""
_CALLS = re.compile(
    r"\b(?=[acdefgjlmpsuvw])"
    r"(?:check(?:ing)? (?:\w{1,30} ){0,2}out|subscri\w*|subs?|channel|upload\w*|click|visit|download|promo\w*|giveaway"
    r"|my (?:\w{1,30} )?(?:channel|videos?|page|songs?|covers?|music|profile|blog|website|site)|follow (?:me|us)|sign up"
    r"|join (?:us|me|our)|add me|whatsapp|make money|earn|per (?:day|hour|week|month)|free|work from home|donat\w*"
    r"|please (?:like|share|help|check|subscribe|watch|take)|like (?:us|this comment|this page)|share this|vote (?:for|me))\b"
)
"""Calls of advertising in comments anywhere, in small letters; how many different ones a text has, with how many web addresses,
is one feature, which the learner weighs. The first letters are looked at first: it is four times as fast."""
_LENGTHS = ("", "one digit", "two digits", "three digits", "more digits")


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


_SEEDS = {kind: zlib.crc32(f"{kind.value} ".encode()) for kind in Kind}


def features(text: str) -> list[Feature]:
    """The features of a text, each once, in the order of the text.

    Nothing with an @, no digit and no path of a web address is in one, so that addresses, numbers, dates and names of accounts
    are not; of a number only how long it is, and whether it is of money.
    """
    chunks = _ends(plain(text).split())
    facts = _capitals_and_digits(chunks)
    links: list[str] = []
    for place, chunk in enumerate(chunks):
        # Most words cannot have one, and the pattern is slow.
        if "." in chunk or ":" in chunk:
            links += _LINK.findall(chunk)
            chunks[place] = _LINK.sub(f" {_MARK} ", chunk)
    low = " ".join(chunks).lower().replace("\u2019", "'")
    chunks = low.split()
    pieces = _ends(list(_pieces(chunks)))
    words = [LINK if piece == _MARK else piece for piece in pieces if piece == _MARK or piece[0].isalnum()]
    pairs = [f"{one} {other}" for one, other in zip(["^", *words], [*words, "$"], strict=True)]
    signs = [piece for piece in pieces if piece != _MARK and not piece[0].isalnum()]
    calls = min(4, len({match.group()[:5] for match in _CALLS.finditer(low)}))
    more = [*_numbers(chunks), *filter(None, map(_host, links))]
    return [
        *_each(Kind.WORD, [*words, *more]),
        *_each(Kind.PAIR, pairs),
        *_each(Kind.SIGN, signs),
        *_each(Kind.WHOLE, [f"links {min(3, len(links))} calls {calls}", f"length {int(math.log2(len(words) + 1))}", *facts]),
    ]


def _each(kind: Kind, words: Iterable[str]) -> list[Feature]:
    seed = _SEEDS[kind]
    return [Feature(kind, word, zlib.crc32(word.encode(), seed) % BUCKETS) for word in dict.fromkeys(words)]


def _pieces(chunks: Iterable[str]) -> Iterator[str]:
    """Words, signs and marks; no word with a digit."""
    for chunk in chunks:
        if chunk.isalpha() or chunk == _MARK:
            yield chunk
        elif "@" not in chunk:
            yield from (piece for piece in _PIECE.findall(chunk) if piece.isalpha() or not any(map(str.isdigit, piece)))


def _numbers(chunks: Iterable[str]) -> Iterator[str]:
    """How long each number is, and what it counts: "(three digits of money)"."""
    for chunk in chunks:
        if not chunk.isalpha() and "@" not in chunk and (digits := sum(map(str.isdigit, chunk))):
            is_money = any(unicodedata.category(c) == "Sc" for c in chunk)
            yield f"({_LENGTHS[min(4, digits)]}{' of money' if is_money else ''}{' per cent' if '%' in chunk else ''})"


def _ends(pieces: list[str]) -> list[str]:
    half = MAX_WORDS // 2
    return pieces if len(pieces) <= MAX_WORDS else [*pieces[:half], *pieces[-half:]]


def _host(link: str) -> str:
    """The host of a web address, as a word; none where it has digits, as what names somebody often does."""
    match = _HOST.match(link.lower())
    host = match.group(1).strip(".") if match else ""
    return "" if any(c.isdigit() for c in host) or "@" in link else host


def _capitals_and_digits(chunks: Iterable[str]) -> tuple[str, str]:
    letters = capitals = digits = 0
    for chunk in chunks:
        if not chunk.islower():
            capitals += sum(map(str.isupper, chunk))
        if chunk.isalpha():
            letters += len(chunk)
        else:
            letters += sum(map(str.isalpha, chunk))
            digits += sum(map(str.isdigit, chunk))
    return f"capitals {capitals * 4 // (letters + 1)}", f"digits {min(3, int(math.log2(1 + digits)))}"
