"""A staff form that is sent after its session has ended: what was typed goes through the sign-in and is sent once more."""

import pyotp
import pytest
from flask import Flask

from domain import consultations, staff
from domain.staff import Role
from extensions import db
from tests.conftest import Clock, Store
from tests.factories import PASSWORD, make_staff, submit_request
from tests.pages import Browser, Page, sign_in

NOTE = "She asked for a morning.\nHer sister may answer the phone."
DESK = "front-desk@example.com"


@pytest.fixture
def url(store: Store, clock: Clock) -> str:
    """A request's page, and accounts of an owner and of the front desk."""
    with store() as session:
        make_staff(session, clock())
        make_staff(session, clock(), Role.FRONT_DESK)
        return f"/staff/requests/{submit_request(session, clock()).id}"


def late(browser: Browser, url: str, clock: Clock, **values: str) -> Page:
    """The sign-in page that comes when a note is sent after four hours."""
    shown = browser.get(url)
    clock.forward(hours=4, minutes=1)
    return browser.submit(shown, url, button=("status", "contacted"), note=NOTE, **values)


def notes(app: Flask, url: str) -> list[str]:
    with app.app_context():
        return [event.note for event in consultations.history(db.session, int(url.rpartition("/")[2]))][1:]


def second_factor(store: Store, clock: Clock) -> str:
    """The secret of an app that the owner has just set up."""
    with store() as session:
        owner = staff.by_email(session, "owner@example.com")
        assert owner is not None
        staff.begin_second_factor(session, owner)
        secret = staff.pending_secret(session, owner) or ""
        staff.turn_on(session, owner, pyotp.TOTP(secret).at(clock()), clock())
    return secret


def at_the_code(browser: Browser, store: Store, clock: Clock, url: str) -> tuple[str, Page]:
    """The owner's secret, and the page that asks for a code after a note was sent too late."""
    sign_in(browser)
    shown = browser.get(url)
    secret = second_factor(store, clock)
    clock.forward(hours=4, minutes=1)
    page = browser.submit(shown, url, button=("status", ""), note=NOTE)
    return secret, browser.submit(page, "/staff/login", email="owner@example.com", password=PASSWORD)


def carried(page: Page) -> dict[str, str]:
    return {str(field["name"]): str(field["value"]) for field in page.all("form:has(#email) input[name^=typed]")}


def test_what_was_typed_is_shown_after_the_sign_in_and_sent_by_a_click(
    app: Flask, browser: Browser, clock: Clock, url: str
) -> None:
    sign_in(browser)
    page = late(browser, url, clock)
    assert page.status == 403
    fields = carried(page)
    assert (fields["typed_for"], fields["typed-status"], fields["typed-note"].split()) == (url, "contacted", NOTE.split())
    assert "typed-csrf_token" not in fields
    wrong = browser.submit(page, "/staff/login", email="owner@example.com", password="wrong")
    assert carried(wrong) == fields, "a wrong password loses nothing"
    again = browser.submit(wrong, "/staff/login", email="owner@example.com", password=PASSWORD)
    assert (again.status, again.one("textarea").get_text().split()) == (200, NOTE.split())
    assert PASSWORD not in again.html
    assert notes(app, url) == [], "nothing is done by the sign-in itself"
    stored = browser.submit(again, url)
    assert "Saved" in stored.text
    assert [note.split() for note in notes(app, url)] == [NOTE.split()]


def test_it_goes_through_the_second_factor_too(app: Flask, browser: Browser, store: Store, clock: Clock, url: str) -> None:
    secret, page = at_the_code(browser, store, clock, url)
    page = browser.submit(page, "/staff/login/code", code="000000")
    page = browser.submit(page, "/staff/login/code", code=pyotp.TOTP(secret).at(clock()))
    browser.submit(page, url)
    assert [note.split() for note in notes(app, url)] == [NOTE.split()]


def test_it_stays_when_the_code_comes_too_late(app: Flask, browser: Browser, store: Store, clock: Clock, url: str) -> None:
    secret, page = at_the_code(browser, store, clock, url)
    clock.forward(minutes=11)
    page = browser.submit(page, "/staff/login/code", code=pyotp.TOTP(secret).at(clock()))
    assert (page.status, "That took too long" in page.text) == (403, True)
    page = browser.submit(page, "/staff/login", email="owner@example.com", password=PASSWORD)
    page = browser.submit(page, "/staff/login/code", code=pyotp.TOTP(secret).at(clock()))
    browser.submit(page, url)
    assert [note.split() for note in notes(app, url)] == [NOTE.split()]


@pytest.mark.parametrize("is_forgotten", [False, True], ids=["the same day", "after the rows of sessions that are over went"])
def test_somebody_else_who_signs_in_does_not_see_it(
    app: Flask, browser: Browser, store: Store, clock: Clock, url: str, is_forgotten: bool
) -> None:
    sign_in(browser)
    page = late(browser, url, clock)
    if is_forgotten:
        with store() as session:
            staff.forget_over(session, clock())
    landed = browser.submit(page, "/staff/login", email=DESK, password=PASSWORD)
    assert landed.url == "/staff/"
    assert "sister" not in landed.html
    assert notes(app, url) == []


def test_a_form_that_came_from_elsewhere_does_not_go_along(browser: Browser, clock: Clock, url: str) -> None:
    sign_in(browser)
    token = str(browser.get(url).all("[name=csrf_token]")[0]["value"])
    clock.forward(hours=4, minutes=1)
    for sent in ("", "x", token[:-1]):
        answer = browser.post(url, {"csrf_token": sent, "note": NOTE}, follow=False)
        assert answer.status == 302
        assert "sister" not in browser.get(answer.headers["Location"]).html
    fresh = Browser(browser.client.application)
    assert fresh.post(url, {"csrf_token": token, "note": NOTE}, follow=False).status == 302


@pytest.mark.parametrize(
    ("path", "fields"),
    [
        ("/staff/account", {"current_password": PASSWORD, "new_password": "violet harbour 28 lamps"}),
        ("/staff/logout", {}),
        ("/staff/requests/1", {"note": "x" * 246_000}),
    ],
    ids=["passwords", "the sign-out", "more than fits beside the sign-in"],
)
def test_what_does_not_go_along_leads_to_the_sign_in_as_ever(
    browser: Browser, clock: Clock, url: str, path: str, fields: dict[str, str]
) -> None:
    sign_in(browser)
    token = str(browser.get(url).all("[name=csrf_token]")[0]["value"])
    clock.forward(hours=4, minutes=1)
    page = browser.post(path, fields | {"csrf_token": token})
    assert (page.status, carried(page)) == (200, {})
    assert PASSWORD not in page.html


@pytest.mark.parametrize("path", ["//evil.example/", "https://evil.example/", "/consultation"])
def test_it_is_never_sent_anywhere_else(browser: Browser, url: str, path: str) -> None:
    page = browser.get("/staff/login")
    landed = browser.submit(
        page, "/staff/login", email="owner@example.com", password=PASSWORD, typed_for=path, **{"typed-note": NOTE}
    )
    assert landed.url == "/staff/"
