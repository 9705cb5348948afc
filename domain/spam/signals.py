"""What speaks against a submission, whatever was learned: each signal is a small pure function with a weight.

Weights are log-odds, set by hand and not by any data; SPAM together is spam. What is not known weighs nothing.
"""

import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass

from domain.spam.normalise import disguised, plain
from domain.spam.submission import Submission

SPAM = 6.0
MAX_LINKS = 2
"""More web addresses than this make a comment spam, unless the owner lets pass as many; the number is named as a reason."""
TYPED_TOO_FAST = 60, 3
"""So many characters in less than so many seconds are typed by programs only: the fastest typists need twice as long."""
BUSY = 3
"""So many comments within an hour from one network are no reason to look yet: families and mobile networks share one."""
_SHORTENERS = re.compile(
    r"\b(?:bit\.ly|tinyurl\.com|goo\.gl|t\.co|is\.gd|ow\.ly|adf\.ly|cutt\.ly|rb\.gy|shorturl\.at|tiny\.cc)/", re.IGNORECASE
)
_LINK_MARKUP = re.compile(r"<a\s[^>]{0,300}href|\[link[=\]]|\]\(https?://", re.IGNORECASE)
_ADDRESS_NAME = re.compile(r"https?:|www\.|\w\.(?:com|net|org|info|biz|ru|pk|shop|online|site|xyz)\b", re.IGNORECASE)
_KEYWORD_NAME = re.compile(
    r"\b(?:seo|casino|poker|betting|loans?|viagra|cialis|crypto|bitcoin|forex|escorts?|cheap|discount|coupons?|buy|backlinks?"
    r"|web ?design|agency|marketing|hosting|essays?|replica)\b",
    re.IGNORECASE,
)
_DISPOSABLE = frozenset(
    {"10minutemail.com", "dispostable.com", "fakeinbox.com", "getnada.com", "guerrillamail.com", "maildrop.cc", "mailinator.com"}
    | {"mintemail.com", "moakt.com", "sharklasers.com", "temp-mail.org", "tempmail.com", "throwawaymail.com", "trashmail.com"}
    | {"yopmail.com"}
)
_PRAISE = re.compile(
    r"\b(?:(?:great|nice|good|awesome|amazing|wonderful|excellent|fantastic|informative|helpful) (?:post|article|blog|site|website"
    r"|content|information|info|share|sharing|write ?up|work)|thanks? (?:you )?for sharing|keep (?:it up|up the good work)"
    r"|book ?marked (?:your|this)|i (?:really )?(?:love|like|enjoy) (?:your|this) (?:blog|site|website|post))\b",
    re.IGNORECASE,
)
_HOME_SCRIPTS = ("LATIN", "ARABIC")
_WEB_ADDRESS = re.compile(r"(?:https?://|www\.)\S+", re.IGNORECASE)
_TAG = re.compile(r"<[^<>]{0,500}>")
_LONG_WORD = re.compile(r"[^\W\d_]{5,}")
_ENOUGH_WORDS = 4


@dataclass(frozen=True)
class Finding:
    """A reason as a code with its parameters ("links:3"), and how much it weighs."""

    code: str
    weight: float


def honeypot(it: Submission) -> Finding | None:
    """A field that people do not see was filled in."""
    return Finding("honeypot", SPAM) if it.signals.honeypot_filled else None


def cross_site(it: Submission) -> Finding | None:
    """The form was sent from another website."""
    return Finding("cross-site", 1.0) if it.signals.is_cross_site else None


def typing_time(it: Submission) -> Finding | None:
    """The text was typed faster than people type. Weak, since anybody can say anything here; web addresses are often pasted."""
    seconds, (length, least) = it.signals.typed_in, TYPED_TOO_FAST
    if seconds is None or seconds >= least or len(_WEB_ADDRESS.sub("", it.text)) < length:
        return None
    return Finding(f"typed-in:{seconds + 1}", 1.0)


def link_count(it: Submission) -> Finding | None:
    """Web addresses, and www. and [url] writings of them."""
    count = len(it.links)
    if not count:
        return None
    return Finding(f"links:{count}", SPAM if count > max(MAX_LINKS, it.hold_links) else float(min(count, 2)))


def short_address(it: Submission) -> Finding | None:
    """A web address that hides where it leads."""
    return Finding("short-address", 2.0) if "/" in it.text and _SHORTENERS.search(it.text) else None


