"""What somebody looks for among the requests: words, a reference, or a phone number in any writing and by any end of it."""

import re
from collections.abc import Iterator

from domain import phones, search
from domain.search import Phrase, Term, Word

SHORTEST = 4
"""Fewer digits of a number are a plain word: too many numbers have them."""
_REFERENCE = re.compile(r"\bDC\s?[-\N{NON-BREAKING HYPHEN}\N{EN DASH}]?\s?(?=[0-9A-Z]{4,7}\b)", re.IGNORECASE)
_NUMBER = re.compile(r"\+?\(?\d(?:[\s().\-/]{0,3}\d)+")


def terms(typed: str) -> list[Term]:
    """What is searched for, as the index of requests holds it (see the migration that made it)."""
    # A reference is one word; another digit than 0 to 9, as of Urdu, is written as one of those.
    text = _REFERENCE.sub("DC", phones.plain_digits(typed))
    found: list[Term] = []
    end = 0
    for number in _NUMBER.finditer(text):
        if _is_part_of_a_word(text, number):
            continue
        found += search.terms(text[end : number.start()])
        found.append(_number(number.group()))
        end = number.end()
    return (found + search.terms(text[end:]))[: search.MAX_WORDS]


def _is_part_of_a_word(text: str, number: re.Match[str]) -> bool:
    around = text[max(0, number.start() - 1) : number.start()] + text[number.end() : number.end() + 1]
    return any(character.isalnum() or character in "@_" for character in around)


def _number(typed: str) -> Term:
    """The words as they stand, and where there are digits enough, numbers that begin or end so."""
    return [search.words(typed), *_numbers(typed)]


def _numbers(typed: str) -> Iterator[Phrase]:
    digits = "".join(character for character in typed if character.isdigit()).lstrip("0")
    if len(digits) < SHORTEST:
        return
    yield [Word(digits[: search.MAX_WORD])]
    yield [Word(_backwards(digits))]
    try:
        whole = phones.parse(typed[: phones.MAX_PHONE]).e164.removeprefix("+")
    except phones.BadPhone:
        return
    # Where another writing has digits that are not dialled, as in +92 (0)300.
    if whole != digits:
        yield [Word(_backwards(whole))]


def _backwards(digits: str) -> str:
    return f"x{digits[::-1]}"[: search.MAX_WORD]
