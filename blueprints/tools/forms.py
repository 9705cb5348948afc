"""The form of the self-check; its fields have the numbers of the questions in the decision table."""

from collections.abc import Mapping
from typing import Any

from wtforms import BooleanField, HiddenField, RadioField, SelectMultipleField, StringField
from wtforms.fields.choices import SelectChoice

from blueprints.tools import texts
from domain import selfcheck
from domain.selfcheck import Answers, Lasting, Question, Wrong
from web.formbase import PublicForm, line

NO = "no"
YES = "yes"
_SAID = {YES: True, NO: False}
_EMPTY = "Leave this empty if you do not know."


def _choices(words: Mapping[str, str]) -> list[SelectChoice]:
    return [SelectChoice(value, label) for value, label in words.items()]


def _one_of(label: str, words: Mapping[str, str]) -> RadioField:
    return RadioField(label, choices=_choices(words), validate_choice=False)


class NumberField(StringField):
    """A whole number in the digits of any script; what was typed stays as it is."""

    def __init__(self, label: str, description: str = "", **bound: Any) -> None:
        super().__init__(label, filters=[line], description=description, **bound)

    @property
    def number(self) -> int | None:
        """As domain takes it."""
        return selfcheck.read_number(self.data or "")


class SelfCheckForm(PublicForm):
    """What is asked. Whether the answers will do is for domain to say; `show` puts its verdict beside the fields."""

    q1 = _one_of("Do you have any of these signs now, or have you had one lately?", texts.YES_NO)
    age = NumberField("Your age in years")
    q3 = NumberField("Days with headache in a usual month", f"A number from 0 to {selfcheck.MOST_DAYS}. {_EMPTY}")
    q4 = NumberField(
        "On how many of these days was it migraine?",
        f"Days with throbbing pain, nausea, or light and sound that hurt, or on which a triptan helped. {_EMPTY}",
    )
    q5 = _one_of("Has it been so for more than three months?", texts.LASTING)
    q6 = _one_of("How many preventive medicines have you tried?", texts.PREVENTIVES)
    q7 = NumberField("Days with painkillers in a usual month", f"Any medicine taken to stop a headache. {_EMPTY}")
    q8 = BooleanField("I am pregnant, trying to be, or breast-feeding", false_values=(NO, ""))
    q9 = BooleanField("I have a nerve or muscle disease, or trouble swallowing or breathing", false_values=(NO, ""))
    q10 = BooleanField("I have an infection where the injections would go (face, head, neck or shoulders)", false_values=(NO, ""))
    q11 = BooleanField("I have had an allergic reaction to a botulinum toxin", false_values=(NO, ""))
    q12 = BooleanField(
        "I take an aminoglycoside antibiotic, muscle relaxant or blood thinner, or had a botulinum toxin in the last 3–4 months",
        false_values=(NO, ""),
    )
    q13 = SelectMultipleField("Does any of this apply to you?", choices=_choices(texts.WARNING_SIGNS), validate_choice=False)
    source = HiddenField(filters=[line])

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for question in selfcheck.REQUIRED:
            self[question].flags.required = True

    def to_answers(self) -> Answers:
        """What was answered, as domain takes it; an answer that the form does not offer is a blank."""
        return Answers(
            urgent_sign=_SAID.get(self.q1.data),
            age=self.age.number,
            headache_days=self.q3.number,
            migraine_days=self.q4.number,
            lasting=Lasting(self.q5.data) if self.q5.data in set(Lasting) else None,
            preventives=int(self.q6.data) if self.q6.data in texts.PREVENTIVES else None,
            painkiller_days=self.q7.number,
            circumstances=frozenset(question for question in selfcheck.CIRCUMSTANCES if self[question].data),
            warning_sign=bool(set(self.q13.data or ()) - {NO, ""}),
        )

    def show(self, mistakes: Mapping[Question, Wrong]) -> None:
        """Puts each mistake beside its field."""
        for question, wrong in mistakes.items():
            self[question].errors = [texts.mistake(question, wrong)]