def link_markup(it: Submission) -> Finding | None:
    """HTML or forum code for a link, which no field of ours asks for."""
    return Finding("link-markup", 3.0) if _LINK_MARKUP.search(it.text) else None


def repeated_text(it: Submission) -> Finding | None:
    """Much the same text came before."""
    return Finding(f"repeated:{it.repeated}", 2.0) if it.repeated is not None else None


def disguised_words(it: Submission) -> Finding | None:
    """Words with letters of another script that look like Latin ones."""
    count = disguised(f"{it.name} {it.text}")
    return Finding(f"disguised:{count}", min(4.0, 2.0 * count)) if count else None


def other_script(it: Submission) -> Finding | None:
    """Most letters are neither Latin nor Arabic (in which Urdu is written)."""
    if it.text.isascii():
        return None
    letters = [c for c in unicodedata.normalize("NFKC", it.text[:500]) if c.isalpha()]
    other = sum(not c.isascii() and not unicodedata.name(c, "LATIN").startswith(_HOME_SCRIPTS) for c in letters)
    return Finding("other-script", 2.0) if len(letters) > 5 and other * 2 > len(letters) else None


def telling_name(it: Submission) -> Finding | None:
    """A name that is a web address or a word of trade."""
    name = plain(it.name)
    if _ADDRESS_NAME.search(name):
        return Finding("name-address", 3.0)
    return Finding("name-keyword", 3.0) if _KEYWORD_NAME.search(name) else None


def disposable_mail(it: Submission) -> Finding | None:
    """An address at a host that gives them away for minutes."""
    return Finding("disposable-mail", 2.0) if it.email_key.rpartition("@")[2] in _DISPOSABLE else None


def address_in_spam(it: Submission) -> Finding | None:
    """The same address wrote what is spam now."""
    count = it.past.spam_of_address
    return Finding(f"address-in-spam:{count}", min(4.0, 2.0 + count)) if count else None


def network_in_spam(it: Submission) -> Finding | None:
    """What came from the same network is spam now; weak, since many share one."""
    count = it.past.spam_of_network
    return Finding(f"network-in-spam:{count}", min(3.0, 1.0 * count)) if count else None


def praise(it: Submission) -> Finding | None:
    """Praise that fits any page, with something to gain: a link or a name of trade."""
    has_aim = bool(it.links) or telling_name(it) is not None
    return Finding("praise", 2.0) if has_aim and _PRAISE.search(plain(it.text)) else None


def off_topic(it: Submission) -> Finding | None:
    """Not a word in common with what it is about, and something to gain. Alone it would speak against other languages."""
    if not it.about or not (it.links or telling_name(it)):
        return None
    own = _stems(_WEB_ADDRESS.sub(" ", plain(it.text)))
    return Finding("off-topic", 1.0) if len(own) >= _ENOUGH_WORDS and not own & _stems(_TAG.sub(" ", it.about)) else None


def posting_rate(it: Submission) -> Finding | None:
    """More comments within the hour from one network than people write."""
    count = it.past.within_hour
    return Finding(f"rate:{count}", min(3.0, 0.5 * (count - BUSY))) if count > BUSY else None


SIGNALS: tuple[Callable[[Submission], Finding | None], ...] = (
    honeypot,
    cross_site,
    typing_time,
    link_count,
    short_address,
    link_markup,
    repeated_text,
    disguised_words,
    other_script,
    telling_name,
    disposable_mail,
    address_in_spam,
    network_in_spam,
    praise,
    off_topic,
    posting_rate,
)
REASONS = frozenset(
    {"honeypot", "cross-site", "typed-in", "links", "short-address", "link-markup", "repeated", "disguised", "other-script"}
    | {"name-address", "name-keyword", "disposable-mail", "address-in-spam", "network-in-spam", "praise", "off-topic", "rate"}
    | {"seen", "like-spam"}
)
"""Names of the filter's reasons."""
WEAK_REASONS = frozenset({"typed-in"})
"""Names of the reasons that are none by themselves where a false one would cost somebody an answer."""


def _stems(text: str) -> set[str]:
    """The beginnings of the longer words, so that forms of one word are the same."""
    return {word[:5] for word in _LONG_WORD.findall(text.lower())}


def look(it: Submission) -> list[Finding]:
    """What the signals notice, in their order."""
    return [finding for signal in SIGNALS if (finding := signal(it)) is not None]
