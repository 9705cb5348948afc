"""What the owner changes at run time: one form of all groups, and its values as rows keep them."""

from collections.abc import Collection, Sequence
from typing import Any

from wtforms import Field, FormField, TextAreaField

from blueprints.staff.settings_fields import PhoneField
from blueprints.staff.settings_groups import (
    GROUPS,
    CommentSettings,
    ContactSettings,
    HoursSettings,
    ModeratorMailSettings,
    RequestSettings,
    RetentionSettings,
    SearchSettings,
    StaffSettings,
)
from domain import phones, settings
from domain.settings import RUNTIME
from domain.working_time import DAYS
from web.formbase import StaffForm


class SettingsForm(
    StaffSettings,
    SearchSettings,
    RetentionSettings,
    HoursSettings,
    ContactSettings,
    RequestSettings,
    ModeratorMailSettings,
    CommentSettings,
    StaffForm,
):
    """All groups; `settings.RUNTIME` has a key for each field. `treatments` are the slugs that rules of routing may name."""

    def __init__(self, *, treatments: Collection[str], **given: Any) -> None:
        super().__init__(**given)
        self.treatments = treatments

    @property
    def groups(self) -> list[tuple[str, Sequence[Field]]]:
        """Title and bound fields of each group."""
        return [(title, [self[name] for name in group()._fields]) for title, group in GROUPS.items()]

    @property
    def values(self) -> dict[str, settings.Value]:
        """What was typed, as rows keep it."""
        return {name: kept.write(kept.read(_typed(self[name]))) for name, kept in RUNTIME.items()}


def _typed(field: Field) -> object:
    if isinstance(field, FormField):
        return list(field.data.values())
    if isinstance(field, TextAreaField):
        return (field.data or "").splitlines()
    if isinstance(field, PhoneField):
        return phones.parse(field.data).e164 if field.data else None
    return field.data


def shown(site: settings.Site, name: str) -> object:
    """A fact in force as its field shows it."""
    value = getattr(site, name)
    if isinstance(value, phones.Phone):
        return value.display
    kept = RUNTIME[name].write(value)
    if name == "opening":
        return dict(zip(DAYS, kept, strict=True)) if value else {}  # type: ignore[arg-type]
    return "\n".join(kept) if isinstance(kept, list) else kept
