"""Requests that the site sends itself: told to staff, closed from the start, counted nowhere."""

from datetime import timedelta

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from domain import consultations, outbox, retention, traffic
from domain.consultations import CloseReason, ConsultationRequest, ContactBy, Forbidden, Move, Status, digest, export, reminders
from domain.outbox import Kind, OutboxMail
from tests.conftest import Clock
from tests.factories import ALWAYS, make_staff, request_draft, run_retention, submit_request

ID = "3f0a8f0e-1111-4222-8333-444455556666"


def send_test(session: Session, clock: Clock, **changes: object) -> ConsultationRequest:
    """A request as flask probe leaves it."""
    return submit_request(session, clock(), request_draft(is_test=True, submission_id=ID), **changes)


def counted(session: Session, clock: Clock) -> int:
    """Requests in the statistics of this day and those around it."""
    around = timedelta(days=2)
    return sum(steps.sent for steps in traffic.by_day(session, clock().date() - around, clock().date() + around).values())


def test_a_test_is_told_to_staff_and_is_closed(session: Session, clock: Clock) -> None:
    request = send_test(session, clock)
    assert (request.status, request.close_reason, request.due_at) == (Status.CLOSED, CloseReason.TEST, None)
    assert [(row.kind, row.recipient) for row in consultations.mail_about(session, request.id)] == [
        (Kind.REQUEST_RECEIVED, "desk@example.com")
    ]


def test_a_test_waits_for_nobody_and_counts_nowhere(session: Session, clock: Clock) -> None:
    send_test(session, clock)
    assert counted(session, clock) == 0
    later = clock.forward(days=3)
    assert consultations.count_due(session, later) == 0
    assert consultations.due(session, later) == []
    assert consultations.unanswered(session).number == 0
    assert not reminders.any_overdue(session, reminders.Patience(ALWAYS, 30, 120), later)
    assert not digest.agenda(session, later.date(), ALWAYS.timezone).is_anything
    assert export.count(session, consultations.EVERY) == 0
    assert list(export.rows(session, consultations.EVERY)) == []


def test_a_real_request_beside_it_counts_and_is_exported(session: Session, clock: Clock) -> None:
    send_test(session, clock)
    real = submit_request(session, clock())
    assert counted(session, clock) == 1
    assert [row["reference"] for row in export.rows(session, consultations.EVERY)] == [real.reference]
    assert export.count(session, consultations.EVERY) == 1


@pytest.mark.parametrize("to", [status for status in Status if status is not Status.CLOSED])
def test_a_test_cannot_be_made_a_real_request(session: Session, clock: Clock, to: Status) -> None:
    request, owner = send_test(session, clock), make_staff(session, clock())
    with pytest.raises(Forbidden):
        consultations.move(session, request.id, Move(to), by=owner.id, working=ALWAYS, now=clock())
    assert counted(session, clock) == 0


def test_nobody_closes_a_real_request_as_a_test(session: Session, clock: Clock) -> None:
    request, owner = submit_request(session, clock()), make_staff(session, clock())
    with pytest.raises(Forbidden):
        consultations.move(
            session, request.id, Move(Status.CLOSED, reason=CloseReason.TEST), by=owner.id, working=ALWAYS, now=clock()
        )
    assert counted(session, clock) == 1


def test_a_call_about_a_test_is_no_first_contact(session: Session, clock: Clock) -> None:
    request, owner = send_test(session, clock), make_staff(session, clock())
    consultations.note_attempt(session, request.id, ContactBy.PHONE, by=owner.id, working=ALWAYS, now=clock())
    today = clock().date()
    assert consultations.waited(session, today - timedelta(days=2), today + timedelta(days=2)) == []


def test_a_test_is_never_suspected_and_meets_no_limit(session: Session, clock: Clock) -> None:
    for _ in range(consultations.MANY_PER_NETWORK + 1):
        submit_request(session, clock(), network="a" * 32)
    request = send_test(session, clock, network="a" * 32)
    assert not request.suspected
    assert request.network is None


def test_the_mark_of_a_submission_is_good_for_one_request(session: Session, clock: Clock) -> None:
    first = send_test(session, clock)
    another = submit_request(session, clock(), request_draft(is_test=True, submission_id=ID, message="Hide me."))
    assert another.id != first.id
    assert (another.status, another.is_test) == (Status.NEW, False)
    assert counted(session, clock) == 1


def test_the_same_test_sent_again_is_one(session: Session, clock: Clock) -> None:
    draft = request_draft(is_test=True, submission_id=ID)
    assert submit_request(session, clock(), draft).id == submit_request(session, clock(), draft).id


def test_a_test_is_deleted_with_its_mail_when_it_is_over(session: Session, clock: Clock) -> None:
    request, real = send_test(session, clock), submit_request(session, clock())
    assert not retention.forget_test(session, real.id)
    assert retention.forget_test(session, request.id)
    assert session.scalars(sa.select(ConsultationRequest.id)).all() == [real.id]
    assert session.scalars(sa.select(OutboxMail.subject_id)).all() == [real.id]


def test_a_test_that_was_left_behind_is_deleted_by_the_daily_run(session: Session, clock: Clock) -> None:
    send_test(session, clock)
    real = submit_request(session, clock())
    run_retention(session, clock.forward(days=1))
    assert session.scalar(sa.select(sa.func.count()).select_from(ConsultationRequest)) == 2
    run_retention(session, clock.forward(minutes=1))
    assert session.scalars(sa.select(ConsultationRequest.id)).all() == [real.id]
    assert outbox.count_in(session, outbox.State.WAITING) == 1
