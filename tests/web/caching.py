"""The page cache in front of the application, and what the application was asked for."""

from collections.abc import Callable
from typing import Any

from flask import Flask
from werkzeug.test import Client, TestResponse

from domain import redirects
from extensions import db
from pagecache import PageCache
from serving.freshness import Freshness
from tests.conftest import Clock
from tests.factories import SLUG

PAGE = f"/blog/{SLUG}"


class Cached:
    """A client of the cache in front of the application, and what the application was asked for."""

    def __init__(self, app: Flask, clock: Clock) -> None:
        self.app, self.asked, self.disk_is_new = app, list[dict[str, Any]](), False
        self.before: Callable[[], object] = lambda: None
        with app.app_context():
            self.freshness = Freshness(db.engine, lambda: self.disk_is_new)
        self.cache = PageCache(
            app,
            self._ask,
            self.freshness,
            leaves=lambda _scheme, host: host == "www.clinic.example",
            redirects=redirects.Redirects(),
            is_known={"chronic-migraine", SLUG}.__contains__,
            clock=lambda: clock().timestamp(),
        )

    def _ask(self, environ: dict[str, Any], start_response: Any) -> Any:
        self.asked.append(environ)
        self.before()
        return self.app.wsgi_app(environ, start_response)

    def get(self, url: str, method: str = "GET", **headers: str) -> TestResponse:
        """One request; header names with underscores."""
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        return Client(self.cache).open(url, method=method, headers=sent)

    @property
    def count(self) -> int:
        return len(self.asked)
