"""The search and the filters of the inbox: what they find, in any writing, and that what is erased is found no more."""

from dataclasses import replace
from datetime import timedelta
from importlib import import_module
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from domain import consultations, phones
from domain.consultations import (
    NOBODY,
    CloseReason,
    ConsultationRequest,
    ContactBy,
    Filter,
    Move,
    RequestCount,
    RequestEvent,
    Status,
)
from domain.consultations.inbox import batches
from tests.conftest import NOON
from tests.domain.test_search import HOSTILE
from tests.factories import ALWAYS, make_staff, request_draft, run_retention, submit_request


def found(session: Session, text: str, **only: Any) -> list[int]:
    return [row.id for row in consultations.inbox(session, Filter(text=text, **only))]


def arrived(session: Session, phone: str = "0300-1234567", **changes: Any) -> ConsultationRequest:
    return submit_request(session, NOON, request_draft(phone=phones.parse(phone), phone_raw=phone, **changes))


def check_index(session: Session) -> None:
    """SQLite compares its index with all words there are."""
    session.flush()
    if session.get_bind().dialect.name == "sqlite":
        session.execute(sa.text("INSERT INTO request_search (request_search, rank) VALUES ('integrity-check', 1)"))


@pytest.mark.parametrize(
    ("typed", "finds", "why"),
    [
        ("hina", True, "a name"),
        ("HIN", True, "its beginning, in capitals"),
        ("ina", False, "not its end"),
        ("o'brien", True, "a name with an apostrophe"),
        ("hina calendar", True, "a name and a word of the message"),
        ("hina elsewhere", False, "each word counts"),
        ("hina.m@example.com", True, "the address"),
        ("hin.m@example.com", False, "an address of somebody else"),
        ("سردرد", True, "a word in Urdu"),
        ("مریم", True, "a name in Urdu"),
        ("DC-3E4X", True, "the reference"),
        ("dc 3e4x", True, "without a hyphen"),
        ("dc3e4x", True, "as one word"),
        ("3E4X", True, "without its beginning"),
        ("DC-3E4Y", False, "another reference"),
        ("lahore", True, "a note of the history"),
        ("hina lahore", True, "a name and a note"),
        ("!!!", False, "nothing to look for"),
        ("", False, "nothing at all"),
    ],
)
def test_each_word_is_found_in_what_was_typed_or_noted(session: Session, typed: str, finds: bool, why: str) -> None:
    owner = make_staff(session, NOON).id
    wanted = arrived(
        session,
        name="Hina O'Brien مریم",
        email="hina.m@example.com",
        message="My <b>calendar</b>: سردرد",
        contact_by=ContactBy.EMAIL,
    )
    wanted.reference = "DC-3E4X"
    consultations.move(session, wanted.id, Move(Status.NEW, "Wants to come from Lahore"), by=owner, working=ALWAYS, now=NOON)
    arrived(session, "0301-7654321", name="Else", message="Nothing of that")
    session.flush()
    assert found(session, typed) == ([wanted.id] if finds else []), why
    check_index(session)


@pytest.mark.parametrize(
    ("typed", "finds"),
    [
        ("0300-1234567", True),
        ("0300 1234567", True),
        ("03001234567", True),
        ("+923001234567", True),
        ("+92 300 123 4567", True),
        ("+92 (0)300 1234567", True),
        ("00923001234567", True),
        ("923001234567", True),
        ("۰۳۰۰-۱۲۳۴۵۶۷", True),
        ("1234567", True),
        ("4567", True),
        ("34567", True),
        ("0300 12", True),
        ("+92 300 1", True),
        ("Bilal 0300 1234567", True),
        ("0300 1234567 Bilal", True),
        ("Sana 0300 1234567", False),
        ("7654321", False),
        ("0301 1234567", False),
        ("567", False),
        ("12345678", False),
    ],
)
def test_a_number_is_found_in_any_writing_and_by_either_end(session: Session, typed: str, finds: bool) -> None:
    wanted = arrived(session).id
    arrived(session, "0333-9998877", name="Sana")
    assert found(session, typed) == ([wanted] if finds else [])


