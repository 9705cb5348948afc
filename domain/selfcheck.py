"""The headache-day self-check: its questions, the decision table, and the one function that decides. It keeps nothing.

Sources of the rows: days, ICHD-3 (Cephalalgia 2018;38:1-211, 1.3), the US label of onabotulinumtoxinA, NICE TA260 and the
guideline of the European Headache Federation (J Headache Pain 2018;19:91); adults only and what needs a doctor first, the
label; warning signs, NICE CG150 and SNNOOP10 (Neurology 2019;92:134-144).
"""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from enum import StrEnum

from domain.phones import plain_digits

ADULT = 18
"""Years."""
MOST_YEARS = 120
MOST_DAYS = 31
HEADACHE_DAYS = 15
MIGRAINE_DAYS = 8
"""Days a month from which on headache is called chronic migraine (ICHD-3, 1.3)."""
PAINKILLER_DAYS = 10
"""Days a month from which on some painkillers may themselves cause headache (ICHD-3, 8.2)."""
USUAL_PREVENTIVES = 2
"""How many other preventives are usually tried before: two or three for the European Headache Federation, three for NICE."""
MANY_PREVENTIVES = 3
"""Stands for three or more."""
UNREADABLE = -1
"""Stands for a number that was typed and is none."""


class Question(StrEnum):
    """What is asked, by the number it has in the form."""

    URGENT_SIGN = "q1"
    AGE = "age"
    HEADACHE_DAYS = "q3"
    MIGRAINE_DAYS = "q4"
    LASTING = "q5"
    PREVENTIVES = "q6"
    PAINKILLER_DAYS = "q7"
    PREGNANCY = "q8"
    NERVE_OR_MUSCLE = "q9"
    INFECTION = "q10"
    ALLERGY = "q11"
    MEDICINE = "q12"
    WARNING_SIGN = "q13"


class Lasting(StrEnum):
    """Whether it has been so for more than three months."""

    YES = "yes"
    NO = "no"
    UNSURE = "unsure"


class Outcome(StrEnum):
    """What a reader is told."""

    URGENT = "urgent"
    ADVICE = "advice"
    BELOW = "below"
    MEETS = "meets"


class Point(StrEnum):
    """Why a doctor comes first, or what is to be said beside an outcome."""

    ADULT_ONLY = "adult_only"
    CHECK_HEADACHE_FIRST = "check_headache_first"
    KEEP_DIARY = "keep_diary"
    PREGNANCY = "pregnancy"
    NERVE_OR_MUSCLE = "nerve_or_muscle"
    INFECTION = "infection"
    ALLERGY = "allergy"
    MEDICINE = "medicine"
    FEW_PREVENTIVES = "few_preventives"
    OVERUSE = "overuse"


CIRCUMSTANCES = {
    Question.PREGNANCY: Point.PREGNANCY,
    Question.NERVE_OR_MUSCLE: Point.NERVE_OR_MUSCLE,
    Question.INFECTION: Point.INFECTION,
    Question.ALLERGY: Point.ALLERGY,
    Question.MEDICINE: Point.MEDICINE,
}
"""Questions whose yes a doctor has to weigh."""


@dataclass(frozen=True)
class Answers:
    """What was answered; None stands for a blank, UNREADABLE for what is no number. Days are those of a usual month."""

    urgent_sign: bool | None = None
    age: int | None = None
    headache_days: int | None = None
    migraine_days: int | None = None
    lasting: Lasting | None = None
    preventives: int | None = None
    painkiller_days: int | None = None
    circumstances: frozenset[Question] = frozenset()
    warning_sign: bool = False


@dataclass(frozen=True)
class Decision:
    """The outcome, why a doctor comes first (for ADVICE), and what to say beside it."""

    outcome: Outcome
    reasons: tuple[Point, ...] = ()
    notes: tuple[Point, ...] = ()


class Wrong(StrEnum):
    """What is the matter with an answer."""

    MISSING = "missing"
    NO_SUCH_NUMBER = "no_such_number"
    TOO_MANY = "too_many"
    """More migraine days than headache days."""


class Mistaken(Exception):
    """Answers that nothing can be decided on; says what is wrong with which."""

    def __init__(self, mistakes: dict[Question, Wrong]) -> None:
        super().__init__(", ".join(mistakes))
        self.mistakes = mistakes


Points = Callable[[Answers], Collection[Point]]


