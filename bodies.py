"""Requests whose bodies arrive slowly: read to their end before they take a turn."""

import io
import threading
from collections.abc import Callable
from typing import IO, Any

AT_ONCE = 8
"""Requests that one worker answers at the same moment; more would only wait for each other."""


class BodyFirst:
    """Reads the body before one of AT_ONCE turns is taken, so that slow senders keep nobody else from being answered.

    `most` is the largest body, in bytes, that the application takes.
    """

    def __init__(self, app: Callable[..., object], most: int) -> None:
        self._app, self._most = app, most
        self._turns = threading.BoundedSemaphore(AT_ONCE)

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., object]) -> object:
        """WSGI. A body that is too large is not read to its end: the application refuses it. One that broke off has no reader."""
        length = environ.get("CONTENT_LENGTH")
        if length is None:
            # In chunks, or none at all; one byte more than is taken shows that it is too large.
            body = _read(environ["wsgi.input"], self._most + 1)
            environ["wsgi.input"], environ["CONTENT_LENGTH"] = io.BytesIO(body), str(len(body))
            environ.pop("HTTP_TRANSFER_ENCODING", None)
        elif length.isascii() and length.isdigit() and 0 < int(length) <= self._most:
            body = _read(environ["wsgi.input"], int(length))
            if len(body) < int(length):
                start_response("400 Bad Request", [])
                return [b""]
            environ["wsgi.input"] = io.BytesIO(body)
        with self._turns:
            return self._app(environ, start_response)


def _read(body: IO[bytes], most: int) -> bytes:
    parts = []
    while most > 0 and (part := body.read(most)):
        parts.append(part)
        most -= len(part)
    return b"".join(parts)
