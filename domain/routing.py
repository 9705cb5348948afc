"""Where a request goes: rules of the owner, one a line, by what it is about and whether the clinic is open."""

from collections.abc import Collection, Sequence
from enum import StrEnum
from typing import NamedTuple

from domain.text import is_email

ANY = "any"
MAX_RULES = 50
MAX_ADDRESSES = 10


class When(StrEnum):
    """The part of the week a rule is for; without opening hours the clinic counts as open."""

    ALWAYS = "always"
    OPEN = "open"
    CLOSED = "closed"


class BadRule(Exception):
    """`code` says what is wrong with a line: "shape", "treatment", "when", "address" or "many"; `part` is what was typed."""

    def __init__(self, code: str, part: str = "") -> None:
        super().__init__(code)
        self.code, self.part = code, part


class Rule(NamedTuple):
    """Requests about `treatment` (None: about anything) go to `addresses` in this part of the week."""

    treatment: str | None
    when: When
    addresses: tuple[str, ...]


def read_rule(typed: str, treatments: Collection[str] | None = None) -> Rule:
    """ "chronic-migraine, open: desk@clinic.example, doctor@clinic.example"; without a time of the week it is for always.

    `treatments` are the slugs there are; None takes any, so that a rule outlives its treatment. Raises BadRule.
    """
    condition, colon, targets = typed.partition(":")
    about, comma, when = (part.strip() for part in condition.partition(","))
    if not colon or not about or (comma and not when):
        raise BadRule("shape")
    if about != ANY and treatments is not None and about not in treatments:
        raise BadRule("treatment", about)
    if when not in {"", *When}:
        raise BadRule("when", when)
    return Rule(None if about == ANY else about, When(when or When.ALWAYS), _addresses(targets))


def _addresses(typed: str) -> tuple[str, ...]:
    found = tuple(dict.fromkeys(part.strip() for part in typed.split(",") if part.strip()))
    for address in found or ("",):
        if not is_email(address):
            raise BadRule("address", address)
    if len(found) > MAX_ADDRESSES:
        raise BadRule("many")
    return found


def write_rule(rule: Rule) -> str:
    """What `read_rule` reads."""
    return f"{rule.treatment or ANY}, {rule.when.value}: {', '.join(rule.addresses)}"


def read_rules(lines: Sequence[str]) -> tuple[Rule, ...]:
    """Texts of `read_rule` in their order. Raises BadRule."""
    return tuple(read_rule(line) for line in lines)


def route(rules: Sequence[Rule], treatment: str | None, is_open: bool) -> list[str]:
    """The addresses of the first rule that fits; none when no rule does."""
    now = {When.ALWAYS, When.OPEN if is_open else When.CLOSED}
    fitting = (rule for rule in rules if rule.treatment in {None, treatment} and rule.when in now)
    rule = next(fitting, None)
    return list(rule.addresses) if rule else []
