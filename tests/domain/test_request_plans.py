"""Requests too are found by an index, however many there are: each list of the inbox, on both engines."""

import re
from collections.abc import Callable
from datetime import timedelta
from functools import partial
from itertools import product

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from domain import consultations, search
from domain.consultations import NOBODY, ConsultationRequest, Filter, Status
from domain.consultations.finding import terms
from tests.conftest import NOON
from tests.domain.plans import COUNT, many_requests, plans
from tests.factories import make_staff, request_draft, submit_request

ID = 10_000 + COUNT // 2
ME = 1
SINCE, UNTIL = NOON - timedelta(days=350), NOON - timedelta(days=349)
LISTS = {
    "all": (Filter(), "arrived"),
    "a state": (Filter(status=Status.CLOSED), "inbox"),
    "to do": (Filter(due_by=NOON), "due"),
    "mine": (Filter(assigned_to=ME), "assigned"),
    "mine in a state": (Filter(assigned_to=ME, status=Status.CLOSED), "assigned_status"),
    "nobody's": (Filter(assigned_to=NOBODY, status=Status.NEW), ""),
    "a treatment": (Filter(treatment="treatment-1"), "treatment"),
    "a treatment in a state": (Filter(treatment="treatment-1", status=Status.SPAM), "treatment_status"),
    "suspected": (Filter(suspected=True), "suspected"),
    "suspected in a state": (Filter(suspected=True, status=Status.NEW), "suspected_status"),
    "dates": (Filter(since=SINCE, until=UNTIL), "arrived"),
    "dates in a state": (Filter(since=SINCE, until=UNTIL, status=Status.CLOSED), "inbox"),
    "waiting": (Filter(uncontacted_since=NOON), ""),
    "all at once": (Filter(status=Status.NEW, assigned_to=ME, treatment="treatment-1", suspected=True, since=SINCE), ""),
    "a search": (Filter(text="word10001"), "search"),
    "a search in a state": (Filter(text="word1", status=Status.CLOSED), "search"),
    "a search of what is mine": (Filter(text="word1", assigned_to=ME, suspected=True), "search"),
    "a search of what is mine in a state": (Filter(text="word1", assigned_to=ME, status=Status.BOOKED), "search"),
    "a number": (Filter(text="0300 0010500"), "search"),
}


def check_plans(session: Session, run: Callable[[], object]) -> list[str]:
    """The plans, none of which reads a whole table or index that grows with the requests."""
    found = plans(session, run)
    assert found
    for plan in found:
        assert not re.search(r"SCAN (consultation_request|request_event)\b(?! USING (COVERING )?INDEX)", plan), plan
        assert not re.search(r"Seq Scan on (consultation_request|request_event)\b", plan), plan
    return found


def test_every_list_is_read_in_the_order_of_an_index(session: Session) -> None:
    assert make_staff(session, NOON).id == ME
    many_requests(session, ME)
    for what, after in product(LISTS, (None, ID)):
        only, name = LISTS[what]
        [*_, plan] = check_plans(session, partial(consultations.inbox, session, only, after=after))
        if session.get_bind().dialect.name == "postgresql":
            # Its planner goes by how rare a value is in this small table.
            assert "Index" in plan, (what, plan)
            continue
        assert "TEMP B-TREE" not in plan, (what, plan)
        if name == "search":
            assert plan.startswith("SCAN request_search VIRTUAL TABLE INDEX"), (what, plan)
        else:
            assert f"ix_consultation_request_{name}" in plan, (what, plan)


@pytest.mark.parametrize("what", ["a search", "mine", "dates"])
def test_what_matches_is_counted_by_an_index(session: Session, what: str) -> None:
    make_staff(session, NOON)
    many_requests(session, ME)
    found = check_plans(session, lambda: consultations.inbox_page(session, LISTS[what][0], after=None, size=25))
    first = ["which words to search for"] if what == "a search" else []
    assert len(found) == len([*first, "what matches", "the rows of the page"]), found


def test_a_search_of_what_is_to_be_done_begins_with_the_words(session: Session) -> None:
    make_staff(session, NOON)
    many_requests(session, ME)
    [_, plan] = check_plans(session, lambda: consultations.inbox(session, Filter(text="word1", due_by=NOON)))
    if session.get_bind().dialect.name == "sqlite":
        assert plan.startswith("SCAN request_search VIRTUAL TABLE INDEX"), plan


def test_words_alone_are_found_by_their_index(session: Session) -> None:
    make_staff(session, NOON)
    many_requests(session, ME)
    wanted = terms("hina 0300 1234567")
    query, _ = search.narrow(session, sa.select(ConsultationRequest.id), search.REQUESTS, ConsultationRequest.id, wanted)
    [plan] = plans(session, lambda: session.execute(query))
    assert ("request_search_words" in plan) or ("SCAN request_search VIRTUAL TABLE INDEX" in plan), plan


def test_requests_of_a_clock_that_was_ahead_are_found_by_an_index(session: Session) -> None:
    make_staff(session, NOON)
    many_requests(session, ME)
    check_plans(session, lambda: consultations.is_ahead(session, NOON - timedelta(minutes=5)))


def test_the_tabs_are_counted_without_reading_requests(session: Session) -> None:
    make_staff(session, NOON)
    many_requests(session, ME)
    [plan] = plans(session, lambda: consultations.count_by_status(session))
    assert "request_count" in plan
    assert "consultation_request" not in plan


def test_a_request_and_what_is_beside_it_are_found_by_an_index(session: Session) -> None:
    make_staff(session, NOON)
    many_requests(session, ME)
    row = session.get_one(ConsultationRequest, ID)
    check_plans(session, lambda: (consultations.history(session, ID), consultations.earlier(session, row)))
    check_plans(session, lambda: submit_request(session, NOON, request_draft(email="new@example.com"), network="net"))
