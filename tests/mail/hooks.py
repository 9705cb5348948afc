"""A real HTTP server on a loopback port that answers a webhook as a test tells it."""

import socket
import ssl
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

SECRET = "a secret for the tests, long enough to be taken"
Behaviour = Callable[[BaseHTTPRequestHandler], None]


@dataclass(frozen=True)
class Posted:
    """A request that came in whole."""

    path: str
    headers: dict[str, str]
    body: bytes


def answer(status: int, *headers: tuple[str, str]) -> Behaviour:
    """Answers with this status, and a body that nobody should repeat."""

    def behave(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(status)
        for name, value in headers:
            handler.send_header(name, value)
        handler.end_headers()
        handler.wfile.write(b"a secret of the other side")

    return behave


def raw(content: bytes) -> Behaviour:
    """Sends these bytes and closes."""
    return lambda handler: handler.wfile.write(content)


def hang(handler: BaseHTTPRequestHandler) -> None:
    """Says nothing for longer than anybody waits."""
    time.sleep(3)


def slow(seconds: float) -> Behaviour:
    """Thinks for a while and says yes."""

    def behave(handler: BaseHTTPRequestHandler) -> None:
        time.sleep(seconds)
        answer(204)(handler)

    return behave


def dribble(handler: BaseHTTPRequestHandler) -> None:
    """Sends a byte now and then, so that no step ever times out."""
    for _ in range(30):
        handler.wfile.write(b"H")
        handler.wfile.flush()
        time.sleep(0.1)


class HookServer:
    """Keeps what was posted to it; `behaviour` may change between two requests."""

    def __init__(self, context: ssl.SSLContext | None = None) -> None:
        self.received: list[Posted] = []
        self.behaviour: Behaviour = answer(204)
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._server.daemon_threads = True
        # A client that gave up is what these tests are about; nobody needs to read of it.
        self._server.handle_error = lambda *_: None  # type: ignore[method-assign]
        if context is not None:
            self._server.socket = context.wrap_socket(self._server.socket, server_side=True)
        self._scheme = "https" if context else "http"
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
        self._thread.start()

    @property
    def port(self) -> int:
        """Where it listens."""
        return int(self._server.server_address[1])

    @property
    def url(self) -> str:
        """Its address, with a path and a query."""
        return f"{self._scheme}://{'localhost' if self._scheme == 'https' else '127.0.0.1'}:{self.port}/alerts?channel=7"

    def stop(self) -> None:
        """Closes the port."""
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        hooks = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                hooks.received.append(Posted(self.path, dict(self.headers), body))
                hooks.behaviour(self)

            def log_message(self, *_: object) -> None:
                """Nothing: the test reads what came in."""

        return Handler


def free_port() -> int:
    """A port on which nobody listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
