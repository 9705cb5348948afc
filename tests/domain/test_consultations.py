"""Consultation requests: kept together with their mail, recognised when sent twice, flagged but never refused lightly."""

import re
import secrets
from datetime import datetime, timedelta

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

import database
from domain import audit, consultations, outbox, phones, spam, staff
from domain.consultations import (
    ALLOWED,
    FLOOD_PER_NETWORK,
    MANY_PER_NETWORK,
    ConsultationRequest,
    ContactBy,
    Filter,
    Flooded,
    Forbidden,
    Status,
)
from domain.outbox import REQUEST_KINDS, Kind, OutboxMail, State
from tests.conftest import NOON
from tests.factories import ALWAYS, make_staff, request_draft, submit_request

MOVES = [(before, after) for before in Status for after in Status if before is not after]
PHONE = phones.parse("0300-1234567")


def send(session: Session, draft: consultations.Draft, now: datetime = NOON) -> consultations.Submitted:
    done = consultations.submit(
        session, draft, signals=spam.Signals(), network=None, lang="en", recipients=["desk@example.com"], working=ALWAYS, now=now
    )
    session.flush()
    return done


def many(session: Session, count: int, network: str, at: datetime) -> None:
    """Rows of requests from one network, put in at once."""
    row = {
        "name": "A", "phone": PHONE.e164, "phone_raw": "x", "contact_by": ContactBy.PHONE, "best_time": consultations.BestTime.ANY,
        "message": "", "consent_version": "1", "lang": "en", "network": network, "suspected": False, "reasons": [],
        "status": Status.NEW, "status_since": at, "created_at": at,
    }  # fmt: skip
    session.execute(sa.insert(ConsultationRequest), [row | {"reference": f"{network}-{number}"} for number in range(count)])


def count(session: Session, model: type) -> int:
    return session.scalars(sa.select(sa.func.count()).select_from(model)).one()


def test_request_is_kept_with_its_mail(session: Session) -> None:
    request = submit_request(
        session, NOON, request_draft(email=" Bilal@Example.com ", message="Mornings."), recipients=["a@x.example", "b@x.example"]
    )
    session.commit()
    mail = outbox.about(session, REQUEST_KINDS, request.id)
    assert [(row.kind, row.recipient, row.state) for row in mail] == [
        (Kind.REQUEST_RECEIVED, "a@x.example", State.WAITING),
        (Kind.REQUEST_RECEIVED, "b@x.example", State.WAITING),
        (Kind.REQUEST_ACKNOWLEDGED, "bilal@example.com", State.WAITING),
    ]
    assert [(event.from_status, event.to_status) for event in consultations.history(session, request.id)] == [(None, Status.NEW)]
    assert request.consent_version == consultations.CONSENT_VERSION
    assert consultations.is_acknowledged(session, request.id)


def test_transaction_that_fails_leaves_neither_request_nor_mail(session: Session) -> None:
    submit_request(session, NOON, request_draft(email="a@example.com"))
    assert (count(session, ConsultationRequest), count(session, OutboxMail)) == (1, 2)
    session.rollback()
    assert (count(session, ConsultationRequest), count(session, OutboxMail)) == (0, 0)


@pytest.mark.parametrize(
    ("first", "again", "later", "why"),
    [
        ({}, {}, timedelta(0), "a double click"),
        ({}, {}, timedelta(minutes=9, seconds=59), "within ten minutes"),
        ({"message": "Call me"}, {"message": " call  ME "}, timedelta(0), "the text in another writing"),
        ({}, {"phone_raw": "+92 300 1234567"}, timedelta(0), "the number in another writing"),
        ({"submission_id": "s1"}, {"submission_id": "s2"}, timedelta(0), "the form loaded again"),
        ({}, {"name": " bilal  KHAN "}, timedelta(0), "no text, and the name in another writing"),
        ({}, {"treatment": "facial-lines"}, timedelta(0), "no text, the same name, about something else"),
        ({"submission_id": "s1"}, {"submission_id": "s1"}, timedelta(days=2), "the same form, days later"),
    ],
)
def test_repeat_is_the_same_request(session: Session, first: dict, again: dict, later: timedelta, why: str) -> None:
    one = send(session, request_draft(phone=PHONE, **first))
    two = send(session, request_draft(**({"phone": PHONE} | again)), NOON + later)
    assert two == consultations.Submitted(one.request_id, is_repeat=True), why
    assert count(session, ConsultationRequest) == 1, why


