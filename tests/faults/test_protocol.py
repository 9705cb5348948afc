"""What clients may say against the rules of HTTP (RFC 9110, 9111, 9112) or to the edge of them, on a socket of the real server."""

import re
import socket
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import pytest

import pagecache
from app import MAX_BODY
from tests.factories import SLUG
from tests.faults import processes
from tests.faults.running import Site, request_fields

pytestmark = pytest.mark.slow
ARTICLE = f"/blog/{SLUG}"
LIE = "lie.example"


@dataclass
class Raw:
    """An answer: status, header fields in lower case, body."""

    status: int
    fields: dict[str, str]
    body: bytes


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A running server that no test changes."""
    made = Site(Path(tmp_path_factory.mktemp("protocol")) / "instance").start()
    yield made
    made.kill_all()


def say(site: Site, head: str, body: bytes = b"") -> list[Raw]:
    """Sends bytes as they are and reads every answer until the server closes, which it is asked to do."""
    lines = head.strip().split("\n")
    with socket.create_connection(("127.0.0.1", site.port), timeout=10) as connection:
        connection.sendall("\r\n".join(lines).encode("latin-1") + b"\r\nConnection: close\r\n\r\n" + body)
        received = b""
        while part := connection.recv(65536):
            received += part
    return list(_answers(received, is_head=lines[0].startswith("HEAD ")))


def _answers(received: bytes, *, is_head: bool) -> Iterator[Raw]:
    while received:
        head, _, rest = received.partition(b"\r\n\r\n")
        first, *lines = head.decode("latin-1").split("\r\n")
        fields = {name.lower(): value for name, _, value in (line.partition(": ") for line in lines)}
        status = int(first.split()[1])
        length = 0 if is_head or status in {204, 304} or status < 200 else int(fields.get("content-length", "0"))
        yield Raw(status, fields, rest[:length])
        received = rest[length:]


def get(site: Site, path: str, *lines: str, method: str = "GET", host: str = "localhost") -> Raw:
    """One question with more header lines."""
    (answer,) = say(site, "\n".join([f"{method} {path} HTTP/1.1", f"Host: {host}", *lines]))
    return answer


def same(one: Raw, other: Raw) -> bool:
    """Whether two answers differ in nothing but the time."""
    return (one.status, one.body) == (other.status, other.body) and _lasting(one) == _lasting(other)


def _lasting(answer: Raw) -> dict[str, str]:
    return {name: value for name, value in answer.fields.items() if name != "date"}


@pytest.mark.parametrize("length", [pagecache.MAX_QUERY - 10, pagecache.MAX_QUERY + 10])
def test_a_query_of_eight_thousand_characters_is_the_page_without_it(site: Site, length: int) -> None:
    plain, long = get(site, "/about"), get(site, f"/about?{'a' * length}=1")
    assert (long.status, long.body) == (200, plain.body)


def test_a_head_without_end_is_refused(site: Site) -> None:
    assert get(site, f"/?{'a' * 100_000}").status in {400, 414, 431}
    assert get(site, "/", *[f"X-{number}: {'a' * 1000}" for number in range(1000)]).status in {400, 431}


def test_ten_thousand_queries_fill_no_memory(site: Site) -> None:
    def ask(first: int, count: int) -> None:
        rest = "HTTP/1.1\r\nHost: localhost\r\nIf-None-Match: *\r\n\r\n"
        questions = [f"GET /about?utm_id={n}&x={n} {rest}" for n in range(first, first + count)]
        with socket.create_connection(("127.0.0.1", site.port), timeout=20) as connection:
            for number in range(first, first + count, 50):
                connection.sendall("".join(questions[number - first : number - first + 50]).encode())
                received = b""
                while received.count(b"HTTP/1.1 304") < 50 or not received.endswith(b"\r\n\r\n"):
                    received += connection.recv(65536)

    def crowd(first: int) -> int:
        for number in range(4):
            ask(first + number * 2500, 2500)
        return sum(processes.memory(pid) for pid in site.workers())

    before = crowd(0)
    assert crowd(10_000) - before < 4 * 2**20


@pytest.mark.parametrize(
    "lines",
    [
        [f"Host: {LIE}"],
        [f"X-Forwarded-Host: {LIE}", "X-Forwarded-Proto: https", "X-Forwarded-For: 198.51.100.7", "X-Forwarded-Prefix: /lie"],
        [f"X_Forwarded_Host: {LIE}"],
        [f"Forwarded: host={LIE};proto=https"],
        [f"Cookie: session={LIE}; staff={LIE}"],
        [f"Referer: https://{LIE}/", f"User-Agent: {LIE}", "Authorization: Basic bGllOmxpZQ=="],
        [f"X-Original-URL: /{LIE}", f"X-Rewrite-URL: /{LIE}", "X-HTTP-Method-Override: DELETE"],
        ["Cache-Control: no-store, no-cache", "Pragma: no-cache"],
    ],
)
def test_what_a_visitor_claims_changes_no_page(site: Site, lines: list[str]) -> None:
    before = get(site, ARTICLE)
    told = get(site, ARTICLE, *lines) if not lines[0].startswith("Host") else get(site, ARTICLE, host=LIE)
    assert same(before, told)
    assert LIE.encode() not in told.body
    assert same(before, get(site, ARTICLE)), "nor the next one's"


def test_a_url_with_another_host_in_it_is_the_same_page(site: Site) -> None:
    assert same(get(site, ARTICLE), get(site, f"http://{LIE}{ARTICLE}"))


def test_an_old_protocol_without_a_host_gets_its_page(site: Site) -> None:
    (answer,) = say(site, f"GET {ARTICLE} HTTP/1.0")
    assert (answer.status, answer.body) == (200, get(site, ARTICLE).body)


@pytest.mark.parametrize("method", ["TRACE", "PUT", "DELETE", "PATCH", "CONNECT", "PROPFIND", "BREW"])
def test_a_method_that_nothing_is_done_with_is_refused_and_not_repeated(site: Site, method: str) -> None:
    answer = get(site, ARTICLE, f"X-Secret: {LIE}", method=method)
    assert answer.status in {400, 405}
    assert LIE.encode() not in answer.body
    if answer.status == 405:
        assert set(answer.fields["allow"].split(", ")) == {"GET", "HEAD", "OPTIONS"}


def test_options_tells_what_may_be_done(site: Site) -> None:
    answer = get(site, ARTICLE, method="OPTIONS")
    assert (answer.status, answer.body) == (200, b"")
    assert set(answer.fields["allow"].split(", ")) == {"GET", "HEAD", "OPTIONS"}


@pytest.mark.parametrize("wanted", ["bytes=0-9", "bytes=-5", "bytes=0-1,5-9", "bytes=9999999-", "lines=1-2", "bytes=a-b"])
def test_who_asks_for_a_part_gets_the_whole(site: Site, wanted: str) -> None:
    assert same(get(site, ARTICLE), get(site, ARTICLE, f"Range: {wanted}"))


@pytest.mark.parametrize(
    "accepted", ["br;q=2", "br;q=x", ";;,,", "*;q=0", "identity;q=0", "compress, deflate", "br" * 5000, "\xff"]
)
def test_nonsense_about_encodings_gets_a_page_that_can_be_read(site: Site, accepted: str) -> None:
    answer = get(site, ARTICLE, f"Accept-Encoding: {accepted}")
    assert answer.status == 200
    assert answer.fields["vary"] == "Accept-Encoding"
    assert "content-encoding" not in answer.fields
    assert answer.body.endswith(b"</html>")


@pytest.mark.parametrize(
    ("said", "status"),
    [
        ("{tag}", 304),
        ("W/{tag}", 304),
        ('"a", W/"b", {tag}', 304),
        ("*", 304),
        ('"a"', 200),
        ("{tag}x", 200),
        ("nonsense", 200),
        (",".join(['"x"'] * 1000), 200),
    ],
)
def test_a_page_that_is_there_already_is_not_sent_again(site: Site, said: str, status: int) -> None:
    tag = get(site, ARTICLE).fields["etag"]
    answer = get(site, ARTICLE, f"If-None-Match: {said.format(tag=tag)}")
    assert answer.status == status
    assert answer.fields["etag"] == tag
    assert answer.fields["cache-control"].startswith("public")
    assert (answer.body == b"") == (status == 304)


@pytest.mark.parametrize("path", [ARTICLE, "/nowhere", "/feed.xml", "/consultation", "/blog"])
def test_head_is_get_without_the_body(site: Site, path: str) -> None:
    whole, head = get(site, path), get(site, path, method="HEAD")
    assert head.body == b""
    assert (head.status, _lasting(head)) == (whole.status, _lasting(whole))


def test_a_question_with_a_body_is_answered_like_one_without(site: Site) -> None:
    (answer,) = say(site, f"GET {ARTICLE} HTTP/1.1\nHost: localhost\nContent-Length: 5", b"a=b&c")
    assert same(answer, get(site, ARTICLE))


@pytest.mark.parametrize(
    "lines",
    [
        ["Content-Length: 5", "Content-Length: 6"],
        ["Content-Length: -1"],
        ["Content-Length: 1e3"],
        ["Transfer-Encoding: gzip"],
        ["Transfer-Encoding: chunked", "Transfer-Encoding: identity"],
    ],
)
def test_a_length_that_can_be_read_in_two_ways_is_refused(site: Site, lines: list[str]) -> None:
    answers = say(
        site, "\n".join(["POST /consultation HTTP/1.1", "Host: localhost", *lines]), b"0\r\n\r\nGET /smuggled HTTP/1.1\r\n\r\n"
    )
    assert [answer.status for answer in answers] == [400]


def test_nothing_that_follows_a_body_of_chunks_and_a_length_is_taken_for_a_question(site: Site) -> None:
    lines = ["POST /consultation HTTP/1.1", "Host: localhost", "Content-Length: 5", "Transfer-Encoding: chunked"]
    answers = say(site, "\n".join(lines), b"0\r\n\r\nGET /about HTTP/1.1\r\nHost: localhost\r\n\r\n")
    assert [answer.status for answer in answers][:1] in ([400], [422]), "the chunks count, or nothing does (RFC 9112, 6.1)"
    assert len(answers) == 1


def test_who_asks_before_sending_a_body_is_told_to_go_on(site: Site) -> None:
    fields = "name=Sana"
    head = f"POST /consultation HTTP/1.1\nHost: localhost\nContent-Length: {len(fields)}\nExpect: 100-continue"
    answers = say(site, f"{head}\nContent-Type: application/x-www-form-urlencoded", fields.encode())
    assert [answer.status for answer in answers] == [100, 422]


def test_a_body_too_large_is_refused_with_a_page(site: Site) -> None:
    answers = say(site, f"POST /consultation HTTP/1.1\nHost: localhost\nContent-Length: {MAX_BODY + 1}")
    assert [answer.status for answer in answers] == [413]
    assert re.search(rb"<h1[^>]*>", answers[0].body)


def test_who_does_not_read_the_answers_keeps_nobody_from_the_site(site: Site) -> None:
    question = f"GET {ARTICLE} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode()
    with ExitStack() as stack:
        for _ in range(50):
            connection = stack.enter_context(socket.create_connection(("127.0.0.1", site.port)))
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            connection.sendall(question * 50)
        assert site.get("/about", timeout=10).status == 200
        assert site.post("/consultation", request_fields(1), timeout=10).status == 303
