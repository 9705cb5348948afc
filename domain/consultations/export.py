"""Consultation requests as rows for a file: the columns, a batch at a time, and cells that no spreadsheet runs."""

import csv
import io
import json
from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime

from sqlalchemy.orm import Session

from domain import attribution
from domain.consultations.inbox import Filter, batches
from domain.consultations.inbox import count as count_matching
from domain.consultations.request import ConsultationRequest

COLUMNS = (
    "reference", "created_at", "status", "status_since", "suspected", "name", "phone", "email", "contact_by", "best_time",
    "best_day", "treatment", "message", "article_id", "first_contact_at", "due_at", "appointment_at", "close_reason",
    "assigned_to", "lang", "consent_version", "source", *attribution.FIELDS, "first_contact_minutes",
)  # fmt: skip
"""What a file holds, in this order; docs/operations.md says what each means."""
_RUNS = ("=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠")
"""How a cell begins that a spreadsheet takes for a formula (OWASP, CSV injection)."""

Value = str | int | bool | None


def count(session: Session, only: Filter) -> int:
    """How many requests `rows` gives."""
    return count_matching(session, replace(only, is_real=True))


def rows(session: Session, only: Filter) -> Iterator[dict[str, Value]]:
    """Requests that match, oldest first, without tests of our own; times are UTC."""
    columns = [getattr(ConsultationRequest, name) for name in COLUMNS]
    for row in batches(session, columns, replace(only, is_real=True)):
        values: Sequence[object] = row[1:]
        yield {name: _plain(value) for name, value in zip(COLUMNS, values, strict=True)}


def as_csv(found: Iterator[dict[str, Value]]) -> Iterator[str]:
    """Lines of RFC 4180 behind a byte order mark and a line of names; cells that begin like a formula get an apostrophe."""
    yield "\ufeff" + _line(COLUMNS)
    for row in found:
        yield _line([_harmless(value) for value in row.values()])


def as_json(found: Iterator[dict[str, Value]]) -> Iterator[str]:
    """One array of objects, a line each."""
    before = "[\n"
    for row in found:
        yield before + json.dumps(row, ensure_ascii=False)
        before = ",\n"
    yield "[]\n" if before == "[\n" else "\n]\n"


def _plain(value: object) -> Value:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat(timespec="seconds")
    if isinstance(value, date):
        return value.isoformat()
    if value is None or isinstance(value, bool | int):
        return value
    return str(value)


def _harmless(value: Value) -> Value:
    return f"'{value}" if isinstance(value, str) and value.startswith(_RUNS) else value


def _line(cells: Collection[Value]) -> str:
    file = io.StringIO(newline="")
    csv.writer(file).writerow(cells)
    return file.getvalue()
