"""What people do to a filter: wrong labels, words to hide among, letters that only look the same, odd approvals."""

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from benchmarks.spam_corpus import Labelled
from benchmarks.spam_protocols import Result, items, judged, limit_on, trained

LEARNED = 0.6
SALAD = 30
ODD = 1000
_LOOKALIKES = str.maketrans("aceopxyi", "\u0430\u0441\u0435\u043e\u0440\u0445\u0443\u0456")
Change = Callable[[list[Labelled], random.Random], list[Labelled]]


@dataclass(frozen=True)
class Attack:
    """What is done to the comments that are learned, and to the spam that comes afterwards."""

    name: str
    to_learned: Change = lambda rows, _: rows
    to_spam: Callable[[str, Sequence[str], random.Random], str] = lambda text, _words, _draw: text


def wrong_labels(rows: list[Labelled], draw: random.Random) -> list[Labelled]:
    """Every tenth decision is the wrong one."""
    return [replace(row, is_spam=row.is_spam is not (draw.random() < 0.1)) for row in rows]


def odd_approvals(rows: list[Labelled], draw: random.Random) -> list[Labelled]:
    """A thousand comments out of words of spam were approved."""
    words = " ".join(row.text for row in rows if row.is_spam).split()
    return [*rows, *(Labelled(" ".join(draw.choices(words, k=10)), False, 0) for _ in range(ODD))]


def salad(text: str, words: Sequence[str], draw: random.Random) -> str:
    """Spam with words of good comments after it."""
    return f"{text} {' '.join(draw.choices(words, k=SALAD))}"


def homoglyphs(text: str, _words: Sequence[str], draw: random.Random) -> str:
    """Half of the letters that have a Cyrillic double are that."""
    return "".join(c.translate(_LOOKALIKES) if draw.random() < 0.5 else c for c in text)


def zero_width(text: str, _words: Sequence[str], draw: random.Random) -> str:
    """A character that nobody sees after every third."""
    return "".join(c + "\u200b" if draw.random() < 0.33 else c for c in text)


ATTACKS = (
    Attack("none"),
    Attack("10 % wrong labels", to_learned=wrong_labels),
    Attack(f"word salad ({SALAD} words of good comments)", to_spam=salad),
    Attack("homoglyphs", to_spam=homoglyphs),
    Attack("zero-width characters", to_spam=zero_width),
    Attack(f"{ODD:,} odd approvals", to_learned=odd_approvals),
)


def attacked(rows: Sequence[Labelled], attack: Attack) -> Result:
    """The first part of the stream is learned, the rest judged by the limit that was set on it, under an attack."""
    draw = random.Random(1)
    cut = int(len(rows) * LEARNED)
    good_words = " ".join(row.text for row in rows[:cut] if not row.is_spam).split()
    learned = items(attack.to_learned(list(rows[:cut]), draw))
    tested = [replace(row, text=attack.to_spam(row.text, good_words, draw)) if row.is_spam else row for row in rows[cut:]]
    memory = trained(learned)
    return judged(memory, items(tested), limit_on(memory, learned))
