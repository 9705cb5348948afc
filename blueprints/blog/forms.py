"""The comment form."""

from typing import Any

from wtforms import EmailField, HiddenField, SelectMultipleField, StringField, TextAreaField, URLField, ValidationError
from wtforms.fields.choices import SelectChoice

from domain.comments import Draft, Wish
from domain.text import MAX_NAME, MAX_TEXT, MAX_URL, web_address
from web.formbase import AtMost, EmailAddress, PublicForm, Required, line, text


class NotifyField(SelectMultipleField):
    """The mail an author asks for; what is no such wish is dropped, never a reason to refuse."""

    def __init__(self, label: str, **bound: Any) -> None:
        choices = [SelectChoice(wish.value, words) for wish, words in WISHES.items()]
        super().__init__(label, choices=choices, validate_choice=False, **bound)

    @property
    def wishes(self) -> frozenset[Wish]:
        """What was ticked."""
        return frozenset(wish for wish in Wish if wish.value in (self.data or ()))


WISHES = {
    Wish.PUBLISHED: "Tell me by email when my comment is published",
    Wish.REPLIES: "Tell me by email of replies (we first send you a link to confirm your address)",
}


class CommentForm(PublicForm):
    """Checks the shape of a comment; what becomes of it is decided by domain.comments."""

    body = TextAreaField("Comment", [Required("Write your comment"), AtMost(MAX_TEXT, "Your comment")], filters=[text])
    name = StringField("Name", [Required("Enter your name"), AtMost(MAX_NAME, "Your name")], filters=[line])
    email = EmailField("Email", [Required("Enter your email address"), EmailAddress()], filters=[line])
    parent_id = HiddenField(filters=[line])
    website = URLField("Website", [AtMost(MAX_URL, "The address of your website")], filters=[line])
    notify = NotifyField("Mail")

    def __init__(self, *args: Any, asks_website: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not asks_website:
            del self.website

    def validate_website(self, field: URLField) -> None:
        """A web address, with or without its https://."""
        if field.data and web_address(_with_scheme(field.data)) is None:
            raise ValidationError("Enter a web address in the form https://example.com")

    def to_draft(self) -> Draft:
        """The comment as domain takes it; only after validate()."""
        website = self["website"].data if "website" in self else ""
        parent = self.parent_id.data or ""
        return Draft(
            name=self.name.data or "",
            email=self.email.data or "",
            text=self.body.data or "",
            website=_with_scheme(website) if website else None,
            parent_id=comment_number(parent) if parent else None,
            wishes=self.notify.wishes,
        )


class EditForm(PublicForm):
    """A change of one's own comment, by the signed link."""

    body = TextAreaField("Comment", [Required("Write your comment"), AtMost(MAX_TEXT, "Your comment")], filters=[text])
    revision = HiddenField(filters=[line])

    def revision_seen(self) -> int:
        """The revision the author had before the eyes; 0, which no comment has, for what is no number."""
        return comment_number(self.revision.data or "")


class WishesForm(PublicForm):
    """The mail about one's own comment, by the signed link."""

    notify = NotifyField("Mail")


def comment_number(typed: str) -> int:
    """The number of a comment as it was typed; 0, which no comment has, for what is no number."""
    return int(typed) if typed.isascii() and typed.isdigit() and len(typed) < 10 else 0


def _with_scheme(value: str) -> str:
    return value if "://" in value else f"https://{value}"
