"""Personal details in the text of a comment: phone numbers, addresses, CNIC numbers, a medicine with its dose.

A guess for a warning and a flag, never a refusal. Over our own cases, which were seen while the patterns were made (and so
flatter them): recall 0.92, precision 0.95 (tests/domain/personal_cases.py). Missed are numbers in words, foreign numbers without
a country code, and doses without a unit of medicines not listed here.
"""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

REMOVED = "[removed]"
REDACTED = "redacted"
"""The reason that says that staff removed details from a comment."""


class Kind(StrEnum):
    """What a passage seems to be; kept among the reasons of a comment."""

    CNIC = "cnic"
    EMAIL = "email"
    PHONE = "phone"
    DOSE = "dose"


@dataclass(frozen=True)
class Finding:
    """A passage text[start:end]."""

    kind: Kind
    start: int
    end: int


_GAP = r"[ .()\x00-]{0,3}"
"""What people put between the digits of a number."""
_AT = r"(?:@|\(at\)|\[at\])"
_DOT = r"(?:\.|\(dot\) ?|\[dot\] ?)"
_NUMBER = r"(?<![\w.,/+])(?:\d[\d.,/]* ?(?:-|to|se|سے) ?)?\d[\d.,٫/]*"
_FEW = r"(?:half|two|three|four|aadh[ia]|adh[ia]|ek|do|teen|ch[ae]+r|آدھی|ایک|دو|تین|چار)"
_UNIT = (
    r"(?:mgs?|mcgs?|[µμu]g|mls?|cc|i\.?u\.?|units?|"
    r"milli ?grams?|micro ?grams?|milli ?lit(?:er|re)s?|"
    r"یونٹس?|ملی ?گرام|مائیکرو ?گرام|ملی ?لیٹر|ایم ?جی|ایم ?ایل|آئی ?یو)"
)
_PIECE = (
    r"(?:tab(?:let|lt)?s?|pills?|cap(?:sule)?s?|drops|puffs?|gol[iy]+(?:a+n|o+n)?|qatr[ae]y?|"
    r"گولی|گولیاں|گولیوں|ٹیبلٹس?|کیپسول|قطرے)"
)
_MEDICINE = (
    r"(?:propranolol|inderal|topiramate|topamax|amitriptyline|tryptanol|sumatriptan|imigran|rizatriptan|panadol|paracetamol|"
    r"brufen|ibuprofen|ponstan|disprin|aspirin|naproxen|valproate|epival|flunarizine|sibelium|candesartan|gabapentin|pregabalin|"
    r"botox|پیناڈول|پونسٹان|انڈرال|بروفن|ٹوپامیکس)"
)
_NO_DOSE = r"(?! ?/ ?d?l\b)(?! (?:of )?(?:water|juice|milk|tea|coffee|pani|paani|doodh|پانی|دودھ|چائے))"
"""A laboratory value, or a drink."""