@pytest.mark.parametrize("typed", ["+44 20 7946 0958", "020 7946 0958", "79460958", "0044 20 7946 0958"])
def test_foreign_numbers_are_found_alike(session: Session, typed: str) -> None:
    wanted = arrived(session, "+44 20 7946 0958").id
    arrived(session)
    assert found(session, typed) == [wanted]


@pytest.mark.parametrize("typed", ["3-month 2026-11-22", "room 12345", "2026-11-22", "h1234567x"])
def test_numbers_of_a_message_are_words_too(session: Session, typed: str) -> None:
    wanted = arrived(session, message="A 3-month diary until 2026-11-22, room 12345, h1234567x").id
    assert found(session, typed) == [wanted]


@pytest.mark.parametrize("typed", HOSTILE, ids=lambda typed: ascii(typed)[:20])
def test_nothing_that_can_be_typed_is_an_error(session: Session, typed: str) -> None:
    arrived(session)
    assert len(found(session, typed)) <= 1
    assert consultations.count(session, Filter(text=typed, due_by=NOON, suspected=True)) == 0


def test_what_is_changed_erased_or_deleted_is_found_no_more(session: Session) -> None:
    owner = make_staff(session, NOON).id
    kept, changed, deleted = (arrived(session, f"0300-111222{n}", name=f"Zoya {n}", message="mango") for n in range(3))
    for row in (kept, changed, deleted):
        consultations.move(session, row.id, Move(Status.NEW, "papaya"), by=owner, working=ALWAYS, now=NOON)
    session.flush()
    assert len(found(session, "zoya mango papaya")) == 3
    changed.name, changed.message = "Nobody", ""
    session.flush()
    session.execute(sa.update(RequestEvent).where(RequestEvent.request_id == changed.id).values(note=""))
    for word in ("zoya", "mango", "papaya"):
        assert changed.id not in found(session, word)
    assert found(session, "1112221") == [changed.id]
    session.execute(sa.delete(RequestEvent).where(RequestEvent.request_id == kept.id))
    check_index(session)
    assert found(session, "papaya") == [deleted.id]
    consultations.move(session, deleted.id, Move(Status.CLOSED, "", reason=CloseReason.OTHER), by=owner, working=ALWAYS, now=NOON)
    session.flush()
    run_retention(session, NOON + timedelta(days=400))
    session.expire_all()
    assert found(session, "papaya") == []
    assert found(session, "zoya") == [kept.id]
    check_index(session)


CASES = [
    (Filter(), [5, 4, 3, 2, 1], "every one, the newest first"),
    (Filter(status=Status.CLOSED), [3], "a state"),
    (Filter(due_by=NOON), [1, 2, 5], "what is to be done, longest due first"),
    (Filter(assigned_to=NOBODY), [5, 3, 1], "nobody's"),
    (Filter(treatment="facial-lines"), [5, 2], "a treatment"),
    (Filter(suspected=True), [5, 1], "suspected"),
    (Filter(since=NOON - timedelta(days=3)), [5, 4, 3], "since a moment, that one too"),
    (Filter(until=NOON - timedelta(days=3)), [2, 1], "until a moment, not that one"),
    (Filter(since=NOON - timedelta(days=4), until=NOON - timedelta(days=2)), [3, 2], "between"),
    (Filter(uncontacted_since=NOON), [5, 2, 1], "without a first contact"),
    (Filter(uncontacted_since=NOON - timedelta(days=4)), [2, 1], "for a while"),
    (Filter(status=Status.CLOSED, uncontacted_since=NOON), [], "no closed one waits"),
    (Filter(due_by=NOON, suspected=True, treatment="facial-lines"), [5], "all at once"),
    (Filter(assigned_to=NOBODY, since=NOON - timedelta(days=4), status=Status.NEW), [5], "all at once"),
]


