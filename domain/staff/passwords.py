"""Passwords: which are taken, and their hashes (NIST SP 800-63B: length and a list of common ones, no composition rules)."""

import re
from collections.abc import Iterable
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

MIN_PASSWORD = 12
MAX_PASSWORD = 256
LETTERS_LEFT = 6
"""So many letters must be left of a password once all that is commonly used is taken out of it."""

_ROWS = ("qwertyuiop", "asdfghjkl", "zxcvbnm", "1234567890", "abcdefghijklmnopqrstuvwxyz")
_LEET = str.maketrans("@4310$5!7", "aaeiossit")
_COMMON = [
    "password",
    "passwort",
    "passw",
    "admin",
    "administrator",
    "welcome",
    "letmein",
    "login",
    "master",
    "secret",
    "changeme",
    "iloveyou",
    "loveyou",
    "love",
    "sunshine",
    "princess",
    "monkey",
    "dragon",
    "football",
    "baseball",
    "superman",
    "batman",
    "pokemon",
    "michael",
    "jordan",
    "ashley",
    "charlie",
    "daniel",
    "thomas",
    "jessica",
    "shadow",
    "hello",
    "freedom",
    "whatever",
    "trustno",
    "starwars",
    "computer",
    "internet",
    "samsung",
    "google",
    "facebook",
    "summer",
    "winter",
    "spring",
    "autumn",
    "pakistan",
    "islamabad",
    "karachi",
    "lahore",
    "rawalpindi",
    "muhammad",
    "mohammad",
    "allah",
    "bismillah",
    "khan",
    "clinic",
    "doctor",
    "dynamic",
    "botox",
    "staff",
    "owner",
]


def password_fault(password: str, person_words: Iterable[str]) -> str | None:
    """Why a password is refused ("short", "long", "guessable"), or None; `person_words` are those an attacker tries first."""
    if len(password) < MIN_PASSWORD:
        return "short"
    if len(password) > MAX_PASSWORD:
        return "long"
    plain = password.casefold()
    words = [word.casefold() for word in person_words if len(word) > 3]
    is_common = all(_letters_left(writing, words) < LETTERS_LEFT for writing in (plain, plain.translate(_LEET)))
    return "guessable" if len(set(plain)) < 5 or is_common else None


def _letters_left(plain: str, words: Iterable[str]) -> int:
    """Different letters that are in no common word, word of the person, keyboard row or number."""
    for word in sorted((*words, *_COMMON), key=len, reverse=True):
        plain = plain.replace(word, " ")
    for row in _ROWS:
        for run in _runs(row):
            plain = plain.replace(run, " ")
    return len(set(re.findall(r"[^\W\d_]", plain)))


@cache
def _runs(row: str) -> tuple[str, ...]:
    """Pieces of a keyboard row of at least four keys, either way, longest first."""
    ways = (row, row[::-1])
    return tuple(way[i : i + n] for n in range(len(row), 3, -1) for way in ways for i in range(len(row) - n + 1))


def hash_password(password: str) -> str:
    """The argon2id hash to store; slow on purpose, so make it before a write transaction begins."""
    return _hasher().hash(password)


def matches(stored: str | None, password: str) -> bool:
    """Whether this is the password behind a hash; without one, False after the same work."""
    try:
        return _hasher().verify(stored or _dummy_hash(), password) and stored is not None
    except (VerificationError, InvalidHashError):
        return False


def wants_rehash(stored: str) -> bool:
    """Whether a hash was made with other parameters than today's."""
    return _hasher().check_needs_rehash(stored)


@cache
def _hasher() -> PasswordHasher:
    # argon2id with the parameters of RFC 9106 section 4, second recommended option, at one lane.
    return PasswordHasher(time_cost=3, memory_cost=65536, parallelism=1)


@cache
def _dummy_hash() -> str:
    return _hasher().hash("nobody has this password")
