"""What makes a submission look like spam: small named signals and one verdict that sorts, never refuses."""

from dataclasses import dataclass

from domain.text import links

MAX_LINKS = 2
"""More web addresses than this make a comment spam, unless the owner lets pass as many; the number is named as a reason."""


@dataclass(frozen=True)
class Signals:
    """What the request itself tells, before anybody reads the text."""

    honeypot_filled: bool = False
    is_cross_site: bool = False


@dataclass(frozen=True)
class Verdict:
    """Codes of what was noticed ("honeypot", "cross-site", "links:3") and whether they add up to spam."""

    is_spam: bool
    reasons: tuple[str, ...]


def judge(text: str, signals: Signals, hold_links: int = MAX_LINKS) -> Verdict:
    """Reads the signals and counts the links of a text; `hold_links` is the number from which the owner has them held."""
    count = len(links(text))
    reasons = []
    if signals.honeypot_filled:
        reasons.append("honeypot")
    if signals.is_cross_site:
        reasons.append("cross-site")
    if count:
        reasons.append(f"links:{count}")
    return Verdict(is_spam=signals.honeypot_filled or count > max(MAX_LINKS, hold_links), reasons=tuple(reasons))
