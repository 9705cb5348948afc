"""Who gets into the staff area: closed by default, by role, with a token on every form."""

from urllib.parse import unquote

import pytest

from domain import staff
from domain.staff import FAILURES_PER_ACCOUNT_AND_NETWORK, Role
from tests.conftest import Clock, Store
from tests.factories import PASSWORD, make_staff
from tests.pages import Browser, sign_in, try_to_sign_in


def test_an_unknown_address_and_a_wrong_password_get_the_same_answer(store: Store, browser: Browser, clock: Clock) -> None:
    with store() as session:
        make_staff(session, clock())
    wrong, unknown = try_to_sign_in(browser, password="wrong"), try_to_sign_in(browser, email="nobody@example.com")
    assert wrong.status == unknown.status == 422
    assert wrong.one(".error-summary").get_text() == unknown.one(".error-summary").get_text()
    assert wrong.one("#email")["value"] == "owner@example.com"
    assert PASSWORD not in wrong.html


def test_guessing_is_slowed_down_for_a_while(store: Store, browser: Browser, clock: Clock) -> None:
    with store() as session:
        make_staff(session, clock())
    for _ in range(FAILURES_PER_ACCOUNT_AND_NETWORK):
        try_to_sign_in(browser, password="wrong")
    page = try_to_sign_in(browser)
    assert page.status == 429
    assert "Wait 15 minutes" in page.text
    clock.forward(minutes=16)
    assert try_to_sign_in(browser).url == "/staff/"


def test_the_session_cookie_stays_under_staff_and_out_of_scripts(store: Store, browser: Browser, clock: Clock) -> None:
    with store() as session:
        make_staff(session, clock())
    page = browser.get("/staff/login")
    cookie = page.headers["Set-Cookie"]
    assert "Path=/staff" in cookie
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
    sign_in(browser)
    assert "Set-Cookie" not in browser.get("/").headers


def test_after_sign_in_one_lands_where_one_wanted_to_go_but_never_elsewhere(store: Store, browser: Browser, clock: Clock) -> None:
    with store() as session:
        make_staff(session, clock())
    page = browser.get("/staff/comments?tab=spam")
    assert page.url.startswith("/staff/login")
    landed = browser.submit(page, "/staff/login", email="owner@example.com", password=PASSWORD)
    assert landed.url == "/staff/comments?tab=spam"
    for foreign in ("//evil.example", "https://evil.example", "/staff\\@evil.example", "/about", "/staffx"):
        form = Browser(browser.client.application)
        landed = form.submit(form.get("/staff/login"), "/staff/login", email="owner@example.com", password=PASSWORD, next=foreign)
        assert landed.url == "/staff/"


@pytest.mark.parametrize(
    ("referrer", "landing"),
    [
        ("http://localhost/staff/requests/1?from=inbox", "/staff/login?next=/staff/requests/1?from%3Dinbox"),
        ("http://localhost/about", "/staff/login"),
        ("https://evil.example/staff/requests/1", "/staff/login"),
        ("http://[", "/staff/login"),
        (None, "/staff/login"),
    ],
)
def test_form_that_came_too_late_leads_back_to_its_own_page(browser: Browser, referrer: str | None, landing: str) -> None:
    answer = browser.client.post("/staff/requests/1", headers={"Referer": referrer} if referrer else {})
    assert unquote(answer.location) == unquote(landing)


def test_a_session_ends_with_the_day_with_deactivation_and_with_sign_out(store: Store, browser: Browser, clock: Clock) -> None:
    with store() as session:
        make_staff(session, clock())
        other = make_staff(session, clock(), Role.OWNER, "second@example.com").id
    page = try_to_sign_in(browser)
    assert browser.submit(page, "/staff/logout").url.startswith("/staff/login")
    assert browser.get("/staff/").url.startswith("/staff/login")
    sign_in(browser)
    clock.forward(hours=12, minutes=1)
    assert browser.get("/staff/").url.startswith("/staff/login")
    sign_in(browser, "second@example.com")
    with store() as session:
        staff.deactivate(session, session.get_one(staff.Staff, other))
    assert browser.get("/staff/").url.startswith("/staff/login")
    assert try_to_sign_in(browser, "second@example.com").status == 422


def test_a_form_without_its_token_changes_nothing_and_offers_to_send_it_again(store: Store, browser: Browser, clock: Clock) -> None:
    with store() as session:
        make_staff(session, clock())
    sign_in(browser)
    page = browser.post("/staff/people", {"name": "New", "email": "new@example.com", "role": "moderator"})
    assert page.status == 400
    assert "new@example.com" not in browser.get("/staff/people").html
    again = browser.submit(page, "/staff/people")
    assert again.status == 200
    assert "new@example.com" in browser.get("/staff/people").html


def test_a_refused_password_form_asks_for_the_password_again_and_does_not_repeat_it(
    store: Store, browser: Browser, clock: Clock
) -> None:
    with store() as session:
        make_staff(session, clock())
    page = browser.post("/staff/login", {"email": "owner@example.com", "password": PASSWORD})
    assert page.status == 400
    assert PASSWORD not in page.html
    assert browser.submit(page, "/staff/login", password=PASSWORD).url == "/staff/"
