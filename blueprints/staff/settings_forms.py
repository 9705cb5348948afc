"""What the owner changes at run time: one form, whose groups of fields stand in a class each."""

from collections.abc import Sequence
from typing import Any

from wtforms import BooleanField, Field, Form, FormField, IntegerField, StringField, TelField, TextAreaField, ValidationError
from wtforms.validators import StopValidation

from domain import phones, quiet_hours, settings, working_time
from domain.comments import MAX_WORD, MAX_WORDS
from domain.phones import MAX_PHONE
from domain.quiet_hours import BadQuietHours
from domain.settings import COMMENT_NUMBERS
from domain.working_time import DAYS, MAX_HOLIDAYS, BadHoliday, BadHours
from formbase import AtMost, StaffForm, line


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


def _callable(form: Form, field: TelField) -> None:
    try:
        phones.parse(field.data) if field.data else None
    except phones.BadPhone as error:
        raise ValidationError("Enter a phone number such as 051 2345678, or leave it empty") from error


class CommentSettings(Form):
    """Comments."""

    comments_open = BooleanField("Articles take comments", description="Untick to close comments on the whole site.")
    comments_newest_first = BooleanField("Newest threads first", description="Replies stand oldest first in both orders.")
    comment_depth = IntegerField(
        "Depth of threads", [Within(*COMMENT_NUMBERS["depth"])], description="How many levels of replies are shown."
    )
    comment_page_size = IntegerField("Comments on a page", [Within(*COMMENT_NUMBERS["page_size"])])
    comments_close_after_days = IntegerField(
        "Close comments after",
        [Within(*COMMENT_NUMBERS["close_after_days"])],
        description="Days after an article's publication; 0 for never.",
    )
    comment_pause_seconds = IntegerField(
        "Pause between comments",
        [Within(*COMMENT_NUMBERS["pause_seconds"])],
        description="Seconds between two comments of one address.",
    )
    comments_per_network = IntegerField(
        "Comments from one network",
        [Within(*COMMENT_NUMBERS["per_network"])],
        description="Within an hour; mobile carriers share addresses.",
    )
    trust_authors = BooleanField(
        "Publish at once what trusted authors write",
        description="Who has confirmed their address and has an approved comment under the same name. Anything with a reason "
        "to look is held all the same. Unticked: every comment is held.",
    )
    comment_hold_links = IntegerField(
        "Hold from so many links",
        [Within(*COMMENT_NUMBERS["hold_links"])],
        description="Also from a trusted author. More than these, and more than two, make a comment spam.",
    )
    moderation_words = LinesField("Words to look at", "One a line. A comment that has one says so in the queue.")
    disallowed_words = LinesField("Words for the trash", "One a line. A comment that has one goes to the trash.")
    website_field = BooleanField("Ask commenters for a website", description="It mostly draws spam.")


class ModeratorMailSettings(Form):
    """Mail to those who read comments."""

    comment_mail_minutes = IntegerField(
        "Minutes between two mails",
        [Within(*COMMENT_NUMBERS["mail_minutes"])],
        description="The first held comment is mailed at once, what follows is gathered. 0: a mail for each comment.",
    )
    quiet_hours = QuietHoursField("Quiet hours", "Such as 21:00-08:00: mail about comments waits meanwhile. Empty for none.")


class ContactSettings(Form):
    """How people reach the clinic."""

    phone = PhoneField("Phone", "Shown on the public pages; empty hides it.")
    whatsapp = PhoneField("WhatsApp", "Shown as a link that opens a chat; empty hides it.")


def _spans(form: Form, field: StringField) -> None:
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


def _day_hours(day: str) -> StringField:
    return StringField(day.capitalize(), [_spans], filters=[line])


class WeekForm(Form):
    """Hours of each day of the week."""

    monday, tuesday, wednesday, thursday, friday, saturday, sunday = map(_day_hours, DAYS)


class HolidaysField(TextAreaField):
    """Days on which the clinic is closed, one holiday a line."""

    def __init__(self, label: str, description: str, **bound: Any) -> None:
        super().__init__(label, filters=[_one_a_line], description=description, **bound)

    def pre_validate(self, form: Form) -> None:
        """Says what is wrong with which line."""
        lines = (self.data or "").splitlines()
        if len(lines) > MAX_HOLIDAYS:
            raise StopValidation(f"Use at most {MAX_HOLIDAYS} lines; there are {len(lines)}")
        for number, typed in enumerate(lines, 1):
            try:
                working_time.read_holiday(typed)
            except BadHoliday as error:
                raise StopValidation(f"Line {number}: {HOLIDAY_WRONG[error.code]}") from error


class HoursSettings(Form):
    """When the clinic is open."""

    opening = FormField(WeekForm, "Opening hours")
    holidays = HolidaysField(
        "Holidays", "One a line, such as 2026-12-25 Quaid-e-Azam Day, or 2027-03-20 to 2027-03-22 Eid ul-Fitr. Closed all day."
    )


class StaffSettings(Form):
    """The staff area."""

    second_factor_required = BooleanField(
        "Everybody needs a second factor",
        description="Who has none is asked to set one up right after signing in.",
    )


GROUPS: dict[str, type[Form]] = {
    "Comments": CommentSettings,
    "Mail about comments": ModeratorMailSettings,
    "How people reach the clinic": ContactSettings,
    "Opening hours": HoursSettings,
    "Signing in": StaffSettings,
}
"""Title and fields of each group, in the order of the page."""


class SettingsForm(StaffSettings, HoursSettings, ContactSettings, ModeratorMailSettings, CommentSettings, StaffForm):
    """All groups; `settings.RUNTIME` has a key for each field."""

    @property
    def groups(self) -> list[tuple[str, Sequence[Field]]]:
        """Title and bound fields of each group."""
        return [(title, [self[name] for name in group()._fields]) for title, group in GROUPS.items()]

    @property
    def values(self) -> dict[str, settings.Value]:
        """What was typed, as rows hold it."""
        return {name: _stored(self[name]) for name in settings.RUNTIME}


def _stored(field: Field) -> settings.Value:
    if isinstance(field, FormField):
        return working_time.write_week({day: working_time.read_spans(typed) for day, typed in field.data.items()})
    if isinstance(field, HolidaysField):
        days = working_time.read_holidays((field.data or "").splitlines())
        return [working_time.write_holiday(day) for day in days]
    if isinstance(field, QuietHoursField):
        return quiet_hours.write(quiet_hours.read(field.data))
    if isinstance(field, LinesField):
        return (field.data or "").splitlines()
    if isinstance(field, PhoneField):
        return phones.parse(field.data).e164 if field.data else None
    value: settings.Value = field.data
    return value


def shown(site: settings.Site, name: str) -> object:
    """A fact in force as its field shows it."""
    value = getattr(site, name)
    if name == "opening":
        return dict(zip(DAYS, working_time.write_week(value), strict=True)) if value else {}
    if name == "holidays":
        value = tuple(working_time.write_holiday(day) for day in value)
    if name == "quiet_hours":
        return quiet_hours.write(value)
    if isinstance(value, tuple):
        return "\n".join(value)
    return value.display if isinstance(value, phones.Phone) else value
