"""Between Granian and WSGI: what is at hand is answered at once, bodies in time, the rest in a thread, as WSGI asks (PEP 3333)."""

import threading
from collections.abc import Iterator
from typing import Any, cast

import pytest
from flask import Flask

from serving import gateway
from serving.freshness import Freshness
from serving.gateway import Front, Gateway
from tests.conftest import Clock
from tests.factories import approved_comment
from tests.web.caching import PAGE, Cached
from tests.web.requests_by_rsgi import Fields, Inner, Nothing, Scope, ask

MOST = 1000


@pytest.fixture
def inner() -> Inner:
    """What stands behind."""
    return Inner()


@pytest.fixture
def bare(inner: Inner) -> Iterator[Gateway]:
    """Has nothing at hand."""
    front = Front(inner, lambda _environ, _start: None, lambda _environ, _start: False, lambda _path: None, cast(Any, Nothing()))
    made = Gateway(front, MOST)
    yield made
    made.close()


def test_the_environment_is_what_wsgi_asks_for(bare: Gateway, inner: Inner) -> None:
    fields = [
        ("cookie", "a=1"),
        ("cookie", "b=2"),
        ("x-dup", "1"),
        ("x-dup", "2"),
        ("content-type", "text/plain"),
        ("content-length", "3"),
    ]
    answer = ask(bare, Scope("POST", "/é x?q=%20", *fields), b"ab", b"c")
    environ = inner.asked[0]
    expected = {
        "REQUEST_METHOD": "POST",
        "PATH_INFO": "/\xc3\xa9 x",
        "QUERY_STRING": "q=%20",
        "CONTENT_TYPE": "text/plain",
        "CONTENT_LENGTH": "3",
        "HTTP_HOST": "localhost",
        "HTTP_COOKIE": "a=1; b=2",
        "HTTP_X_DUP": "1, 2",
        "REMOTE_ADDR": "2001:db8::1",
        "SERVER_NAME": "127.0.0.1",
        "SERVER_PORT": "8000",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "SCRIPT_NAME": "",
        "wsgi.url_scheme": "http",
    }
    assert expected == {key: environ.get(key) for key in expected}
    assert (answer.status, answer.headers, answer.body) == (200, {"X-Inner": "1"}, b"abc")
    assert not {key for key in environ if key.startswith("HTTP_CONTENT") or key in {"PATH", "HOME"}}


def test_a_field_with_an_underscore_does_not_pass_for_the_one_a_proxy_sets(bare: Gateway, inner: Inner) -> None:
    ask(bare, Scope("GET", "/", ("x_forwarded_for", "198.51.100.1")))
    assert "HTTP_X_FORWARDED_FOR" not in inner.asked[0]


def test_an_answer_is_made_in_a_thread_and_closed(bare: Gateway, inner: Inner) -> None:
    closed = []

    class Body:
        def __iter__(self) -> Iterator[bytes]:
            return iter([b"a", b"b"])

        def close(self) -> None:
            closed.append(1)

    inner.answer = lambda _environ: Body()
    assert ask(bare, Scope("GET", "/")).body == b"ab"
    assert inner.threads[0].startswith("request")
    assert closed == [1]


