"""Between Granian and WSGI: pages that are ready are answered at once, bodies are read in time, all else gets a thread.

Granian hands each request over to the event loop of its worker (RSGI, https://github.com/emmett-framework/granian), which takes the
first step at once, in the thread that hands over. Nothing may wait in either: the database, a lock and the making of a page are for
the threads.
"""

import asyncio
import io
import logging
import sys
import traceback
from collections.abc import Callable, Generator
from concurrent.futures import ThreadPoolExecutor
from contextvars import Context
from dataclasses import dataclass
from time import monotonic
from types import CoroutineType
from typing import Any, TypeVarTuple

import uvloop
from granian import loops
from granian._granian import RSGIHTTPProtocol as HTTPProtocol
from granian.rsgi import Scope

from serving.freshness import Freshness
from serving.kept import Ready
from serving.representations import Answer
from serving.turns import Application, Environ, ask

THREADS = 256
"""Of one worker, made when they are needed. All but `turns.AT_ONCE` wait for their turn or for a page that another one makes."""
BODY_SECONDS = 60
"""How long a whole body may take: the largest one at the speed of a bad telephone line."""
REMEMBERED = 100
"""Ways of asking whose answers are remembered, with their bodies; browsers have few."""

logger = logging.getLogger("gateway")
_FIELDS = ("host", "accept-encoding", "if-none-match")
"""The header fields on which it depends what is answered with a page at hand."""
_HOST = 4 + _FIELDS.index("host")
"""Where it stands in what was asked."""
_OF_PROXIES = ("x-forwarded-proto", "x-forwarded-host")
"""More of them, where a proxy tells what it was asked for."""
_READING = frozenset({"GET", "HEAD"})

_Arguments = TypeVarTuple("_Arguments")
Asked = tuple[str | None, ...]
"""Method, path, query, scheme, and the values of the header fields on which the answer depends."""


@dataclass(frozen=True)
class Front:
    """What the application has for a gateway. None of it waits, but `wsgi`.

    `at_hand` and `is_awaited` (see PageCache) are called as WSGI is, so that the same middleware goes before them; `refusal` says
    what the reader of a path is answered when there is no room.
    """

    wsgi: Application
    at_hand: Callable[[Environ, object], Ready | None]
    is_awaited: Callable[[Environ, object], bool]
    refusal: Callable[[str], Answer | None]
    freshness: Freshness
    has_proxies: bool = False


class EagerLoop(uvloop.Loop):
    """Takes the first step of each coroutine that another thread hands over in that thread: what ends with it, as a page at hand
    does, spares both the way to the loop's thread and back. All else goes on in the loop from where it first waits.

    Granian hands over a request as an argument of what is to be called; where it should come to do so in another way, this does
    nothing.
    """

    def call_soon_threadsafe(
        self, callback: Callable[[*_Arguments], object], *args: *_Arguments, context: Context | None = None
    ) -> Any:
        """As asyncio's, but None where nothing is left to be called."""
        if args and isinstance(args[0], CoroutineType):
            try:
                args[0].send(None)
            except StopIteration:
                return None
        return super().call_soon_threadsafe(callback, *args, context=context)


@loops.register("auto")
def eager_loop() -> EagerLoop:
    """What Granian makes for each worker where `Loops.auto` is asked for."""
    loop = EagerLoop()
    asyncio.set_event_loop(loop)
    return loop


class _OnTheLoop:
    """Awaited where the first step ends: what comes after it is run by the loop."""

    def __await__(self) -> Generator[None]:
        yield


_ON_THE_LOOP = _OnTheLoop()


