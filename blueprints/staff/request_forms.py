"""What the front desk fills in about a request: what was done, and when it goes on."""

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from wtforms import Field, SelectField, StringField, TextAreaField, ValidationError
from wtforms.fields.choices import SelectChoice

from domain.consultations import GIVEN, CloseReason, Move, Status
from domain.text import MAX_TEXT
from web.formbase import AtMost, StaffForm, line, text

CLOSE_REASONS = {
    CloseReason.CAME: "Came to the clinic",
    CloseReason.DECLINED: "Does not want an appointment",
    CloseReason.UNREACHABLE: "Could not be reached",
    CloseReason.DUPLICATE: "The same as another request",
    CloseReason.OTHER: "Another reason (say which in the note)",
    CloseReason.TEST: "A test of the form (flask probe)",
}
FARTHEST = timedelta(days=730)
"""How far ahead an appointment or a next try may lie."""


_CHOICES = [SelectChoice("", "Choose a reason"), *(SelectChoice(reason.value, CLOSE_REASONS[reason]) for reason in GIVEN)]


class StepForm(StaffForm):
    """One step; `status` is the button that was pressed, empty for a note alone. Times are those of the clinic's zone."""

    status = StringField()
    note = TextAreaField("Note", [AtMost(MAX_TEXT, "The note")], filters=[text])
    next_try = StringField("Try again", filters=[line], description="Needed for “No answer”.")
    appointment = StringField("Appointment", filters=[line], description="Needed for “Booked”.")
    close_reason = SelectField("Reason to close", choices=_CHOICES, validate_choice=False)

    def __init__(self, *args: Any, zone: ZoneInfo, now: datetime, arrived: datetime, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._zone, self._now, self._arrived = zone, now, arrived

    def validate_note(self, field: Field) -> None:
        """A note alone says something."""
        if not self.status.data and not field.data:
            raise ValidationError("Write a note")

    def validate_next_try(self, field: Field) -> None:
        """Lies ahead; an empty one is a question of its own."""
        if self.status.data == Status.NO_ANSWER and self._moment(field) <= self._now:
            raise ValidationError("Choose a time that is still to come")

    def validate_appointment(self, field: Field) -> None:
        """May lie behind, since staff write down later what was agreed, but not before the request arrived."""
        if self.status.data == Status.BOOKED and self._moment(field) < self._arrived:
            raise ValidationError("Choose a time after the request arrived")

    def validate_close_reason(self, field: Field) -> None:
        """One of the reasons, and only where the step closes; another reason is one that the note says."""
        if self.status.data != Status.CLOSED:
            return
        if field.data not in GIVEN:
            raise ValidationError("Choose why the request is closed")
        if field.data == CloseReason.OTHER and not self.note.data:
            raise ValidationError("Say in the note why the request is closed")

    def may_go_along(self) -> bool:
        """Whether the note, if there is one, can be kept with a step that needs none."""
        return not self.note.data or self.validate()

    def to_move(self, status: Status) -> Move:
        """The step as the domain takes it; only of a form that is valid."""
        reason = CloseReason(self.close_reason.data) if self.status.data == Status.CLOSED else None
        timed = {Status.NO_ANSWER: self.next_try, Status.BOOKED: self.appointment}.get(status) if self.status.data else None
        return Move(status, self.note.data or "", self._moment(timed) if timed is not None else None, reason)

    def _moment(self, field: Field) -> datetime:
        typed = field.data or ""
        if not typed:
            raise ValidationError("Choose a date and a time")
        try:
            moment = datetime.fromisoformat(typed)
        except ValueError as error:
            raise ValidationError(f"“{typed[:40]}” is no date and time; write it as 2026-11-30 15:30") from error
        if moment.tzinfo is not None or not 2000 <= moment.year <= self._now.year + 10:
            raise ValidationError(f"“{typed[:40]}” is no date and time of this clinic; write it as 2026-11-30 15:30")
        moment = moment.replace(tzinfo=self._zone).astimezone(UTC)
        if moment > self._now + FARTHEST:
            raise ValidationError("Choose a time within the next two years")
        return moment


def typed_moment(value: datetime, zone: ZoneInfo) -> str:
    """A time as the fields of StepForm hold it."""
    return f"{value.astimezone(zone):%Y-%m-%dT%H:%M}"
