"""Whose request is answered next: a body is read before a turn is taken, and readers beyond what can be served soon are refused."""

import io
import threading
from collections.abc import Callable, Iterable
from functools import cached_property
from typing import IO, Any

import metrics

AT_ONCE = 8
"""Requests that one process answers at the same moment; more would only wait for each other."""
READERS_AT_ONCE = 4
"""Of these for pages, so that what a form sends has turns of its own."""
MOST_READERS = 64
"""Requests for a page that may be in hand or waiting in one process: half a second's work. What a form sends always waits."""
NOT_REFUSED = "clinic.again"
"""Set in the environment of a page that many ask for, so that it is made anew in a crowd too."""
ALWAYS = frozenset({"/healthz"})
"""Whoever restarts what does not answer must not take a crowd for a death."""

Environ = dict[str, Any]
Application = Callable[[Environ, Callable[..., Any]], Iterable[bytes]]
Answer = tuple[str, list[tuple[str, str]], bytes]
"""Status line, headers, body."""


class Turns:
    """Reads the body before one of AT_ONCE turns is taken, so that slow senders keep nobody else from being answered.

    `most` is the largest body, in bytes, that the application takes; `busy` makes the answer for readers there is no room for.
    """

    def __init__(self, app: Application, most: int, busy: Callable[[], Answer]) -> None:
        self._app, self._most, self._make_busy = app, most, busy
        self._turns = threading.BoundedSemaphore(AT_ONCE)
        self._reading = threading.BoundedSemaphore(READERS_AT_ONCE)
        self._lock = threading.Lock()
        self._readers = 0

    def __call__(self, environ: Environ, start_response: Callable[..., object]) -> Iterable[bytes]:
        """WSGI. A body that is too large is not read to its end: the application refuses it. One that broke off has no reader."""
        if environ["REQUEST_METHOD"] in {"GET", "HEAD"} and environ.get("PATH_INFO") not in ALWAYS:
            return self._read(environ, start_response)
        length = environ.get("CONTENT_LENGTH")
        if length is None:
            # In chunks, or none at all; one byte more than is taken shows that it is too large.
            body = _body(environ["wsgi.input"], self._most + 1)
            environ["wsgi.input"], environ["CONTENT_LENGTH"] = io.BytesIO(body), str(len(body))
            environ.pop("HTTP_TRANSFER_ENCODING", None)
        elif length.isascii() and length.isdigit() and 0 < int(length) <= self._most:
            body = _body(environ["wsgi.input"], int(length))
            if len(body) < int(length):
                start_response("400 Bad Request", [])
                return [b""]
            environ["wsgi.input"] = io.BytesIO(body)
        with self._turns:
            return self._app(environ, start_response)

    def _read(self, environ: Environ, start_response: Callable[..., object]) -> Iterable[bytes]:
        with self._lock:
            is_full = self._readers >= MOST_READERS and NOT_REFUSED not in environ
            self._readers += not is_full
        if is_full:
            metrics.REFUSED.inc()
            status, headers, body = self._busy
            start_response(status, headers)
            return [b"" if environ["REQUEST_METHOD"] == "HEAD" else body]
        try:
            with self._reading, self._turns:
                return self._app(environ, start_response)
        finally:
            with self._lock:
                self._readers -= 1

    @cached_property
    def _busy(self) -> Answer:
        """Made once, when it is first needed: an answer for those who are turned away must cost next to nothing."""
        return self._make_busy()


def _body(body: IO[bytes], most: int) -> bytes:
    parts = []
    while most > 0 and (part := body.read(most)):
        parts.append(part)
        most -= len(part)
    return b"".join(parts)
