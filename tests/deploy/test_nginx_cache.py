"""What nginx keeps of the site's answers, in which encodings, and for how long (RFC 9111)."""

import re
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from tests.deploy.conftest import MakeFront
from tests.deploy.front import ARTICLE, SHIPPED, Front
from tests.deploy.instances import answer, instance
from tests.faults.running import Site, comes, poll, request_fields

pytestmark = pytest.mark.slow


def test_second_read_comes_from_the_cache(front: Front) -> None:
    # A page of 300 s, so that a slow machine does not matter.
    path = "/static/img/favicon.svg"
    first, second = front.get(path), front.get(path)
    assert front.last_cache_status() == "HIT"
    assert (second.status, second.body, second.headers["etag"]) == (200, first.body, first.headers["etag"])
    assert front.get(path, headers={"If-None-Match": first.headers["etag"]}).status == 304


def test_page_is_a_hit_within_its_second(front: Front) -> None:
    def hit() -> bool:
        front.get("/about")
        front.get("/about")
        return front.last_cache_status() == "HIT"

    poll(hit, "two reads in a row were never one answer")


def test_head_is_answered_like_get_without_a_body(front: Front) -> None:
    whole, head = front.get("/contact"), front.request("HEAD", "/contact")
    assert (head.status, head.body) == (200, "")
    for name in ("content-type", "content-security-policy", "cache-control"):
        assert head.headers[name] == whole.headers[name]


def test_pages_are_compressed_and_vary_by_it(front: Front) -> None:
    reply = front.get(ARTICLE, headers={"Accept-Encoding": "gzip"})
    assert reply.headers["content-encoding"] == "gzip"
    assert "accept-encoding" in reply.headers["vary"].lower()
    assert "content-encoding" not in front.get(ARTICLE).headers


@pytest.mark.parametrize(
    ("accepted", "given"),
    [
        ("br", "br"),
        ("gzip, deflate, br, zstd", "br"),
        ("BR;q=0.1", "br"),
        ("br;q=0, gzip", "gzip"),
        ("br ; q=0.000,gzip;q=0.5", "gzip"),
        ("brotli, gzip;q=1.0", "gzip"),
        ("x-br, x-gzip", None),
        ("gzip;q=0", None),
        ("identity", None),
    ],
)
def test_a_page_comes_in_an_encoding_that_was_asked_for(front: Front, accepted: str, given: str | None) -> None:
    for _ in range(2):
        assert front.get(ARTICLE, headers={"Accept-Encoding": accepted}).headers.get("content-encoding") == given


def test_three_copies_of_a_page_are_kept_whatever_browsers_list(make_front: MakeFront) -> None:
    def reply(request: bytes) -> bytes:
        encoding = next((name for name in (b"br", b"gzip") if name in request.partition(b"Accept-Encoding: ")[2]), b"")
        return answer("200 OK").replace(b"\r\n\r\n", b"\r\nVary: Accept-Encoding\r\nContent-Encoding: " + encoding + b"\r\n\r\n")

    with instance(reply) as (port, seen):
        front = make_front(port, port)
        for number in range(5):
            for accepted in (f"br, x{number}", f"gzip, x{number}", f"x{number}"):
                front.get("/page", headers={"Accept-Encoding": accepted})
        files = [path.read_bytes() for path in (front.folder / "cache").rglob("*") if path.is_file()]
    # The hour, which may end meanwhile, is the first part of each key.
    assert {re.findall(rb"\nKEY: \S{13}(.*)", file)[0] for file in files} == {b"br, gzip/page", b"gzip/page", b"/page"}
    # Those that ask again after a second or at the next hour are few.
    assert len(seen) < 15


@pytest.mark.parametrize("path", ["/nothing-here", f"{ARTICLE}?reply_to=1", "/healthz"])
def test_what_may_not_be_stored_is_never_kept(front: Front, path: str) -> None:
    for _ in range(2):
        assert front.get(path).headers["cache-control"] == "no-store"
        assert front.last_cache_status() == "MISS"


def test_nobody_waits_for_the_same_page_of_another(make_front: MakeFront) -> None:
    both = threading.Barrier(2, timeout=10)

    class Answers(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            both.wait()
            self.send_response(200)
            self.send_header("Cache-Control", "no-store")
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None: ...

    with ThreadingHTTPServer(("127.0.0.1", 0), Answers) as server, ThreadPoolExecutor(2) as visitors:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        front = make_front(server.server_port, server.server_port)
        assert [reply.status for reply in visitors.map(front.get, ["/page", "/page"])] == [200, 200]
        server.shutdown()


def test_pages_are_served_from_the_cache_while_the_site_is_down(make_front: MakeFront, pair: tuple[Site, Site]) -> None:
    site = pair[0].start()
    front = make_front(site.port, site.port)
    words = front.get(ARTICLE).body
    site.kill_all()
    time.sleep(7)
    reply = front.get(ARTICLE)
    assert (reply.status, reply.body, front.last_cache_status()) == (200, words, "STALE")
    lost = front.post("/consultation", request_fields(1))
    assert lost.status == 502
    assert "cannot answer now" in lost.body
    assert lost.headers["cache-control"] == "no-store"
    assert "default-src 'none'" in lost.headers["content-security-policy"]


def test_page_that_is_gone_is_not_answered_from_the_cache(make_front: MakeFront) -> None:
    says = ["200 OK"]

    def reply(_: bytes) -> bytes:
        said = answer(says[0])
        return said if says[0] == "200 OK" else said.replace(b"public, max-age=1", b"no-store")

    with instance(reply) as (port, _):
        front = make_front(port, port)
        assert front.get("/page").status == 200
        says[0] = "410 Gone"
        assert comes(lambda: front.get("/page").status == 410, within=10)


def test_copy_is_out_of_reach_when_its_hour_is_over() -> None:
    text = (SHIPPED / "clinic.conf").read_text()
    assert "proxy_cache_key $clinic_hour$clinic_encodings$request_uri;" in text
    hour = re.search(r"\(\?<clinic_this_hour>(.*)\)\"", text)
    assert hour
    found = re.match(hour[1], "2026-11-28T09:24:36+05:00")
    assert found
    assert found[0] == "2026-11-28T09"
