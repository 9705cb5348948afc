"""People who send slowly, or never finish on purpose, keep nobody else from the site; measured beyond this in docs/security.md."""

import http.client
import socket
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from urllib.parse import urlencode

import pytest

from app import MAX_BODY
from server import HEADER_SECONDS
from serving.turns import AT_ONCE
from tests.faults.running import Site, poll, request_fields

pytestmark = pytest.mark.slow
SLOW_BODIES = 10 * 2 * AT_ONCE
SLOW_HEADS = 400
HEAD = b"GET / HTTP/1.1\r\nHost: x\r\n"
BODY = (
    b"POST /consultation HTTP/1.1\r\nHost: x\r\nContent-Type: application/x-www-form-urlencoded\r\n"
    b"Content-Length: 5000\r\n\r\nname="
)


CHUNKED = (
    b"POST /consultation HTTP/1.1\r\nHost: x\r\nContent-Type: application/x-www-form-urlencoded\r\n"
    b"Transfer-Encoding: chunked\r\n\r\n5\r\nname=\r\n"
)


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    """A running server with its two workers."""
    made = Site(tmp_path / "instance").start()
    yield made
    made.kill_all()


@contextmanager
def unfinished(site: Site, sent: bytes, count: int) -> Iterator[list[socket.socket]]:
    """Connections on which nothing follows what was sent."""
    with ExitStack() as stack:
        made = [stack.enter_context(socket.create_connection(("127.0.0.1", site.port))) for _ in range(count)]
        for connection in made:
            connection.sendall(sent)
        time.sleep(1)
        yield made


@pytest.mark.parametrize(
    ("sent", "count"),
    [(BODY, SLOW_BODIES), (CHUNKED, SLOW_BODIES), (HEAD, SLOW_HEADS), (b"", SLOW_HEADS)],
    ids=["body", "chunks", "head", "idle"],
)
def test_slow_senders_keep_nobody_from_the_site(site: Site, sent: bytes, count: int) -> None:
    with unfinished(site, sent, count):
        assert site.get("/about", timeout=5).status == 200
        assert site.post("/consultation", request_fields(1), timeout=5).status == 303


def test_a_head_that_does_not_end_is_given_up(site: Site) -> None:
    with unfinished(site, HEAD, 1) as (connection,):
        connection.settimeout(HEADER_SECONDS + 10)
        began = time.monotonic()
        while connection.recv(4096):
            pass
        assert HEADER_SECONDS - 5 < time.monotonic() - began < HEADER_SECONDS + 5


def test_a_body_that_comes_in_the_end_is_a_request_like_any_other(site: Site) -> None:
    with unfinished(site, BODY.replace(b"5000", b"32"), 1) as (connection,):
        connection.sendall(b"Sana&phone=0300-1234567&cons")
        connection.settimeout(5)
        assert connection.recv(4096).startswith(b"HTTP/1.1 422 ")


def test_a_body_that_breaks_off_leaves_its_worker_as_it_was(site: Site) -> None:
    with unfinished(site, BODY, SLOW_BODIES):
        pass
    poll(lambda: site.get("/about", timeout=2).status == 200, "the site does not come back")
    assert "Traceback" not in site.output


def answered(site: Site, *parts: bytes) -> bytes:
    """The first line that comes back to a request sent in parts."""
    with socket.create_connection(("127.0.0.1", site.port), timeout=10) as connection:
        for part in parts:
            connection.sendall(part)
        return connection.recv(4096).partition(b"\r\n")[0]


def test_chunks_that_end_are_a_body_like_any_other(site: Site) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", site.port, timeout=10)
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    connection.request("POST", "/consultation", iter([b"name=", b"Zubaida"]), headers, encode_chunked=True)
    answer = connection.getresponse()
    assert answer.status == 422
    assert b'value="Zubaida"' in answer.read()
    connection.close()


@pytest.mark.parametrize("rest", [b"3e8\r\n&message=Please+call+me,+but+never", b"ZZ\r\n"], ids=["within a chunk", "no chunk"])
def test_chunks_that_break_off_are_not_taken_for_a_whole_form(site: Site, rest: bytes) -> None:
    form = urlencode(request_fields(1)).encode()
    head = CHUNKED.replace(b"5\r\nname=\r\n", b"%x\r\n%s\r\n" % (len(form), form))
    with socket.create_connection(("127.0.0.1", site.port), timeout=10) as connection:
        connection.sendall(head + rest)
        connection.shutdown(socket.SHUT_WR)
        connection.recv(4096)
    # What was sent before it has been answered by then.
    assert site.post("/consultation", request_fields(2), timeout=5).status == 303
    assert site.rows("SELECT count(*) FROM consultation_request") == [(1,)]


def test_chunks_without_end_are_refused_by_their_size(site: Site) -> None:
    size = b"x" * 65536
    chunk = b"10000\r\n" + size + b"\r\n"
    assert b" 413 " in answered(site, CHUNKED, *[chunk] * (MAX_BODY // len(size) + 1))


def test_the_protocol_that_has_no_times_set_is_not_spoken(site: Site) -> None:
    preface, settings = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", b"\0\0\0\x04\0\0\0\0\0"
    assert answered(site, preface + settings) == b""
