"""The owner's words: those that hold a comment for a look, and those that send it to the trash."""

from collections.abc import Iterable
from dataclasses import dataclass

from domain.comments.comment import Status
from domain.text import comparable

MAX_WORDS = 500
MAX_WORD = 100


@dataclass(frozen=True)
class Rules:
    """Words as the owner wrote them; matched inside words, in any case, in text, name, email and website (as WordPress does)."""

    moderation: tuple[str, ...] = ()
    disallowed: tuple[str, ...] = ()

    def reasons(self, *fields: str) -> list[str]:
        """Codes of what matched: "disallowed:casino", "word:migraine"; each word once."""
        typed = [comparable(field) for field in fields]
        return [*_codes("disallowed", self.disallowed, typed), *_codes("word", self.moderation, typed)]


def first_status(reasons: Iterable[str], *, is_spam: bool) -> Status:
    """Where a new comment goes: trash before spam, and held otherwise."""
    if any(reason.startswith("disallowed:") for reason in reasons):
        return Status.TRASH
    return Status.SPAM if is_spam else Status.HELD


def _codes(kind: str, words: Iterable[str], typed: Iterable[str]) -> list[str]:
    wanted = {word: comparable(word) for word in words}
    return [f"{kind}:{word}" for word, plain in wanted.items() if plain and any(plain in field for field in typed)]
