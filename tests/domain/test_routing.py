"""Where requests go: rules as the owner writes them, the first that fits, and what is wrong with a line."""

import pytest

from domain import routing
from domain.routing import ANY, MAX_ADDRESSES, BadRule, Rule, When

SLUGS = ("chronic-migraine", "unsure")
DESK, NIGHT, DOCTOR = "desk@clinic.example", "night@clinic.example", "doctor@clinic.example"


@pytest.mark.parametrize(
    ("typed", "rule"),
    [
        (f"chronic-migraine, open: {DESK}, {DOCTOR}", Rule("chronic-migraine", When.OPEN, (DESK, DOCTOR))),
        (f"any,closed:{NIGHT}", Rule(None, When.CLOSED, (NIGHT,))),
        (f"any, always: {DESK}", Rule(None, When.ALWAYS, (DESK,))),
        (f" unsure :  {DESK} , {DESK},", Rule("unsure", When.ALWAYS, (DESK,))),
    ],
)
def test_rule_is_read_and_written_back(typed: str, rule: Rule) -> None:
    assert routing.read_rule(typed, SLUGS) == rule
    assert routing.read_rule(routing.write_rule(rule), SLUGS) == rule


@pytest.mark.parametrize(
    ("typed", "code", "part", "why"),
    [
        ("", "shape", "", "nothing"),
        (DESK, "shape", "", "no condition"),
        (f": {DESK}", "shape", "", "about nothing"),
        (f"unsure, : {DESK}", "shape", "", "a comma and no time"),
        (f"botox, open: {DESK}", "treatment", "botox", "no such treatment"),
        (f"unsure, at night: {DESK}", "when", "at night", "no such time"),
        (f"unsure, open, closed: {DESK}", "when", "open, closed", "two times"),
        ("any:", "address", "", "nobody"),
        (f"any: {DESK}, the doctor", "address", "the doctor", "a name is no address"),
        ("any: a@b.example\rBcc: c@d.example", "address", "a@b.example\rBcc: c@d.example", "a header inside"),
        ("any: " + ",".join(f"a{n}@b.example" for n in range(MAX_ADDRESSES + 1)), "many", "", "too many"),
    ],
)
def test_wrong_rule_says_what_is_wrong(typed: str, code: str, part: str, why: str) -> None:
    with pytest.raises(BadRule) as error:
        pytest.fail(f"{why}: {routing.read_rule(typed, SLUGS)}")
    assert (error.value.code, error.value.part) == (code, part), why


RULES = routing.read_rules([f"chronic-migraine, open: {DOCTOR}", f"{ANY}, closed: {NIGHT}", f"unsure: {DESK}"])


@pytest.mark.parametrize(
    ("treatment", "is_open", "expected", "why"),
    [
        ("chronic-migraine", True, [DOCTOR], "its own rule"),
        ("chronic-migraine", False, [NIGHT], "its own rule is for opening hours"),
        ("unsure", False, [NIGHT], "the first that fits"),
        ("unsure", True, [DESK], "a rule without a time"),
        ("facial-lines", True, [], "no rule: the general addresses"),
        (None, True, [], "nothing chosen"),
        (None, False, [NIGHT], "any is also about nothing chosen"),
    ],
)
def test_first_rule_that_fits_wins(treatment: str | None, is_open: bool, expected: list[str], why: str) -> None:
    assert routing.route(RULES, treatment, is_open) == expected, why


def test_rule_outlives_its_treatment() -> None:
    assert routing.read_rules([f"gone, open: {DESK}"]) == (Rule("gone", When.OPEN, (DESK,)),)
