"""The consultation request form."""

import re
from collections.abc import Sequence
from datetime import date
from typing import Any

from wtforms import (
    BooleanField,
    DateField,
    EmailField,
    HiddenField,
    RadioField,
    SelectField,
    StringField,
    TelField,
    TextAreaField,
    ValidationError,
)
from wtforms.fields.choices import SelectChoice
from wtforms.fields.core import Label
from wtforms.validators import StopValidation

from domain import phones
from domain.attribution import FirstTouch
from domain.consultations import BestTime, ContactBy, Draft, consent_text, consent_version, promised_months
from domain.phones import MAX_PHONE
from domain.settings import Treatment
from domain.text import MAX_NAME, MAX_TEXT
from web import words
from web.formbase import AtMost, EmailAddress, PublicForm, Required, line, text

CHOOSE_WAY = "Choose how we should reach you"
BAD_PHONE = "Enter a phone number we can call, such as 0300 1234567, 051 2345678 or +44 20 7946 0958"


class ConsultationForm(PublicForm):
    """Checks the shape of a request; an unknown treatment or source is dropped, never a reason to refuse."""

    name = StringField("Your name", [Required("Enter your name"), AtMost(MAX_NAME, "Your name")], filters=[line])
    phone = TelField(
        "Phone or WhatsApp number",
        [Required("Enter a phone number on which we can reach you"), AtMost(MAX_PHONE, "The phone number")],
        filters=[line],
        description="A mobile or landline number. From outside Pakistan, start with + and the country code.",
    )
    contact_by = RadioField(
        "How should we reach you?",
        [Required(CHOOSE_WAY)],
        choices=[SelectChoice(value.value, label) for value, label in words.CONTACT.items()],
        validate_choice=False,
    )
    email = EmailField(
        "Email address", [EmailAddress()], filters=[line], description="Needed only if you want us to answer by email."
    )
    best_time = SelectField(
        "Best time to reach you",
        choices=[SelectChoice(value.value, label) for value, label in words.BEST_TIME.items()],
        validate_choice=False,
    )
    best_day = DateField("Preferred day", description="Leave this empty if any day suits you.")
    treatment = RadioField("What is it about?", validate_choice=False)
    message = TextAreaField(
        "Message",
        [AtMost(MAX_TEXT, "Your message")],
        filters=[text],
        description="Please no medical details: keep those for the visit. "
        "You may write that a woman should call, or that nobody else should hear why.",
    )
    consent = BooleanField(validators=[Required("Tick the box so that we may keep your details and answer you")])
    consent_version = HiddenField(filters=[line])
    source = HiddenField(filters=[line])
    submission_id = HiddenField(filters=[line])
    first_touch = HiddenField(filters=[line])

    def __init__(self, *args: Any, treatments: Sequence[Treatment], today: date, months: int, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # A page may have been open while the owner set another time: what it said is what was agreed to.
        agreed = promised_months(self.consent_version.data or "") or months
        self.consent_version.data = consent_version(agreed)
        self.consent.label = Label(self.consent.id, consent_text(agreed))
        self._today = today
        self.treatment.choices = [SelectChoice(slug, name) for slug, name in treatments]

    def validate_phone(self, field: TelField) -> None:
        """A number that somebody can call."""
        try:
            self._phone = phones.parse(field.data or "")
        except phones.BadPhone as error:
            raise ValidationError(BAD_PHONE) from error

    def validate_contact_by(self, field: RadioField) -> None:
        """One of the three ways."""
        if field.data not in set(ContactBy):
            raise StopValidation(CHOOSE_WAY)

    def validate_email(self, field: EmailField) -> None:
        """Needed when the answer is to come by email."""
        if not field.data and self.contact_by.data == ContactBy.EMAIL:
            raise ValidationError("Enter your email address, or choose another way to be reached")

    def validate_best_time(self, field: SelectField) -> None:
        """One of the choices, or nothing."""
        if field.data and field.data not in set(BestTime):
            raise ValidationError("Choose a time of day from the list")

    def validate_best_day(self, field: DateField) -> None:
        """Today or later, as a real day."""
        typed = (field.raw_data or [""])[0].strip()
        field.errors = []
        if not typed:
            raise StopValidation
        if field.data is None:
            raise StopValidation("Enter the day as a date, such as 2026-12-31, or leave it empty")
        if field.data < self._today:
            raise StopValidation("Choose today or a later day, or leave it empty")

    def to_draft(self, article_id: str | None, first_touch: FirstTouch) -> Draft:
        """The request as domain takes it; only after validate()."""
        known = {choice.value for choice in self.treatment.choices}
        submission = self.submission_id.data or ""
        return Draft(
            name=self.name.data or "",
            phone=self._phone,
            phone_raw=self.phone.data or "",
            contact_by=ContactBy(self.contact_by.data),
            email=self.email.data or None,
            best_time=BestTime(self.best_time.data or BestTime.ANY),
            best_day=self.best_day.data,
            treatment=(self.treatment.data or None) if self.treatment.data in known else None,
            message=self.message.data or "",
            article_id=article_id,
            first_touch=first_touch,
            submission_id=submission if re.fullmatch(r"[A-Za-z0-9-]{16,64}", submission) else None,
            consent_version=self.consent_version.data or "",
        )