@pytest.mark.parametrize("text", [None, "bilal"])
@pytest.mark.parametrize(("only", "expected", "why"), CASES)
def test_filters_keep_what_they_say_with_a_search_and_without(
    session: Session, only: Filter, expected: list[int], why: str, text: str | None
) -> None:
    owner = make_staff(session, NOON)
    for number in range(1, 6):
        at = NOON - timedelta(days=6 - number)
        treatment = "facial-lines" if number in {2, 5} else "chronic-migraine"
        row = submit_request(session, at, request_draft(treatment=treatment))
        row.suspected = number in {1, 5}
        row.assigned_to = owner.id if number in {2, 4} else None
    for number, status in ((3, Status.CLOSED), (4, Status.BOOKED)):
        to = Move(status, at=NOON + timedelta(days=1), reason=CloseReason.OTHER if status is Status.CLOSED else None)
        consultations.move(session, number, to, by=owner.id, working=ALWAYS, now=NOON)
    session.flush()
    wanted = replace(only, text=text)
    assert [row.id for row in consultations.inbox(session, wanted)] == expected, why
    assert consultations.count(session, wanted) == len(expected)
    assert [row[0] for row in batches(session, [], wanted)] == sorted(expected)
    pages, last = [], None
    while rows := consultations.inbox(session, wanted, after=last, size=2):
        pages += [row.id for row in rows]
        last = rows[-1].id
    assert pages == expected, "a page at a time, without a gap"
    paged, last = [], None
    while page_rows := consultations.inbox_page(session, wanted, after=last, size=2).rows:
        paged += [row.id for row in page_rows]
        last = page_rows[-1].id
    assert paged == expected
    page = consultations.inbox_page(session, wanted, after=None, size=2)
    assert (page.matching, page.is_exact, page.has_more) == (len(expected), True, len(expected) > 2)
    if only.assigned_to is None:
        mine = consultations.inbox(session, replace(wanted, assigned_to=owner.id))
        assert {row.id for row in mine} == set(expected) & {2, 4}


def test_a_long_list_with_a_filter_is_not_counted_to_its_end(session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(import_module("domain.consultations.inbox"), "COUNTED", 3)
    for _ in range(4):
        submit_request(session, NOON)
    page = consultations.inbox_page(session, Filter(text="bilal"), after=None, size=2)
    assert (page.matching, page.is_exact) == (3, False)
    behind = consultations.inbox_page(session, Filter(text="bilal"), after=page.rows[-1].id, size=2)
    assert [row.id for row in (*page.rows, *behind.rows)] == [4, 3, 2, 1], "the list goes on beyond what is counted"
    gone = consultations.inbox_page(session, Filter(status=Status.NEW, suspected=False, text="bilal"), after=4, size=2)
    assert [row.id for row in gone.rows] == [3, 2]
    plain = consultations.inbox_page(session, Filter(status=Status.NEW), after=None, size=2)
    assert (plain.matching, plain.is_exact) == (4, True)


def test_counts_keep_step_with_all_that_happens(session: Session) -> None:
    owner = make_staff(session, NOON).id
    rows = [submit_request(session, NOON) for _ in range(6)]
    for row, status in zip(rows, Status, strict=True):
        to = Move(status, at=NOON + timedelta(days=1), reason=CloseReason.OTHER if status is Status.CLOSED else None)
        consultations.move(session, row.id, to, by=owner, working=ALWAYS, now=NOON)
    session.flush()
    assert consultations.count_by_status(session) == dict.fromkeys(Status, 1)
    session.execute(sa.update(ConsultationRequest).values(status=Status.SPAM).where(ConsultationRequest.id <= 3))
    session.execute(sa.delete(ConsultationRequest).where(ConsultationRequest.id >= 5))
    kept = {status: number for status, number in session.execute(sa.select(RequestCount.status, RequestCount.number)) if number}
    counted = sa.select(ConsultationRequest.status, sa.func.count()).group_by(ConsultationRequest.status)
    assert kept == dict(session.execute(counted).all())
    check_index(session)
