"""The list of erasures that is kept beside the backups: who was erased, as keyed marks, so that a restore erases again.

One line for each: when (UTC, ISO 8601), by what the person was known, the mark, and a mark of the key it was made with.
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlalchemy.orm import Session

from domain import marks
from domain.comments import Comment
from domain.comments.blocks import CommentBlock, Target
from domain.consultations import ConsultationRequest
from domain.outbox import VISITOR_KINDS, OutboxMail
from domain.privacy.erasure import Way, erase
from domain.privacy.person import Kind, Person
from domain.readers import Reader
from domain.staff import SignInFailure

KEY_MARK = 12
"""Hex digits by which a key is known again."""


class Erasure(NamedTuple):
    """A line of the list."""

    at: datetime
    kind: Kind
    mark: str
    key_mark: str


class BadList(Exception):
    """What is read is no list of erasures."""


class Replayed(NamedTuple):
    """How many persons were erased again, and how many lines no key that is set could have made."""

    persons: int
    without_key: int


def erasure_of(person: Person, key: str, now: datetime) -> Erasure:
    """The line that stands for the erasure of a person."""
    return Erasure(now, person.kind, _mark(key, person), _key_mark(key))


def _mark(key: str, person: Person) -> str:
    return marks.mark(key, "erasure", f"{person.kind.value} {person.value}")


def _key_mark(key: str) -> str:
    return marks.mark(key, "erasure-key", "")[:KEY_MARK]


def written(erasure: Erasure) -> str:
    """A line of the list, without its end."""
    return f"{erasure.at.isoformat()} {erasure.kind.value} {erasure.mark} {erasure.key_mark}"


def read(text: str) -> list[Erasure]:
    """The lines of a list. Raises BadList."""
    try:
        return [_read(line) for line in text.splitlines() if line.strip()]
    except ValueError as error:
        raise BadList from error


def _read(line: str) -> Erasure:
    at, kind, mark, key_mark = line.split()
    moment = datetime.fromisoformat(at)
    if moment.tzinfo is None or len(mark) != 64 or len(key_mark) != KEY_MARK:
        raise ValueError
    return Erasure(moment, Kind(kind), mark, key_mark)


def replay(session: Session, erasures: Iterable[Erasure], way: Way, now: datetime) -> Replayed:
    """Erases again whom the list names: what is older than the erasure, since a person may write again after it.

    Each `erase` adds its audit entry. The caller has begun a write with "erasure" and MODERATION, commits, and rids the files of
    what they still hold. Doing it again finds nothing.
    """
    lines = list(erasures)
    latest: dict[str, datetime] = {}
    for line in lines:
        latest[line.mark] = max(line.at, latest.get(line.mark, line.at))
    persons = 0
    for person in list(_everybody(session)):
        at = _erased_at(person, latest, way.keys)
        if at is not None and any(erase(session, person, way, now, until=at).rows):
            persons += 1
    known = {_key_mark(key) for key in way.keys}
    return Replayed(persons, sum(line.key_mark not in known for line in lines))


def _erased_at(person: Person, latest: dict[str, datetime], keys: Sequence[str]) -> datetime | None:
    times = [latest[mark] for key in keys if (mark := _mark(key, person)) in latest]
    return max(times, default=None)


def _everybody(session: Session) -> Iterator[Person]:
    """Every address and number that the rows of visitors and readers hold."""
    addresses: sa.CompoundSelect[Any] = sa.union(
        sa.select(Comment.email_key).where(Comment.staff_id.is_(None), Comment.email_key != ""),
        sa.select(ConsultationRequest.email_key).where(ConsultationRequest.email_key.is_not(None)),
        sa.select(Reader.email_key),
        sa.select(OutboxMail.recipient).where(OutboxMail.kind.in_(VISITOR_KINDS)),
        sa.select(CommentBlock.value).where(CommentBlock.target == Target.ADDRESS),
        sa.select(SignInFailure.email),
    )
    for kind, values in ((Kind.EMAIL, addresses), (Kind.PHONE, sa.select(ConsultationRequest.phone).distinct())):
        for (value,) in session.execute(values):
            yield Person(kind, value)
