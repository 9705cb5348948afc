"""The form by which the owner has a period unlearned."""

from datetime import date
from typing import Any

from wtforms import DateField, Field, ValidationError

from web.formbase import StaffForm

WRONG_DAY = "Enter a date such as 2026-11-30"


class UnlearnForm(StaffForm):
    """The first and the last day of the decisions that are to teach nothing any more, where the clinic is."""

    first = DateField("From")
    last = DateField("To, this day included")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for field in (self.first, self.last):
            field.flags.required = True

    def validate_first(self, field: Field) -> None:
        """A day."""
        self._is_day(field)

    def validate_last(self, field: Field) -> None:
        """A day, and none before the first."""
        self._is_day(field)
        if self.first.data is not None and field.data < self.first.data:
            raise ValidationError("The last day comes before the first")

    @staticmethod
    def _is_day(field: Field) -> None:
        # Beyond these years times are lost where zones differ.
        if field.data is None or not date(2000, 1, 1) <= field.data <= date(2200, 12, 31):
            field.errors = []
            raise ValidationError(WRONG_DAY)
