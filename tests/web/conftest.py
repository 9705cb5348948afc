"""Who is signed in while the pages of the staff area are looked at."""

from collections.abc import Iterator

import pytest
from flask import Flask

from serving.freshness import Freshness
from tests.conftest import Clock, Store
from tests.factories import make_staff
from tests.pages import Browser, sign_in
from tests.web.caching import Cached


@pytest.fixture
def owner(store: Store, browser: Browser, clock: Clock) -> Browser:
    """A browser in which the owner, Amina, is signed in."""
    with store() as session:
        make_staff(session, clock())
    sign_in(browser)
    return browser


@pytest.fixture
def cached(app: Flask, clock: Clock, monkeypatch: pytest.MonkeyPatch) -> Iterator[Cached]:
    """Looks for changes at each request, so that no test has to wait."""
    monkeypatch.setattr(Freshness, "LOOK_SECONDS", 0.0)
    monkeypatch.setattr(Freshness, "CONTENT_SECONDS", 0.0)
    made = Cached(app, clock)
    yield made
    made.freshness._stored.forget()
