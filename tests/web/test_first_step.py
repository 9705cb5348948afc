"""What Granian hands over takes its first step where it is handed over, and goes on in the loop from where it waits."""

import asyncio
import contextvars
import subprocess
import sys
import threading
from collections.abc import Callable, Coroutine, Iterator
from pathlib import Path
from typing import Any, cast

import pytest
from granian import _futures, loops

from serving.gateway import EagerLoop, Front, Gateway
from tests.web.requests_by_rsgi import Inner, Nothing, Protocol, Scope

ROOT = Path(__file__).parents[2]
Answering = Callable[[Any, Any], Coroutine[Any, Any, None]]
EARLY_STOP = """
import asyncio, os, signal
from types import SimpleNamespace
import server
from serving.gateway import Gateway, eager_loop
heard, loop = [], eager_loop()
server._hold_signals()
loop.add_signal_handler(signal.SIGTERM, heard.append, "heard")
Gateway(SimpleNamespace(freshness=None, has_proxies=False), 0, server._release_signals).__rsgi_init__(loop)
os.kill(os.getpid(), signal.SIGTERM)
loop.run_until_complete(asyncio.sleep(0.2))
print(*heard)
"""
"""What `load_worker` and Granian do in turn, with a signal before the loop runs."""


class Watcher:
    """Stands for what Granian waits with."""

    def __init__(self, scope: object = None, *parts: bytes) -> None:
        self.scope, self.proto = scope, Protocol(*parts)
        self.ended: list[BaseException | None] = []
        self.over = threading.Event()
        self.task: asyncio.Task[None] | None = None

    def taskref(self, task: asyncio.Task[None]) -> None:
        self.task = task

    def done(self) -> None:
        self.ended.append(None)
        self.over.set()

    def err(self, error: BaseException) -> None:
        self.ended.append(error)
        self.over.set()


@pytest.fixture
def loop() -> Iterator[EagerLoop]:
    """As Granian makes it for a worker of ours (server.py); it does not run yet."""
    made = loops.get("auto")
    assert isinstance(made, EagerLoop)
    yield made
    made.close()


def hand_over(loop: EagerLoop, answering: Answering, watcher: Watcher) -> None:
    """By Granian's own scheduler, in a thread of its own."""
    granian: Any = _futures
    schedule = granian._cbsched_aioschedule(loop, contextvars.copy_context(), granian._future_watcher_wrapper(answering))
    thread = threading.Thread(target=schedule, args=(watcher,), name="hands over")
    thread.start()
    thread.join()


def run_until(loop: EagerLoop, watcher: Watcher) -> None:
    async def wait() -> None:
        while not watcher.over.is_set():
            await asyncio.sleep(0.001)

    loop.run_until_complete(asyncio.wait_for(wait(), 10))


def test_what_does_not_wait_ends_where_it_is_handed_over_while_the_loop_stands_still(loop: EagerLoop) -> None:
    where: list[str] = []

    async def answer(_scope: object, protocol: Protocol) -> None:
        where.append(threading.current_thread().name)
        protocol.response_empty(204, [])

    watcher = Watcher()
    hand_over(loop, answer, watcher)
    assert (where, watcher.proto.status, watcher.ended) == (["hands over"], 204, [None])


def test_a_mistake_in_the_first_step_is_told_to_granian_and_raised_nowhere(loop: EagerLoop) -> None:
    mistake = ValueError("x")

    async def fail(_scope: object, _protocol: Protocol) -> None:
        raise mistake

    watcher = Watcher()
    hand_over(loop, fail, watcher)
    assert watcher.ended == [mistake]


def test_what_is_sent_is_read_in_the_loop_and_answered_in_a_thread(loop: EagerLoop) -> None:
    inner = Inner()
    front = Front(inner, lambda _environ, _start: None, lambda _environ, _start: False, lambda _path: None, cast(Any, Nothing()))
    made = Gateway(front, 1000)
    sent, asked = Watcher(Scope("POST", "/"), b"ab", b"c"), Watcher(Scope("GET", "/"))
    for watcher in (sent, asked):
        hand_over(loop, made.__rsgi__, watcher)
        assert (watcher.proto.read, watcher.ended) == (0, [])
    for watcher in (sent, asked):
        run_until(loop, watcher)
        assert (watcher.proto.status, watcher.ended) == (200, [None])
    assert (sent.proto.body, asked.proto.body) == (b"abc", b"")
    assert all(name.startswith("request") for name in inner.threads)
    made.close()


def test_a_refusal_needs_no_loop(loop: EagerLoop) -> None:
    busy = ("503 Service Unavailable", [("Retry-After", "2")], b"busy")
    front = Front(Inner(), lambda _environ, _start: None, lambda _environ, _start: False, lambda _path: busy, cast(Any, Nothing()))
    made = Gateway(front, 1000)
    watcher = Watcher(Scope("GET", "/"))
    hand_over(loop, made.__rsgi__, watcher)
    assert (watcher.proto.status, watcher.ended) == (503, [None])
    made.close()


def test_what_is_no_coroutine_is_called_by_the_loop(loop: EagerLoop) -> None:
    called: list[str] = []
    thread = threading.Thread(target=lambda: loop.call_soon_threadsafe(called.append, "x"))
    thread.start()
    thread.join()
    assert called == []
    loop.run_until_complete(asyncio.sleep(0))
    assert called == ["x"]


def test_a_stop_that_comes_before_the_loop_runs_is_heard() -> None:
    done = subprocess.run([sys.executable, "-c", EARLY_STOP], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout == "heard\n"
