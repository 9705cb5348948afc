"""Where others typed a person's address or number: texts that only people can judge, and redact."""

import unicodedata
from collections.abc import Callable
from typing import Any, NamedTuple

import phonenumbers
import sqlalchemy as sa
from sqlalchemy.orm import InstrumentedAttribute, Session

from domain.comments import Comment, CommentVersion
from domain.comments.blocks import CommentBlock
from domain.consultations import ConsultationRequest, RequestEvent
from domain.outbox import OutboxMail
from domain.privacy.held import Matches, matches
from domain.privacy.person import Kind, Person

_ZEROS = "0\u0660\u06f0"
"""Of European, Arabic and Urdu digits."""


class Mention(NamedTuple):
    """A text: what it belongs to ("comment", "request" ...), and the number of that."""

    what: str
    number: int


class _Texts(NamedTuple):
    what: str
    number: InstrumentedAttribute[Any]
    columns: tuple[InstrumentedAttribute[Any], ...]
    of_others: sa.ColumnElement[bool]


def mentions(session: Session, person: Person) -> list[Mention]:
    """The texts of others that hold the address or the number, in common writings of it. The database reads every text."""
    may_hold, holds = _by_address(person.value) if person.kind is Kind.EMAIL else _by_number(person.value)
    found = []
    for texts in _texts(matches(person)):
        queries = [sa.select(texts.number, column).where(texts.of_others, may_hold(column)) for column in texts.columns]
        numbers = {number for query in queries for number, text in session.execute(query) if holds(text)}
        found += [Mention(texts.what, number) for number in sorted(numbers)]
    return found


def _texts(hers: Matches) -> tuple[_Texts, ...]:
    comments, requests = (
        sa.select(model.id).where(mine) for model, mine in ((Comment, hers.comments), (ConsultationRequest, hers.requests))
    )
    request, version, event = ConsultationRequest, CommentVersion, RequestEvent
    return (
        _Texts("comment", Comment.id, (Comment.text, Comment.name, Comment.website), Comment.id.not_in(comments)),
        _Texts("earlier text of comment", version.comment_id, (version.text,), version.comment_id.not_in(comments)),
        _Texts("request", request.id, (request.message, request.name), request.id.not_in(requests)),
        _Texts("note on request", event.request_id, (event.note,), event.request_id.not_in(requests)),
        _Texts("note on block", CommentBlock.id, (CommentBlock.note,), sa.not_(hers.blocks)),
        _Texts("answer of the mail server to mail", OutboxMail.id, (OutboxMail.last_reply,), sa.not_(hers.mails)),
    )


Search = tuple[Callable[[InstrumentedAttribute[Any]], sa.ColumnElement[bool]], Callable[[str], bool]]
"""What the database looks for, which may be too much, and whether a text it found is meant."""


def _by_address(address: str) -> Search:
    return lambda column: sa.func.lower(column).contains(address, autoescape=True), lambda text: address in text.lower()


def _by_number(e164: str) -> Search:
    national = str(phonenumbers.parse(e164, None).national_number)

    def has_every_digit(column: InstrumentedAttribute[Any]) -> sa.ColumnElement[bool]:
        return sa.and_(*(sa.or_(*(column.contains(chr(ord(zero) + int(digit))) for zero in _ZEROS)) for digit in set(national)))

    return has_every_digit, lambda text: national in _digits_together(text)


def _digits_together(text: str) -> str:
    """A text without what people write between the digits of a number."""
    digits = (str(unicodedata.digit(sign, sign)) for sign in text)
    return "".join(sign for sign in digits if sign not in "()./" and unicodedata.category(sign)[:2] not in {"Pd", "Zs", "Cf", "Cc"})