@dataclass(frozen=True)
class Row:
    """A row of the table: when it holds, and what comes of it."""

    holds: Callable[[Answers], bool]
    outcome: Outcome
    reasons: Points = lambda answers: ()
    notes: Points = lambda answers: ()


REQUIRED = (Question.URGENT_SIGN, Question.AGE, Question.LASTING)


def decide(answers: Answers) -> Decision:
    """The outcome of the first row that holds. Raises Mistaken for answers that cannot be; an urgent sign comes before that."""
    urgent = TABLE[0]
    found = {} if urgent.holds(answers) else mistakes(answers)
    if found:
        raise Mistaken(found)
    row = next(row for row in TABLE if row.holds(answers))
    return Decision(row.outcome, tuple(row.reasons(answers)), tuple(row.notes(answers)))


def mistakes(answers: Answers) -> dict[Question, Wrong]:
    """What is missing, is no number, or cannot be true of one month."""
    blank = {
        Question.URGENT_SIGN: answers.urgent_sign is None,
        Question.AGE: answers.age is None,
        Question.LASTING: answers.lasting is None,
    }
    found = {question: Wrong.MISSING for question in REQUIRED if blank[question]}
    numbers = {
        Question.AGE: (answers.age, MOST_YEARS),
        Question.HEADACHE_DAYS: (answers.headache_days, MOST_DAYS),
        Question.MIGRAINE_DAYS: (answers.migraine_days, MOST_DAYS),
        Question.PAINKILLER_DAYS: (answers.painkiller_days, MOST_DAYS),
    }
    for question, (number, most) in numbers.items():
        if number is not None and not 0 <= number <= most:
            found[question] = Wrong.NO_SUCH_NUMBER
    days = {Question.HEADACHE_DAYS, Question.MIGRAINE_DAYS}
    if not days & found.keys() and _is_more(answers.migraine_days, answers.headache_days):
        found[Question.MIGRAINE_DAYS] = Wrong.TOO_MANY
    return found


def read_number(typed: str) -> int | None:
    """A number as people type it, in digits of any script; None for a blank, UNREADABLE for what is no whole number."""
    digits = plain_digits(typed.strip())
    if not digits:
        return None
    return int(digits) if digits.isascii() and digits.isdecimal() and len(digits) <= 9 else UNREADABLE


def _is_more(one: int | None, other: int | None) -> bool:
    return one is not None and other is not None and one > other


def _is_less(number: int | None, least: int) -> bool:
    return number is not None and number < least


def _is_unclear(answers: Answers) -> bool:
    return answers.headache_days is None or answers.migraine_days is None or answers.lasting is Lasting.UNSURE


def _is_below(answers: Answers) -> bool:
    few = _is_less(answers.headache_days, HEADACHE_DAYS) or _is_less(answers.migraine_days, MIGRAINE_DAYS)
    return few or answers.lasting is Lasting.NO


def _circumstances(answers: Answers) -> list[Point]:
    return [point for question, point in CIRCUMSTANCES.items() if question in answers.circumstances]


def _overuse(answers: Answers) -> list[Point]:
    days = answers.painkiller_days
    return [Point.OVERUSE] if days is not None and days >= PAINKILLER_DAYS else []


def _preventives(answers: Answers) -> list[Point]:
    return [Point.FEW_PREVENTIVES] if _is_less(answers.preventives, USUAL_PREVENTIVES) else []


TABLE = (
    Row(lambda answers: answers.urgent_sign is True, Outcome.URGENT),
    Row(lambda answers: _is_less(answers.age, ADULT), Outcome.ADVICE, lambda _: [Point.ADULT_ONLY]),
    Row(lambda answers: answers.warning_sign, Outcome.ADVICE, lambda _: [Point.CHECK_HEADACHE_FIRST]),
    Row(_is_unclear, Outcome.ADVICE, lambda _: [Point.KEEP_DIARY]),
    Row(_is_below, Outcome.BELOW, notes=lambda answers: [*_overuse(answers), *_circumstances(answers)]),
    Row(lambda answers: bool(_circumstances(answers)), Outcome.ADVICE, _circumstances),
    Row(lambda answers: True, Outcome.MEETS, notes=lambda answers: [*_preventives(answers), *_overuse(answers)]),
)
"""The first row that holds decides. The first of all is looked at before the answers are checked: a wrong number elsewhere
must never hide that somebody needs urgent care."""
