"""Fields of the settings page that are more than a text: what each takes, and what it says when it cannot."""

from abc import ABC, abstractmethod
from typing import Any

from wtforms import Form, IntegerField, StringField, TelField, TextAreaField, ValidationError
from wtforms.validators import StopValidation

from domain import phones, quiet_hours, routing, verification, working_time
from domain.comments import MAX_WORD, MAX_WORDS
from domain.phones import MAX_PHONE
from domain.quiet_hours import BadQuietHours
from domain.routing import MAX_ADDRESSES, MAX_RULES, BadRule
from domain.settings import MAX_RECIPIENTS
from domain.text import is_email
from domain.verification import MAX_TYPED, BadWord, Engine
from domain.working_time import MAX_HOLIDAYS, BadHoliday, BadHours
from web.formbase import AtMost, line


def _one_a_line(value: str | None) -> str:
    return "\n".join(dict.fromkeys(filter(None, (line(word) for word in (value or "").splitlines()))))


def _fit(form: Form, field: TextAreaField) -> None:
    words = (field.data or "").splitlines()
    if len(words) > MAX_WORDS or any(len(word) > MAX_WORD for word in words):
        raise ValidationError(f"Use at most {MAX_WORDS} words of at most {MAX_WORD} characters, one a line")


class Within:
    """Refuses what is no whole number from `lowest` to `highest`."""

    def __init__(self, lowest: int, highest: int) -> None:
        self.lowest, self.highest = lowest, highest
        self.field_flags = {"required": True}

    def __call__(self, form: Form, field: IntegerField) -> None:
        if field.data is None or not self.lowest <= field.data <= self.highest:
            field.errors = []
            raise StopValidation(f"Enter a whole number from {self.lowest} to {self.highest}")


class LinesField(TextAreaField):
    """A list of short texts, one a line; each once, without empty lines."""

    is_list = True

    def __init__(self, label: str, description: str, **bound: Any) -> None:
        super().__init__(label, [_fit], filters=[_one_a_line], description=description, **bound)


class PhoneField(TelField):
    """Empty, or a number that can be called."""

    def __init__(self, label: str, description: str, **bound: Any) -> None:
        super().__init__(label, [AtMost(MAX_PHONE, "The number"), _callable], filters=[line], description=description, **bound)


class QuietHoursField(StringField):
    """Empty, or one span of the day."""

    def __init__(self, label: str, description: str, **bound: Any) -> None:
        super().__init__(label, [_quiet], filters=[line], description=description, **bound)


def _quiet(form: Form, field: StringField) -> None:
    try:
        quiet_hours.read(field.data)
    except BadQuietHours as error:
        raise ValidationError("Enter the hours as 21:00-08:00, or leave this empty") from error


class VerificationField(StringField):
    """Empty, or what a search engine hands out; a whole meta element is taken too."""

    def __init__(self, label: str, engine: Engine, **bound: Any) -> None:
        told = f"The content of its meta element “{engine}”, shown on the home page; the whole element will do too. Empty for none."
        super().__init__(label, [AtMost(MAX_TYPED, "This")], filters=[line], description=told, **bound)
        self.engine = engine

    def pre_validate(self, form: Form) -> None:
        """Says when it is none."""
        try:
            verification.read(self.engine, self.data or "")
        except BadWord as error:
            raise StopValidation(f"Paste what {self.engine.name.capitalize()} gives you, or leave this empty") from error


def _callable(form: Form, field: TelField) -> None:
    try:
        phones.parse(field.data) if field.data else None
    except phones.BadPhone as error:
        raise ValidationError("Enter a phone number such as 051 2345678, or leave it empty") from error


class ClockField(StringField):
    """Empty, or a time of the day."""

    def __init__(self, label: str, description: str, **bound: Any) -> None:
        super().__init__(label, [_time_of_day], filters=[line], description=description, **bound)


def _time_of_day(form: Form, field: StringField) -> None:
    try:
        working_time.read_clock(field.data)
    except BadHours as error:
        raise ValidationError("Enter a time such as 08:00, or leave this empty") from error


def is_hours(form: Form, field: StringField) -> None:
    try:
        working_time.read_spans(field.data)
    except BadHours as error:
        raise ValidationError(HOURS_WRONG[error.code]) from error


HOURS_WRONG = {
    "shape": "Enter hours such as 09:00-13:00, 14:00-18:00, or “closed”",
    "order": "Enter hours that end later than they begin, such as 09:00-17:00",
    "overlap": "Enter hours that do not overlap, such as 09:00-13:00, 14:00-18:00",
}
HOLIDAY_WRONG = {
    "shape": "write a date and a name, such as 2026-12-25 Quaid-e-Azam Day",
    "order": "the last day must not be before the first",
    "long": f"use at most {working_time.LONGEST_HOLIDAY.days} days and {working_time.MAX_HOLIDAY_NAME} characters for the name",
}


ROUTE_WRONG = {
    "shape": "write what it is about, when, a colon and addresses, such as: any, closed: night@clinic.example",
    "treatment": "“{part}” is no treatment; use one of the words listed above, or any",
    "when": "“{part}” is no time; use open, closed or always",
    "address": "“{part}” is no email address",
    "many": f"use at most {MAX_ADDRESSES} addresses",
}
"""What is wrong with a rule of routing, for each code of BadRule."""


class RowsField(TextAreaField, ABC):
    """A list of texts that each have a shape of their own, one a line; an error names its line."""

    is_list = True
    most: int

    def __init__(self, label: str, description: str, **bound: Any) -> None:
        super().__init__(label, filters=[_one_a_line], description=description, **bound)

    def pre_validate(self, form: Form) -> None:
        """Says what is wrong with which line."""
        lines = (self.data or "").splitlines()
        if len(lines) > self.most:
            raise StopValidation(f"Use at most {self.most} lines; there are {len(lines)}")
        for number, typed in enumerate(lines, 1):
            wrong = self.fault(form, typed)
            if wrong:
                raise StopValidation(f"Line {number}: {wrong}")

    @abstractmethod
    def fault(self, form: Form, typed: str) -> str | None:
        """What is wrong with one line, in words that follow its number."""


class HolidaysField(RowsField):
    """Days on which the clinic is closed."""

    most = MAX_HOLIDAYS

    def fault(self, form: Form, typed: str) -> str | None:
        """A date, or two, and a name."""
        try:
            working_time.read_holiday(typed)
        except BadHoliday as error:
            return HOLIDAY_WRONG[error.code]
        return None


class AddressesField(RowsField):
    """Email addresses."""

    most = MAX_RECIPIENTS

    def fault(self, form: Form, typed: str) -> str | None:
        """An address that mail can be sent to."""
        return None if is_email(typed) else f"“{typed[:40]}” is no email address"


class RoutesField(RowsField):
    """Where requests go; the form has the `treatments` that rules may name."""

    most = MAX_RULES

    def fault(self, form: Form, typed: str) -> str | None:
        """A rule of domain/routing.py."""
        try:
            routing.read_rule(typed, form.treatments)
        except BadRule as error:
            return ROUTE_WRONG[error.code].format(part=error.part)
        return None
