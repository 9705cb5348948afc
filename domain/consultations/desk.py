"""The front desk's side of a request: moving it on, calling, handing it over, and what it did so far."""

from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from domain import audit, orm
from domain.consultations import answering, notices
from domain.consultations.request import (
    AGAIN,
    GIVEN,
    CloseReason,
    ConsultationRequest,
    ContactBy,
    RequestEvent,
    Status,
    What,
    to_change,
)
from domain.working_time import WorkingTime

REACHED = frozenset({Status.CONTACTED, Status.NO_ANSWER, Status.BOOKED})
"""States that nobody sets without having tried to reach the visitor."""


SECOND_CLICK = timedelta(minutes=1)
"""Within which the same step by the same person is the first one, sent twice."""


class Forbidden(Exception):
    """The state machine has no such move, or the request was changed since it was shown."""


@dataclass(frozen=True)
class Move:
    """Where a request goes: `at` is the next try (no_answer) or the appointment (booked); `reason` is for closed."""

    status: Status
    note: str = ""
    at: datetime | None = None
    reason: CloseReason | None = None


def move(
    session: Session,
    request_id: int,
    to: Move,
    *,
    by: int,
    working: WorkingTime,
    now: datetime,
    revision: int | None = None,
) -> Status | None:
    """Moves a request and notes who did it; returns the state before, or None when there was nothing to do.

    The same state with a note adds the note; booked and no_answer can be set again with another time. `revision` is what
    the person saw: when it has changed meanwhile, and for a move it does not have, raises Forbidden. No answer without
    a next try is due at once. The first contact is counted in `working` time. Spam stops mail about the request and takes it
    out of the counts. The caller commits.
    """
    request = to_change(session, request_id)
    if request is None:
        return None
    before, again = request.status, to.status in AGAIN and to.at is not None
    if (to.status is before and not again and not to.note) or _is_done(session, request, to, by, now):
        return None
    if revision not in {None, request.revision} or not _is_allowed(request, to):
        raise Forbidden
    moved = to.status is not before or again
    if moved:
        _place(request, to, now)
        _count(session, request, before, working, now)
    what = What.MOVED if moved else What.NOTED
    _add_event(session, request, before, what, by=by, now=now, note=to.note, planned_at=to.at)
    if to.status is Status.SPAM:
        notices.stop(session, request.id)
    audit.record(session, now, by, f"request {to.status.value}", f"request {request.id}", before=before.value)
    return before


def _is_done(session: Session, request: ConsultationRequest, to: Move, by: int, now: datetime) -> bool:
    """Whether the same person has taken this very step a moment ago: by a second click."""
    last = _just_now(session, request, by, now)
    if last is None or last.what not in {What.MOVED, What.NOTED}:
        return False
    is_same = (last.to_status, last.note, last.planned_at) == (to.status, to.note, to.at)
    return is_same and (last.what is What.NOTED or request.close_reason == to.reason)


def _just_now(session: Session, request: ConsultationRequest, by: int, now: datetime) -> RequestEvent | None:
    """The newest entry of the history, where the same person has made it within SECOND_CLICK."""
    newest = sa.select(RequestEvent).where(RequestEvent.request_id == request.id).order_by(RequestEvent.id.desc()).limit(1)
    last = session.scalars(newest).first()
    return last if last is not None and last.by_staff == by and now - SECOND_CLICK < last.at <= now else None


def _is_allowed(request: ConsultationRequest, to: Move) -> bool:
    return (to.status is request.status or to.status in request.moves) and to.reason in {None, *GIVEN}


def _place(request: ConsultationRequest, to: Move, now: datetime) -> None:
    if to.status is not request.status:
        request.status, request.status_since = to.status, now
    request.due_at = {Status.NEW: request.created_at, Status.NO_ANSWER: to.at or now}.get(to.status)
    if to.status is Status.BOOKED:
        request.appointment_at = to.at
    elif to.status is not Status.CLOSED:
        request.appointment_at = None
    request.close_reason = to.reason if to.status is Status.CLOSED else None
    if to.status is Status.NEW and request.first_contact_at is None:
        # What was told of it may have been stopped since, and nobody would hear of it again.
        request.reminded_at = request.escalated_at = None
    request.revision += 1


def _count(session: Session, request: ConsultationRequest, before: Status, working: WorkingTime, now: datetime) -> None:
    if request.status in REACHED:
        answering.reached(session, request, working, now)
    if Status.SPAM in {before, request.status}:
        follow = answering.count_out if request.status is Status.SPAM else answering.count_in
        follow(session, request, working)


def note_attempt(
    session: Session, request_id: int, way: ContactBy, *, by: int, working: WorkingTime, now: datetime, note: str = ""
) -> bool:
    """Notes that somebody calls or writes just now; the first attempt is the first contact, counted in `working` time.

    False: no such request.

    It changes no state and no revision, so that the form beside it can still be sent. The caller commits.
    """
    request = to_change(session, request_id)
    if request is None:
        return False
    if request.status is not Status.SPAM and not request.is_test:
        answering.reached(session, request, working, now)
    _add_event(session, request, request.status, What(way.value), by=by, now=now, note=note)
    return True


def assign(session: Session, request_id: int, to: int | None, *, by: int, now: datetime, revision: int, note: str = "") -> bool:
    """Gives a request to one person, or to anybody; False when there was nothing to do. A note is kept whoever has it.

    Raises Forbidden when it was changed since it was shown. `to` is the id of an account that may answer requests, which
    the caller has checked. The caller commits.
    """
    request = to_change(session, request_id)
    if request is None:
        return False
    if request.assigned_to == to:
        last = _just_now(session, request, by, now)
        if last is not None and last.note == note:
            return False
        if note:
            _add_event(session, request, request.status, What.NOTED, by=by, now=now, note=note)
        return bool(note)
    if revision != request.revision:
        raise Forbidden
    _hand_over(session, request, to, by=by, now=now, note=note)
    return True


def _hand_over(session: Session, request: ConsultationRequest, to: int | None, *, by: int, now: datetime, note: str = "") -> None:
    request.assigned_to = to
    request.revision += 1
    _add_event(session, request, request.status, What.ASSIGNED, by=by, now=now, note=note)
    audit.record(session, now, by, "request assigned", f"request {request.id}", to=to)


def _add_event(
    session: Session,
    request: ConsultationRequest,
    before: Status,
    what: What,
    *,
    by: int,
    now: datetime,
    note: str = "",
    planned_at: datetime | None = None,
) -> None:
    event = RequestEvent(request_id=request.id, at=now, from_status=before, to_status=request.status, by_staff=by)
    event.note, event.what, event.planned_at = note, what, planned_at
    session.add(event)


def history(session: Session, request_id: int) -> list[RequestEvent]:
    """What happened to a request, oldest first."""
    query = sa.select(RequestEvent).where(RequestEvent.request_id == request_id)
    return list(session.scalars(query.order_by(RequestEvent.id)))


def unassign_all(session: Session, staff_id: int, *, by: int, now: datetime) -> None:
    """The requests of somebody who left, or may not answer requests any more, wait for anybody (rule 7 of the design).

    The caller commits.
    """
    mine = sa.select(ConsultationRequest).where(ConsultationRequest.assigned_to == staff_id)
    for request in session.scalars(orm.locking(mine.order_by(ConsultationRequest.id))).all():
        _hand_over(session, request, None, by=by, now=now)
