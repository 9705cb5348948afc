"""Phone numbers as people in Pakistan write them, kept as E.164 and shown in international form."""

import unicodedata
from dataclasses import dataclass
from urllib.parse import quote

import phonenumbers

REGION = "PK"
MAX_PHONE = 40


class BadPhone(Exception):
    """What was typed cannot be a phone number that anyone could call."""


@dataclass(frozen=True)
class Phone:
    """A callable number: E.164 ("+923001234567") and the form to show ("+92 300 1234567")."""

    e164: str
    display: str

    @property
    def tel(self) -> str:
        """Link that dials (RFC 3966)."""
        return f"tel:{self.e164}"

    def chat(self, text: str) -> str:
        """Link that opens a WhatsApp chat in which a text stands ready to be sent; the number without its plus."""
        return f"https://wa.me/{self.e164.lstrip('+')}?text={quote(text, safe='')}"


def parse(raw: str) -> Phone:
    """Reads 0300-1234567, +92 300 1234567, 0092…, 92300…, 051-…, UAN and foreign +… numbers, Urdu and Arabic digits too.

    Raises BadPhone when no such number can exist.
    """
    digits = "".join(_plain(c) for c in raw)
    if any(c.isalpha() for c in digits):
        raise BadPhone
    if digits.lstrip(" (").startswith("92") and len(_only_digits(digits)) in (11, 12):
        digits = "+" + digits.lstrip(" (")
    try:
        number = phonenumbers.parse(digits, REGION)
    except phonenumbers.NumberParseException as error:
        raise BadPhone from error
    if number.extension or not phonenumbers.is_possible_number(number) or not _callable(number):
        raise BadPhone
    return from_e164(phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164))


def from_e164(e164: str) -> Phone:
    """The stored form back as a Phone."""
    number = phonenumbers.parse(e164, None)
    return Phone(e164, phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.INTERNATIONAL))


def plain_digits(text: str) -> str:
    """A text with the digits of every script, Urdu's and Arabic's among them, as 0 to 9."""
    return "".join(c if (digit := unicodedata.digit(c, None)) is None or not c.isdecimal() else str(digit) for c in text)


def _callable(number: phonenumbers.PhoneNumber) -> bool:
    # Ranges are given out before the metadata knows them: at home the shape of a mobile number counts, abroad the length.
    national = str(number.national_number)
    home = number.country_code == phonenumbers.country_code_for_region(REGION)
    return phonenumbers.is_valid_number(number) or not home or (len(national) == 10 and national.startswith("3"))


def _plain(c: str) -> str:
    digit = unicodedata.digit(c, None)
    if digit is not None:
        return str(digit)
    return " " if c.isspace() or unicodedata.category(c) in {"Pd", "Cf", "Zs"} else c


def _only_digits(value: str) -> str:
    return "".join(c for c in value if c.isdigit())
