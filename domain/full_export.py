"""Everything the clinic owns, as one JSON document that any program can read; docs/operations.md describes its shape.

Every column of every table is in it, except what NOT_IN_IT names: so a new column is exported without anybody thinking of it.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlalchemy.orm import Session

from domain import orm
from domain.audit import AuditEntry
from domain.comments import Comment, CommentEvent, CommentVersion
from domain.comments.blocks import CommentBlock
from domain.consultations import ConsultationRequest, RequestEvent
from domain.consultations.answering import FirstContact
from domain.orm import Base
from domain.outbox import OutboxItem, OutboxMail
from domain.readers import Reader
from domain.settings import Setting
from domain.spam.weeks import SpamWeek
from domain.staff import Staff
from domain.traffic import DailyTraffic

FORMAT, VERSION = "dynamic-clinic", 1
"""A program that reads the document asks for both; the number rises when something in it gets another name or meaning."""
BATCH = 500
"""Rows that are held at once, each with what hangs on it."""


class Under(NamedTuple):
    """Rows of a table that name another one's row in a column."""

    model: type[Base]
    by: str


class Part(NamedTuple):
    """A list of the document: the rows of a table, each with lists of what stands under it."""

    model: type[Base]
    under: Mapping[str, Under] = {}


PARTS: Mapping[str, Part] = {
    "staff": Part(Staff),
    "settings": Part(Setting),
    "requests": Part(ConsultationRequest, {"history": Under(RequestEvent, "request_id")}),
    "comments": Part(
        Comment, {"history": Under(CommentEvent, "comment_id"), "earlier_versions": Under(CommentVersion, "comment_id")}
    ),
    "readers": Part(Reader),
    "blocks": Part(CommentBlock),
    "mail": Part(OutboxMail, {"items": Under(OutboxItem, "mail_id")}),
    "audit": Part(AuditEntry),
    "visits_by_day": Part(DailyTraffic),
    "first_contacts_by_day": Part(FirstContact),
    "spam_by_week": Part(SpamWeek),
}
_MARK = "a mark that only the key of this site can make again, kept for a month"
_SIGN_IN = "by this people sign in"
_COUNT = "counted anew from the rows that are in it"
_LEARNED = "counts of scrambled words, of no use to another filter"
_HERE = "about the machines of this site"
NOT_IN_IT: Mapping[str, str] = {
    "staff.password_hash": _SIGN_IN,
    "staff.session_epoch": _SIGN_IN,
    "staff.link_epoch": _SIGN_IN,
    "staff_session": _SIGN_IN,
    "staff_passkey": _SIGN_IN,
    "staff_passkey_challenge": _SIGN_IN,
    "staff_totp": _SIGN_IN,
    "staff_recovery_code": _SIGN_IN,
    "sign_in_failure": "guards the sign-in for an hour",
    "consultation_request.network": _MARK,
    "consultation_request.submission_id": "a number of the form, by which it is known when it comes twice",
    "comment.network": _MARK,
    "mail_refusal": "marks that only the key of this site can make again",
    "outbox_mail.lease": _HERE,
    "outbox_mail.lease_until": _HERE,
    "outbox_mail.holder": _HERE,
    "heartbeat": _HERE,
    "retention_run": _HERE,
    "backup_run": _HERE,
    "site_version": _HERE,
    "comment_count": _COUNT,
    "request_count": _COUNT,
    "thread_block": _COUNT,
    "spam_bucket": _LEARNED,
    "spam_total": _LEARNED,
    "spam_threshold": _LEARNED,
    "spam_sketch": _LEARNED,
}
"""Tables and columns that are left out, and why; a test holds the tables equal to the models."""


def count(session: Session) -> dict[str, int]:
    """How many rows each list of the document has."""
    asked = {name: sa.select(sa.func.count()).select_from(orm.table(part.model)) for name, part in PARTS.items()}
    return {name: orm.reading(session).execute(query).scalar_one() for name, query in asked.items()}


def document(session: Session, now: datetime) -> Iterator[str]:
    """The document, piece by piece, a row a line; times are UTC (ISO 8601). The caller has begun a snapshot and keeps it open."""
    yield f'{{\n"format": {json.dumps(FORMAT)},\n"version": {VERSION},\n"made_at": {json.dumps(_plain(now))}'
    connection = orm.reading(session)
    for name, part in PARTS.items():
        yield f",\n{json.dumps(name)}: ["
        before = "\n"
        for row in _rows(connection, part):
            yield before + json.dumps(row, ensure_ascii=False, default=_plain)
            before = ",\n"
        yield "\n]"
    yield "\n}\n"


def _rows(connection: sa.Connection, part: Part) -> Iterator[dict[str, Any]]:
    table = orm.table(part.model)
    query = sa.select(*columns(part.model)).order_by(*table.primary_key).execution_options(yield_per=BATCH)
    for rows in connection.execute(query).partitions():
        found = {name: _under(connection, under, [row.id for row in rows]) for name, under in part.under.items()}
        for row in rows:
            yield dict(row._mapping) | {name: of.get(row.id, []) for name, of in found.items()}


def _under(connection: sa.Connection, under: Under, ids: Sequence[int]) -> dict[int, list[dict[str, Any]]]:
    """What stands under the rows of these ids, without the column that names them."""
    table = orm.table(under.model)
    query = sa.select(*columns(under.model)).where(table.c[under.by].in_(ids)).order_by(*table.primary_key)
    found: dict[int, list[dict[str, Any]]] = {}
    for row in connection.execute(query).mappings():
        values = dict(row)
        found.setdefault(values.pop(under.by), []).append(values)
    return found


def columns(model: type[Base]) -> list[sa.Column[Any]]:
    """The columns of a table that are in the document."""
    table = orm.table(model)
    return [column for column in table.columns if f"{table.name}.{column.name}" not in NOT_IN_IT]


def _plain(value: object) -> str:
    """A value that JSON has no word for. Raises TypeError for one that nobody has thought of."""
    if isinstance(value, datetime):
        return value.isoformat(timespec="seconds")
    if isinstance(value, date):
        return value.isoformat()
    raise TypeError(type(value).__name__)
