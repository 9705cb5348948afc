"""The forms in which a page is answered: the encodings a browser takes (RFC 9110, 12.5.3), their bytes, entity tags and headers."""

import gzip
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

import brotli

Headers = list[tuple[str, str]]
Answer = tuple[str, Headers, bytes]
"""Status line, headers, body."""
IDENTITY = "identity"
ENCODINGS = ("br", "gzip", IDENTITY)
"""In the order in which we like them. Zstandard was measured and left out: larger than Brotli at the same effort."""
BROTLI_QUALITY = 6
"""For pages, which are made while somebody waits; 11 makes the article 15 % smaller in a hundred times the time."""
BEST = 11
"""For files that never change."""
SMALLEST = 500
"""Bytes below which compressing gains nothing."""
_NOT_COMPRESSED = ("image/png", "image/vnd.microsoft.icon", "image/x-icon")
MOST_HEADER = 1000
"""Characters of an Accept-Encoding that are read; browsers send about twenty."""


@dataclass(frozen=True, slots=True)
class Representation:
    """One body in one encoding, with its strong entity tag (quotes included)."""

    encoding: str
    body: bytes
    etag: str


def of(body: bytes, content_type: str, quality: int = BROTLI_QUALITY) -> dict[str, Representation]:
    """The representations of a body, by encoding; identity alone where compressing gains nothing."""
    digest = hashlib.sha256(body).hexdigest()[:20]
    made = {IDENTITY: body}
    if len(body) >= SMALLEST and not content_type.startswith(_NOT_COMPRESSED):
        made["br"] = brotli.compress(body, mode=brotli.MODE_TEXT, quality=quality)
        made["gzip"] = gzip.compress(body, 9 if quality == BEST else 6, mtime=0)
    return {name: Representation(name, data, f'"{digest}-{name}"') for name, data in made.items()}


@lru_cache(maxsize=256)
def choose(accepted: str) -> tuple[str, ...]:
    """The encodings of an Accept-Encoding, the best first; identity comes last even where it is refused: there is nothing else."""
    weights = dict(_weights(accepted))
    others = weights.get("*", 0.0)
    able = [name for name in ENCODINGS[:-1] if weights.get(name, others) > 0]
    plain = weights.get(IDENTITY, others if "*" in weights else 1.0)
    # A browser that names identity with more weight than the others means it; without a weight it only says what it can.
    ranked = sorted(able, key=lambda name: -weights.get(name, others))
    preferred = [name for name in ranked if IDENTITY not in weights or weights.get(name, others) >= plain]
    return (*preferred, IDENTITY)


def _weights(header: str) -> list[tuple[str, float]]:
    found = []
    for part in header.split(","):
        name, _, parameters = part.strip().lower().partition(";")
        name = {"x-gzip": "gzip"}.get(name.strip(), name.strip())
        key, _, value = parameters.partition("=")
        try:
            weight = float(value) if key.strip() == "q" else 1.0
        except ValueError:
            continue
        if name and 0 <= weight <= 1:
            found.append((name, weight))
    return found


def is_known(etag: str, if_none_match: str) -> bool:
    """Whether an If-None-Match names this tag: by the weak comparison, as RFC 9110 (13.1.2) asks."""
    if if_none_match == etag:
        return True
    tags = [tag.strip() for tag in if_none_match.split(",")]
    return tags == ["*"] or etag in {tag.removeprefix("W/") for tag in tags}


class Answers:
    """What a kept page is answered with: for each encoding its headers and its bytes, and for who has them already, 304."""

    def __init__(self, headers: Headers, forms: Mapping[str, Representation]) -> None:
        """`headers` are those of the answer that is kept; what depends on the encoding is written anew."""
        same = [row for row in headers if row[0].lower() not in {"content-length", "etag", "vary"}]
        self._forms = {name: (_headers(same, form), form) for name, form in forms.items()}

    @property
    def size(self) -> int:
        """Bytes of all bodies."""
        return sum(len(form.body) for _, form in self._forms.values())

    def give(self, method: str, accept_encoding: str, if_none_match: str | None) -> Answer:
        """Answers a GET or HEAD. Who asks for a part (Range) gets all, as RFC 9110 (14.2) allows."""
        # Cut before it is remembered: long ones must not fill the memory.
        for encoding in choose(accept_encoding[:MOST_HEADER]):
            if encoding in self._forms:
                break
        headers, form = self._forms[encoding]
        if if_none_match is not None and is_known(form.etag, if_none_match):
            return "304 Not Modified", [row for row in headers if not row[0].startswith("Content-")], b""
        return "200 OK", headers, b"" if method == "HEAD" else form.body


def _headers(same: Headers, form: Representation) -> Headers:
    own = [("ETag", form.etag), ("Vary", "Accept-Encoding"), ("Content-Length", str(len(form.body)))]
    return [*same, *own, *([] if form.encoding == IDENTITY else [("Content-Encoding", form.encoding)])]
