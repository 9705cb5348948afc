"""The security headers, on every response there is: each route, each status, files, and with https."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.exc import OperationalError
from werkzeug.test import TestResponse

import clinic
from app import create_app
from domain.tokens import Purpose
from extensions import db
from tests.conftest import Clock, Store
from tests.factories import ARTICLE, SLUG
from tests.filled import fill, routes
from tests.pages import Browser, sign_in

WANTED = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "strict-origin-when-cross-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}
POLICY = {
    "default-src": {"'none'"},
    "object-src": {"'none'"},
    "style-src": {"'self'"},
    "connect-src": {"'self'"},
    "form-action": {"'self'"},
    "base-uri": {"'none'"},
    "frame-ancestors": {"'none'"},
}
"""What the policy says at least; of scripts it names our own files and the hash of the one that stands in the page."""


def check(response: TestResponse, what: object) -> None:
    """The whole set, once each."""
    headers = response.headers
    assert {name: headers.getlist(name) for name in WANTED} == {name: [value] for name, value in WANTED.items()}, what
    for sensor in ("camera", "microphone", "geolocation"):
        assert f"{sensor}=()" in headers["Permissions-Policy"], what
    assert len(headers.getlist("Content-Security-Policy")) == 1, what
    rules = [rule.split() for rule in headers["Content-Security-Policy"].split(";")]
    policy = {name: set(sources) for name, *sources in rules}
    assert len(policy) == len(rules), what
    assert POLICY.items() <= policy.items(), what
    assert {source for source in policy["script-src"] if not source.startswith("'sha256-")} == {"'self'"}, what
    assert not [
        source for sources in policy.values() for source in sources if "unsafe" in source or "*" in source or "://" in source
    ]
    assert ("Set-Cookie" in headers) <= response.request.path.startswith("/staff"), what


@pytest.fixture
def signed_in(app: Flask, store: Store, browser: Browser, clock: Clock) -> FlaskClient:
    """The owner's browser at the filled site."""
    with store() as session:
        fill(app, session, clock())
    sign_in(browser)
    return browser.client


@pytest.mark.parametrize("method", ["GET", "HEAD", "POST", "OPTIONS", "DELETE", "TRACE"])
def test_every_route_sends_them_signed_in_and_out(app: Flask, signed_in: FlaskClient, method: str) -> None:
    found = [url for rule, url in routes(app, "OPTIONS")]
    assert len(found) > 60
    for client in (signed_in, app.test_client()):
        for url in found:
            response = client.open(url, method=method)
            check(response, (method, url))
            assert response.status_code == 405 or method not in {"DELETE", "TRACE"}, (method, url)


def broken(app: Flask, client: FlaskClient, error: Exception) -> TestResponse:
    def view() -> str:
        raise error

    before, app.view_functions["pages.about"] = app.view_functions["pages.about"], view
    try:
        return client.get("/about")
    finally:
        app.view_functions["pages.about"] = before


def static_again(client: FlaskClient) -> TestResponse:
    first = client.get("/static/js/public.js")
    return client.get("/static/js/public.js", headers={"If-None-Match": first.headers["ETag"]})


def over(app: Flask, client: FlaskClient) -> TestResponse:
    with app.app_context():
        token = clinic.sign(Purpose.COMMENT_STATUS, {"comment": 999, "article": ARTICLE})
    return client.get(f"/comments/{token}")


def flooded(client: FlaskClient) -> TestResponse:
    typed = {"name": "Sana", "email": "sana@example.com"}
    client.post(f"/blog/{SLUG}/comments", data=typed | {"body": "One"})
    return client.post(f"/blog/{SLUG}/comments", data=typed | {"body": "Two"})


def front_desk(app: Flask) -> FlaskClient:
    browser = Browser(app)
    sign_in(browser, "front-desk@example.com")
    return browser.client


Ask = Callable[[Flask, FlaskClient], TestResponse]
ASKS: list[tuple[int, Ask]] = [
    (200, lambda _, client: client.get("/")),
    (200, lambda _, client: client.get("/static/css/public.css")),
    (200, lambda _, client: client.get("/.well-known/security.txt")),
    (204, lambda _, client: client.post("/views")),
    (301, lambda _, client: client.get("/About")),
    (301, lambda _, client: client.get("/", environ_overrides={"PATH_INFO": "//evil.example"})),
    (302, lambda app, _: app.test_client().get("/staff/")),
    (303, lambda _, client: client.get(f"/blog/{SLUG}/comments")),
    (304, lambda _, client: static_again(client)),
    (400, lambda _, client: client.post("/staff/settings")),
    (403, lambda app, _: front_desk(app).get("/staff/settings")),
    (404, lambda _, client: client.get("/nothing-here")),
    (404, lambda _, client: client.get("/static/nothing.js")),
    (404, lambda _, client: client.get("/staff/nothing-here")),
    (405, lambda _, client: client.delete("/about")),
    (410, over),
    (413, lambda _, client: client.post("/consultation", data={"message": "x" * 300_000})),
    (422, lambda _, client: client.post("/consultation", data={})),
    (429, lambda _, client: flooded(client)),
    (500, lambda app, client: broken(app, client, RuntimeError())),
    (503, lambda app, client: broken(app, client, OperationalError("", {}, Exception("database is locked")))),
]


@pytest.mark.parametrize(("status", "ask"), ASKS, ids=[f"{status}-{number}" for number, (status, _) in enumerate(ASKS)])
def test_every_status_sends_them(app: Flask, signed_in: FlaskClient, status: int, ask: Ask) -> None:
    response = ask(app, signed_in)
    assert response.status_code == status
    check(response, status)


@pytest.fixture
def https(app: Flask, environ: dict[str, str]) -> Iterator[Flask]:
    """The same site under an address of its own, behind a proxy that speaks https."""
    told = {"FLASK_SITE_URL": "https://clinic.example", "FLASK_MAIL_SERVER": "mail.example", "FLASK_TRUSTED_PROXIES": "1"}
    made = create_app({"TESTING": True, "PAGE_CACHE": False}, environ | told | {"FLASK_STAFF_RECIPIENTS": "desk@clinic.example"})
    yield made
    with made.app_context():
        db.engine.dispose()


def test_https_adds_strict_transport_to_every_answer_and_the_prefix_to_the_cookie(https: Flask) -> None:
    client, proxied = https.test_client(), {"X-Forwarded-Proto": "https", "X-Forwarded-Host": "clinic.example"}
    for url in ("/", "/static/js/public.js", "/About", "/nothing-here", "/staff/", "/staff/login", "/healthz"):
        response = client.get(url, headers=proxied)
        assert response.headers["Strict-Transport-Security"] == "max-age=31536000; includeSubDomains", url
        check(response, url)
    cookie = https.test_client().get("/staff/login", headers=proxied).headers["Set-Cookie"]
    assert cookie.startswith("__Secure-staff=")
    assert {"Secure", "HttpOnly", "SameSite=Lax", "Path=/staff"} <= {part.strip() for part in cookie.split(";")}


def test_plain_http_promises_no_https(browser: Browser) -> None:
    answers: dict[str, Any] = {url: browser.get(url).headers for url in ("/", "/staff/login")}
    assert not [url for url, headers in answers.items() if "Strict-Transport-Security" in headers]
