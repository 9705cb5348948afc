"""How somebody who found a weakness reaches the clinic (RFC 9116)."""

from dataclasses import replace
from datetime import datetime, timedelta

from flask import Flask

from tests.conftest import Clock
from tests.pages import Browser

URL = "/.well-known/security.txt"


def fields(browser: Browser) -> list[tuple[str, str]]:
    page = browser.get(URL)
    assert (page.status, page.headers["Content-Type"]) == (200, "text/plain; charset=utf-8")
    return [(name, value) for name, _, value in (line.partition(": ") for line in page.html.splitlines())]


def test_it_says_where_until_when_and_under_which_address_it_holds(browser: Browser, clock: Clock) -> None:
    found = dict(fields(browser))
    assert found["Contact"] == "http://localhost/contact"
    assert found["Canonical"] == f"http://localhost{URL}"
    expires = datetime.fromisoformat(found["Expires"])
    assert timedelta(days=30) < expires - clock() < timedelta(days=365)


def test_the_clinics_address_comes_first_where_it_has_one(app: Flask, browser: Browser) -> None:
    app.config["SITE"] = replace(app.config["SITE"], email="desk@clinic.example")
    contacts = [value for name, value in fields(browser) if name == "Contact"]
    assert contacts == ["mailto:desk@clinic.example", "http://localhost/contact"]
