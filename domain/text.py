"""What typed text may hold and how it becomes safe HTML; titles, initials, excerpts of text."""

import re
import unicodedata
from html import escape
from urllib.parse import urlsplit

from email_validator import EmailNotValidError, validate_email

MAX_NAME = 100
MAX_EMAIL = 254
MAX_TEXT = 5000
MAX_URL = 200
MAX_TITLE = 65
"""Longest <title> that search results show whole (house rule, no published limit)."""

# Bidirectional overrides and isolates (UAX #9), used to make text read as something else than it is.
_BIDI_CONTROLS = dict.fromkeys([0x200E, 0x200F, 0x061C, *range(0x202A, 0x202F), *range(0x2066, 0x206A)])
_INVISIBLE = dict.fromkeys([0x200B, 0x2060, 0xFEFF, 0x00AD, 0x180E])
_CONTROLS = dict.fromkeys([*range(0x20), *range(0x7F, 0xA0)], " ")
"""All characters of the category Cc."""
_CONTROLS_IN_TEXT = {code: space for code, space in _CONTROLS.items() if chr(code) not in "\n\t"}
_NONCHARACTERS = dict.fromkeys(
    [*range(0xFDD0, 0xFDF0), *(plane + last for plane in range(0, 0x110000, 0x10000) for last in (0xFFFE, 0xFFFF))]
)
"""Code points that are never a character (Unicode, 23.7); two of them make XML 1.0 unreadable."""
_NOT_IN_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""All but its production Char (2.2)."""
_URL = re.compile(r"https?://[^\s<>\"'`\u200b\ufeff]+", re.IGNORECASE)
_TRAILING = ".,:;!?*_~"


def clean_line(value: str) -> str:
    """One line of text: NFC, no control or bidi-control characters, white space folded and trimmed."""
    return " ".join(_without(_CONTROLS, value).translate(_BIDI_CONTROLS).translate(_INVISIBLE).split())


def clean_text(value: str) -> str:
    """Paragraph text: NFC, line ends as \\n, no control characters but newline and tab, trimmed, one empty line at a time.

    Bidi marks stay, since Urdu typed with English needs them; they are isolated where the text is shown.
    """
    clean = _without(_CONTROLS_IN_TEXT, value.replace("\r\n", "\n").replace("\r", "\n")).strip()
    return re.sub(r"\n[ \t]*(?:\n[ \t]*)+", "\n\n", clean)


def _without(controls: dict[int, str], value: str) -> str:
    # Lone surrogates have no UTF-8 form and no database takes NUL.
    value = value.encode("utf-8", "replace").decode("utf-8")
    return unicodedata.normalize("NFC", value.translate(_NONCHARACTERS)).translate(controls)


def for_xml(document: str) -> str:
    """An XML document without the characters that make all of it unreadable; texts older than `clean_text` may hold some."""
    return _NOT_IN_XML.sub("", document)


def comparable(value: str) -> str:
    """A form in which two writings of the same text are equal: NFKC, case and white space folded."""
    return " ".join(unicodedata.normalize("NFKC", value).casefold().split())


LOOKALIKES = str.maketrans(
    "\u0430\u0435\u043e\u0440\u0441\u0443\u0445\u0456\u0458\u0455\u04bb\u0501\u051b\u051d\u0432\u043a\u043c\u043d\u0442\u03b1\u03b5\u03b9\u03bf\u03c1\u03c5\u03bd\u03ba\u03c4\u0131\u026140135",
    "aeopcyxijshdqwbkmhtaeiopuvktigaoles",
)
"""Letters of other scripts, and digits, that look like Latin letters (the common ones of Unicode TS #39's confusables)."""


def skeleton(name: str) -> str:
    """What a name looks like: two names that a reader may take for one another have the same skeleton."""
    plain = unicodedata.normalize("NFKD", comparable(name))
    letters = "".join(c for c in plain if not unicodedata.combining(c)).translate(LOOKALIKES)
    return "".join(c for c in letters if c.isalnum())


def is_email(value: str) -> bool:
    """Whether the syntax is that of a mailable address (RFC 5321, internationalised ones included); asks no server."""
    try:
        validate_email(value, check_deliverability=False, allow_smtputf8=True)
    except EmailNotValidError:
        return False
    return len(value) <= MAX_EMAIL


def normalise_email(value: str) -> str:
    """The form in which addresses are compared, counted and written to: NFC, trimmed, lower case.

    Not `comparable`: folding makes strauß@ the address of somebody else, and some letters longer than their column.
    """
    return unicodedata.normalize("NFC", value).strip().lower()


def paragraphs(value: str) -> str:
    """Plain text as HTML: blank lines make paragraphs, single ones <br>, web addresses become links, all else escaped."""
    blocks = [block.strip("\n") for block in re.split(r"\n\s*\n", value) if block.strip()]
    return "\n".join(f'<p dir="auto">{"<br>".join(_autolink(line) for line in block.split(chr(10)))}</p>' for block in blocks)


def links(value: str) -> list[str]:
    """The web addresses in a text, as they would be linked, plus bare www. and [url] writings."""
    low = value.lower()
    # Patterns without regard to case are slow, and most texts have no address.
    found = [_trim_url(match.group()) for match in _URL.finditer(value)] if "://" in low else []
    if "www." in low or "[url" in low:
        found += re.findall(r"(?<![\w/.])www\.[\w-]+\.\w+|\[url[=\]]", value, re.IGNORECASE)
    return found


def _autolink(line: str) -> str:
    out, position = [], 0
    for match in _URL.finditer(line):
        url = _trim_url(match.group())
        if web_address(url) is None:
            continue
        out.append(escape(line[position : match.start()]))
        out.append(f'<a href="{escape(url)}" dir="ltr" rel="ugc nofollow noopener">{escape(url)}</a>')
        position = match.start() + len(url)
    out.append(escape(line[position:]))
    return "".join(out)


def _trim_url(url: str) -> str:
    while url:
        if url[-1] in _TRAILING or (url[-1] in ")]}" and url.count(url[-1]) > url.count({")": "(", "]": "[", "}": "{"}[url[-1]])):
            url = url[:-1]
        else:
            break
    return url


def web_address(value: str) -> str | None:
    """The address when it is an http(s) URL with a host and without credentials, else None."""
    try:
        parts = urlsplit(value)
        _ = parts.port
    except ValueError:
        return None
    if parts.scheme.lower() not in {"http", "https"} or not parts.hostname or parts.username is not None:
        return None
    if any(unicodedata.category(c)[0] in "CZ" for c in value) or "\\" in value or len(value) > 2000:
        return None
    return value


def initials(name: str) -> str:
    """Up to two letters for the circle beside a comment; empty when the name has no letters."""
    words = [word for word in (next((c for c in part if c.isalpha()), "") for part in name.split()) if word]
    letters = words[:1] + (words[-1:] if len(words) > 1 else [])
    return "".join(letter.upper()[:1] for letter in letters)


def title_with_site(title: str, site_name: str) -> str:
    """A <title>: the page's own, followed by the site's name only where both fit in MAX_TITLE."""
    full = f"{title} | {site_name}"
    return full if len(full) <= MAX_TITLE else title
