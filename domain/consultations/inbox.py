"""What the inbox lists and counts: requests that match a filter, what is to be done now, and earlier ones of the same visitor."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlalchemy.orm import InstrumentedAttribute, Session

from domain import search
from domain.consultations import finding
from domain.consultations.request import DUE, SUSPECTED, CloseReason, ConsultationRequest, RequestCount, Status

NOBODY = 0
"""No account has this number; as `assigned_to` of a filter it means requests that nobody looks after."""
COUNTED = 1000
"""As many as this are counted one by one in a list with filters; reading a million to say how many there are is slow."""
BATCH = 500


@dataclass(frozen=True)
class Filter:
    """Which requests are wanted; what is None or False does not matter.

    `due_by` keeps those that are to be done by then, `since` and `until` (not itself included) those that arrived between,
    `uncontacted_since` new ones that arrived by then and had no contact yet. NOBODY in `assigned_to` means just that.
    `is_real` leaves out tests of our own.
    """

    status: Status | None = None
    due_by: datetime | None = None
    assigned_to: int | None = None
    treatment: str | None = None
    suspected: bool = False
    since: datetime | None = None
    until: datetime | None = None
    uncontacted_since: datetime | None = None
    text: str | None = None
    is_real: bool = False


EVERY = Filter()


@dataclass(frozen=True)
class InboxPage:
    """A page of what matches, and what is said of all of it."""

    rows: list[ConsultationRequest]
    has_more: bool
    matching: int
    is_exact: bool
    """Whether `matching` is their number; else there may be more."""


@dataclass(frozen=True)
class _Order:
    """How a list is read: by these columns of a request, upwards or downwards. `number` is the id as the search has it."""

    names: tuple[str, ...]
    is_upwards: bool
    number: sa.ColumnElement[int]

    @property
    def _columns(self) -> list[sa.ColumnElement[Any]]:
        return [self.number if name == "id" else getattr(ConsultationRequest, name) for name in self.names]

    def clauses(self) -> list[sa.ColumnElement[Any]]:
        return [column.asc() if self.is_upwards else column.desc() for column in self._columns]

    def behind(self, last: ConsultationRequest) -> sa.ColumnElement[bool]:
        values = [sa.bindparam(None, getattr(last, name), getattr(ConsultationRequest, name).type) for name in self.names]
        place, end = sa.tuple_(*self._columns), sa.tuple_(*values)
        return place > end if self.is_upwards else place < end


def inbox_page(session: Session, only: Filter, *, after: int | None, size: int) -> InboxPage:
    """`inbox` with what its page says of the whole list; a search is carried out once for all of it."""
    if only not in (Filter(status=only.status), Filter(due_by=only.due_by)):
        return _filtered_page(session, only, after, size)
    rows = inbox(session, only, after, size + 1)
    if only.due_by is not None:
        matching = count(session, only)
    else:
        counts = count_by_status(session)
        matching = sum(counts.values()) if only.status is None else counts[only.status]
    return InboxPage(rows[:size], len(rows) > size, matching, True)


def _filtered_page(session: Session, only: Filter, after: int | None, size: int) -> InboxPage:
    query, order = _narrowed(session, sa.select(ConsultationRequest.id), only)
    ids = list(session.scalars(query.order_by(*order.clauses()).limit(COUNTED)))
    here = ids[ids.index(after) + 1 if after in ids else 0 :][: size + 1]
    # The list goes on where counting ended, or the last request of the page before does not match any more.
    if (after is not None and after not in ids) or (len(here) <= size and len(ids) == COUNTED):
        rows = inbox(session, only, after, size + 1)
    else:
        found = {row.id: row for row in session.scalars(sa.select(ConsultationRequest).where(ConsultationRequest.id.in_(here)))}
        rows = [found[number] for number in here]
    return InboxPage(rows[:size], len(rows) > size, len(ids), len(ids) < COUNTED)


def inbox(session: Session, only: Filter = EVERY, after: int | None = None, size: int = 25) -> list[ConsultationRequest]:
    """Requests that match, those behind request `after` when given: the newest first, what is to be done longest due first."""
    query, order = _narrowed(session, sa.select(ConsultationRequest), only)
    last = session.get(ConsultationRequest, after) if after is not None else None
    if last is not None and None not in (getattr(last, name) for name in order.names):
        query = query.where(order.behind(last))
    return list(session.scalars(query.order_by(*order.clauses()).limit(size)))


def count(session: Session, only: Filter = EVERY, *, most: int | None = None) -> int:
    """How many requests match, counted up to `most`."""
    query, _ = _narrowed(session, sa.select(ConsultationRequest.id), only)
    return session.scalars(sa.select(sa.func.count()).select_from(query.limit(most).subquery())).one()


def batches(session: Session, columns: Iterable[InstrumentedAttribute[Any]], only: Filter) -> Iterator[sa.Row[Any]]:
    """Number and columns of all that match, oldest first, BATCH at a time so that many never fill the memory."""
    query, order = _narrowed(session, sa.select(ConsultationRequest.id, *columns), only)
    query, last = query.order_by(order.number).limit(BATCH), 0
    while found := session.execute(query.where(order.number > last)).all():
        yield from found
        last = found[-1][0]


def _narrowed(session: Session, query: sa.Select[Any], only: Filter) -> tuple[sa.Select[Any], _Order]:
    query = query.where(*_states(only), *_conditions(only))
    number: sa.ColumnElement[int] = sa.type_coerce(ConsultationRequest.id, sa.Integer)
    if only.text is not None:
        wanted = finding.terms(only.text)
        query, number = search.narrow(session, query, search.REQUESTS, ConsultationRequest.id, wanted, list(_facts(only)))
    if only.due_by is not None:
        return query, _Order(("due_at", "id"), True, number)
    return query, _Order(("created_at", "id") if only.text is None else ("id",), False, number)


def _states(only: Filter) -> Iterator[sa.ColumnElement[bool]]:
    row = ConsultationRequest
    if only.status is not None:
        yield row.status == only.status
    if only.due_by is not None:
        yield row.due_at <= only.due_by
    if only.uncontacted_since is not None:
        yield sa.and_(row.status == Status.NEW, row.first_contact_at.is_(None), row.created_at <= only.uncontacted_since)


def _conditions(only: Filter) -> Iterator[sa.ColumnElement[bool] | sa.TextClause]:
    row = ConsultationRequest
    if only.assigned_to is not None:
        yield row.assigned_to.is_(None) if only.assigned_to == NOBODY else row.assigned_to == only.assigned_to
    if only.treatment is not None:
        yield row.treatment == only.treatment
    if only.suspected:
        yield SUSPECTED
    if only.is_real:
        yield row.close_reason.is_distinct_from(CloseReason.TEST)
    if only.since is not None:
        yield row.created_at >= only.since
    if only.until is not None:
        yield row.created_at < only.until


def _facts(only: Filter) -> Iterator[list[str]]:
    """What the index of the search knows of it: codes as its migration writes them."""
    states = None if only.status is None else {only.status}
    if only.due_by is not None:
        states = (states or set(Status)) & DUE
    if only.uncontacted_since is not None:
        states = (states or set(Status)) & {Status.NEW}
    if states is not None:
        yield [f"state{status.value.replace('_', '')}" for status in sorted(states)] or ["none"]
    if only.assigned_to is not None:
        yield [f"with{only.assigned_to}"]
    if only.treatment is not None:
        yield [f"treatment{only.treatment.replace('-', '')}"]
    if only.suspected:
        yield ["suspected"]


def due(session: Session, now: datetime, after: int | None = None, size: int = 25) -> list[ConsultationRequest]:
    """New requests, and those to be tried again by now, longest due first; those behind request `after` when given."""
    return inbox(session, Filter(due_by=now), after, size)


def count_due(session: Session, now: datetime) -> int:
    """How many requests `due` would list."""
    return count(session, Filter(due_by=now))


def count_by_status(session: Session) -> dict[Status, int]:
    """How many requests stand where."""
    found = dict(session.execute(sa.select(RequestCount.status, RequestCount.number)).all())
    return {status: found.get(status, 0) for status in Status}


def earlier(session: Session, request: ConsultationRequest, size: int = 5) -> list[ConsultationRequest]:
    """Other requests of the same phone or email address, newest first."""
    same = sa.select(ConsultationRequest.id).where(ConsultationRequest.phone == request.phone)
    if request.email_key:
        # As a union, since an OR beside ORDER BY id tempts the planner to read the whole table backwards.
        same_address = sa.select(ConsultationRequest.id).where(ConsultationRequest.email_key == request.email_key)
        ids: sa.SelectBase = same.union(same_address)
    else:
        ids = same
    query = sa.select(ConsultationRequest).where(ConsultationRequest.id.in_(ids), ConsultationRequest.id != request.id)
    return list(session.scalars(query.order_by(ConsultationRequest.id.desc()).limit(size)))


def references(session: Session, numbers: Iterable[int]) -> dict[int, str]:
    """The references of requests, by their numbers; without those that are gone."""
    query = sa.select(ConsultationRequest.id, ConsultationRequest.reference).where(ConsultationRequest.id.in_(numbers))
    return {row.id: row.reference for row in session.execute(query)}


class Unanswered(NamedTuple):
    """How many new requests have no first contact, and when the oldest of them arrived."""

    number: int
    since: datetime | None


def unanswered(session: Session) -> Unanswered:
    """The requests that nobody has tried to answer yet, suspected ones too."""
    oldest = sa.func.min(ConsultationRequest.created_at, type_=ConsultationRequest.created_at.type)
    waiting = (ConsultationRequest.status == Status.NEW, ConsultationRequest.first_contact_at.is_(None))
    return Unanswered(*session.execute(sa.select(sa.func.count(), oldest).where(*waiting)).one())
