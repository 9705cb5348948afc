"""What every form shares: public ones without a token, staff ones with it, cleaned text, and fields that keep what was typed."""

from flask_wtf import FlaskForm
from wtforms import Field, Form, StringField, ValidationError
from wtforms.meta import DefaultMeta
from wtforms.validators import StopValidation

from domain.text import MAX_EMAIL, clean_line, clean_text, is_email


class PublicForm(Form):
    """Base of the forms visitors fill in: no session, no token, nothing that expires (rule 3 of the design)."""

    class Meta(DefaultMeta):
        """Public forms carry no CSRF token; what they lack in origin checks is a signal, not a refusal."""

        csrf = False

    url2 = StringField("Leave this empty")
    """The honeypot: hidden from people, filled in by programs."""


class StaffForm(FlaskForm):
    """Base of the forms under /staff: Flask-WTF's token, which lives as long as the session."""


def line(value: str | None) -> str:
    """Filter: one clean line."""
    return clean_line(value or "")


def text(value: str | None) -> str:
    """Filter: clean paragraphs."""
    return clean_text(value or "")


class Required:
    """Refuses an empty field with words that say what to do; marks the field as required."""

    def __init__(self, message: str) -> None:
        self.message = message
        self.field_flags = {"required": True}

    def __call__(self, form: Form, field: Field) -> None:
        if not field.data or (isinstance(field.data, str) and not field.data.strip()):
            raise StopValidation(self.message)


class AtMost:
    """Refuses text that is too long and says by how much."""

    def __init__(self, longest: int, what: str) -> None:
        self.longest, self.what = longest, what
        self.field_flags = {"max_length": longest}

    def __call__(self, form: Form, field: Field) -> None:
        length = len(field.data or "")
        if length > self.longest:
            raise ValidationError(f"{self.what} must be {self.longest:,} characters or fewer; it has {length:,}")


class EmailAddress:
    """Refuses what cannot be an email address; an empty field passes."""

    def __init__(self, message: str = "Enter an email address in the form name@example.com") -> None:
        self.message = message
        self.field_flags = {"max_length": MAX_EMAIL}

    def __call__(self, form: Form, field: Field) -> None:
        if field.data and not is_email(field.data):
            raise StopValidation(self.message)
