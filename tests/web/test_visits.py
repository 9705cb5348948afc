"""Where a request came from, and which pages are looked at: told by the browser, kept without anybody's name."""

import logging
from datetime import date

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy.exc import OperationalError
from werkzeug.test import TestResponse

import database
from blueprints.visits import counter
from blueprints.visits.counter import Key, ViewCounter
from domain import traffic
from domain.consultations import ConsultationRequest
from domain.traffic import Counted, Step, Steps
from extensions import db
from tests.conftest import NOON
from tests.factories import ARTICLE, SLUG
from tests.pages import Browser, Page

FORM = "/consultation"
TYPED = {"name": "Bilal Khan", "phone": "0300-1234567", "contact_by": "phone", "consent": "y"}
TOLD = f"landing=/blog/{SLUG}&referrer=www.google.com&utm_campaign=spring&article=/blog/{SLUG}"
DAY = NOON.date()
NONSENSE = [
    "%%%", "landing=/comments/secret", "landing=/staff/", "landing=https://x.example/", "landing=" + "/" * 3000,
    "article=/blog/none", "=&=&",
]  # fmt: skip
CLOSED = [
    "", "/nowhere", "/comments/abc", "/consultation/received/abc", "/staff/", "/healthz", "//", "/static/js/public.js", "/About",
]  # fmt: skip
PROGRAMS = ["Googlebot/2.1", "Mozilla/5.0 HeadlessChrome/140", "WhatsApp Preview", "python-requests/2", "curl/8"]


def sent(app: Flask, page: Page, **headers: str) -> ConsultationRequest:
    assert page.status == 200, headers
    with app.app_context():
        return db.session.scalars(sa.select(ConsultationRequest).order_by(ConsultationRequest.id.desc())).first()  # type: ignore[return-value]


def look(browser: Browser, page: str, agent: str = "Mozilla/5.0 Firefox/140.0", site: str = "same-origin", **told: str) -> int:
    headers = {"User-Agent": agent, "Sec-Fetch-Site": site}
    answer: TestResponse = browser.client.post("/views", data={"page": page, **told}, headers=headers)
    assert "Set-Cookie" not in answer.headers
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.get_data() == b""
    return answer.status_code


def counted(app: Flask) -> dict[tuple[str, str], Steps]:
    """What has been counted, after a moment."""
    app.extensions["views"].flush()
    with app.app_context():
        return traffic.by_article_and_source(db.session, DAY, DAY)


def test_a_request_keeps_where_the_visit_began(app: Flask, browser: Browser) -> None:
    row = sent(app, browser.submit(browser.get(FORM), FORM, **TYPED, first_touch=TOLD))
    assert (row.source, row.landing, row.referrer, row.utm_campaign) == ("google", f"/blog/{SLUG}", "google.com", "spring")
    assert row.article_id == ARTICLE


def test_without_the_script_the_address_of_the_form_says_it(app: Flask, browser: Browser) -> None:
    came = {"Referer": f"http://localhost{FORM}?from={SLUG}&utm_source=leaflet"}
    row = sent(app, browser.post(FORM, TYPED, headers=came))
    assert (row.source, row.landing, row.article_id) == ("leaflet", FORM, ARTICLE)


def test_another_sites_page_is_no_address_of_the_form(app: Flask, browser: Browser) -> None:
    row = sent(app, browser.post(FORM, TYPED, headers={"Referer": "https://elsewhere.example/?utm_source=leaflet"}))
    assert (row.source, row.landing) == ("direct", "")


@pytest.mark.parametrize("told", NONSENSE)
def test_nonsense_is_dropped_and_the_request_kept(app: Flask, browser: Browser, told: str) -> None:
    row = sent(app, browser.submit(browser.get(FORM), FORM, **TYPED, first_touch=told))
    assert (row.source, row.landing, row.article_id) == ("direct", "", None)


def test_what_the_browser_told_is_kept_beside_an_error(browser: Browser) -> None:
    page = browser.submit(browser.get(FORM), FORM, first_touch=TOLD)
    assert page.status == 422
    assert page.one("input[name=first_touch]")["value"] == TOLD


def test_views_are_counted_by_article_and_source(app: Flask, browser: Browser) -> None:
    for page, told in (
        (f"/blog/{SLUG}", {"referrer": "google.com", "article": "/blog/else"}),
        (f"/blog/{SLUG}", {"referrer": "google.com"}),
        ("/", {"utm_source": "leaflet", "article": f"/blog/{SLUG}"}),
        ("/treatments/botulinum-toxin-for-chronic-migraine", {"utm_source": "leaflet"}),
        (FORM, {"referrer": "google.com", "article": f"/blog/{SLUG}"}),
        (FORM, {"article": SLUG}),
    ):
        assert look(browser, page, **told) == 204
    assert counted(app) == {(ARTICLE, "google"): (2, 1, 0), ("", "leaflet"): (2, 0, 0), (ARTICLE, "direct"): (0, 1, 0)}


@pytest.mark.parametrize("page", CLOSED)
def test_only_pages_for_everybody_are_counted(app: Flask, browser: Browser, page: str) -> None:
    assert look(browser, page) == 204
    assert counted(app) == {}


@pytest.mark.parametrize("agent", PROGRAMS)
def test_programs_are_not_counted(app: Flask, browser: Browser, agent: str) -> None:
    look(browser, "/", agent=agent)
    assert counted(app) == {}


def test_another_site_cannot_count(app: Flask, browser: Browser) -> None:
    look(browser, "/", site="cross-site")
    assert counted(app) == {}


def test_a_flood_of_one_network_is_not_counted(app: Flask, browser: Browser) -> None:
    for _ in range(320):
        assert look(browser, "/") == 204
    assert counted(app)["", "direct"].views == 300


def test_counting_changes_no_page(app: Flask, browser: Browser) -> None:
    with app.app_context():
        before = db.session.execute(sa.text("SELECT version FROM site_version")).scalar()
    look(browser, "/")
    counted(app)
    with app.app_context():
        assert db.session.execute(sa.text("SELECT version FROM site_version")).scalar() == before


def test_a_locked_database_loses_no_view_and_logs_no_word(
    app: Flask, browser: Browser, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def locked(*_: object) -> None:
        raise OperationalError("INSERT", told, Exception("database is locked"))

    told = {"utm_source": "leaflet"}

    look(browser, "/", **told)
    with monkeypatch.context() as broken, caplog.at_level(logging.DEBUG):
        broken.setattr(database, "begin_write", locked)
        app.extensions["views"].flush()
    assert "leaflet" not in caplog.text
    assert counted(app) == {("", "leaflet"): (1, 0, 0)}


def test_what_waits_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    stored: list[int] = []
    monkeypatch.setattr(counter, "MOST", 3)
    views = ViewCounter(lambda counts: bool(stored.append(sum(counts.values())) or True), seconds=3600)
    keys: list[Key] = [(date(2026, 11, 23), Counted(Step.VIEW, str(number), "direct")) for number in range(5)]
    for key in [*keys, keys[0]]:
        views.add(key)
    views.flush()
    assert stored == [4]


def test_views_are_stored_by_themselves_before_long() -> None:
    stored: list[int] = []
    views = ViewCounter(lambda counts: bool(stored.append(len(counts)) or True), seconds=0.01)
    views.add((date(2026, 11, 23), Counted(Step.VIEW, "", "direct")))
    timer = views._timer
    assert timer is not None
    timer.join(10)
    assert stored == [1]