def test_what_goes_wrong_around_the_application_is_answered_and_logged(
    bare: Gateway, inner: Inner, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(_environ: object) -> list[bytes]:
        raise RuntimeError("brok" + "en")

    inner.answer = fail
    assert ask(bare, Scope("GET", "/")).status == 500
    assert "a request was not answered: RuntimeError" in caplog.text
    assert "broken" not in caplog.text, "which may be somebody's words"


CHUNKED = ("transfer-encoding", "chunked")


@pytest.mark.parametrize(
    ("fields", "parts", "length"),
    [
        ([("content-length", "5")], [b"ab", b"cde"], "5"),
        ([CHUNKED], [b"ab", b"cde"], "5"),
        ([], [], "0"),
        ([("content-length", str(MOST))], [b"a" * MOST], str(MOST)),
    ],
)
def test_a_body_is_read_whole_before_the_application_sees_it(
    bare: Gateway, inner: Inner, fields: list[tuple[str, str]], parts: list[bytes], length: str
) -> None:
    assert ask(bare, Scope("POST", "/", *fields), *parts).body == b"".join(parts)
    assert inner.asked[0]["CONTENT_LENGTH"] == length
    assert "HTTP_TRANSFER_ENCODING" not in inner.asked[0]


def test_a_body_whose_length_is_too_large_is_not_read_and_refused_by_the_application(bare: Gateway, inner: Inner) -> None:
    assert ask(bare, Scope("POST", "/", ("content-length", str(MOST + 1))), b"a" * (MOST + 1)).read == 0
    assert inner.asked[0]["CONTENT_LENGTH"] == str(MOST + 1)


def test_chunks_without_end_are_read_until_they_are_too_many(bare: Gateway, inner: Inner) -> None:
    assert ask(bare, Scope("POST", "/", CHUNKED), *[b"a" * 400] * 100).read == 1200
    assert inner.asked[0]["CONTENT_LENGTH"] == "1200", "which the application refuses"


def test_a_body_that_breaks_off_is_no_request(bare: Gateway, inner: Inner) -> None:
    assert ask(bare, Scope("POST", "/", ("content-length", "9")), b"abc").status == 400
    assert inner.asked == []


def test_chunks_that_break_off_are_no_request(bare: Gateway, inner: Inner) -> None:
    assert ask(bare, Scope("POST", "/", CHUNKED), b"abc", b"").status == 400
    assert inner.asked == []


@pytest.mark.parametrize("method", ["GET", "POST"])
@pytest.mark.parametrize("hosts", [[], ["localhost", "other.example"]], ids=["none", "two"])
def test_a_request_names_one_host(bare: Gateway, inner: Inner, method: str, hosts: list[str]) -> None:
    scope = Scope(method, "/about")
    scope.headers = Fields([("host", host) for host in hosts])
    assert ask(bare, scope).status == 400
    assert inner.asked == []


def test_a_body_that_does_not_end_in_time_is_given_up(bare: Gateway, inner: Inner, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gateway, "BODY_SECONDS", 0.05)
    answer = ask(bare, Scope("POST", "/", ("content-length", "9")), b"abc", hangs=True)
    assert (answer.status, answer.headers) == (408, {"Connection": "close"})
    assert inner.asked == []


@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_what_comes_with_a_question_is_not_read(bare: Gateway, inner: Inner, method: str) -> None:
    assert ask(bare, Scope(method, "/", ("content-length", "3")), b"abc").read == 0
    assert "CONTENT_LENGTH" not in inner.asked[0]


def front(cached: Cached, refused: list[str] | None = None) -> Front:
    """What the application would hand over; with `refused` there is no room, and the paths that were refused are noted there."""
    busy = ("503 Service Unavailable", [("Retry-After", "2")], b"busy")
    cache = cached.cache

    def refusal(path: str) -> Any:
        if refused is None:
            return None
        refused.append(path)
        return busy

    return Front(cache, cache.at_hand, cache.is_awaited, refusal, cached.freshness)


@pytest.fixture
def site(app: Flask, clock: Clock, monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[Gateway, Cached]]:
    """A page cache behind it; a look at the site is good for a minute."""
    monkeypatch.setattr(Freshness, "LOOK_SECONDS", 60.0)
    cached = Cached(app, clock)
    cached.freshness.look()
    made = Gateway(front(cached), MOST)
    yield made, cached
    made.close()
    cached.freshness._stored.forget()


def test_a_page_at_hand_is_answered_as_the_cache_would(site: tuple[Gateway, Cached]) -> None:
    made, cached = site
    for fields in ([], [("accept-encoding", "br")], [("accept-encoding", "gzip")]):
        first = ask(made, Scope("GET", PAGE, *fields))
        again = ask(made, Scope("GET", f"{PAGE}?utm_source=x", *fields))
        assert (first.status, first.headers, first.body) == (again.status, again.headers, again.body)
        etag = again.headers["ETag"]
        assert ask(made, Scope("GET", PAGE, *fields, ("if-none-match", etag))).status == 304
        head = ask(made, Scope("HEAD", PAGE, *fields))
        assert (head.status, head.body) == (200, b"")
        assert head.headers == first.headers
    assert cached.count == 1


def test_a_page_at_hand_needs_no_thread(site: tuple[Gateway, Cached]) -> None:
    made, _ = site
    ask(made, Scope("GET", PAGE))
    made.close()
    for _ in range(2):
        assert ask(made, Scope("GET", PAGE)).status == 200


def test_a_change_of_this_process_is_seen_at_once(site: tuple[Gateway, Cached], store: Any) -> None:
    made, cached = site
    for _ in range(2):
        assert b"crocus" not in ask(made, Scope("GET", PAGE)).body
    with store() as session:
        approved_comment(session, cached.app.config["LIBRARY"].all[0].published, text="A word: crocus.")
    cached.freshness.look()
    assert b"crocus" in ask(made, Scope("GET", PAGE)).body


def test_an_older_look_at_the_site_is_good_for_a_moment_only(site: tuple[Gateway, Cached]) -> None:
    made, cached = site
    looked: list[str] = []
    ask(made, Scope("GET", PAGE))
    cached.freshness.on_look = lambda: looked.append(threading.current_thread().name)
    cached.freshness.due = 0.0
    count = cached.count
    assert ask(made, Scope("GET", PAGE)).status == 200
    assert cached.count == count, "answered while a thread looks"
    made.close()
    assert [name.partition("_")[0] for name in looked] == ["request"]


def test_a_look_of_long_ago_is_not_answered_by(site: tuple[Gateway, Cached], store: Any) -> None:
    made, cached = site
    for _ in range(2):
        ask(made, Scope("GET", PAGE))
    with store() as session:
        approved_comment(session, cached.app.config["LIBRARY"].all[0].published, text="A word: crocus.")
    cached.freshness.due = cached.freshness.good_until = 0.0
    assert b"crocus" in ask(made, Scope("GET", PAGE)).body


def test_what_leads_elsewhere_is_not_at_hand(site: tuple[Gateway, Cached]) -> None:
    made, cached = site
    ask(made, Scope("GET", PAGE))
    other = Scope("GET", PAGE)
    other.headers = Fields([("host", "www.clinic.example")])
    ask(made, other)
    ask(made, Scope("GET", f"{PAGE}?reply_to=1"))
    assert cached.count == 3


def test_ways_of_asking_do_not_fill_the_memory(site: tuple[Gateway, Cached], monkeypatch: pytest.MonkeyPatch) -> None:
    made, _ = site
    monkeypatch.setattr(gateway, "REMEMBERED", 3)
    for number in range(20):
        assert ask(made, Scope("GET", f"{PAGE}?n={number}")).status == 200
    assert len(made._remembered) <= 3


def test_a_reader_for_whom_there_is_no_room_is_refused_without_a_thread(site: tuple[Gateway, Cached]) -> None:
    made, cached = site
    ask(made, Scope("GET", PAGE))
    full = Gateway(front(cached, refused=[]), MOST)
    full.close()
    refused = ask(full, Scope("GET", f"{PAGE}?reply_to=1"))
    assert (refused.status, refused.headers, refused.body) == (503, {"Retry-After": "2"}, b"busy")
    assert ask(full, Scope("HEAD", "/about")).body == b""
    assert ask(full, Scope("GET", PAGE)).status == 200, "it is at hand"


def test_a_page_that_was_kept_before_is_made_in_a_crowd_too(site: tuple[Gateway, Cached], store: Any) -> None:
    made, cached = site
    ask(made, Scope("GET", PAGE))
    with store() as session:
        approved_comment(session, cached.app.config["LIBRARY"].all[0].published, text="A word: crocus.")
    cached.freshness.look()
    refused: list[str] = []
    full = Gateway(front(cached, refused), MOST)
    assert b"crocus" in ask(full, Scope("GET", PAGE)).body
    assert refused == [], "nor is it counted as refused"
    full.close()
