"""Finding requests in the inbox: words and filters in the address, kept over pages and in the export, each one removable."""

import csv
import io
import json
from dataclasses import replace
from datetime import timedelta
from urllib.parse import quote

import pytest
from flask import Flask

from domain import audit, consultations, phones, staff, working_time
from domain.consultations import CloseReason, Move, Status
from domain.staff import Role
from extensions import db
from tests.conftest import NOON, Clock, Store
from tests.domain.test_search import HOSTILE
from tests.factories import ALWAYS, make_staff, request_draft, submit_request
from tests.pages import Browser, Page, filled, sign_in

INBOX = "/staff/requests"


@pytest.fixture
def desk(app: Flask, store: Store, browser: Browser, clock: Clock) -> Browser:
    """Sara of the front desk, and four requests: one is hers, one Hina's, one suspected, one closed."""
    app.config["SITE"] = replace(app.config["SITE"], opening=working_time.read_week(["09:00-17:00"] * 7))
    with store() as session:
        sara = make_staff(session, clock(), Role.FRONT_DESK, name="Sara")
        hina = make_staff(session, clock(), Role.OWNER, name="Hina")
        made = [("Hers", 3, "facial-lines"), ("Hinas", 2, "chronic-migraine"), ("Suspect", 1, None), ("Closed", 0, "facial-lines")]
        for name, days, treatment in made:
            raw = f"0300-123456{days}"
            draft = request_draft(name=name, treatment=treatment, phone=phones.parse(raw), phone_raw=raw)
            row = submit_request(session, NOON - timedelta(days=days), draft)
            row.suspected = name == "Suspect"
            row.assigned_to = {"Hers": sara.id, "Hinas": hina.id}.get(name)
        consultations.move(session, row.id, Move(Status.CLOSED, reason=CloseReason.OTHER), by=sara.id, working=ALWAYS, now=NOON)
        session.flush()
    sign_in(browser, "front-desk@example.com")
    return browser


@pytest.fixture
def owner(desk: Browser) -> Browser:
    sign_in(desk, "owner@example.com")
    return desk


def shown(page: Page) -> list[str]:
    return [str(name.get_text()) for name in page.all(".row-name")]


@pytest.mark.parametrize(("query", "title"), [("", "Requests: to do"), ("filter=no_answer", "Requests: no answer")])
def test_the_list_that_is_looked_at_is_named_in_heading_and_title(desk: Browser, query: str, title: str) -> None:
    page = desk.get(f"{INBOX}?{query}")
    assert page.one("h1").get_text() == title
    assert page.one("title").get_text().startswith(title)


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("", ["Hers", "Hinas", "Suspect"]),
        ("filter=all", ["Closed", "Suspect", "Hinas", "Hers"]),
        ("filter=all&q=clo", ["Closed"]),
        ("filter=all&q=%2B92+300+1234562", ["Hinas"]),
        ("q=0300+1234560", []),
        ("assigned=me", ["Hers"]),
        ("assigned=nobody&filter=all", ["Closed", "Suspect"]),
        ("assigned=2", ["Hinas"]),
        ("treatment=facial-lines&filter=all", ["Closed", "Hers"]),
        ("suspected=y", ["Suspect"]),
        ("waiting=first&filter=all", ["Suspect", "Hinas", "Hers"]),
        ("waiting=overdue", ["Hers", "Hinas", "Suspect"]),
        ("from=2026-11-21&filter=all", ["Closed", "Suspect", "Hinas"]),
        ("to=2026-11-21&filter=all", ["Hinas", "Hers"]),
        ("from=2026-11-21&to=2026-11-21", ["Hinas"]),
        ("from=2026-11-21&treatment=facial-lines&filter=closed&q=closed&assigned=nobody", ["Closed"]),
    ],
)
def test_filters_combine_with_each_other_the_search_and_the_tabs(desk: Browser, query: str, expected: list[str]) -> None:
    page = desk.get(f"{INBOX}?{query}")
    assert shown(page) == expected
    if set(query.split("&")) - {"", "filter=all"}:
        assert page.one(".filter-count").get_text() == f"{len(expected)} request{'' if len(expected) == 1 else 's'}"


def test_days_are_those_of_the_clinic(desk: Browser, store: Store) -> None:
    with store() as session:
        # The day began at 19:00 UTC, midnight in Karachi.
        for name, minutes in (("Before", -1), ("After", 1)):
            submit_request(session, NOON - timedelta(hours=12) + timedelta(minutes=minutes), request_draft(name=name))
    assert shown(desk.get(f"{INBOX}?from=2026-11-23")) == ["After"]
    assert shown(desk.get(f"{INBOX}?to=2026-11-22&from=2026-11-22")) == ["Suspect", "Before"]


