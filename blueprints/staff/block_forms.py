"""The form by which the owner blocks an author: an address, a mail host, or a network."""

import re
from datetime import timedelta
from typing import Any

from wtforms import Field, HiddenField, IntegerField, SelectField, StringField, ValidationError
from wtforms.fields.choices import SelectChoice

from domain import networks
from domain.comments.blocks import LONGEST, MAX_NOTE, Target
from domain.text import is_email, normalise_email
from web.formbase import AtMost, Required, StaffForm, line

TARGETS = {Target.ADDRESS: "Email address", Target.HOST: "Mail host", Target.NETWORK: "Network"}
_HOST = re.compile(r"(?:[a-z0-9-]{1,63}\.)+[a-z0-9-]{2,63}")
WRONG = {
    Target.ADDRESS: "Enter an email address in the form name@example.com",
    Target.HOST: "Enter a mail host such as example.com, without @",
    Target.NETWORK: "Enter an IP address such as 203.0.113.7; the network around it is blocked and the address is not kept",
}


class BlockForm(StaffForm):
    """What to block, for how long, and why. `comment` names the comment whose author is meant where nothing is typed."""

    target = SelectField("Block", choices=[SelectChoice(target.value, label) for target, label in TARGETS.items()])
    value = StringField("Which one", [AtMost(254, "It")], filters=[line])
    days = IntegerField("Days", default=30)
    note = StringField("Why", [AtMost(MAX_NOTE, "The note")], filters=[line], description="For your colleagues.")
    comment = HiddenField(filters=[line])

    def __init__(self, *args: Any, known: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.days.flags.required = True
        if not known:
            self.value.validators = [Required("Enter what is to be blocked"), *self.value.validators]
            self.value.flags.required = True

    def validate_value(self, field: Field) -> None:
        """Of the kind that was chosen."""
        typed = field.data or ""
        fits = {
            Target.ADDRESS: is_email(typed),
            Target.HOST: bool(_HOST.fullmatch(self._host(typed))),
            Target.NETWORK: networks.is_address(typed),
        }
        if typed and self.target.data in fits and not fits[Target(self.target.data)]:
            raise ValidationError(WRONG[Target(self.target.data)])

    def validate_days(self, field: Field) -> None:
        """Every block has an end."""
        longest = LONGEST[Target(self.target.data)].days if self.target.data in set(Target) else 365
        if field.data is None or not 1 <= field.data <= longest:
            field.errors = []
            raise ValidationError(f"Enter a whole number of days from 1 to {longest}")

    @property
    def lasts(self) -> timedelta:
        """How long the block is to last."""
        return timedelta(days=self.days.data or 0)

    @property
    def typed_value(self) -> str:
        """What was typed, as blocks compare it; a network still as its address."""
        typed = self.value.data or ""
        return self._host(typed) if self.target.data == Target.HOST else normalise_email(typed)

    @staticmethod
    def _host(typed: str) -> str:
        return normalise_email(typed).removeprefix("@").rstrip(".")
