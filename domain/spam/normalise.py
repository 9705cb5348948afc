"""Text as the filter reads it: one writing for all that looks alike, without what nobody sees."""

import html
import re
import unicodedata

from domain.text import LOOKALIKES

MAX_READ = 10_000
"""Characters that are read of a text; more is only ever padding, since forms let half of it pass."""
_TAG = re.compile(r"<[^<>]{0,500}>")
_FOREIGN = re.compile(r"[^\W\d_]*[\u0370-\u03ff\u0400-\u052f][^\W\d_]*")
"""A word with a Greek or Cyrillic letter."""
_SPACED = re.compile(r"(?<!\S)(?:[^\W\d_] ){3,}[^\W\d_](?!\S)")
"""Letters one by one, as in "s p a m"."""
_ALONE = b"\1" * 4
_LETTERS_ONLY = {code: letter for code, letter in LOOKALIKES.items() if not chr(code).isdigit()}


def plain(text: str) -> str:
    """NFKC on one line, character references and tags resolved, invisible characters gone, look-alike letters made Latin.

    Case stays. A word of another script that does not become Latin as a whole stays as it is.
    """
    text = _TAG.sub(" ", html.unescape(html.unescape(text[:MAX_READ])))
    text = unicodedata.normalize("NFKC", text)
    if not text.isascii():
        text = "".join(c for c in text if unicodedata.category(c) != "Cf")
        text = _FOREIGN.sub(lambda match: _latin(match.group()), text)
    words = text.split()
    text = " ".join(words)
    # Few texts have as many letters alone in a row, and the pattern is slow.
    if _ALONE not in bytes([min(2, len(word)) for word in words]):
        return text
    return _SPACED.sub(lambda match: match.group().replace(" ", ""), text)


def disguised(text: str) -> int:
    """How many words mix Latin letters with Greek or Cyrillic ones that look like them."""
    if text.isascii():
        return 0
    words = _FOREIGN.findall(unicodedata.normalize("NFKC", text[:MAX_READ]))
    return sum(any(c.isascii() for c in word) and _latin(word).isascii() for word in words)


def _latin(word: str) -> str:
    latin = "".join(_one(c) for c in word)
    return latin if latin.isascii() else word


def _one(c: str) -> str:
    small = c.lower()
    latin = small.translate(_LETTERS_ONLY)
    return latin.upper() if c != small else latin
