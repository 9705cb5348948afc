"""Whose request is answered next: what a form sends waits for its turn, readers beyond what can be served soon are refused."""

import threading
from collections.abc import Callable, Iterable
from functools import cached_property
from typing import Any

from serving.representations import Answer, Headers
from telemetry import metrics

READERS_AT_ONCE = 2
"""Pages that one process makes at the same moment. Four were no more a second, and half as many requests were taken in a crowd."""
FORMS_AT_ONCE = 2
"""Requests with what visitors send. With eight, the others took the interpreter from the one that writes at each of its statements,
and a seventh (SQLite) to a third (PostgreSQL) fewer comments were taken. One takes a few more, but a slow one would hold up all."""
MOST_READERS = 64
"""Requests for a page that may be in hand or waiting in one process: half a second's work. What a form sends always waits."""
ANSWERS = ("/consultation/received/", "/comments/")
"""The pages that say that what was sent is there have the turns of forms, and are never refused: whoever got "The site is busy"
instead would think it lost, and send it again."""
NOT_REFUSED = "clinic.again"
"""Set in the environment of a page that many ask for, so that it is made anew in a crowd too."""
STAFF = "/staff/"
STAFF_AT_ONCE = 3
"""Requests with what staff send, who are few, and for whom a single form may do much: no visitor's waits for theirs."""
ALWAYS = frozenset({"/healthz"})
"""Whoever restarts what does not answer must not take a crowd for a death, so this has a turn of its own."""
AT_ONCE = READERS_AT_ONCE + FORMS_AT_ONCE + STAFF_AT_ONCE + 1
"""Requests that one process answers at the same moment; more would only wait for each other."""

Environ = dict[str, Any]
Application = Callable[[Environ, Callable[..., Any]], Iterable[bytes]]


def ask(app: Application, environ: Environ) -> Answer:
    """What an application answers, read to its end and closed."""
    started: list[tuple[str, Headers]] = []
    result = app(environ, lambda status, headers, _error=None: started.append((status, headers)))
    try:
        body = b"".join(result)
    finally:
        if hasattr(result, "close"):
            result.close()
    return *started[-1], body


class Turns:
    """Gives turns to requests whose body is there (`serving/gateway.py` reads it before), each kind its own.

    `busy` makes the answer for readers there is no room for.
    """

    def __init__(self, app: Application, busy: Callable[[], Answer]) -> None:
        self._app, self._make_busy = app, busy
        self._reading = threading.BoundedSemaphore(READERS_AT_ONCE)
        self._sending = threading.BoundedSemaphore(FORMS_AT_ONCE)
        self._staff = threading.BoundedSemaphore(STAFF_AT_ONCE)
        self._always = threading.BoundedSemaphore(1)
        self._lock = threading.Lock()
        self._readers = 0

    def __call__(self, environ: Environ, start_response: Callable[..., object]) -> Iterable[bytes]:
        """WSGI."""
        path = environ.get("PATH_INFO", "")
        if environ["REQUEST_METHOD"] in {"GET", "HEAD"} and path not in ALWAYS and not path.startswith(ANSWERS):
            return self._read(environ, start_response)
        with self._always if path in ALWAYS else self._staff if path.startswith(STAFF) else self._sending:
            return self._app(environ, start_response)

    def refusal(self, path: str) -> Answer | None:
        """What a reader who comes now is answered, where there is no room; counts as refused."""
        if self._readers < MOST_READERS or path in ALWAYS or path.startswith(ANSWERS):
            return None
        metrics.REFUSED.inc()
        return self._busy

    def _read(self, environ: Environ, start_response: Callable[..., object]) -> Iterable[bytes]:
        with self._lock:
            refusal = None if NOT_REFUSED in environ else self.refusal(environ.get("PATH_INFO", ""))
            self._readers += refusal is None
        if refusal is not None:
            status, headers, body = refusal
            start_response(status, headers)
            return [b"" if environ["REQUEST_METHOD"] == "HEAD" else body]
        try:
            with self._reading:
                return self._app(environ, start_response)
        finally:
            with self._lock:
                self._readers -= 1

    @cached_property
    def _busy(self) -> Answer:
        """Made once, when it is first needed: an answer for those who are turned away must cost next to nothing."""
        return self._make_busy()
