"""Requests as Granian hands them over, without Granian, and a WSGI application that notes what it is asked for."""

import asyncio
import threading
from collections.abc import AsyncIterator, Callable, Iterable
from typing import Any, cast

from serving.gateway import Gateway


class Fields:
    """The header fields of a request, as Granian hands them over."""

    def __init__(self, rows: list[tuple[str, str]]) -> None:
        self._rows = rows

    def items(self) -> list[tuple[str, str]]:
        return self._rows

    def get(self, name: str) -> str | None:
        return next(iter(self.get_all(name)), None)

    def get_all(self, name: str) -> list[str]:
        return [value for key, value in self._rows if key == name]


class Scope:
    """A request's head."""

    proto, http_version, scheme, server, client = "http", "1.1", "http", "127.0.0.1:8000", "[2001:db8::1]:5000"

    def __init__(self, method: str, url: str, *fields: tuple[str, str]) -> None:
        self.method, (self.path, _, self.query_string) = method, url.partition("?")
        self.headers = Fields([("host", "localhost"), *fields])


class Protocol:
    """What is sent comes in parts; what is answered is noted. `hangs`: nothing comes after the parts."""

    def __init__(self, *parts: bytes, hangs: bool = False) -> None:
        self.parts, self.hangs, self.read = parts, hangs, 0
        self.status, self.headers, self.body = 0, dict[str, str](), b""

    async def __aiter__(self) -> AsyncIterator[bytes]:
        for part in self.parts:
            self.read += len(part)
            yield part
        if self.hangs:
            await asyncio.Event().wait()
        yield b""

    def response_bytes(self, status: int, headers: list[tuple[str, str]], body: bytes) -> None:
        assert self.status == 0, "answered twice"
        self.status, self.headers, self.body = status, dict(headers), body

    def response_empty(self, status: int, headers: list[tuple[str, str]]) -> None:
        self.response_bytes(status, headers, b"")


class Inner:
    """A WSGI application that notes what it is asked for, and in which thread."""

    def __init__(self) -> None:
        self.asked: list[dict[str, Any]] = []
        self.threads: list[str] = []
        self.answer: Callable[[dict[str, Any]], Iterable[bytes]] = lambda environ: [environ["wsgi.input"].read()]

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., object]) -> Iterable[bytes]:
        self.asked.append(environ)
        self.threads.append(threading.current_thread().name)
        start_response("200 OK", [("X-Inner", "1")])
        return self.answer(environ)


class Nothing:
    """A site that is never looked at and has nothing at hand."""

    number, due, good_until = 0, float("inf"), float("inf")


def ask(made: Gateway, scope: Scope, *parts: bytes, hangs: bool = False) -> Protocol:
    """One request."""
    protocol = Protocol(*parts, hangs=hangs)
    asyncio.run(made.__rsgi__(cast(Any, scope), cast(Any, protocol)))
    return protocol