def test_overdue_is_what_the_reminders_call_so(app: Flask, desk: Browser, store: Store, clock: Clock) -> None:
    with store() as session:
        submit_request(session, clock(), request_draft(name="Fresh"))
    assert "Fresh" not in shown(desk.get(f"{INBOX}?waiting=overdue"))
    clock.forward(minutes=app.config["SITE"].remind_minutes + 1)
    late = desk.get(f"{INBOX}?waiting=overdue")
    assert "Fresh" in shown(late)
    assert late.text.count("overdue, waiting") == len(shown(late))
    app.config["SITE"] = replace(app.config["SITE"], remind_minutes=0)
    assert "A first contact is waited for or overdue" in desk.get(f"{INBOX}?waiting=overdue").text


def test_the_form_shows_what_is_asked_and_is_plain(desk: Browser) -> None:
    query = "q=hers&filter=new&assigned=me&treatment=facial-lines&waiting=first&from=2026-11-01&to=2026-11-30"
    page = desk.get(f"{INBOX}?{query}")
    form = page.form(INBOX)
    assert form["method"] == "get"
    assert filled(form) == dict(pair.split("=") for pair in query.split("&"))
    assert not page.one(".filter-box").has_attr("open"), "the chips say what is on"
    assert desk.get(f"{INBOX}?waiting=long").one(".filter-box").has_attr("open")
    assert filled(desk.get(f"{INBOX}?suspected=y").form(INBOX))["suspected"] == "y"


def test_each_filter_is_taken_away_by_its_chip(desk: Browser) -> None:
    page = desk.get(f"{INBOX}?filter=all&q=hers&assigned=me&suspected=y")
    assert shown(page) == []
    chips = {" ".join(chip.get_text(" ").split()): str(chip["href"]) for chip in page.all(".chip-remove")}
    assert list(chips) == [f"Remove the filter {label} ×" for label in ("Search: hers", "With: Me", "Suspected only")]
    without = desk.get(chips["Remove the filter Suspected only ×"])
    assert shown(without) == ["Hers"]
    assert len(without.all(".chip-remove")) == 2
    assert len(shown(desk.get(str(page.one(".filter-clear")["href"])))) == 4
    assert desk.get(f"{INBOX}?filter=all").all(".chip-remove") == []
    for tab in page.all(".tab"):
        assert "q=hers" in str(tab["href"])
        assert "assigned=me" in str(tab["href"])


@pytest.mark.parametrize(
    ("query", "field", "words", "expected"),
    [
        ("from=2026-02-30", "from", "“2026-02-30” is no date", ["Hers", "Hinas", "Suspect"]),
        ("from=0001-01-01&assigned=me", "from", "is no date", ["Hers"]),
        ("to=tomorrow&suspected=y", "to", "“tomorrow” is no date", ["Suspect"]),
        ("from=2026-11-22&to=2026-11-20", "to", "lies before the first one", ["Suspect"]),
        ("to=9999-12-31", "to", "is no date", ["Hers", "Hinas", "Suspect"]),
        ("filter=bored&assigned=me", "filter", "no such list", ["Hers"]),
        ("assigned=99&suspected=y", "assigned", "Nobody who answers requests", ["Suspect"]),
        ("assigned=-1", "assigned", "Nobody who answers requests", ["Hers", "Hinas", "Suspect"]),
        ("treatment=magic&q=hers", "treatment", "no such treatment", ["Hers"]),
        ("waiting=long", "waiting", "waited for or overdue", ["Hers", "Hinas", "Suspect"]),
        ("suspected=maybe", "suspected", "ticked or it is not", ["Hers", "Hinas", "Suspect"]),
    ],
)
def test_what_cannot_be_understood_is_said_beside_its_field_and_the_rest_applies(
    desk: Browser, query: str, field: str, words: str, expected: list[str]
) -> None:
    page = desk.get(f"{INBOX}?{query}")
    assert page.status == 200
    assert page.title.startswith("Error: ")
    assert words in page.one(f"#filter-{field}-error").get_text()
    assert page.one(f"#filter-{field}")["aria-describedby"] == f"filter-{field}-error"
    assert shown(page) == expected
    if field in {"from", "to"}:
        assert page.one(f"#filter-{field}")["value"] == dict(pair.split("=") for pair in query.split("&"))[field]


