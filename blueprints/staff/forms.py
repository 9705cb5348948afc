"""Forms of the staff area that are more than a button."""

from collections.abc import Iterable
from typing import Any

from wtforms import (
    BooleanField,
    EmailField,
    HiddenField,
    PasswordField,
    SelectField,
    StringField,
    ValidationError,
)
from wtforms.fields.choices import SelectChoice

from domain import privacy
from domain.privacy import Person
from domain.staff import MAX_PASSWORD, MIN_PASSWORD, Role, password_fault
from domain.text import MAX_EMAIL, MAX_NAME
from web.formbase import AtMost, EmailAddress, Required, StaffForm, line

ROLE_LABELS = {
    Role.OWNER: "Owner",
    Role.MODERATOR: "Moderator",
    Role.FRONT_DESK: "Front desk",
}
PASSWORD_FAULTS = {
    "short": f"Use at least {MIN_PASSWORD} characters; a few unrelated words work well",
    "long": f"Use at most {MAX_PASSWORD} characters",
    "guessable": "Choose a password that is harder to guess",
}
SLOW_DOWN = "There were too many attempts. Wait 15 minutes, then try again"
PASSWORD_HINT = f"At least {MIN_PASSWORD} characters; a few unrelated words work well."


class LoginForm(StaffForm):
    """Who somebody says to be."""

    email = EmailField("Email", [Required("Enter your email address")], filters=[line])
    password = PasswordField("Password", [Required("Enter your password")])
    next = HiddenField(filters=[line])


class SetupForm(StaffForm):
    """Name and password of somebody who came by a set-up link; the first owner gives an address too."""

    name = StringField("Your name", [Required("Enter your name"), AtMost(MAX_NAME, "Your name")], filters=[line])
    email = EmailField("Email", [Required("Enter your email address"), EmailAddress()], filters=[line])
    password = PasswordField("Password", [Required("Choose a password")], description=PASSWORD_HINT)

    def __init__(self, *args: Any, words: Iterable[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._words = list(words)

    def validate_password(self, field: PasswordField) -> None:
        """Long enough and not a repetition of the name or address."""
        typed = self["email"].data if "email" in self else ""
        _check_password(field, [*self._words, self.name.data or "", typed or ""])


class PasswordForm(StaffForm):
    """A change of one's own password."""

    current_password = PasswordField("Current password", [Required("Enter your current password")])
    new_password = PasswordField("New password", [Required("Choose a new password")], description=PASSWORD_HINT)

    def __init__(self, *args: Any, words: Iterable[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._words = list(words)

    def validate_new_password(self, field: PasswordField) -> None:
        """Long enough and not a repetition of the name or address."""
        _check_password(field, self._words)


class CodeForm(StaffForm):
    """A second factor: the app's six digits, or a recovery code where one is taken."""

    code = StringField("Code", [Required("Enter the code"), AtMost(40, "The code")], filters=[line])


class ProofForm(StaffForm):
    """The password once more, before a sensitive change."""

    proof = PasswordField("Your password", [Required("Enter your password")])


class InviteForm(StaffForm):
    """Somebody who is to work here."""

    name = StringField("Name", [Required("Enter the person's name"), AtMost(MAX_NAME, "The name")], filters=[line])
    email = EmailField("Email", [Required("Enter the person's email address"), EmailAddress()], filters=[line])
    role = SelectField(
        "Role",
        choices=[SelectChoice(role.value, ROLE_LABELS[role]) for role in reversed(Role)],
        description="The front desk answers requests, a moderator decides about comments, an owner does everything.",
    )


class PersonForm(StaffForm):
    """Whom somebody asks about; `found` is None while that is not clear."""

    who = StringField(
        "Email address or phone number",
        [Required("Enter an email address or a phone number"), AtMost(MAX_EMAIL, "The address")],
        filters=[line],
        description="As the person gave it to us. Each finds only what was sent with it.",
    )
    found: Person | None = None

    @property
    def person(self) -> Person:
        """Who is meant; only after validate()."""
        assert self.found is not None
        return self.found

    def validate_who(self, field: StringField) -> None:
        """One that can be searched for."""
        try:
            self.found = privacy.recognise(field.data or "")
        except privacy.Unrecognised as error:
            raise ValidationError(
                "Enter an email address such as name@example.com, or a phone number such as 0300 1234567"
            ) from error


class EraseForm(PersonForm):
    """Erasing, which cannot be taken back."""

    sure = BooleanField(
        "I have checked that who asks is this person, or that the law wants it",
        [Required("Tick the box to erase")],
    )
    forget_refusal = BooleanField(
        "Also forget that this person wants no mail", description="Unticked, a mark that nobody can read keeps mail from them."
    )


def _check_password(field: PasswordField, words: Iterable[str]) -> None:
    parts = [part for word in words for part in (word, *word.split(), *word.split("@"))]
    fault = password_fault(field.data or "", parts)
    if fault is not None:
        raise ValidationError(PASSWORD_FAULTS[fault])
