"""Each request gets an id and is timed; the metrics hear of it, and the log where the owner of the machine wants that."""

import logging
import re
import time
from uuid import uuid4

from flask import Flask, Response, current_app, g, request

from telemetry import logs, metrics

_WELL_FORMED = re.compile(r"[A-Za-z0-9._-]{8,64}")
access = logging.getLogger("access")


def init_app(app: Flask) -> None:
    """Times everything that is registered after this, the handling of errors included."""
    app.before_request(_begin)
    app.after_request(_end)


def _begin() -> None:
    g.began = time.perf_counter()
    g.request_id = _request_id()


def _request_id() -> str:
    """The id a trusted proxy has made, by which its log and ours are joined; else one of our own.

    The proxy must not hand on what a visitor sends under this name: log lines hold nothing that somebody typed.
    It is not sent back: a public page is the same for everybody, its headers too.
    """
    given = request.headers.get("X-Request-ID", "")
    is_trusted = current_app.config["TRUSTED_PROXIES"] and _WELL_FORMED.fullmatch(given)
    return given if is_trusted else uuid4().hex


def _end(response: Response) -> Response:
    seconds = time.perf_counter() - g.get("began", time.perf_counter())
    metrics.REQUEST_SECONDS.labels(logs.method(), logs.route(), f"{response.status_code // 100}xx").observe(seconds)
    if current_app.config["ACCESS_LOG"] and request.endpoint != "static":
        access.info("request", extra={"status": response.status_code, "ms": round(seconds * 1000, 1)})
    return response
