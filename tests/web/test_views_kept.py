"""Who saw what somebody sent to the clinic is in the audit log: the page of a request, its calendar file, each export."""

from datetime import timedelta

import pytest
import sqlalchemy as sa
from flask import Flask

from domain import consultations
from domain.audit import AuditEntry
from domain.consultations import Status
from domain.staff import Role
from extensions import db
from tests.conftest import Clock, Store
from tests.factories import ALWAYS, make_staff, submit_request
from tests.pages import Browser, sign_in


@pytest.fixture
def desk(app: Flask, store: Store, clock: Clock) -> Browser:
    """The front desk, person 2, and two requests, the first with an appointment."""
    with store() as session:
        owner = make_staff(session, clock())
        make_staff(session, clock(), Role.FRONT_DESK)
        for _ in range(2):
            number = submit_request(session, clock()).id
        step = consultations.Move(Status.BOOKED, at=clock() + timedelta(days=1))
        consultations.move(session, 1, step, by=owner.id, working=ALWAYS, now=clock())
        assert number == 2
    browser = Browser(app)
    sign_in(browser, "front-desk@example.com")
    return browser


def seen(app: Flask) -> list[tuple[int | None, str]]:
    with app.app_context():
        query = sa.select(AuditEntry).where(AuditEntry.action == "request seen").order_by(AuditEntry.id)
        return [(row.staff_id, row.subject) for row in db.session.scalars(query)]


def test_a_look_at_a_request_is_kept_once_a_person_request_and_day(app: Flask, desk: Browser, clock: Clock) -> None:
    for _ in range(2):
        desk.get("/staff/requests/1")
    desk.get("/staff/requests/2")
    owner = Browser(app)
    sign_in(owner)
    owner.get("/staff/requests/1")
    assert seen(app) == [(2, "request 1"), (2, "request 2"), (1, "request 1")]
    clock.forward(hours=12)
    sign_in(desk, "front-desk@example.com")
    desk.get("/staff/requests/1")
    assert seen(app)[3:] == [(2, "request 1")], "the day ends at midnight in Karachi"


def test_the_calendar_file_counts_as_a_look(app: Flask, desk: Browser) -> None:
    assert desk.get("/staff/requests/1/appointment.ics").status == 200
    assert seen(app) == [(2, "request 1")]


@pytest.mark.parametrize("url", ["/staff/requests", "/staff/requests/9", "/staff/requests/2/appointment.ics"])
def test_a_list_and_what_is_not_there_are_no_look(app: Flask, desk: Browser, url: str) -> None:
    desk.get(url)
    assert seen(app) == []


def test_who_may_not_see_requests_leaves_no_look(app: Flask, store: Store, desk: Browser, clock: Clock) -> None:
    with store() as session:
        make_staff(session, clock(), Role.MODERATOR)
    moderator = Browser(app)
    sign_in(moderator, "moderator@example.com")
    assert moderator.get("/staff/requests/1").status == 403
    assert seen(app) == []


def test_the_owner_reads_who_looked(app: Flask, desk: Browser) -> None:
    desk.get("/staff/requests/2")
    owner = Browser(app)
    sign_in(owner)
    assert "request seen request 2" in owner.get("/staff/audit").text