@pytest.mark.parametrize(
    ("first", "again", "later", "why"),
    [
        ({}, {}, timedelta(minutes=10), "ten minutes later"),
        ({}, {"message": "Another matter"}, timedelta(0), "another text"),
        ({}, {"phone": phones.parse("0300-7654321")}, timedelta(0), "another number"),
        ({}, {"name": "Sara Khan"}, timedelta(0), "somebody else of the family, without a text"),
        ({"submission_id": "s1"}, {"submission_id": "s2", "name": "Sara Khan"}, timedelta(minutes=8), "with a form of her own"),
        ({"submission_id": "s1"}, {"submission_id": "s1", "message": "Corrected"}, timedelta(0), "same form, corrected text"),
        ({"submission_id": "s1"}, {"submission_id": "s1", "phone": phones.parse("0300-7654321")}, timedelta(0), "corrected number"),
    ],
)
def test_what_is_no_repeat_is_a_second_request(session: Session, first: dict, again: dict, later: timedelta, why: str) -> None:
    one = send(session, request_draft(phone=PHONE, **first))
    two = send(session, request_draft(**({"phone": PHONE} | again)), NOON + later)
    assert not two.is_repeat, why
    assert two.request_id != one.request_id, why
    assert count(session, OutboxMail) == 2, why


def test_third_sending_of_a_correction_is_a_repeat_of_it(session: Session) -> None:
    send(session, request_draft(phone=PHONE, submission_id="s1"))
    two = send(session, request_draft(phone=PHONE, submission_id="s1", message="Corrected"))
    assert send(session, request_draft(phone=PHONE, submission_id="s1", message="Corrected")).request_id == two.request_id


def test_unchanged_repeat_leaves_no_note(session: Session) -> None:
    one = send(session, request_draft(phone=PHONE))
    send(session, request_draft(phone=PHONE))
    assert len(consultations.history(session, one.request_id)) == 1


@pytest.mark.parametrize(
    ("address", "later", "acknowledged", "why"),
    [
        ("sana@example.com", timedelta(hours=23), False, "once a day"),
        ("SANA@example.com", timedelta(hours=1), False, "whatever the writing"),
        ("sana@example.com", timedelta(hours=24, seconds=1), True, "the next day"),
        ("bilal@example.com", timedelta(0), True, "another address"),
    ],
)
def test_address_is_acknowledged_once_a_day(session: Session, address: str, later: timedelta, acknowledged: bool, why: str) -> None:
    submit_request(session, NOON, request_draft(email="sana@example.com"))
    second = submit_request(session, NOON + later, request_draft(email=address))
    assert consultations.is_acknowledged(session, second.id) is acknowledged, why


def test_request_without_an_address_is_not_acknowledged(session: Session) -> None:
    assert not consultations.is_acknowledged(session, submit_request(session, NOON).id)


@pytest.mark.parametrize(
    ("signals", "message", "reason"),
    [
        (spam.Signals(honeypot_filled=True), "", "honeypot"),
        (spam.Signals(is_cross_site=True), "", "cross-site"),
        (spam.Signals(), "see https://example.com", "links:1"),
    ],
)
def test_suspected_request_reaches_staff_but_is_not_acknowledged(
    session: Session, signals: spam.Signals, message: str, reason: str
) -> None:
    request = submit_request(session, NOON, request_draft(email="a@example.com", message=message), signals=signals)
    assert (request.suspected, request.reasons, request.status) == (True, [reason], Status.NEW)
    assert [row.kind for row in outbox.about(session, REQUEST_KINDS, request.id)] == [Kind.REQUEST_RECEIVED]


@pytest.mark.parametrize(
    ("before", "age", "network", "suspected", "why"),
    [
        (MANY_PER_NETWORK - 1, timedelta(0), "net", False, "the last one that is usual"),
        (MANY_PER_NETWORK, timedelta(0), "net", True, "more than that"),
        (MANY_PER_NETWORK, timedelta(hours=1), "net", False, "an hour ago"),
        (MANY_PER_NETWORK, timedelta(0), "other", False, "from elsewhere"),
        (FLOOD_PER_NETWORK - 1, timedelta(0), "net", True, "still taken"),
    ],
)
def test_many_from_one_network_are_flagged(
    session: Session, before: int, age: timedelta, network: str, suspected: bool, why: str
) -> None:
    many(session, before, network, NOON - age)
    request = submit_request(session, NOON, network="net")
    assert (request.suspected, request.reasons) == (suspected, ["many-from-network"] if suspected else []), why


def test_flood_from_one_network_is_stopped_but_a_repeat_is_known(session: Session) -> None:
    draft = request_draft()
    first = submit_request(session, NOON, draft, network="net")
    many(session, FLOOD_PER_NETWORK - 1, "net", NOON)
    with pytest.raises(Flooded):
        submit_request(session, NOON, network="net")
    assert submit_request(session, NOON, draft, network="net").id == first.id
    assert submit_request(session, NOON, network=None).id != first.id


def test_reference_can_be_read_out(session: Session) -> None:
    found = {submit_request(session, NOON).reference for _ in range(30)}
    assert len(found) == 30
    assert all(re.fullmatch(r"DC-[2-9A-HJKMNP-TV-Z]{4}", reference) for reference in found)


