"""Who gets into the staff area: closed by default, by role, with a token on every form."""

import re
from urllib.parse import urlsplit

import pytest
from flask import Flask

from domain import staff
from domain.staff import FAILURES_PER_ACCOUNT_AND_NETWORK, Role
from tests.conftest import Clock, Store
from tests.factories import PASSWORD, make_staff
from tests.pages import Browser, sign_in

OPEN = {"/staff/login", "/staff/login/code", "/staff/login/passkey", "/staff/login/passkey/options", "/staff/setup/x"}
EVERYONE = {
    "/staff/",
    "/staff/account",
    "/staff/account/passkeys",
    "/staff/account/passkeys/1/remove",
    "/staff/account/passkeys/options",
    "/staff/account/second-factor",
    "/staff/account/second-factor/change",
    "/staff/account/second-factor/start",
    "/staff/account/sessions/1/end",
    "/staff/account/sessions/end-others",
    "/staff/logout",
}
COMMENTS = {
    "/staff/comments",
    "/staff/comments/bulk",
    "/staff/comments/undo",
    "/staff/comments/1",
    "/staff/comments/1/reply",
    "/staff/comments/1/redact",
    "/staff/comments/1/text",
}
DESK = {
    "/staff/requests",
    "/staff/requests/1",
    "/staff/requests/1/assign",
    "/staff/requests/1/attempt",
    "/staff/requests/1/appointment.ics",
    "/staff/mail",
    "/staff/mail/1/retry",
    "/staff/mail/retry",
}
OWNER = {
    "/staff/people",
    "/staff/people/1/role",
    "/staff/people/1/deactivate",
    "/staff/people/1/reactivate",
    "/staff/people/1/link",
    "/staff/people/1/second-factor",
    "/staff/settings",
    "/staff/settings/blocks",
    "/staff/settings/blocks/1/lift",
    "/staff/audit",
    "/staff/health",
    "/staff/export/requests",
    "/staff/settings/privacy",
    "/staff/settings/privacy/erase",
    "/staff/settings/privacy/export",
}
MAY = {
    Role.OWNER: EVERYONE | COMMENTS | DESK | OWNER,
    Role.MODERATOR: EVERYONE | COMMENTS,
    Role.FRONT_DESK: EVERYONE | DESK,
}


def staff_urls(app: Flask) -> list[tuple[str, str]]:
    """Every URL under /staff with each of its methods."""
    found = []
    for rule in app.url_map.iter_rules():
        if rule.rule.startswith("/staff"):
            url = re.sub(r"<(?:(\w+)(?:\(.*?\))?:)?\w+>", lambda m: "1" if m.group(1) == "int" else "x", rule.rule)
            found += [(method, url) for method in sorted((rule.methods or set()) & {"GET", "POST"})]
    return sorted(found)


def test_the_table_names_every_url_of_the_staff_area(app: Flask) -> None:
    assert {url for _, url in staff_urls(app)} == OPEN | EVERYONE | COMMENTS | DESK | OWNER


def test_nothing_but_the_listed_exceptions_opens_to_who_is_signed_out(app: Flask, browser: Browser) -> None:
    for method, url in staff_urls(app):
        page = browser._load(method, url, follow=False)
        if url in OPEN:
            # Without a password before it there is no second step.
            assert page.status == 303 if url == "/staff/login/code" and method == "GET" else page.status in {200, 400, 404}
        else:
            assert (page.status, page.headers["Location"].split("?")[0]) == (302, "/staff/login"), (method, url)


@pytest.mark.parametrize("role", list(Role))
def test_a_role_opens_its_own_part_and_no_other(app: Flask, store: Store, browser: Browser, clock: Clock, role: Role) -> None:
    with store() as session:
        make_staff(session, clock(), role)
    sign_in(browser, f"{role.value}@example.com")
    for method, url in staff_urls(app):
        if url in OPEN or url == "/staff/logout":
            continue
        page = browser._load(method, url, follow=False)
        if url in MAY[role]:
            # Without its token a form is turned away; a page opens, or its row is not there.
            assert page.status in ({400} if method == "POST" else {200, 404}), (role, method, url)
        else:
            assert page.status == 403, (role, method, url)


@pytest.mark.parametrize("role", list(Role))
def test_the_rail_shows_what_the_role_may_open(store: Store, browser: Browser, clock: Clock, role: Role) -> None:
    with store() as session:
        make_staff(session, clock(), role)
    page = sign_in(browser, f"{role.value}@example.com")
    links = {urlsplit(str(a["href"])).path for a in page.all("nav a[href^='/staff']")}
    assert links <= MAY[role]
    assert {url for url in MAY[role] if url.count("/") == 2} - {"/staff/logout", "/staff/"} <= links


def test_an_unknown_address_and_a_wrong_password_get_the_same_answer(store: Store, browser: Browser, clock: Clock) -> None:
    with store() as session:
        make_staff(session, clock())
    wrong, unknown = sign_in(browser, password="wrong"), sign_in(browser, email="nobody@example.com")
    assert wrong.status == unknown.status == 422
    assert wrong.one(".error-summary").get_text() == unknown.one(".error-summary").get_text()
    assert wrong.one("#email")["value"] == "owner@example.com"
    assert PASSWORD not in wrong.html


def test_guessing_is_slowed_down_for_a_while(store: Store, browser: Browser, clock: Clock) -> None:
    with store() as session:
        make_staff(session, clock())
    for _ in range(FAILURES_PER_ACCOUNT_AND_NETWORK):
        sign_in(browser, password="wrong")
    page = sign_in(browser)
    assert page.status == 429
    assert "Wait 15 minutes" in page.text
    clock.forward(minutes=16)
    assert sign_in(browser).url == "/staff/"


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


def test_a_session_ends_with_the_day_with_deactivation_and_with_sign_out(store: Store, browser: Browser, clock: Clock) -> None:
    with store() as session:
        make_staff(session, clock())
        other = make_staff(session, clock(), Role.OWNER, "second@example.com").id
    page = sign_in(browser)
    assert browser.submit(page, "/staff/logout").url.startswith("/staff/login")
    assert browser.get("/staff/").url.startswith("/staff/login")
    sign_in(browser)
    clock.forward(hours=12, minutes=1)
    assert browser.get("/staff/").url.startswith("/staff/login")
    sign_in(browser, "second@example.com")
    with store() as session:
        staff.deactivate(session, session.get_one(staff.Staff, other))
    assert browser.get("/staff/").url.startswith("/staff/login")
    assert sign_in(browser, "second@example.com").status == 422


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
