"""The filter says how good it is on comments that it has not learned, and where spam begins."""

import random
from dataclasses import replace

import pytest
from sqlalchemy.orm import Session

from domain import spam
from domain.spam import Outcome, Submission, counts, threshold
from domain.spam.evaluation import Evaluation, TooFew, evaluate, interval, set_limit
from tests.conftest import NOON
from tests.domain.spam_texts import GOOD, SPAM, texts


def lessons(number: int, seed: int = 1) -> list[tuple[str, bool]]:
    mixed = [(text, True) for text in texts(SPAM, number, seed)] + [(text, False) for text in texts(GOOD, number, seed)]
    random.Random(seed).shuffle(mixed)
    return mixed


def teach(session: Session, taught: list[tuple[str, bool]]) -> None:
    for lesson in (True, False):
        spam.learn(session, [text for text, is_spam in taught if is_spam is lesson], is_spam=lesson)


def test_each_comment_is_judged_without_itself(session: Session) -> None:
    taught = [*lessons(30), ("Alone of its kind", True)]
    teach(session, taught)
    before = counts.totals(session)
    found = evaluate(session, taught)
    assert (found.good, found.spam, found.is_enough) == (30, 31, False)
    assert found.right == 60, "what no other comment has in common with it is not known"
    assert counts.totals(session) == before, "only read"


def test_the_limit_that_was_set_decides_from_then_on(session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(threshold, "GOOD_NEEDED", 200)
    teach(session, lessons(200))
    found = replace(evaluate(session, lessons(200)[::4]), good=200)
    assert found.blocked <= threshold.MOST_GOOD_IN_SPAM * found.good
    assert found.caught >= 0.87 * found.spam
    judged = Submission("Subscribe to my channel and click here")
    assert spam.judge(session, judged).outcome is Outcome.HOLD
    set_limit(session, found, NOON)
    session.flush()
    assert spam.judge(session, judged).outcome is Outcome.SPAM
    assert spam.judge(session, Submission("The pain was worse after the second time")).outcome is Outcome.CLEAN


def test_spam_that_was_approved_by_mistake_is_said_to_be_there_and_lifts_no_limit(session: Session) -> None:
    right = lessons(200)
    wrong = [(text, False if place % 10 == 0 else is_spam) for place, (text, is_spam) in enumerate(right)]
    found = []
    for taught in (right, wrong):
        counts.start_anew(session)
        teach(session, taught)
        found.append(evaluate(session, taught))
    assert [one.has_wrong_labels for one in found] == [False, True]
    assert found[1].caught > 0.5 * found[1].spam


def test_from_few_decisions_nothing_follows(session: Session) -> None:
    teach(session, lessons(19))
    with pytest.raises(TooFew):
        evaluate(session, lessons(19))


@pytest.mark.parametrize(("part", "whole", "bounds"), [(0, 0, (0.0, 1.0)), (0, 10, (0.0, 0.278)), (5, 10, (0.237, 0.763))])
def test_bounds_of_a_share_are_those_of_wilson(part: int, whole: int, bounds: tuple[float, float]) -> None:
    assert interval(part, whole) == pytest.approx(bounds, abs=0.001)


def test_few_good_ones_are_said_to_be_few() -> None:
    assert not Evaluation(999, 500, 1.0, 400, 2, 1400, 1.0, 0.0).is_enough
    assert Evaluation(1000, 500, 1.0, 400, 2, 1400, 1.0, 0.0).is_enough
