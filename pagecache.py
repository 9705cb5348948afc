"""Answers GET and HEAD of public pages from ready bytes, in front of Flask; see docs/decisions/0026-pages-from-ready-bytes.md.

A page is made from an environment of our own, which holds its address and nothing else that a visitor sent, so that what is kept
cannot hold anything of them.
"""

import itertools
import math
import threading
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit
from wsgiref.util import setup_testing_defaults

from flask import Flask, Response, g, request
from werkzeug.exceptions import HTTPException

from domain.redirects import Redirects
from headers import FOREVER, PAGES
from serving import representations, turns
from serving.freshness import Freshness
from serving.kept import Entry, Flight, Kept, Key, Made, Ready
from serving.representations import Answer, Answers, Headers
from serving.turns import Environ
from telemetry import metrics

MAX_BYTES = 16 * 2**20
"""What one process keeps, all encodings counted: about a hundred and fifty long articles."""
MAX_QUERY = 8192  # characters that are read
OLD_SECONDS = 1 - 2 * Freshness.LOOK_SECONDS - Freshness.GRACE_SECONDS
"""How long, after a change was seen, the page before it may be served while the new one is made."""
WAIT_SECONDS = 10
"""How long a request waits for the same page that another one has made; then it makes its own."""
SLOT = "clinic.page"
"""Where Flask's side writes what may be kept of an answer: {"until": time stamp or None, "forever": bool, "ready": ...}."""


@dataclass(frozen=True)
class Page:
    """A cacheable endpoint: the query parameters by whose slugs its pages differ, and those with which it is one's own."""

    differs_by: tuple[str, ...] = ()
    personal: tuple[str, ...] = ()


