"""The audit log on its page and in a shell: who did what, the newest first, without a typed word."""

import json

from flask import Flask

from domain import audit
from tests.conftest import Clock, Store
from tests.factories import make_staff
from tests.pages import Browser, sign_in


def note(store: Store, clock: Clock) -> None:
    """Two entries: of a person and of the site."""
    with store() as session:
        audit.record(
            session, clock(), make_staff(session, clock(), name="Amina").id, "request no_answer", "request 7", before="new"
        )
        audit.record(session, clock.forward(minutes=1), None, "texts to review", "month 2026-11", texts=3)


def test_the_newest_entry_is_the_first_line_with_who_did_what(app: Flask, store: Store, clock: Clock) -> None:
    note(store, clock)
    told = app.test_cli_runner().invoke(args=["audit", "list"])
    assert told.exit_code == 0, told.output
    assert told.output.splitlines() == [
        "2026-11-23 07:01:00  the site  texts to review  month 2026-11  texts=3",
        '2026-11-23 07:00:00  Amina  request no answer  request 7  before="new"',
    ]


def test_a_program_gets_an_object_a_line_and_no_more_than_it_asked_for(app: Flask, store: Store, clock: Clock) -> None:
    note(store, clock)
    told = app.test_cli_runner().invoke(args=["audit", "list", "--json", "--limit", "1"])
    (line,) = told.output.splitlines()
    entry = json.loads(line)
    assert entry.pop("id") > 0
    assert entry == {
        "at": "2026-11-23T07:01:00+00:00",
        "staff_id": None,
        "who": "the site",
        "action": "texts to review",
        "subject": "month 2026-11",
        "detail": {"texts": 3},
    }


def test_the_page_calls_the_site_by_the_same_word(browser: Browser, store: Store, clock: Clock) -> None:
    note(store, clock)
    sign_in(browser)
    rows = [row.get_text(" ", strip=True) for row in browser.get("/staff/audit").all("tbody tr")]
    assert "the site texts to review month 2026-11" in rows[1]
    assert "Amina request no answer request 7" in rows[2]
