"""The self-check's decision table: the vectors it was settled with, its order, and what it refuses to decide on."""

from dataclasses import replace

import pytest

from domain import selfcheck
from domain.selfcheck import CIRCUMSTANCES, UNREADABLE, Answers, Decision, Lasting, Mistaken, Outcome, Point, Question, Wrong

MEETS = Answers(urgent_sign=False, age=40, headache_days=20, migraine_days=12, lasting=Lasting.YES)
PREGNANT = frozenset({Question.PREGNANCY})
ALL = frozenset(CIRCUMSTANCES)


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"urgent_sign": True}, Decision(Outcome.URGENT)),
        ({"headache_days": 15, "migraine_days": 8}, Decision(Outcome.MEETS)),
        ({"headache_days": 14, "migraine_days": 8}, Decision(Outcome.BELOW)),
        ({"headache_days": 15, "migraine_days": 7}, Decision(Outcome.BELOW)),
        ({"lasting": Lasting.NO}, Decision(Outcome.BELOW)),
        ({"lasting": Lasting.UNSURE}, Decision(Outcome.ADVICE, (Point.KEEP_DIARY,))),
        ({"age": 17}, Decision(Outcome.ADVICE, (Point.ADULT_ONLY,))),
        ({"age": 18}, Decision(Outcome.MEETS)),
        ({"circumstances": PREGNANT}, Decision(Outcome.ADVICE, (Point.PREGNANCY,))),
        (
            {"headache_days": 10, "migraine_days": 4, "circumstances": PREGNANT},
            Decision(Outcome.BELOW, notes=(Point.PREGNANCY,)),
        ),
        ({"age": 60, "warning_sign": True}, Decision(Outcome.ADVICE, (Point.CHECK_HEADACHE_FIRST,))),
        ({"urgent_sign": True, "age": 17}, Decision(Outcome.URGENT)),
        ({"headache_days": None}, Decision(Outcome.ADVICE, (Point.KEEP_DIARY,))),
        ({"migraine_days": None}, Decision(Outcome.ADVICE, (Point.KEEP_DIARY,))),
        ({"headache_days": None, "lasting": Lasting.NO}, Decision(Outcome.ADVICE, (Point.KEEP_DIARY,))),
        ({"circumstances": ALL}, Decision(Outcome.ADVICE, tuple(CIRCUMSTANCES.values()))),
        (
            {"headache_days": 14, "painkiller_days": 10, "circumstances": ALL, "preventives": 0},
            Decision(Outcome.BELOW, notes=(Point.OVERUSE, *CIRCUMSTANCES.values())),
        ),
        (
            {"preventives": 1, "painkiller_days": 10},
            Decision(Outcome.MEETS, notes=(Point.FEW_PREVENTIVES, Point.OVERUSE)),
        ),
        ({"preventives": 2, "painkiller_days": 9}, Decision(Outcome.MEETS)),
        ({"age": 17, "warning_sign": True}, Decision(Outcome.ADVICE, (Point.ADULT_ONLY,))),
        ({"warning_sign": True, "lasting": Lasting.UNSURE}, Decision(Outcome.ADVICE, (Point.CHECK_HEADACHE_FIRST,))),
    ],
)
def test_the_first_row_that_holds_decides(changes: dict[str, object], expected: Decision) -> None:
    assert selfcheck.decide(replace(MEETS, **changes)) == expected  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"migraine_days": 9, "headache_days": 3}, {Question.MIGRAINE_DAYS: Wrong.TOO_MANY}),
        ({"headache_days": 32}, {Question.HEADACHE_DAYS: Wrong.NO_SUCH_NUMBER}),
        ({"migraine_days": 32}, {Question.MIGRAINE_DAYS: Wrong.NO_SUCH_NUMBER}),
        ({"painkiller_days": UNREADABLE}, {Question.PAINKILLER_DAYS: Wrong.NO_SUCH_NUMBER}),
        ({"age": 121}, {Question.AGE: Wrong.NO_SUCH_NUMBER}),
        ({"urgent_sign": None, "age": 17}, {Question.URGENT_SIGN: Wrong.MISSING}),
        ({"age": None, "warning_sign": True}, {Question.AGE: Wrong.MISSING}),
        ({"lasting": None, "headache_days": None}, {Question.LASTING: Wrong.MISSING}),
    ],
)
def test_what_is_missing_or_cannot_be_is_asked_again(changes: dict[str, object], expected: dict[Question, Wrong]) -> None:
    with pytest.raises(Mistaken) as caught:
        selfcheck.decide(replace(MEETS, **changes))  # type: ignore[arg-type]
    assert caught.value.mistakes == expected


def test_an_urgent_sign_comes_before_every_mistake() -> None:
    wrong = Answers(urgent_sign=True, age=UNREADABLE, headache_days=3, migraine_days=99, painkiller_days=32)
    assert selfcheck.decide(wrong) == Decision(Outcome.URGENT)
    assert set(selfcheck.mistakes(wrong)) > {Question.AGE, Question.LASTING}


@pytest.mark.parametrize(
    ("typed", "number"),
    [
        ("", None), ("  ", None), ("0", 0), (" 15 ", 15), ("۱۵", 15), ("١٥", 15), ("007", 7), ("15.0", UNREADABLE),
        ("-1", UNREADABLE), ("+4", UNREADABLE), ("ten", UNREADABLE), ("1 5", UNREADABLE), ("²", UNREADABLE),
        ("9" * 5000, UNREADABLE),
    ],
)  # fmt: skip
def test_numbers_are_read_in_the_digits_of_any_script(typed: str, number: int | None) -> None:
    assert selfcheck.read_number(typed) == number