class PageCache:
    """WSGI. What is no public page goes on to `wsgi`; after a form that has stored something, the site is looked at anew."""

    def __init__(
        self,
        app: Flask,
        wsgi: turns.Application,
        freshness: Freshness,
        *,
        leaves: Callable[[str, str], bool],
        redirects: Redirects,
        is_known: Callable[[str], bool],
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._wsgi, self._freshness, self._leaves, self._redirects = wsgi, freshness, leaves, redirects
        self._is_known, self._clock = is_known, clock
        self._pages: Mapping[str, Page] = app.config["CACHEABLE"]
        self._adapter = app.url_map.bind("")
        site = urlsplit(app.config["SITE_URL"])
        self._scheme, self._host = site.scheme, site.netloc
        self._lock = threading.Lock()
        self._kept = Kept(MAX_BYTES)
        self._flights: dict[Key, Flight] = {}
        self._hits, self._counted = itertools.count(), 0
        freshness.on_look = self._count_hits

    @property
    def size(self) -> int:
        """Bytes that are kept."""
        return self._kept.size

    def __call__(self, environ: Environ, start_response: Callable[..., object]) -> Iterable[bytes]:
        """WSGI."""
        state = self._freshness.state()
        if environ["REQUEST_METHOD"] not in {"GET", "HEAD"}:
            return self._send(environ, start_response)
        key = self._key(environ)
        if key is None:
            return self._wsgi(environ, start_response)
        entry = self._kept.get(key)
        if entry is not None and self._is_fresh(entry, state):
            next(self._hits)
            entry.used = time.monotonic()
            return _give(entry.answers, environ, start_response)
        return self._make_or_wait(key, state, environ, start_response)

    def at_hand(self, environ: Environ, _start_response: object = None) -> Ready | None:
        """For a GET or HEAD: the page that is kept, or the one before while the new one is made; None where there is none, or the
        site has to be looked at first.

        Never waits, and reads no more of `environ` than `serving/gateway.py` puts there.
        """
        number, now = self._freshness.number, time.monotonic()
        key = self._key(environ)
        entry = None if key is None else self._kept.get(key)
        if key is None or entry is None or now >= self._freshness.good_until:
            return None
        until = math.inf if entry.until is None else now + entry.until - self._clock()
        if not self._is_fresh(entry, number):
            if key not in self._flights or not self._is_just_over(entry, number):
                return None
            until = now
        status, headers, body = _answer(entry.answers, environ)
        return Ready(int(status[:3]), headers, body, number, until, entry, self._hits.__next__)

    def is_awaited(self, environ: Environ, _start_response: object = None) -> bool:
        """Whether others want this page too: it was kept before, or is being made. Such a page is made in a crowd too."""
        key = self._key(environ)
        return key is not None and (key in self._kept or key in self._flights)

    def _send(self, environ: Environ, start_response: Callable[..., object]) -> Iterable[bytes]:
        """Who has changed something is led to another page; other answers to forms are not worth a look, least of all a 503."""
        told: list[str] = []

        def start(status: str, *rest: Any) -> object:
            told.append(status)
            return start_response(status, *rest)

        answer = self._wsgi(environ, start)
        if told[-1].startswith("3"):
            self._freshness.look()
        return answer

    def _key(self, environ: Environ) -> Key | None:
        """The address under which a page is kept; None for what is none, or leads elsewhere."""
        if self._leaves(environ["wsgi.url_scheme"], environ.get("HTTP_HOST", "")):
            return None
        path, query = environ["PATH_INFO"], environ.get("QUERY_STRING", "")
        if not query:
            return (path, "") if (path, "") in self._kept or self._page(path) is not None else None
        page = self._page(path)
        # Old addresses come first; without a query they are never the address of a page.
        if page is None or len(query) > MAX_QUERY or self._redirects.find(_decoded(path), query) is not None:
            return None
        known = self._known(page, query)
        return None if known is None else (path, urlencode(known))

    def _page(self, path: str) -> Page | None:
        try:
            endpoint, _ = self._adapter.match(_decoded(path), method="GET")
        except HTTPException:
            return None
        return self._pages.get(endpoint)

    def _known(self, page: Page, query: str) -> dict[str, str] | None:
        """The parameters a page differs by, first values only, of slugs that the site knows; None for a page of one's own."""
        found: dict[str, str] = {}
        for name, value in parse_qsl(query, keep_blank_values=True, errors="replace"):
            if name in page.personal:
                return None
            if name in page.differs_by:
                found.setdefault(name, value)
        return {name: found[name] for name in page.differs_by if name in found and self._is_known(found[name])}

    def _is_fresh(self, entry: Entry, state: int) -> bool:
        return (entry.state is None or entry.state == state) and (entry.until is None or self._clock() < entry.until)

    def _make_or_wait(self, key: Key, state: int, environ: Environ, start_response: Callable[..., object]) -> Iterable[bytes]:
        while (found := self._try(key, state)) is None:
            pass
        if isinstance(found, Made):
            if found.entry is None:
                start_response(found.status, list(found.headers))
                return [b"" if environ["REQUEST_METHOD"] == "HEAD" else found.body]
            found = found.entry
        return _give(found.answers, environ, start_response)

    def _try(self, key: Key, state: int) -> Made | Entry | None:
        """What to answer, for a site in this state; None to try again, after another request has made an older page."""
        with self._lock:
            old, flight = self._kept.get(key), self._flights.get(key)
            if old is not None and self._is_fresh(old, state):
                # Made since this request looked.
                return old
            is_first = flight is None
            if flight is None:
                flight = self._flights[key] = Flight()
        if is_first:
            metrics.CACHED_PAGES.labels("nothing" if old is None else "old").inc()
            return self._lead(key, flight, has_old=old is not None)
        if old is not None and self._is_just_over(old, state):
            metrics.CACHED_PAGES.labels("served while made anew").inc()
            return old
        if not flight.done.wait(WAIT_SECONDS):
            return self._make(key, is_again=True)
        if flight.made is None or flight.made.state < state:
            return None
        metrics.CACHED_PAGES.labels("waited").inc()
        return flight.made

    def _is_just_over(self, old: Entry, state: int) -> bool:
        """Whether only the last change, or a moment just past, makes a page old: one of long ago is shown to nobody."""
        past = 0.0 if old.until is None else self._clock() - old.until
        if old.state == state - 1:
            past = max(past, self._freshness.seconds_since_change())
        return old.state in {state, state - 1} and past < OLD_SECONDS

    def _lead(self, key: Key, flight: Flight, *, has_old: bool) -> Made:
        try:
            flight.made = self._make(key, is_again=has_old)
            return flight.made
        finally:
            with self._lock:
                self._flights.pop(key, None)
            flight.done.set()

    def _make(self, key: Key, *, is_again: bool) -> Made:
        """Has Flask answer, and keeps what it says may be kept. `is_again`: of a page that was asked for before."""
        slot: dict[str, Any] = {}
        state = self._freshness.state()
        environ = self._environ(key) | {SLOT: slot} | ({turns.NOT_REFUSED: True} if is_again else {})
        status, headers, body = turns.ask(self._wsgi, environ)
        made = Made(status, headers, body, state)
        if slot and not _is_somebodys(headers):
            made.entry = _entry(made, slot)
            self._kept.keep(key, made.entry)
        return made

    def _environ(self, key: Key) -> Environ:
        path, query = key
        environ: Environ = {"PATH_INFO": path, "QUERY_STRING": query, "HTTP_HOST": self._host, "wsgi.url_scheme": self._scheme}
        # The rest of what WSGI asks for: a GET without a body, at the root.
        setup_testing_defaults(environ)
        return environ

    def _count_hits(self) -> None:
        """Told at times only: to count each hit would cost more than to answer it."""
        so_far = next(self._hits)
        metrics.CACHED_PAGES.labels("hit").inc(so_far - self._counted)
        self._counted = so_far + 1


def init_app(app: Flask, until: Callable[[], datetime]) -> None:
    """Has Flask say of each answer whether it may be kept; `until` tells when pages change by themselves."""

    @app.before_request
    def note() -> None:
        # Before the page is made: what changes while it is being made makes it old.
        if SLOT in request.environ:
            g.changes_at = until().timestamp()

    @app.after_request
    def tell(response: Response) -> Response:
        slot, caching = request.environ.get(SLOT), response.headers.get("Cache-Control")
        if slot is None or response.status_code != 200 or caching not in {PAGES, FOREVER}:
            return response
        is_forever = caching == FOREVER
        slot |= {"forever": is_forever, "until": None if is_forever else g.changes_at, "ready": g.get("representations")}
        return response


def _is_somebodys(headers: Headers) -> bool:
    """Whether a session was used: Flask then sets a cookie, or says that the answer depends on one."""
    lower = [(name.lower(), value.lower()) for name, value in headers]
    return any(name == "set-cookie" or (name == "vary" and "cookie" in value) for name, value in lower)


def _entry(made: Made, slot: Mapping[str, Any]) -> Entry:
    content_type = next((value for name, value in made.headers if name.lower() == "content-type"), "")
    answers = Answers(made.headers, slot["ready"] or representations.of(made.body, content_type))
    return Entry(None if slot["forever"] else made.state, slot["until"], answers)


def _answer(answers: Answers, environ: Environ) -> Answer:
    return answers.give(environ["REQUEST_METHOD"], environ.get("HTTP_ACCEPT_ENCODING", ""), environ.get("HTTP_IF_NONE_MATCH"))


def _give(answers: Answers, environ: Environ, start_response: Callable[..., object]) -> list[bytes]:
    status, headers, body = _answer(answers, environ)
    # A list of its own: who comes between may add to it.
    start_response(status, list(headers))
    return [body]


def _decoded(path: str) -> str:
    return path.encode("latin-1").decode("utf-8", "replace")
