"""The numbers of a range: weeks, articles, sources, and how soon visitors were answered."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.orm import Session

from domain import consultations, reports, traffic
from domain.consultations import ContactBy, Waited
from domain.reports import Days
from domain.traffic import Counted, Step, Steps
from tests.conftest import NOON
from tests.factories import ALWAYS, make_staff, submit_request

MONDAY = date(2026, 11, 23)
SUNDAY = MONDAY - timedelta(days=1)


def add(session: Session, day: date, step: Step, article_id: str, source: str, number: int) -> None:
    traffic.add(session, day, {Counted(step, article_id, source): number})


@pytest.mark.parametrize("day", range(7))
def test_weeks_begin_on_a_monday_and_the_last_is_this_one(day: int) -> None:
    today = MONDAY + timedelta(days=day)
    assert reports.last_weeks(today, 1) == (MONDAY, today)
    assert reports.last_weeks(today, 12) == (MONDAY - timedelta(weeks=11), today)


@pytest.mark.database
def test_every_day_counts_in_its_week(session: Session) -> None:
    for day, number in ((SUNDAY, 2), (MONDAY, 3), (MONDAY + timedelta(days=6), 4)):
        add(session, day, Step.VIEW, "a", "google", number)
    found = reports.overview(session, Days(SUNDAY, MONDAY + timedelta(days=6)), target=30)
    assert [(week.monday, week.steps.views) for week in found.weeks] == [(MONDAY - timedelta(weeks=1), 2), (MONDAY, 7)]
    assert found.total == Steps(9, 0, 0)


@pytest.mark.database
def test_days_outside_the_range_do_not_count(session: Session) -> None:
    for day in (SUNDAY, MONDAY, MONDAY + timedelta(days=1)):
        add(session, day, Step.SENT, "a", "google", 1)
    found = reports.overview(session, Days(MONDAY, MONDAY), target=30)
    assert (found.total.sent, [week.steps.sent for week in found.weeks]) == (1, [1])
    assert found.by_source == [("google", Steps(0, 0, 1))]


@pytest.mark.database
def test_articles_and_sources_come_by_what_they_led_to(session: Session) -> None:
    for step, article, source, number in (
        (Step.VIEW, "much-read", "google", 90),
        (Step.VIEW, "asks", "google", 5),
        (Step.FORM, "asks", "leaflet", 4),
        (Step.SENT, "asks", "leaflet", 2),
        (Step.SENT, "", "direct", 1),
    ):
        add(session, MONDAY, step, article, source, number)
    found = reports.overview(session, Days(MONDAY, MONDAY), target=30)
    assert found.by_article == [("asks", Steps(5, 4, 2)), ("", Steps(0, 0, 1)), ("much-read", Steps(90, 0, 0))]
    assert found.by_source == [("leaflet", Steps(0, 4, 2)), ("direct", Steps(0, 0, 1)), ("google", Steps(95, 0, 0))]
    narrowed = reports.overview(session, Days(MONDAY, MONDAY), target=30, article_id="asks")
    assert narrowed.by_source == [("leaflet", Steps(0, 4, 2)), ("google", Steps(5, 0, 0))]
    assert narrowed.by_article == found.by_article


@pytest.mark.database
def test_waiting_counts_on_the_day_of_the_request(session: Session) -> None:
    owner, request = make_staff(session, NOON), submit_request(session, NOON)
    now = NOON + timedelta(days=8)
    consultations.note_attempt(session, request.id, ContactBy.PHONE, by=owner.id, working=ALWAYS, now=now)
    found = reports.overview(session, Days(MONDAY, now.date()), target=30)
    assert [week.waiting.contacted for week in found.weeks] == [1, 0]
    assert (found.waiting.in_time, found.waiting.median) == (0, 8 * 24 * 60)


@pytest.mark.database
def test_an_empty_range_has_weeks_and_no_numbers(session: Session) -> None:
    found = reports.overview(session, reports.last_weeks(MONDAY, 4), target=30)
    assert (len(found.weeks), found.total, found.by_article, found.by_source) == (4, Steps(0, 0, 0), [], [])
    assert (found.waiting.median, found.waiting.ninetieth) == (None, None)


@given(st.lists(st.integers(0, 50), min_size=1, max_size=200), st.integers(0, 60))
def test_percentiles_are_those_of_the_list(minutes: list[int], target: int) -> None:
    rows = [Waited(MONDAY, one, minutes.count(one)) for one in set(minutes)]
    found = reports.waiting(rows, target)
    ordered = sorted(minutes)
    assert found.contacted == len(minutes)
    assert found.in_time == len([one for one in minutes if one <= target])
    assert found.median == ordered[(len(ordered) + 1) // 2 - 1]
    assert found.ninetieth is not None
    assert len([one for one in minutes if one <= found.ninetieth]) >= 0.9 * len(minutes)
