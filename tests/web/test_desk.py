"""The front desk at work: what waits is on top with its clock, and each step is asked for what it needs."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy.orm import Session

from domain import consultations, staff, working_time
from domain.consultations import ALLOWED, CloseReason, ConsultationRequest, Move, Status
from domain.staff import Role
from tests.conftest import NOON, Clock, Store
from tests.factories import ALWAYS, make_staff, request_draft, submit_request
from tests.pages import Browser, filled, sign_in


@pytest.fixture
def desk(app: Flask, store: Store, browser: Browser, clock: Clock) -> Browser:
    """Somebody of the front desk, at a clinic that is open from nine to five."""
    app.config["SITE"] = replace(app.config["SITE"], opening=working_time.read_week(["09:00-17:00"] * 7))
    with store() as session:
        make_staff(session, clock(), Role.FRONT_DESK, name="Sara")
    sign_in(browser, "front-desk@example.com")
    return browser


def arrive(store: Store, clock: Clock, **changes: str) -> int:
    with store() as session:
        return submit_request(session, clock(), request_draft(**changes)).id


def stored(store: Store, number: int) -> ConsultationRequest:
    with store() as session:
        row = session.get_one(ConsultationRequest, number)
        session.refresh(row)
        session.expunge(row)
        return row


def test_clock_counts_working_time_and_says_overdue_in_words(desk: Browser, store: Store, clock: Clock) -> None:
    arrive(store, clock)
    clock.forward(minutes=30)
    assert "overdue" not in desk.get("/staff/requests").text
    clock.forward(minutes=12)
    assert "overdue, waiting 42 working minutes" in desk.get("/staff/requests").text
    clock.forward(hours=19)
    sign_in(desk, "front-desk@example.com")
    assert "overdue, waiting 5 working hours" in desk.get("/staff/requests").text, "the night does not count"


def test_overdue_is_what_the_owner_says(app: Flask, desk: Browser, store: Store, clock: Clock) -> None:
    app.config["SITE"] = replace(app.config["SITE"], remind_minutes=60)
    arrive(store, clock)
    clock.forward(minutes=42)
    assert "overdue" not in desk.get("/staff/requests").text
    clock.forward(minutes=19)
    assert "overdue, waiting 61 working minutes" in desk.get("/staff/requests").text
    app.config["SITE"] = replace(app.config["SITE"], remind_minutes=0)
    assert "overdue" not in desk.get("/staff/requests").text


def test_first_attempt_stops_the_clock_and_leaves_the_form_good(desk: Browser, store: Store, clock: Clock) -> None:
    number = arrive(store, clock)
    url = f"/staff/requests/{number}"
    shown = desk.get(url)
    first = clock.forward(minutes=5)
    desk.submit(shown, f"{url}/attempt", way="phone")
    clock.forward(minutes=5)
    page = desk.submit(shown, url, button=("status", "contacted"))
    assert page.status == 200
    assert "Sara called" in page.text
    row = stored(store, number)
    assert (row.first_contact_at, row.status) == (first, Status.CONTACTED)


def test_who_did_not_answer_comes_back_to_the_top(desk: Browser, store: Store, clock: Clock) -> None:
    number = arrive(store, clock, name="Comes Back")
    later = arrive(store, clock, name="Stays New")
    url = f"/staff/requests/{number}"
    page = desk.get(url)
    assert page.one("#next_try")["value"] == "2026-11-23T14:00", "two working hours on"
    desk.submit(page, url, button=("status", "no_answer"))
    assert "Comes Back" not in desk.get("/staff/requests").text
    assert "try again 23 November 2026, 14:00" in desk.get("/staff/requests?filter=no_answer").text
    clock.forward(hours=2)
    listed = [str(a["href"]) for a in desk.get("/staff/requests").all(".row-name")]
    assert listed == [f"/staff/requests/{later}", url]


def test_rail_tab_and_dashboard_count_what_is_to_be_done_alike(desk: Browser, store: Store, clock: Clock) -> None:
    oldest, later = arrive(store, clock, name="Oldest"), in_state(store, clock, Status.NO_ANSWER)
    newest = arrive(store, clock, name="Newest")
    in_state(store, clock, Status.CONTACTED)
    for count, listed in ((2, [oldest, newest]), (3, [oldest, newest, later])):
        inbox, dashboard = desk.get("/staff/requests"), desk.get("/staff/")
        tab = inbox.one(".tab[aria-current]").get_text()
        assert tab.split() == ["To", "do", str(count)]
        for page in (inbox, dashboard):
            assert page.one('.rail a[href="/staff/requests"] .rail-count').get_text() == f"{count} to do"
        assert f"{count} requests to do" in dashboard.text
        assert dashboard.one("#to-do").get_text() == "To do"
        assert [str(a["href"]) for a in dashboard.all(".row-name")] == [f"/staff/requests/{number}" for number in listed]
        clock.forward(hours=3)


def test_booked_has_a_time_and_a_calendar_file_without_the_message(desk: Browser, store: Store, clock: Clock) -> None:
    number = arrive(store, clock, message="My secret headache")
    url = f"/staff/requests/{number}"
    assert desk.get(f"{url}/appointment.ics").status == 404
    page = desk.submit(desk.get(url), url, appointment="2026-11-25T15:30", button=("status", "booked"))
    assert "25 November 2026, 15:30" in page.text
    file = desk.get(f"{url}/appointment.ics")
    assert file.headers["Content-Type"].startswith("text/calendar")
    assert "DTSTART:20261125T103000Z" in file.html
    assert "secret" not in file.html
    moved = desk.submit(page, url, appointment="2026-11-26T10:00", button=("status", "booked"))
    assert "set another time: booked, 26 November 2026, 10:00" in moved.text
    assert "DTSTART:20261126T050000Z" in desk.get(f"{url}/appointment.ics").html


@pytest.mark.parametrize(
    ("status", "field", "typed", "words"),
    [
        ("booked", "appointment", "", "Choose a date and a time"),
        ("booked", "appointment", "2026-02-30T10:00", "“2026-02-30T10:00” is no date and time"),
        ("booked", "appointment", "2026-11-20T10:00", "after the request arrived"),
        ("booked", "appointment", "2031-11-20T10:00", "within the next two years"),
        ("booked", "appointment", "9999-12-31T23:59", "is no date and time"),
        ("booked", "appointment", "0001-01-01T00:00", "is no date and time"),
        ("booked", "appointment", "2026-11-25T10:00+05:00", "is no date and time"),
        ("no_answer", "next_try", "2026-11-23T11:59", "still to come"),
        ("no_answer", "next_try", "tomorrow", "“tomorrow” is no date and time"),
        ("closed", "close_reason", "", "Choose why the request is closed"),
        ("closed", "close_reason", "bored", "Choose why the request is closed"),
    ],
)
def test_wrong_step_keeps_what_was_typed(
    desk: Browser, store: Store, clock: Clock, status: str, field: str, typed: str, words: str
) -> None:
    number = arrive(store, clock)
    url = f"/staff/requests/{number}"
    page = desk.submit(desk.get(url), url, note="Kept", button=("status", status), **{field: typed})
    assert page.status == 422
    assert words in page.one(f"#{field}-error").get_text()
    assert page.one("#note").get_text().strip() == "Kept"
    assert "(optional)" not in page.one(f'label[for="{field}"]').get_text(), "a step needs it"
    if field != "close_reason":
        assert page.one(f"#{field}")["value"] == typed
    assert stored(store, number).status is Status.NEW


def test_closing_for_another_reason_wants_it_in_the_note(desk: Browser, store: Store, clock: Clock) -> None:
    url = f"/staff/requests/{arrive(store, clock)}"
    page = desk.submit(desk.get(url), url, close_reason="other", button=("status", "closed"))
    assert "Say in the note" in page.text
    done = desk.submit(page, url, note="Moved to Lahore", button=("status", "closed"))
    assert "Another reason" in done.text


@pytest.mark.parametrize("state", list(Status))
def test_every_button_a_request_offers_works_in_every_state(desk: Browser, store: Store, clock: Clock, state: Status) -> None:
    url = f"/staff/requests/{in_state(store, clock, state)}"
    offered = [str(button["value"]) for button in desk.get(url).form(url).select("button[name=status]")]
    assert set(offered) >= {"", *ALLOWED[state]}
    for pressed in offered:
        number = in_state(store, clock, state)
        url = f"/staff/requests/{number}"
        page = desk.get(url)
        typed = {"note": f"Pressed “{pressed}”", "appointment": "2026-11-25T15:30", "close_reason": "came"}
        shown = {name: value for name, value in typed.items() if name in filled(page.form(url))}
        done = desk.submit(page, url, button=("status", pressed), **shown)
        assert done.status == 200, f"{state}: {pressed}"
        assert f"Pressed “{pressed}”" in done.one(".history").get_text()
        assert stored(store, number).status == (pressed or state)


def in_state(store: Store, clock: Clock, state: Status) -> int:
    """A request that was moved there, if it is a state one can be moved to."""
    with store() as session:
        row = submit_request(session, clock())
        by = staff.everyone(session)[0].id
        to = Move(state, at=NOON + timedelta(hours=3), reason=CloseReason.OTHER if state is Status.CLOSED else None)
        consultations.move(session, row.id, to, by=by, working=ALWAYS, now=clock())
        return row.id


def test_a_reason_that_is_not_asked_for_is_not_looked_at(desk: Browser, store: Store, clock: Clock) -> None:
    number = in_state(store, clock, Status.CLOSED)
    url = f"/staff/requests/{number}"
    assert desk.submit(desk.get(url), url, note="Rang again", close_reason="bored", button=("status", "")).status == 200
    row = stored(store, number)
    assert (row.status, row.close_reason) == (Status.CLOSED, CloseReason.OTHER)


def test_a_note_alone_is_never_too_late(desk: Browser, store: Store, clock: Clock) -> None:
    url = f"/staff/requests/{arrive(store, clock)}"
    shown = desk.get(url)
    desk.submit(shown, url, button=("status", "contacted"))
    page = desk.submit(shown, url, note="Prefers Urdu", button=("status", ""))
    assert "Prefers Urdu" in page.text
    assert "Write a note" in desk.submit(page, url, note=" ", button=("status", "")).text


def test_request_is_handed_over_unless_somebody_was_quicker(desk: Browser, store: Store, clock: Clock) -> None:
    with store() as session:
        colleague = make_staff(session, clock(), Role.OWNER, name="Hina").id
        outsider = make_staff(session, clock(), Role.MODERATOR, name="Reader").id
    number = arrive(store, clock)
    url = f"/staff/requests/{number}"
    shown = desk.get(url)
    assert "Reader" not in shown.one("#to").get_text()
    refused = desk.submit(shown, url, formaction=f"{url}/assign", to=str(outsider), note="Prefers Urdu")
    assert (refused.status, "Not handed over" in refused.text, "Prefers Urdu" in refused.html) == (409, True, True)
    assert "with Hina" in desk.submit(shown, url, formaction=f"{url}/assign", to=str(colleague)).text
    assert "with Hina" in desk.get("/staff/requests").text
    late = desk.submit(shown, url, formaction=f"{url}/assign", to="")
    assert late.status == 409
    assert stored(store, number).assigned_to == colleague


def test_earlier_requests_of_the_same_phone_or_address_stand_beside(desk: Browser, store: Store, clock: Clock) -> None:
    phone, mail = arrive(store, clock, name="Same Phone"), arrive(store, clock, name="Same Mail", email="A@example.com")
    other = arrive(store, clock, name="Somebody Else")
    with store() as session:
        first = session.get_one(ConsultationRequest, phone).callable_phone
        later = NOON + timedelta(hours=1)
        number = submit_request(session, later, request_draft(phone=first, email="a@example.com", message="Again")).id
    linked = [str(a["href"]) for a in desk.get(f"/staff/requests/{number}").all(".row-name")]
    assert linked == [f"/staff/requests/{mail}", f"/staff/requests/{phone}"]
    assert f"/staff/requests/{other}" not in linked


def test_due_is_paged_without_a_gap(store: Store, clock: Clock) -> None:
    ids = [arrive(store, clock) for _ in range(5)]
    with store() as session:
        first = [row.id for row in consultations.due(session, clock(), size=2)]
        second = [row.id for row in consultations.due(session, clock(), after=first[-1], size=2)]
        third = [row.id for row in consultations.due(session, clock(), after=second[-1], size=2)]
        assert first + second + third == ids
        assert consultations.count_due(session, clock()) == 5


def test_lists_use_their_indexes(session: Session) -> None:
    row = submit_request(session, NOON, request_draft(email="a@example.com"))
    columns = [column.key for column in ConsultationRequest.__table__.columns if column.key not in {"id", "reference", "phone"}]
    values = {name: getattr(row, name) for name in columns} | {"submission_id": None, "email_key": "b@example.com", "due_at": None}
    copies = [values | {"reference": f"DC-{n}", "phone": f"+9251{n:07}", "status": Status.CLOSED} for n in range(2000)]
    session.execute(sa.insert(ConsultationRequest), copies)
    session.execute(sa.text("ANALYZE"))
    seen: list[tuple[str, Any]] = []

    def note(_connection: object, _cursor: object, statement: str, parameters: Any, *_rest: object) -> None:
        seen.append((statement, parameters))

    sa.event.listen(session.connection().engine, "before_cursor_execute", note)
    consultations.due(session, NOON, after=row.id)
    consultations.count_due(session, NOON)
    consultations.inbox(session, consultations.Filter(status=Status.BOOKED), after=row.id)
    consultations.earlier(session, row)
    sa.event.remove(session.connection().engine, "before_cursor_execute", note)
    sqlite = session.get_bind().dialect.name == "sqlite"
    if not sqlite:
        session.execute(sa.text("SET LOCAL enable_seqscan = off"))
    plans = []
    for statement, parameters in seen:
        explain = f"{'EXPLAIN QUERY PLAN' if sqlite else 'EXPLAIN'} {statement}"
        plans.append(" ".join(str(line) for line in session.connection().exec_driver_sql(explain, parameters)))
    assert len(plans) == 4
    # Where all arrived at once, as here, either index gives the few that are behind the last.
    by_state = "_inbox" if sqlite or "_inbox" in plans[2] else "_arrived"
    wanted = (["_due"], ["_due"], [by_state], ["_phone", "_email_key"])
    for plan, names in zip(plans, wanted, strict=True):
        assert all(f"ix_consultation_request{name}" in plan for name in names), plan
