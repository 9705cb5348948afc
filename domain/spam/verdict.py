"""The verdict on a submission: three outcomes, and the reasons for it as codes with parameters."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from sqlalchemy.orm import Session

from domain.spam import counts, threshold
from domain.spam.features import Feature, features
from domain.spam.score import Weighed, log_odds, words
from domain.spam.signals import SPAM, look
from domain.spam.submission import Submission

ENOUGH = 20
"""Comments of each sort that were learned before the learner has a say at all."""
MOST_WORDS = 3
_MANY = 3
"""Spam comments in which a word was seen before it is named."""
_LONGEST_WORD = 40


class Outcome(StrEnum):
    """What the filter makes of a submission; whether anything is published is for the owner's rules."""

    CLEAN = "clean"
    HOLD = "hold"
    SPAM = "spam"


@dataclass(frozen=True)
class Verdict:
    """`signals` and `learned` are codes such as "links:3", "repeated:14", "seen:31:0:subscribe", "like-spam:97"."""

    outcome: Outcome
    signals: tuple[str, ...] = ()
    learned: tuple[str, ...] = ()

    @property
    def is_spam(self) -> bool:
        """Whether it belongs to the spam, where it can still be seen and brought back."""
        return self.outcome is Outcome.SPAM

    @property
    def reasons(self) -> tuple[str, ...]:
        """All of them, the signals first."""
        return (*self.signals, *self.learned)


def judge(session: Session, it: Submission) -> Verdict:
    """Weighs the signals and what was learned. Reads only the counters of this text, by primary key."""
    findings = look(it)
    found = features(it.text)
    known = counts.read(session, found)
    learned, is_beyond = _learned(found, known)
    codes = tuple(finding.code for finding in findings)
    if is_beyond or sum(finding.weight for finding in findings) >= SPAM:
        return Verdict(Outcome.SPAM, codes, learned)
    return Verdict(Outcome.HOLD if codes or learned else Outcome.CLEAN, codes, learned)


def _learned(found: Sequence[Feature], known: counts.Counts) -> tuple[tuple[str, ...], bool]:
    """What the learner says against a text, and whether that is enough by itself."""
    odds, comments = log_odds(found, known), known.comments
    if odds <= 0 or min(comments.spam, comments.good) < ENOUGH:
        return (), False
    limit = known.limit
    named = [one for one in words(found, known) if _is_nameable(one)][:MOST_WORDS]
    codes = [f"seen:{one.seen.spam}:{one.seen.good}:{one.feature.word}" for one in named]
    if limit is None:
        return (*codes, "like-spam"), False
    is_beyond = min(comments.good, limit.good) >= threshold.GOOD_NEEDED and odds > limit.log_odds
    return (*codes, f"like-spam:{limit.chance(odds)}"), is_beyond


def _is_nameable(one: Weighed) -> bool:
    word = one.feature.word
    return not word.startswith("(") and len(word) <= _LONGEST_WORD and one.weight > 0.5 and one.seen.spam >= _MANY