class Gateway:
    """RSGI. `most` is the largest body, in bytes, that the application takes; `begun` is called once the loop runs."""

    def __init__(self, front: Front, most: int, begun: Callable[[], None] = lambda: None) -> None:
        self._front, self._freshness, self._most, self._begun = front, front.freshness, most, begun
        self._fields = _FIELDS + (_OF_PROXIES if front.has_proxies else ())
        self._threads = ThreadPoolExecutor(THREADS, "request")
        self._remembered: dict[Asked, Ready] = {}
        self._is_looking = False

    def __rsgi_init__(self, loop: asyncio.AbstractEventLoop) -> None:
        """Called when the worker is ready to begin."""
        loop.call_soon(self._begun)

    def __rsgi_del__(self, _loop: asyncio.AbstractEventLoop) -> None:
        """Called when the worker ends: takes no more requests and waits for those in hand."""
        self.close()

    def close(self) -> None:
        """Ends the threads, once they have answered."""
        self._threads.shutdown(wait=True)

    async def __rsgi__(self, scope: Scope, protocol: HTTPProtocol) -> None:
        """Answers one request."""
        if scope.method in _READING:
            asked = (scope.method, scope.path, scope.query_string, scope.scheme, *map(scope.headers.get, self._fields))
            ready, fresh, now = self._remembered.get(asked), self._freshness, monotonic()
            if fresh.due <= now < fresh.good_until and not self._is_looking:
                self._is_looking = True
                self._threads.submit(self._look)
            if ready is None or ready.number != fresh.number or now >= ready.until or now >= fresh.good_until:
                ready = self._find(asked)
            if ready is not None:
                ready.use(now)
                protocol.response_bytes(ready.status, ready.headers, ready.body)
                return
            refusal = None if self._front.is_awaited(self._glance(asked), None) else self._front.refusal(scope.path)
            if refusal is not None:
                status, headers, page = refusal
                protocol.response_bytes(int(status[:3]), headers, b"" if scope.method == "HEAD" else page)
                return
        await _ON_THE_LOOP
        body = await self._body(scope, protocol)
        if body is not None:
            environ = _environ(scope, body)
            await asyncio.get_running_loop().run_in_executor(self._threads, self._answer, environ, protocol)

    def _look(self) -> None:
        """In a thread, since the database may take its time."""
        try:
            self._freshness.state()
        finally:
            self._is_looking = False

    def _find(self, asked: Asked) -> Ready | None:
        """A page at hand, which is remembered by all on which it depends."""
        ready = self._front.at_hand(self._glance(asked), None) if asked[_HOST] is not None else None
        if ready is not None:
            if len(self._remembered) >= REMEMBERED:
                self._remembered.clear()
            self._remembered[asked] = ready
        return ready

    def _glance(self, asked: Asked) -> Environ:
        """As much of a WSGI environment as it depends on."""
        method, path, query, scheme, *values = asked
        environ: Environ = {"REQUEST_METHOD": method, "QUERY_STRING": query, "wsgi.url_scheme": scheme}
        environ["PATH_INFO"] = _bytewise(str(path))
        return environ | {_key(name): value for name, value in zip(self._fields, values, strict=True) if value is not None}

    async def _body(self, scope: Scope, protocol: HTTPProtocol) -> bytes | None:
        """What was sent; None when it was answered here, since it broke off, took too long, or names no host or several.

        A body that is too large is not read to its end, or not at all where its length is told: the application refuses it.
        """
        if not _names_its_host(scope):
            protocol.response_empty(400, [("Connection", "close")])
            return None
        if scope.method in _READING:
            return b""
        told = scope.headers.get("content-length")
        length = int(told) if told is not None and told.isascii() and told.isdigit() else None
        if length is not None and length > self._most:
            return b""
        try:
            async with asyncio.timeout(BODY_SECONDS):
                body, ends = await self._read(protocol)
        except TimeoutError:
            protocol.response_empty(408, [("Connection", "close")])
            return None
        if len(body) < length if length is not None else ends > 1:
            protocol.response_empty(400, [("Connection", "close")])
            return None
        return body

    async def _read(self, protocol: HTTPProtocol) -> tuple[bytes, int]:
        """What comes until the end, or until it is too much; and how often it was said to end.

        Granian says it once, and twice of chunks that break off before the last one; of chunks with trailing fields, too, which no
        browser sends.
        """
        parts, size, ends = [], 0, 0
        async for part in protocol:
            parts.append(part)
            size += len(part)
            ends += not part
            if size > self._most:
                break
        return b"".join(parts), ends

    def _answer(self, environ: Environ, protocol: HTTPProtocol) -> None:
        """In a thread: has the application answer."""
        try:
            status, headers, body = ask(self._front.wsgi, environ)
        except Exception as error:
            # Flask has a page for what its views raise; this is what went wrong around it. Its text may quote what people typed.
            place = traceback.format_list(traceback.extract_tb(error.__traceback__)[-1:])
            logger.error("a request was not answered: %s\n%s", type(error).__name__, "".join(place))
            status, headers, body = "500 Internal Server Error", [], b""
        protocol.response_bytes(int(status[:3]), headers, body)


def _names_its_host(scope: Scope) -> bool:
    """RFC 9112, 3.2. Asked of what no page at hand answers: that is the same for every host."""
    return scope.http_version != "1.1" or sum(name == "host" for name, _ in scope.headers.items()) == 1


def _environ(scope: Scope, body: bytes) -> Environ:
    """The WSGI environment (PEP 3333) of a request whose body was read."""
    server, _, port = scope.server.rpartition(":")
    environ: Environ = {
        "REQUEST_METHOD": scope.method,
        "SCRIPT_NAME": "",
        "PATH_INFO": _bytewise(scope.path),
        "QUERY_STRING": scope.query_string,
        "SERVER_NAME": server,
        "SERVER_PORT": port,
        "SERVER_PROTOCOL": f"HTTP/{scope.http_version}",
        "REMOTE_ADDR": scope.client.rpartition(":")[0].strip("[]"),
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": scope.scheme,
        "wsgi.input": io.BytesIO(body),
        "wsgi.input_terminated": True,
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": True,
        "wsgi.multiprocess": True,
        "wsgi.run_once": False,
    }
    for name, value in scope.headers.items():
        # A name with an underscore would pass for the one with a hyphen, which a proxy sets.
        if "_" in name:
            continue
        key = _key(name)
        if key in environ:
            # Fields that come twice are one (RFC 9110, 5.3), and so are cookies (RFC 9113, 8.2.3).
            environ[key] += f"{'; ' if name == 'cookie' else ', '}{value}"
        else:
            environ[key] = value
    told, _ = environ.pop("HTTP_CONTENT_LENGTH", None), environ.pop("HTTP_TRANSFER_ENCODING", None)
    if scope.method not in _READING:
        # What was told and not read is too large, and is to be refused for that.
        environ["CONTENT_LENGTH"] = told if told and not body else str(len(body))
    if (content_type := environ.pop("HTTP_CONTENT_TYPE", None)) is not None:
        environ["CONTENT_TYPE"] = content_type
    return environ


def _key(field: str) -> str:
    return f"HTTP_{field.upper().replace('-', '_')}"


def _bytewise(path: str) -> str:
    """As WSGI has it: each byte a character."""
    return path if path.isascii() else path.encode().decode("latin-1")
