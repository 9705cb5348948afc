"""How hard a text is to read, as the age at which most people can."""

import re
from collections.abc import Iterable

FIRST_GRADE = 5
"""Years between a school grade of the USA and the age of those who are in it."""
_WORD = re.compile(r"[^\W\d_]+(?:['’-][^\W\d_]+)*")
_SENTENCE = re.compile(r"[.!?]+(?:\s|$)")
_VOWELS = re.compile(r"[aeiouy]+")


def reading_age(blocks: Iterable[str]) -> float:
    """The age at which a text can be read, each block ending a sentence; 0 for a text without words.

    Flesch-Kincaid grade (Kincaid et al., Research Branch Report 8-75, 1975) and five years.
    """
    words: list[str] = []
    sentences = 0
    for block in blocks:
        found = [_WORD.findall(sentence) for sentence in _SENTENCE.split(block)]
        sentences += sum(bool(sentence) for sentence in found)
        words += [word for sentence in found for word in sentence]
    if not words:
        return 0.0
    syllables_a_word = sum(map(syllables, words)) / len(words)
    return 0.39 * len(words) / sentences + 11.8 * syllables_a_word - 15.59 + FIRST_GRADE


def syllables(word: str) -> int:
    """About how many syllables an English word has; a silent e at the end counts for none."""
    plain = word.lower()
    count = len(_VOWELS.findall(plain))
    if plain.endswith("e") and not plain.endswith(("le", "ee")) and count > 1:
        count -= 1
    if plain.endswith("ed") and not plain.endswith(("ted", "ded")) and count > 1:
        count -= 1
    return max(1, count)
