"""Numbers by day: pages seen, forms opened, requests sent, and how soon they were answered."""

from datetime import date, timedelta

import pytest
from sqlalchemy.orm import Session

from domain import consultations, traffic
from domain.attribution import FirstTouch
from domain.consultations import ContactBy, Move, Status
from domain.consultations.answering import rounded
from domain.traffic import MOST_SOURCES, OTHERS, Counted, Step, Steps
from tests.conftest import NOON
from tests.factories import ALWAYS, make_staff, request_draft, run_retention, submit_request

pytestmark = pytest.mark.database
DAY = NOON.astimezone(ALWAYS.timezone).date()
VIEW = Counted(Step.VIEW, "a", "google")


def pairs(session: Session, first: date = DAY, last: date = DAY) -> dict[tuple[str, str], Steps]:
    return traffic.by_article_and_source(session, first, last)


def waited(session: Session) -> list[tuple[int, int]]:
    session.flush()
    return [(row.minutes, row.number) for row in consultations.waited(session, DAY, DAY)]


def test_numbers_add_up_by_day_article_and_source(session: Session) -> None:
    traffic.add(session, DAY, {VIEW: 2, Counted(Step.FORM, "a", "google"): 1, Counted(Step.VIEW, "", "direct"): 5})
    traffic.add(session, DAY, {VIEW: 3})
    traffic.add(session, DAY + timedelta(days=1), {VIEW: 1})
    assert pairs(session) == {("a", "google"): Steps(5, 1, 0), ("", "direct"): Steps(5, 0, 0)}
    assert traffic.by_day(session, DAY, DAY + timedelta(days=9)) == {DAY: Steps(10, 1, 0), DAY + timedelta(days=1): Steps(1, 0, 0)}


def test_invented_sources_are_counted_together(session: Session) -> None:
    traffic.add(session, DAY, {Counted(Step.VIEW, "", f"source {number:03}"): 1 for number in range(MOST_SOURCES + 30)})
    traffic.add(session, DAY, {Counted(Step.VIEW, "", "one more"): 1, Counted(Step.VIEW, "", "source 001"): 1})
    found = pairs(session)
    assert len(found) == MOST_SOURCES + 1
    assert (found["", OTHERS].views, found["", "source 001"].views) == (31, 2)


def test_a_request_is_counted_with_where_it_came_from(session: Session) -> None:
    touch = FirstTouch("/blog/x", "google.com", utm_campaign="spring")
    request = submit_request(session, NOON, request_draft(article_id="a", first_touch=touch))
    assert (request.source, request.landing, request.referrer, request.utm_campaign) == (
        "google",
        "/blog/x",
        "google.com",
        "spring",
    )
    assert pairs(session) == {("a", "google"): Steps(0, 0, 1)}


def test_a_repeat_is_not_counted_again(session: Session) -> None:
    draft = request_draft()
    submit_request(session, NOON, draft)
    submit_request(session, NOON, draft)
    assert pairs(session) == {("", "direct"): Steps(0, 0, 1)}


def test_the_day_is_that_of_the_clinic(session: Session) -> None:
    late = NOON.replace(hour=20)
    submit_request(session, late)
    assert list(traffic.by_day(session, DAY, DAY + timedelta(days=1))) == [DAY + timedelta(days=1)]


def test_spam_does_not_count_and_counts_again_when_it_is_none(session: Session) -> None:
    owner, request = make_staff(session, NOON), submit_request(session, NOON)
    now = NOON + timedelta(minutes=7)
    consultations.note_attempt(session, request.id, ContactBy.PHONE, by=owner.id, working=ALWAYS, now=now)
    consultations.move(session, request.id, Move(Status.SPAM), by=owner.id, working=ALWAYS, now=now)
    assert waited(session) == []
    assert pairs(session) == {("", "direct"): Steps(0, 0, 0)}
    consultations.move(session, request.id, Move(Status.NEW), by=owner.id, working=ALWAYS, now=now)
    assert waited(session) == [(7, 1)]
    assert pairs(session) == {("", "direct"): Steps(0, 0, 1)}


def test_an_attempt_at_spam_is_no_answer(session: Session) -> None:
    owner, request = make_staff(session, NOON), submit_request(session, NOON)
    consultations.move(session, request.id, Move(Status.SPAM), by=owner.id, working=ALWAYS, now=NOON)
    consultations.note_attempt(session, request.id, ContactBy.PHONE, by=owner.id, working=ALWAYS, now=NOON)
    assert waited(session) == []


def test_spam_of_a_source_among_many_is_taken_from_the_others(session: Session) -> None:
    traffic.add(session, DAY, {Counted(Step.VIEW, "", f"source {number}"): 1 for number in range(MOST_SOURCES)})
    owner = make_staff(session, NOON)
    request = submit_request(session, NOON, request_draft(first_touch=FirstTouch(referrer="rare.example")))
    assert pairs(session)["", OTHERS].sent == 1
    consultations.move(session, request.id, Move(Status.SPAM), by=owner.id, working=ALWAYS, now=NOON)
    session.flush()
    assert pairs(session)["", OTHERS].sent == 0


def test_only_the_first_contact_counts(session: Session) -> None:
    owner, request = make_staff(session, NOON), submit_request(session, NOON)
    for minutes, status in ((12, Status.NO_ANSWER), (40, Status.CONTACTED)):
        now = NOON + timedelta(minutes=minutes)
        consultations.move(session, request.id, Move(status), by=owner.id, working=ALWAYS, now=now)
    assert waited(session) == [(12, 1)]
    assert request.first_contact_minutes == 12


def test_numbers_stay_when_requests_are_erased(session: Session) -> None:
    owner, request = make_staff(session, NOON), submit_request(session, NOON)
    consultations.move(session, request.id, Move(Status.CONTACTED), by=owner.id, working=ALWAYS, now=NOON + timedelta(minutes=3))
    closed = Move(Status.CLOSED, reason=consultations.CloseReason.CAME)
    consultations.move(session, request.id, closed, by=owner.id, working=ALWAYS, now=NOON)
    session.flush()
    assert run_retention(session, NOON + timedelta(days=400)).requests == 1
    assert waited(session) == [(3, 1)]
    assert pairs(session) == {("", "direct"): Steps(0, 0, 1)}


@pytest.mark.parametrize(
    ("minutes", "counted"),
    [(0, 0), (0.1, 1), (29.9, 30), (119, 119), (121, 125), (480, 480), (481, 510), (7201, 8640), (90_000_000, 86_400)],
)
def test_waiting_times_are_rounded_up(minutes: float, counted: int) -> None:
    assert rounded(timedelta(minutes=minutes)) == counted