_PATTERNS: tuple[tuple[Kind, re.Pattern[str]], ...] = tuple(
    (kind, re.compile(pattern, re.IGNORECASE))
    for kind, pattern in (
        (Kind.CNIC, r"(?<![\w+-])\d{5}[- ]\d{7}[- ]\d(?![\w-])"),
        (Kind.CNIC, r"(?<![\w.+/-])[1-8]\d{12}(?![\w-])"),
        (Kind.EMAIL, rf"[\w.+%-]{{1,64}} ?{_AT} ?[\w-]{{1,63}}(?: ?{_DOT} ?[\w-]{{1,63}}){{0,5}} ?{_DOT}[^\W\d_]{{2,}}"),
        (Kind.EMAIL, r"[\w.+%-]{1,64} (?:at|@) [\w-]{1,63}(?: dot [\w-]{1,63}){0,5} dot [a-z]{2,}\b"),
        (Kind.EMAIL, r"[\w.+%-]{1,64} at (?:gmail|yahoo|hotmail|outlook|icloud)\.com\b"),
        # At home: mobile numbers in any grouping, with or without the country code.
        (Kind.PHONE, rf"(?<![\d.])\(?(?:(?:\+|00){_GAP}92{_GAP}0?|92{_GAP}0?|0){_GAP}3(?:{_GAP}\d){{9}}(?![\d])"),
        (Kind.PHONE, r"(?<![\w.+/-])3\d{2}[ -]?\d{7}(?![\w-])"),
        # A UAN, a toll-free number, and fixed lines, which begin with 0 and have ten or eleven digits.
        (Kind.PHONE, r"(?<![\w.+-])(?:\(?0\d{2}\)?[ -])?111[ -]\d{3}[ -]\d{3}(?![\d-])"),
        (Kind.PHONE, r"(?<![\w.+-])0[89]00[ -]?\d{3}[ -]?\d{2}(?!\d)"),
        (Kind.PHONE, rf"(?<![\w.+/-])(?!\d{{1,2}}[./-]\d{{1,2}}[./-]\d)\(?0[1-9](?:{_GAP}\d){{8,9}}(?!{_GAP}\d)"),
        # Elsewhere: a country code, or the grouping of North America.
        (Kind.PHONE, rf"(?<![\w+])(?:\+|00(?=[1-9]))(?:{_GAP}\d){{8,15}}(?!\d)"),
        (Kind.PHONE, r"(?<![\w.-])(?:\(\d{3}\) ?\d{3}[- .]\d{4}|\d{3}[-.]\d{3}[-.]\d{4})(?![\w-])"),
        (Kind.DOSE, rf"(?:\b{_MEDICINE} )?{_NUMBER} ?-?{_UNIT}(?!\w){_NO_DOSE}"),
        (Kind.DOSE, rf"(?<![\w.,]){_NUMBER} ?{_PIECE}(?!\w)"),
        (Kind.DOSE, rf"\b{_FEW} {_PIECE}(?!\w)"),
        (
            Kind.DOSE,
            rf"\b{_MEDICINE} ?-?\d{{2,4}}(?![\w%])(?! (?:%|days?|weeks?|months?|years?|times|percent|people|women|patients|din))",
        ),
    )
)
_BLANKED = re.compile(r"\b10\.\d{4,9}/\S+|https?://(?!\S*(?:wa\.me|whatsapp|tel))\S+|\bISBN[ :-]*[\d-]{10,17}", re.IGNORECASE)
"""Sources and addresses of pages are full of digits that reach nobody."""


def findings(text: str) -> list[Finding]:
    """The passages that seem to be personal details, in the order of the text, none inside another."""
    plain = _BLANKED.sub(lambda match: "\x01" * len(match.group()), text if text.isascii() else "".join(map(_plain, text)))
    taken: list[Finding] = []
    for finding in _matches(plain):
        if all(finding.end <= other.start or other.end <= finding.start for other in taken):
            taken.append(finding)
    return sorted(taken, key=lambda finding: finding.start)


def kinds(text: str) -> list[str]:
    """The kinds of findings as reasons, each once."""
    return list(dict.fromkeys(finding.kind.value for finding in findings(text)))


def redacted(text: str) -> str:
    """The text with REMOVED in the place of each finding."""
    for finding in reversed(findings(text)):
        text = text[: finding.start] + REMOVED + text[finding.end :]
    return text


def _matches(plain: str) -> Iterator[Finding]:
    for kind, pattern in _PATTERNS:
        for match in pattern.finditer(plain):
            found = match.group()
            start = match.start() + len(found) - len(found.lstrip(" \x00"))
            yield Finding(kind, start, match.start() + len(found.rstrip(" .,;\x00")))


def _plain(c: str) -> str:
    """One character for one, so that places stay: digits of other scripts, dashes, spaces, marks that nobody sees."""
    digit = unicodedata.digit(c, None) if not c.isascii() and unicodedata.category(c) == "Nd" else None
    if digit is not None:
        return str(digit)
    category = "" if c.isascii() else unicodedata.category(c)
    return {"Pd": "-", "Zs": " ", "Cf": "\x00"}.get(category, c)