def test_an_empty_answer_says_where_else_to_look(desk: Browser) -> None:
    page = desk.get(f"{INBOX}?q=closed")
    assert "No request under “To do” matches." in page.text
    [link] = [a for a in page.all(".empty a") if "Look in all states: 1 request" in a.get_text()]
    assert shown(desk.get(str(link["href"]))) == ["Closed"]
    nowhere = desk.get(f"{INBOX}?q=nothing&filter=all")
    assert "the last digits of a phone number" in nowhere.text
    assert "clear all" in desk.get(f"{INBOX}?assigned=me&filter=spam&from=2026-11-23").text


def test_pages_keep_the_filter(desk: Browser, store: Store) -> None:
    with store() as session:
        for number in range(30):
            submit_request(session, NOON, request_draft(name=f"Maria {number}"))
    for tab in ("due", "all", "new"):
        first = desk.get(f"{INBOX}?filter={tab}&q=maria&assigned=nobody")
        assert first.one(".filter-count").get_text() == "30 requests"
        rest = desk.get(str(first.one('a[rel="next"]')["href"]))
        assert (len(shown(first)), len(shown(rest)), len({*shown(first), *shown(rest)})) == (25, 5, 30)
        assert "q=maria" in rest.url
        assert "assigned=nobody" in rest.url
        assert rest.all('a[rel="next"]') == []


@pytest.mark.parametrize(
    ("query", "expected", "logged"),
    [
        ("filter=all&q=clo", ["Closed"], {"filter": "all", "search": True}),
        ("filter=due&suspected=y", ["Suspect"], {"filter": "due", "suspected": "y"}),
        ("filter=new&assigned=me", ["Hinas"], {"filter": "new", "assigned": "me"}),
        (
            "filter=all&from=2026-11-20&to=2026-11-21",
            ["Hers", "Hinas"],
            {"filter": "all", "from": "2026-11-20", "to": "2026-11-21"},
        ),
    ],
)
def test_the_export_is_of_the_list_that_is_shown(
    app: Flask, owner: Browser, query: str, expected: list[str], logged: dict[str, object]
) -> None:
    page = owner.get(f"{INBOX}?{query}")
    file = owner.submit(page, "/staff/export/requests", button=("format", "csv"))
    rows = list(csv.DictReader(io.StringIO(file.html.removeprefix("\ufeff"), newline="")))
    assert [row["name"] for row in rows] == expected
    assert "-filtered-" in file.headers["Content-Disposition"]
    again = owner.submit(page, "/staff/export/requests", button=("format", "json"))
    assert [row["name"] for row in json.loads(again.html)] == expected
    with app.app_context():
        entry = next(entry for entry in audit.page(db.session) if entry.detail.get("format") == "csv")
        assert entry.detail == logged | {"format": "csv", "count": len(expected)}


def test_an_export_of_a_filter_that_is_none_is_refused(owner: Browser) -> None:
    page = owner.get(f"{INBOX}?filter=all")
    for wrong in ({"filter": "bored"}, {"from": "2026-02-30"}, {"assigned": "99"}):
        data = filled(page.form("/staff/export/requests")) | wrong | {"format": "csv"}
        assert owner.post("/staff/export/requests", data).status == 400


def test_who_moderates_sees_no_request_by_any_filter(desk: Browser, store: Store, clock: Clock) -> None:
    with store() as session:
        make_staff(session, clock(), Role.MODERATOR, name="Reader")
    sign_in(desk, "moderator@example.com")
    for query in ("", "?q=hers", "?filter=all&assigned=nobody"):
        page = desk.get(INBOX + query)
        assert page.status == 403
        assert "Hers" not in page.html


def test_who_has_left_is_no_choice(desk: Browser, store: Store, clock: Clock) -> None:
    with store() as session:
        hina = staff.by_email(session, "owner@example.com")
        other = make_staff(session, clock(), Role.FRONT_DESK, email="kamran@example.com", name="Kamran")
        assert hina is not None
        staff.deactivate(session, other)
    names = [option.get_text() for option in desk.get(INBOX).one("#filter-assigned").select("option")]
    assert names == ["Anybody", "Me", "Nobody", "Hina"]


def test_a_hostile_search_is_an_empty_answer(desk: Browser) -> None:
    for typed in HOSTILE:
        page = desk.get(f"{INBOX}?q={quote(typed.encode('utf-8', 'surrogatepass')[:3000])}")
        assert page.status == 200, typed
