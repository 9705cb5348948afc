"""Asks a running site as a browser does: one request at a time, over the network, following nothing by itself."""

import http.client
import ssl
import time
from collections.abc import Mapping
from typing import NamedTuple
from urllib.parse import urlencode, urlsplit

UNREACHABLE = (OSError, http.client.HTTPException)
STEP_SECONDS = 20.0
MOST_BYTES = 2**20
"""Of a page; ours are far smaller."""


class Answer(NamedTuple):
    """What came back, and after how many seconds."""

    status: int
    location: str
    body: str
    seconds: float


class Visitor:
    """A visitor of the site at an address such as https://clinic.example, whose certificate has to be right."""

    def __init__(self, url: str) -> None:
        self._parts = urlsplit(url)

    def get(self, path: str) -> Answer:
        """Opens a page. Raises one of UNREACHABLE."""
        return self._ask("GET", path)

    def post(self, path: str, fields: Mapping[str, str]) -> Answer:
        """Sends a form. Raises one of UNREACHABLE."""
        return self._ask("POST", path, urlencode(fields))

    def _ask(self, method: str, path: str, body: str | None = None) -> Answer:
        headers = {"User-Agent": "flask-probe"} | ({"Content-Type": "application/x-www-form-urlencoded"} if body else {})
        connection, began = self._connection(), time.monotonic()
        try:
            connection.request(method, path, body, headers)
            response = connection.getresponse()
            text = response.read(MOST_BYTES).decode("utf-8", "replace")
            return Answer(response.status, response.getheader("Location") or "", text, time.monotonic() - began)
        finally:
            connection.close()

    def _connection(self) -> http.client.HTTPConnection:
        host, port = str(self._parts.hostname), self._parts.port
        if self._parts.scheme == "https":
            return http.client.HTTPSConnection(host, port, timeout=STEP_SECONDS, context=ssl.create_default_context())
        return http.client.HTTPConnection(host, port, timeout=STEP_SECONDS)
