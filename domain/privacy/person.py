"""Who is meant: a person the site knows by an email address or by a phone number, and in no other way."""

from enum import StrEnum
from typing import NamedTuple

from domain import phones
from domain.phones import BadPhone
from domain.text import clean_line, is_email, normalise_email


class Kind(StrEnum):
    """By what a person is known."""

    EMAIL = "email"
    PHONE = "phone"


class Person(NamedTuple):
    """An address as `normalise_email` writes it, or a number as E.164."""

    kind: Kind
    value: str


class Unrecognised(Exception):
    """What was typed is neither an address nor a number that anyone could call."""


def recognise(typed: str) -> Person:
    """The person that is meant by an address or a number, in any writing of it. Raises Unrecognised."""
    line = clean_line(typed)
    if "@" in line:
        if not is_email(line):
            raise Unrecognised
        return Person(Kind.EMAIL, normalise_email(line))
    try:
        return Person(Kind.PHONE, phones.parse(line).e164)
    except BadPhone as error:
        raise Unrecognised from error
