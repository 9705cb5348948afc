"""Whose request is answered in a crowd: what a form sends waits for its turn, readers beyond what can be served are refused."""

import threading
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

import pytest
from flask import Flask, url_for
from werkzeug.test import Client, EnvironBuilder, run_wsgi_app

import errors
from serving import turns
from serving.turns import READERS_AT_ONCE, Turns

FULL = READERS_AT_ONCE


class Crowd:
    """An application that answers nobody until it may, and those who wait for it."""

    def __init__(self, app: Flask) -> None:
        self.may_answer, self.arrived = threading.Event(), threading.Semaphore(0)
        self.front = Turns(self._answer, lambda: errors.busy(app))

    def _answer(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        self.arrived.release()
        assert self.may_answer.wait(10)
        start_response("200 OK", [])
        return [environ["wsgi.input"].read()]

    def ask(self, method: str = "GET", path: str = "/", **more: Any) -> int:
        """The status that one more gets."""
        _, status, _ = run_wsgi_app(self.front, EnvironBuilder(path, method=method, **more).get_environ())
        return int(status[:3])


@pytest.fixture
def crowd(app: Flask, monkeypatch: pytest.MonkeyPatch) -> Crowd:
    """Has room for FULL readers."""
    monkeypatch.setattr(turns, "MOST_READERS", FULL)
    return Crowd(app)


@contextmanager
def full(crowd: Crowd) -> Iterator[ThreadPoolExecutor]:
    """As many readers in hand as there is room for; all are answered at the end."""
    with ThreadPoolExecutor(20) as threads:
        readers = [threads.submit(crowd.ask) for _ in range(FULL)]
        for _ in readers:
            assert crowd.arrived.acquire(timeout=10)
        try:
            yield threads
        finally:
            crowd.may_answer.set()
        assert [reader.result(10) for reader in readers] == [200] * FULL


def test_a_reader_too_many_is_told_to_come_again(crowd: Crowd) -> None:
    with full(crowd):
        answer = Client(crowd.front).get("/blog/")
        assert answer.status_code == 503
        assert answer.headers["Retry-After"] == "2"
        assert answer.headers["Cache-Control"] == "no-store"
        assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
        assert "The site is busy" in answer.text
        assert Client(crowd.front).head("/").data == b""
    assert crowd.ask() == 200, "there is room again"


def test_what_a_form_sends_is_never_refused(crowd: Crowd) -> None:
    with full(crowd) as threads:
        sent = [threads.submit(crowd.ask, "POST", data={"name": "Sana"}) for _ in range(3)]
        assert crowd.arrived.acquire(timeout=10), "one has its turn at once"
    assert [each.result(10) for each in sent] == [200, 200, 200]


@pytest.mark.parametrize("endpoint", ["consultations.receipt", "blog.comment_status"])
def test_the_page_that_says_what_was_sent_is_there_is_never_refused(app: Flask, crowd: Crowd, endpoint: str) -> None:
    with app.test_request_context():
        path = url_for(endpoint, token="signed")
    with full(crowd) as threads:
        answer = threads.submit(crowd.ask, path=path)
        assert crowd.arrived.acquire(timeout=10), "it has a turn of those who send something"
    assert answer.result(10) == 200


def test_a_page_that_many_ask_for_and_the_question_whether_the_process_lives_find_room(crowd: Crowd) -> None:
    with full(crowd) as threads:
        again = threads.submit(crowd.ask, environ_overrides={turns.NOT_REFUSED: True})
        alive = threads.submit(crowd.ask, path="/healthz", content_length=0)
        assert crowd.arrived.acquire(timeout=10), "it has its turn at once"
    assert (again.result(10), alive.result(10)) == (200, 200)


@pytest.mark.parametrize(
    ("path", "turns_there", "other"),
    [("/consultation", turns.FORMS_AT_ONCE, "/staff/comments"), ("/staff/login", turns.STAFF_AT_ONCE, "/consultation")],
)
def test_forms_of_visitors_and_of_staff_hold_up_each_other_nowhere(crowd: Crowd, path: str, turns_there: int, other: str) -> None:
    with ThreadPoolExecutor(20) as threads:
        sent = [threads.submit(crowd.ask, "POST", path) for _ in range(turns_there + 1)]
        for _ in range(turns_there):
            assert crowd.arrived.acquire(timeout=10)
        assert not crowd.arrived.acquire(timeout=0.2), "one more waits for its turn"
        more = [threads.submit(crowd.ask, method, way) for method, way in (("POST", other), ("GET", "/"), ("GET", "/healthz"))]
        for _ in more:
            assert crowd.arrived.acquire(timeout=10), "all others have turns of their own"
        crowd.may_answer.set()
    assert [each.result(10) for each in (*sent, *more)] == [200] * (turns_there + 4)