def test_reference_that_is_taken_is_drawn_anew_and_longer(session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(secrets, "choice", lambda letters: letters[0])
    assert [submit_request(session, NOON).reference for _ in range(4)] == ["DC-2222", "DC-22222", "DC-222222", "DC-2222222"]
    with pytest.raises(RuntimeError):
        submit_request(session, NOON)


@pytest.mark.parametrize(("before", "after"), MOVES)
def test_staff_make_every_allowed_move_and_no_other(session: Session, before: Status, after: Status) -> None:
    person, request = make_staff(session, NOON), submit_request(session, NOON, request_draft(email="a@example.com"))
    request.status = before
    session.flush()
    later = NOON + timedelta(hours=1)
    if after not in ALLOWED[before]:
        with pytest.raises(Forbidden):
            consultations.move(session, request.id, consultations.Move(after, ""), by=person.id, working=ALWAYS, now=later)
        assert request.status is before
        return
    assert (
        consultations.move(session, request.id, consultations.Move(after, "Called."), by=person.id, working=ALWAYS, now=later)
        is before
    )
    session.flush()
    event, entry = consultations.history(session, request.id)[-1], audit.page(session)[0]
    assert (request.status, request.status_since) == (after, later)
    assert (event.from_status, event.to_status, event.by_staff, event.note) == (before, after, person.id, "Called.")
    assert (entry.action, entry.subject, entry.detail) == (f"request {after}", f"request {request.id}", {"before": before.value})
    expected = State.CANCELLED if after is Status.SPAM else State.WAITING
    assert {row.state for row in outbox.about(session, REQUEST_KINDS, request.id)} == {expected}


def test_move_from_a_state_the_person_no_longer_saw_is_refused(session: Session) -> None:
    person, request = make_staff(session, NOON), submit_request(session, NOON)
    consultations.move(
        session, request.id, consultations.Move(Status.BOOKED, ""), by=person.id, working=ALWAYS, now=NOON, revision=1
    )
    with pytest.raises(Forbidden):
        consultations.move(
            session, request.id, consultations.Move(Status.CLOSED, ""), by=person.id, working=ALWAYS, now=NOON, revision=1
        )
    assert request.status is Status.BOOKED


def test_same_state_with_a_note_adds_the_note(session: Session) -> None:
    person, request = make_staff(session, NOON), submit_request(session, NOON)
    assert (
        consultations.move(session, request.id, consultations.Move(Status.NEW, ""), by=person.id, working=ALWAYS, now=NOON) is None
    )
    assert (
        consultations.move(
            session, request.id, consultations.Move(Status.NEW, "Busy."), by=person.id, working=ALWAYS, now=NOON + timedelta(1)
        )
        is Status.NEW
    )
    assert [event.note for event in consultations.history(session, request.id)] == ["", "Busy."]
    assert request.status_since == NOON
    assert "Busy" not in str([entry.detail for entry in audit.page(session)])


def test_move_of_a_request_that_is_not_there_is_nothing(session: Session) -> None:
    assert consultations.move(session, 999, consultations.Move(Status.CLOSED, "x"), by=1, working=ALWAYS, now=NOON) is None


def test_requests_of_somebody_who_left_wait_for_anybody(session: Session) -> None:
    leaves, stays = make_staff(session, NOON), make_staff(session, NOON, staff.Role.FRONT_DESK)
    one, two = submit_request(session, NOON), submit_request(session, NOON)
    one.assigned_to, two.assigned_to = leaves.id, stays.id
    session.flush()
    consultations.unassign_all(session, leaves.id, by=stays.id, now=NOON)
    session.commit()
    assert (one.assigned_to, two.assigned_to) == (None, stays.id)
    assert [(row.revision, len(consultations.history(session, row.id))) for row in (one, two)] == [(2, 2), (1, 1)]
    told = consultations.history(session, one.id)[-1]
    assert (told.what, told.by_staff, told.at) == (consultations.What.ASSIGNED, stays.id, NOON)


def test_inbox_is_paged_newest_first_and_counted(session: Session) -> None:
    ids = [submit_request(session, NOON).id for _ in range(3)]
    closed = submit_request(session, NOON)
    closed.status = Status.CLOSED
    session.commit()
    database.begin_write(session)
    assert [row.id for row in consultations.inbox(session, Filter(status=Status.NEW), size=2)] == ids[:0:-1]
    assert [row.id for row in consultations.inbox(session, Filter(status=Status.NEW), after=ids[1])] == ids[:1]
    counts = consultations.count_by_status(session)
    assert (counts[Status.NEW], counts[Status.CLOSED], counts[Status.SPAM]) == (3, 1, 0)
