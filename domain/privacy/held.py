"""Which rows are a person's, table by table."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import NamedTuple

import sqlalchemy as sa
from sqlalchemy.orm import InstrumentedAttribute, Session

from domain import readers
from domain.comments import Comment
from domain.comments.blocks import CommentBlock, Target
from domain.consultations import ConsultationRequest
from domain.outbox import COMMENT_KINDS, COMMENT_LISTS, REQUEST_KINDS, REQUEST_LISTS, VISITOR_KINDS, Kind, OutboxItem, OutboxMail
from domain.privacy.person import Kind as By
from domain.privacy.person import Person
from domain.readers import Reader
from domain.staff import SignInFailure, Staff

COVERED: Mapping[str, str] = {
    "comment": "by email_key; replies of staff are the clinic's",
    "comment_version": "with its comment",
    "comment_event": "with its comment; holds no typed text",
    "comment_count": "numbers only",
    "request_count": "numbers only",
    "thread_block": "numbers only",
    "daily_traffic": "numbers only",
    "first_contact": "numbers only",
    "comment_block": "a blocked address",
    "consultation_request": "by email_key or phone",
    "request_event": "with its request",
    "outbox_mail": "by recipient, or with what it tells of",
    "outbox_item": "with its message",
    "reader": "by email_key",
    "mail_refusal": "a keyed mark only, kept so that nobody is written to against their will",
    "sign_in_failure": "an address typed at the sign-in of staff",
    "audit_entry": "ids and codes only, append-only (rule 14 of the design)",
    "staff": "people with an account; the people page is for them",
    "staff_session": "people with an account",
    "staff_passkey": "people with an account",
    "staff_passkey_challenge": "people with an account",
    "staff_recovery_code": "people with an account",
    "staff_totp": "people with an account",
    "setting": "the clinic's own addresses and numbers",
    "site_version": "a number",
    "spam_bucket": "numbers only; no word can be read from one, since many share it, and nothing with @ or a digit is counted",
    "spam_total": "numbers only",
    "spam_threshold": "numbers only",
    "spam_week": "numbers only",
    "spam_sketch": "with its comment, and after a week",
    "heartbeat": "names of our own processes, and times",
    "retention_run": "a time",
    "backup_run": "times and sizes; what backups hold is erased again when one is restored",
}
"""Every table, and how what it holds of a person is found, or why it holds nothing; a test holds this equal to the models."""


class Matches(NamedTuple):
    """A condition for each table; `mails` are those to the person."""

    comments: sa.ColumnElement[bool]
    requests: sa.ColumnElement[bool]
    readers: sa.ColumnElement[bool]
    mails: sa.ColumnElement[bool]
    blocks: sa.ColumnElement[bool]
    sign_ins: sa.ColumnElement[bool]


class Counts(NamedTuple):
    """How many rows are a person's; `mails` are those to the person and those to staff about what the person sent."""

    comments: int
    requests: int
    mails: int
    readers: int
    blocks: int
    sign_ins: int


def matches(person: Person, until: datetime | None = None) -> Matches:
    """The rows of a person; only those that were made by `until`, when given."""

    def rows(made: InstrumentedAttribute[datetime], *conditions: sa.ColumnElement[bool]) -> sa.ColumnElement[bool]:
        return sa.and_(*conditions, *([made <= until] if until is not None else []))

    if person.kind is By.PHONE:
        requests = rows(ConsultationRequest.created_at, ConsultationRequest.phone == person.value)
        to_them = _acknowledges(requests)
        return Matches(sa.false(), requests, sa.false(), to_them, sa.false(), sa.false())
    key = person.value
    requests = rows(ConsultationRequest.created_at, ConsultationRequest.email_key == key)
    to_them = rows(OutboxMail.created_at, OutboxMail.kind.in_(VISITOR_KINDS), OutboxMail.recipient == key)
    return Matches(
        comments=rows(Comment.submitted_at, Comment.email_key == key, Comment.staff_id.is_(None)),
        requests=requests,
        readers=rows(Reader.created_at, Reader.email_key == key),
        mails=sa.or_(to_them, _acknowledges(requests)),
        blocks=rows(CommentBlock.created_at, CommentBlock.target == Target.ADDRESS, CommentBlock.value == key),
        sign_ins=rows(SignInFailure.at, SignInFailure.email == key, _has_no_account(key)),
    )


def _has_no_account(key: str) -> sa.ColumnElement[bool]:
    """Refused sign-ins to an account guard that account, whoever typed its address."""
    return ~sa.exists().where(Staff.email == key)


def _acknowledges(requests: sa.ColumnElement[bool]) -> sa.ColumnElement[bool]:
    ids = sa.select(ConsultationRequest.id).where(requests)
    return sa.and_(OutboxMail.kind == Kind.REQUEST_ACKNOWLEDGED, OutboxMail.subject_id.in_(ids))


def counts(session: Session, person: Person, until: datetime | None = None) -> Counts:
    """How much there is of a person."""
    found = matches(person, until)

    def number(model: type, condition: sa.ColumnElement[bool]) -> int:
        return session.scalars(sa.select(sa.func.count()).select_from(model).where(condition)).one()

    return Counts(
        number(Comment, found.comments),
        number(ConsultationRequest, found.requests),
        number(OutboxMail, sa.or_(found.mails, _about(found))),
        number(Reader, found.readers),
        number(CommentBlock, found.blocks),
        number(SignInFailure, found.sign_ins),
    )


def _about(found: Matches) -> sa.ColumnElement[bool]:
    comments, requests = (
        sa.select(model.id).where(mine) for model, mine in ((Comment, found.comments), (ConsultationRequest, found.requests))
    )

    def telling(ids: sa.Select[int]) -> sa.ColumnElement[bool]:
        return OutboxMail.id.in_(sa.select(OutboxItem.mail_id).where(OutboxItem.item_id.in_(ids)))

    return sa.or_(
        sa.and_(OutboxMail.kind.in_(COMMENT_KINDS), OutboxMail.subject_id.in_(comments)),
        sa.and_(OutboxMail.kind.in_(COMMENT_LISTS), telling(comments)),
        sa.and_(OutboxMail.kind.in_(REQUEST_KINDS), OutboxMail.subject_id.in_(requests)),
        sa.and_(OutboxMail.kind.in_(REQUEST_LISTS), telling(requests)),
    )


def refuses(session: Session, person: Person, keys: Iterable[str]) -> bool:
    """Whether who owns the address wants no mail, by the row of it or by the mark that outlived an erasure."""
    if person.kind is not By.EMAIL:
        return False
    reader = readers.by_key(session, person.value)
    return (reader is not None and reader.refused_at is not None) or readers.has_refused_for_good(session, keys, person.value)


def named_beside(session: Session, person: Person) -> list[Person]:
    """Other addresses and numbers in the requests of a person, by which more may be found."""
    query = sa.select(ConsultationRequest.email_key, ConsultationRequest.phone).where(matches(person).requests).distinct()
    found = {
        Person(kind, value)
        for row in session.execute(query)
        for kind, value in zip((By.EMAIL, By.PHONE), row, strict=True)
        if value
    }
    return sorted(found - {person})
