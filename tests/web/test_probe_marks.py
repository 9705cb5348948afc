"""Who may mark a request as a test: the site alone. Whatever else comes with a mark is a real request."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from flask import Flask

from domain import tokens
from domain.consultations import Status
from domain.tokens import LIFETIME, Purpose
from tests.conftest import Clock, Store
from tests.pages import Browser
from tests.web.probing import requests, sent
from web import probes


def visit(browser: Browser, mark: str, submission: str) -> None:
    """A visitor who fills in the form and adds a mark."""
    fields = {
        "name": "Bilal Khan", "phone": "0300-1234567", "contact_by": "phone", "consent": "y", "message": f"Hello {submission}",
        "submission_id": submission, probes.FIELD: mark,
    }  # fmt: skip
    assert browser.post("/consultation", fields).status == 200


def marks(app: Flask, submission: str) -> dict[str, str]:
    """Marks that nobody may hide a request with."""
    keys = [app.config["SECRET_KEY"]]
    payload: dict[str, Any] = {"submission": submission, "to": None}
    with app.app_context():
        return {
            "made up": "anything",
            "of another key": tokens.sign(["z" * 40], Purpose.PROBE, payload),
            "of another purpose": tokens.sign(keys, Purpose.REQUEST_RECEIPT, payload),
            "of another submission": probes.mark(str(uuid4()), None),
            "of no submission": tokens.sign(keys, Purpose.PROBE, {"to": None}),
            "that is no text of ours": "\ud7ff\x00é",
        }


BAD_MARKS = (
    "made up", "of another key", "of another purpose", "of another submission", "of no submission", "that is no text of ours"
)  # fmt: skip


@pytest.mark.parametrize("kind", BAD_MARKS)
def test_a_request_with_a_bad_mark_is_a_real_one(app: Flask, store: Store, clock: Clock, browser: Browser, kind: str) -> None:
    submission = str(uuid4())
    visit(browser, marks(app, submission)[kind], submission)
    (request,) = requests(store)
    assert (request.status, request.close_reason) == (Status.NEW, None)
    assert sent(store, clock) == 1


def test_a_mark_that_is_too_old_hides_nothing(app: Flask, store: Store, browser: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    submission = str(uuid4())
    with app.app_context():
        mark = probes.mark(submission, None)
    monkeypatch.setitem(LIFETIME, Purpose.PROBE, timedelta(seconds=-1))
    visit(browser, mark, submission)
    assert [request.status for request in requests(store)] == [Status.NEW]


def test_a_mark_without_a_submission_hides_nothing(app: Flask, store: Store, browser: Browser) -> None:
    with app.app_context():
        mark = tokens.sign([app.config["SECRET_KEY"]], Purpose.PROBE, {"submission": "", "to": None})
    visit(browser, mark, "")
    assert [request.status for request in requests(store)] == [Status.NEW]


def test_a_mark_that_is_sent_again_with_other_words_hides_nothing(app: Flask, store: Store, browser: Browser) -> None:
    submission = str(uuid4())
    with app.app_context():
        mark = probes.mark(submission, None)
    visit(browser, mark, submission)
    fields = {"name": "Sana", "phone": "0300-7654321", "contact_by": "phone", "consent": "y", "message": "Not a test."}
    browser.post("/consultation", fields | {"submission_id": submission, probes.FIELD: mark})
    assert [request.is_test for request in requests(store)] == [True, False]


def test_the_page_of_a_test_says_what_it_is_and_offers_no_move(app: Flask, store: Store, owner: Browser) -> None:
    submission = str(uuid4())
    with app.app_context():
        mark = probes.mark(submission, None)
    visit(Browser(app), mark, submission)
    (request,) = requests(store)
    page = owner.get(f"/staff/requests/{request.id}")
    assert "A test of the form (flask probe)" in page.text
    assert page.all(".moves button") == []
    assert request.reference not in owner.get("/staff/requests").text


def test_staff_cannot_close_a_request_as_a_test(app: Flask, store: Store, owner: Browser) -> None:
    visit(Browser(app), "", str(uuid4()))
    (request,) = requests(store)
    page = owner.get(f"/staff/requests/{request.id}")
    assert not page.all('select[name="close_reason"] option[value="test"]')
    answer = owner.submit(page, f"/staff/requests/{request.id}", status="closed", close_reason="test")
    assert answer.status == 422
    assert requests(store)[0].status is Status.NEW


def test_no_public_page_holds_a_mark(browser: Browser) -> None:
    assert f'name="{probes.FIELD}"' not in browser.get("/consultation").html
