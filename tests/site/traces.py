"""Whether a text gives a person away: their address, number or network, a part of it, another writing of it, or a hash of it."""

import base64
import hashlib
import html
import re
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import quote, unquote

HASHES = ("md5", "sha1", "sha256", "sha512", "blake2b")
SEPARATORS = re.compile(r"[\s().\-\u2010-\u2015\u00a0]+")


@dataclass(frozen=True)
class Known:
    """What is known of the people in a test, and must not be read off anything public."""

    emails: tuple[str, ...]
    phones: tuple[str, ...]
    networks: tuple[str, ...]
    marks: tuple[str, ...] = ()
    """The keyed fingerprints that the rows hold; even they are nobody's business."""


def found_in(text: str, known: Known) -> list[str]:
    """What of it a text gives away, in words for the failure of a test."""
    plain = html.unescape(unquote(text))
    lower = f"{text}\n{plain}".lower()
    digits = "".join(str(int(sign)) if sign.isdecimal() else sign for sign in SEPARATORS.sub("", plain))
    found = [f"{value} as it is" for value in _readable(known) if value.lower() in lower]
    found += [f"the digits of {value}" for value in known.phones for part in _digits(value) if part in digits]
    found += [f"{name} of {value!r}" for value in _hashed(known) for name, form in _hashes(value) if form in text or form in lower]
    return found


def _readable(known: Known) -> Iterator[str]:
    for address in known.emails:
        local, _, host = address.partition("@")
        yield from (
            address,
            quote(address, safe=""),
            local,
            host,
            local.replace(".", ""),
            base64.b64encode(address.encode()).decode(),
        )
    yield from known.marks
    for address in known.networks:
        yield from (address, address.rpartition(".")[0])


def _digits(e164: str) -> tuple[str, str]:
    """With and without the country's code, which is 92 here; as people write it at home the second is a part of it."""
    return e164.lstrip("+"), e164.removeprefix("+92")


def _hashed(known: Known) -> Iterator[str]:
    for address in known.emails:
        yield from {address, address.lower(), address.upper(), f" {address} ", address.partition("@")[0]}
    for number in known.phones:
        yield from (number, *_digits(number), f"0{_digits(number)[1]}")
    for address in known.networks:
        yield from (address, f"{address.rpartition('.')[0]}.0/24")


def _hashes(value: str) -> Iterator[tuple[str, str]]:
    for name in HASHES:
        digest = hashlib.new(name, value.encode()).digest()
        yield name, digest.hex()
        yield f"{name}, shortened,", digest.hex()[:16]
        for encode in (base64.b64encode, base64.urlsafe_b64encode, base64.b32encode):
            yield f"{name} in {encode.__name__}", encode(digest).decode().rstrip("=")
