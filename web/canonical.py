"""One URL for each page: old addresses, other names of the host, other case and slashes answer once, with the final one."""

import re
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

from flask import Flask, abort, redirect, request
from flask.globals import request_ctx
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import HTTPException

import clinic
import config
import pagecache
from domain import documents, redirects
from domain.documents import Library

PATIENCE = 5
"""How often we send visitors to our own name and scheme without one of them arriving there."""
DOCUMENTS: Mapping[str, Callable[[], Library[Any]]] = {"blog": clinic.library, "treatments": clinic.treatment_pages}
"""Libraries by the first part of their documents' paths."""


def init_app(app: Flask, found: redirects.Redirects) -> "CanonicalHost":
    """Answers what asks for another writing of a page's address, before any view and before anybody answers 404.

    Returns what tells whether a request came by the site's own name.
    """
    host = CanonicalHost(app.config["SITE_URL"], knows_scheme=app.config["TRUSTED_PROXIES"] > 0)

    @app.before_request
    def move() -> ResponseReturnValue | None:
        return _old_address(found) or _other_host(host) or _other_writing()

    return host


def faults(app: Flask, path: Path) -> list[redirects.Fault]:
    """What is wrong with a file of redirects on this site, by line.

    Raises redirects.InvalidRedirects for one that cannot be read.
    """
    adapter = app.url_map.bind("")
    pages = {rule.rule for rule in app.url_map.iter_rules() if not rule.arguments and "GET" in (rule.methods or ())}
    moved: dict[str, str] = {}
    with app.app_context():
        for part, library in DOCUMENTS.items():
            for document in library().all:
                pages |= {f"/{part}/{document.slug}"} if document.status is documents.Status.PUBLISHED else set()
                moved |= {f"/{part}/{old}": f"/{part}/{document.slug}" for old in document.old_slugs}

    def is_page(path: str) -> bool:
        part, _, slug = path[1:].partition("/")
        if part in DOCUMENTS and slug and "/" not in slug:
            return path in pages
        with suppress(HTTPException):
            adapter.match(path, method="GET")
            return True
        return False

    return redirects.faults(path, pages=pages, moved=moved, is_page=is_page)


def _old_address(found: redirects.Redirects) -> ResponseReturnValue | None:
    answer = found.find(request.path, request.query_string.decode("ascii", "replace"))
    # What a form sends would arrive as a bare GET after a 301.
    if answer is None or (answer.status == 301 and request.method not in {"GET", "HEAD"}):
        return None
    if answer.status == 410:
        abort(410)
    return redirect(answer.location, answer.status)


class CanonicalHost:
    """Which requests came by another name or scheme than the site's own.

    A proxy that tells us a wrong name or scheme would make each answer lead to the next one, for ever. So we send only
    PATIENCE visitors on without seeing anybody arrive; then pages are answered where they were asked for, until one does.
    """

    def __init__(self, site_url: str, *, knows_scheme: bool) -> None:
        parts = urlsplit(site_url)
        self._url, self._name = site_url, str(parts.hostname)
        # Whoever comes by https is never sent back to http.
        self._wants_https = knows_scheme and parts.scheme == "https"
        bare = self._name.removeprefix("www.")
        self._names = set() if config.is_loopback(self._name) else {bare, f"www.{bare}"}
        self._left = PATIENCE

    def leave_for(self, scheme: str, host: str) -> str | None:
        """The site's URL, when a request for this host by this scheme should go there instead; None to answer it here."""
        if not self.is_another(scheme, host) or self._left <= 0:
            return None
        self._left -= 1
        return self._url

    def is_another(self, scheme: str, host: str) -> bool:
        """Whether a request came by one of our other names, or by http where https is wanted."""
        name = host.lower().partition(":")[0]
        if name.removesuffix(".") not in self._names:
            return False
        if name == self._name and (scheme == "https" or not self._wants_https):
            self._left = PATIENCE
            return False
        return True


def _other_host(host: CanonicalHost) -> ResponseReturnValue | None:
    # A page that is made to be kept has no visitor who might have arrived by our own name.
    if request.method not in {"GET", "HEAD"} or request.blueprint == "health" or pagecache.SLOT in request.environ:
        return None
    url = host.leave_for(request.scheme, request.host)
    return _moved(_final(request.path) or request.path, url) if url else None


def _other_writing() -> ResponseReturnValue | None:
    if request.method not in {"GET", "HEAD"}:
        return None
    # As it was sent: Flask's path leaves out what leads to "//about", and its router folds the rest with a 308.
    sent = request.environ.get("PATH_INFO", "")
    if "//" in sent:
        path = re.sub("/+", "/", sent).encode("latin-1").decode("utf-8", "surrogateescape")
        return _moved(_final(path) or path)
    meant = _final(request.path) if request.routing_exception is not None else None
    return _moved(meant) if meant else None


def _moved(path: str, site_url: str = "") -> ResponseReturnValue:
    # Quoted: a browser takes "/\\host" for another host, and a "?" of the path for the query.
    location = quote(path, safe="/:@!$&'()*+,;=~", errors="surrogateescape")
    query = request.query_string.decode("ascii", "replace")
    return redirect(f"{site_url}{location}?{query}" if query else f"{site_url}{location}", 301)


def _final(path: str) -> str | None:
    """The page that a path means, where a page is so written but for case, closing slash or an old slug; else None."""
    bare = path.rstrip("/") or "/"
    for candidate in (path, bare, f"{bare}/", bare.lower(), f"{bare.lower()}/"):
        if _exists(candidate):
            return _settled(candidate)
    return None


def _settled(path: str) -> str:
    """The path with the document's own slug in the place of an old one, so that one answer is enough."""
    parts = path.split("/")
    if len(parts) > 2 and parts[1] in DOCUMENTS:
        try:
            DOCUMENTS[parts[1]]().get(parts[2], clinic.now())
        except documents.Moved as moved:
            return "/".join([*parts[:2], moved.slug, *parts[3:]])
        except (documents.Gone, documents.NotFound):
            pass
    return path


def _exists(path: str) -> bool:
    assert request_ctx.url_adapter is not None
    try:
        request_ctx.url_adapter.match(path, method="GET")
    except HTTPException:
        return False
    return True
