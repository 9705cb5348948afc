"""What makes a submission look like spam: named signals, a learner that counts, and one verdict that sorts, never refuses."""

from domain.spam import sketch, threshold, weeks
from domain.spam.counts import learn, start_anew, totals, unlearn
from domain.spam.signals import MAX_LINKS, REASONS, WEAK_REASONS
from domain.spam.submission import Past, Signals, Submission, as_sent
from domain.spam.verdict import Outcome, Verdict, judge

__all__ = [
    "MAX_LINKS",
    "REASONS",
    "WEAK_REASONS",
    "Outcome",
    "Past",
    "Signals",
    "Submission",
    "Verdict",
    "as_sent",
    "judge",
    "learn",
    "sketch",
    "start_anew",
    "threshold",
    "totals",
    "unlearn",
    "weeks",
]
