"""One URL for each page: other case and slashes more or less answer 301 (rule 6 of the design)."""

import re
from urllib.parse import quote

from flask import Flask, redirect, request
from flask.globals import request_ctx
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import HTTPException


def init_app(app: Flask) -> None:
    """Looks for a page that a mistyped path may have meant, before anybody answers 404."""
    app.before_request(_move)


def _move() -> ResponseReturnValue | None:
    if request.method not in {"GET", "HEAD"}:
        return None
    # As it was sent: Flask's path leaves out what leads to "//about", and its router folds the rest with a 308.
    sent = request.environ.get("PATH_INFO", "")
    if "//" in sent:
        return _moved(re.sub("/+", "/", sent), encoding="latin-1")
    if request.routing_exception is None:
        return None
    path = request.path
    bare = path.rstrip("/") or "/"
    for candidate in (bare, f"{bare}/", bare.lower(), f"{bare.lower()}/"):
        if candidate != path and _exists(candidate):
            return _moved(candidate)
    return None


def _moved(path: str, encoding: str = "utf-8") -> ResponseReturnValue:
    # Quoted: a browser takes "/\host" for another host, and a "?" of the path for the query.
    location = quote(path, safe="/:@!$&'()*+,;=~", encoding=encoding)
    query = request.query_string.decode("ascii", "replace")
    return redirect(f"{location}?{query}" if query else location, 301)


def _exists(path: str) -> bool:
    assert request_ctx.url_adapter is not None
    try:
        request_ctx.url_adapter.match(path, method="GET")
    except HTTPException:
        return False
    return True
