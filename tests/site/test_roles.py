"""Every view of the staff area, for every role, signed out and deactivated: what it answers, and that a refusal changes nothing."""

from dataclasses import dataclass
from urllib.parse import urlsplit

import pytest
from flask import Flask

from domain import staff
from domain.staff import Role
from tests.conftest import Clock, Store
from tests.filled import FORMER, changed, fill, path, routes, snapshot
from tests.pages import Browser, Page, sign_in
from tests.site.role_table import ANYBODY, TABLE, Line

SIGNED_OUT, DEACTIVATED = "signed out", "deactivated"
Call = tuple[str, str, Line]


@dataclass
class Viewer:
    """Somebody before the filled site, with a token that holds for all forms of the browser's session."""

    who: str
    browser: Browser
    token: str

    def call(self, method: str, url: str, line: Line) -> Page:
        """The page itself, or the form as somebody sends it who knows how it looks."""
        if method == "GET":
            return self.browser.get(url, follow=False)
        return self.browser.post(url, {"csrf_token": self.token} | line.sent, follow=False)

    def may(self, line: Line) -> bool:
        return line.who is ANYBODY or self.who in line.who

    @property
    def is_signed_in(self) -> bool:
        return self.who in set(Role)


@pytest.fixture(params=[*Role, SIGNED_OUT, DEACTIVATED])
def viewer(
    request: pytest.FixtureRequest, app: Flask, store: Store, browser: Browser, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> Viewer:
    """Each of those who may come; nobody outside is asked for the page Health."""
    monkeypatch.setattr("checks.outside", lambda _email: [])
    with store() as session:
        fill(app, session, clock())
    if request.param != SIGNED_OUT:
        # The sharpest case of deactivation: an owner who was signed in a moment ago and still has cookie and token.
        sign_in(browser, "former@example.com" if request.param == DEACTIVATED else f"{request.param}@example.com")
    made = Viewer(str(request.param), browser, token(browser))
    if request.param == DEACTIVATED:
        with store() as session:
            staff.deactivate(session, session.get_one(staff.Staff, FORMER))
    return made


def token(browser: Browser) -> str:
    return str(browser.get("/staff/account").all('[name="csrf_token"]')[0]["value"])


def calls(app: Flask) -> list[Call]:
    """Method, path and line of everything in the table, in its order."""
    arguments = {rule.endpoint: rule.arguments for rule in app.url_map.iter_rules()}
    with app.app_context():
        return [(method, path(endpoint, arguments[endpoint]), line) for endpoint, line in TABLE.items() for method in line.answers]


def test_the_table_names_every_view_of_the_staff_area_with_its_methods(app: Flask) -> None:
    there = {(rule.endpoint, method) for method in ("GET", "POST") for rule, url in routes(app, method) if url.startswith("/staff")}
    assert there == {(endpoint, method) for endpoint, line in TABLE.items() for method in line.answers}


def test_who_may_not_is_turned_away_and_nothing_is_changed(app: Flask, viewer: Viewer) -> None:
    before, refused = snapshot(app), [call for call in calls(app) if not viewer.may(call[2])]
    for method, url, line in refused:
        page = viewer.call(method, url, line)
        if viewer.is_signed_in:
            assert page.status == 403, (method, url)
        else:
            # With 307 what was sent goes along to the sign-in, where it waits.
            assert page.status in ({302, 307} if method == "POST" else {302}), (method, url)
            assert page.headers["Location"].split("?")[0] == "/staff/login", (method, url)
    assert changed(before, snapshot(app)) == set()
    assert refused or viewer.who == Role.OWNER


def test_who_may_is_answered_as_the_table_says(app: Flask, viewer: Viewer) -> None:
    for method, url, line in calls(app):
        if line.who is ANYBODY or not viewer.may(line):
            continue
        assert viewer.call(method, url, line).status == line.answers[method], (method, url)
        if (method, url) == ("POST", "/staff/account"):
            # A new password begins a new session.
            viewer.token = token(viewer.browser)


def test_the_ways_in_are_open_to_anybody(app: Flask, viewer: Viewer) -> None:
    for method, url, line in calls(app):
        if line.who is ANYBODY:
            assert viewer.call(method, url, line).status == line.answers[method], (method, url)


def test_a_form_without_its_token_is_turned_away_everywhere(app: Flask, viewer: Viewer) -> None:
    before = snapshot(app)
    for method, url, line in calls(app):
        if method == "POST" and viewer.may(line):
            assert viewer.browser.post(url, line.sent, follow=False).status == 400, url
    assert changed(before, snapshot(app)) == set()


def test_every_page_behind_the_sign_in_offers_to_sign_out(app: Flask, viewer: Viewer) -> None:
    pages = [url for method, url, line in calls(app) if method == "GET" and line.who is not ANYBODY and viewer.may(line)]
    for url in pages:
        page = viewer.browser.get(url, follow=False)
        if page.headers["Content-Type"].startswith("text/html"):
            assert page.form("/staff/logout"), url
    assert pages or not viewer.is_signed_in


def test_the_rail_shows_what_the_role_may_open(app: Flask, viewer: Viewer) -> None:
    if not viewer.is_signed_in:
        return
    links = {urlsplit(str(a["href"])).path for a in viewer.browser.get("/staff/").all("nav a[href^='/staff']")}
    opens = {url for method, url, line in calls(app) if method == "GET" and line.who is not ANYBODY and viewer.may(line)}
    assert links <= opens
    # Components are linked from Health: they are nobody's daily work.
    assert {url for url in opens if url.count("/") == 2} - {"/staff/", "/staff/styleguide"} <= links
