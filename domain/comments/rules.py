"""The owner's rules: words that hold a comment or send it to the trash, links, and whether anybody is trusted."""

import math
from collections.abc import Iterable
from dataclasses import dataclass

from domain.comments.comment import Status
from domain.text import comparable

MAX_WORDS = 500
MAX_WORD = 100
HOLD_LINKS = 2
"""WordPress's own default of `comment_max_links`."""


@dataclass(frozen=True)
class Rules:
    """Words as the owner wrote them; matched inside words, in any case, in text, name, email and website (as WordPress does).

    From `hold_links` links on a comment is held. With `trusts_authors`, who has a confirmed address and an approved comment
    is published at once, unless there is a reason to look.
    """

    moderation: tuple[str, ...] = ()
    disallowed: tuple[str, ...] = ()
    hold_links: int = HOLD_LINKS
    trusts_authors: bool = False

    def reasons(self, *fields: str) -> list[str]:
        """Codes of what matched: "disallowed:casino", "word:migraine"; each word once."""
        typed = [comparable(field) for field in fields]
        return [*_codes("disallowed", self.disallowed, typed), *_codes("word", self.moderation, typed)]

    def lets_pass(self, reasons: Iterable[str]) -> bool:
        """Whether a trusted author's comment is published at once: only a few links are no reason to look."""
        return self.trusts_authors and all(_links(reason) < self.hold_links for reason in reasons)


def first_status(reasons: Iterable[str], *, is_spam: bool) -> Status:
    """Where a new comment goes: trash before spam, and held otherwise."""
    if any(reason.startswith(("disallowed:", "blocked-")) for reason in reasons):
        return Status.TRASH
    return Status.SPAM if is_spam else Status.HELD


def _links(reason: str) -> float:
    """How many links a reason names; any other reason weighs more than any number of them."""
    name, _, number = reason.partition(":")
    return int(number) if name == "links" else math.inf


def _codes(kind: str, words: Iterable[str], typed: Iterable[str]) -> list[str]:
    wanted = {word: comparable(word) for word in words}
    return [f"{kind}:{word}" for word, plain in wanted.items() if plain and any(plain in field for field in typed)]
