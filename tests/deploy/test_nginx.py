"""The shipped nginx configuration in front of the real site: what passes, what is kept, what is written down."""

import base64
import hashlib
import re
import socket
import ssl
import time

import pytest

from tests.deploy.conftest import MakeFront
from tests.deploy.front import ARTICLE, NAME, SHIPPED, Front, sign_in
from tests.deploy.instances import answer, instance
from tests.faults.running import Site, comment_fields, poll, request_fields

pytestmark = pytest.mark.slow
SECURITY = (
    "content-security-policy",
    "x-content-type-options",
    "x-frame-options",
    "referrer-policy",
    "permissions-policy",
    "strict-transport-security",
    "cache-control",
)


def test_plain_http_leads_to_the_same_page_with_tls(front: Front) -> None:
    for host in (NAME, f"www.{NAME}"):
        answer = front.plain("/contact?from=card", host)
        assert (answer.status, answer.location) == (301, f"https://{NAME}/contact?from=card")


def test_www_leads_to_the_canonical_host(front: Front) -> None:
    answer = front.get("/contact?a=b", name=f"www.{NAME}")
    assert (answer.status, answer.location) == (301, f"https://{NAME}/contact?a=b")


def test_certificate_requests_are_answered_without_tls(front: Front) -> None:
    proof = front.folder / "acme" / ".well-known" / "acme-challenge" / "proof"
    proof.parent.mkdir(parents=True)
    proof.write_text("proof")
    assert front.plain("/.well-known/acme-challenge/proof").body == "proof"


def test_other_names_get_no_answer(front: Front) -> None:
    with pytest.raises(ConnectionError):
        front.plain("/", "other.example")
    with pytest.raises(ssl.SSLError):
        front.connect(name="other.example")


def test_http_2_and_modern_tls_are_spoken(front: Front) -> None:
    with front.connect(protocols=("h2", "http/1.1")) as connection:
        assert connection.selected_alpn_protocol() == "h2"
        assert connection.version() == "TLSv1.3"


@pytest.mark.filterwarnings("ignore:ssl.TLSVersion")
def test_old_tls_is_refused(front: Front) -> None:
    old = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    old.check_hostname, old.verify_mode = False, ssl.CERT_NONE
    old.minimum_version = old.maximum_version = ssl.TLSVersion.TLSv1_1
    old.set_ciphers("ALL:@SECLEVEL=0")
    with socket.create_connection(("127.0.0.1", front.https)) as plain, pytest.raises(ssl.SSLError):
        old.wrap_socket(plain, server_hostname=NAME)


@pytest.mark.parametrize("path", ["/", ARTICLE, "/nothing-here", "/staff/login"])
def test_security_headers_come_once(front: Front, path: str) -> None:
    reply = front.get(path)
    assert {name: reply.count(name) for name in SECURITY} == dict.fromkeys(SECURITY, 1)
    assert reply.headers["server"] == "nginx"


def test_staff_cookie_passes_and_staff_pages_are_never_kept_nor_compressed(front: Front, site: Site) -> None:
    owner = sign_in(front, site)
    assert "staff=" in owner.cookie
    for _ in range(2):
        page = owner.get("/staff/")
        assert (page.status, page.headers["cache-control"]) == (200, "no-store")
        assert front.last_cache_status() == "-"
    assert front.get("/staff/").status in {302, 303}
    login = front.get("/staff/login", headers={"Accept-Encoding": "gzip"})
    assert "content-encoding" not in login.headers
    assert "Secure" in login.headers["set-cookie"]


def test_too_large_a_form_gets_the_page_of_the_site(front: Front) -> None:
    reply = front.post("/consultation", {"message": "x" * (257 * 1024)})
    assert reply.status == 413
    assert "larger than we can take" in reply.body


def test_far_too_large_a_form_does_not_reach_the_site(front: Front) -> None:
    reply = front.post("/consultation", {"message": "x" * (400 * 1024)})
    assert reply.status == 413
    assert "larger than we can take" not in reply.body


def test_what_a_client_claims_about_its_way_is_overwritten(front: Front, site: Site) -> None:
    claims = {
        "X-Forwarded-Host": "evil.example",
        "X-Forwarded-Proto": "http",
        "X-Forwarded-For": "8.8.8.8",
        "Forwarded": "for=8.8.8.8",
    }
    marks = []
    for number, headers in enumerate((claims, {})):
        reply = front.post("/consultation", request_fields(700 + number), headers=headers, source="127.3.3.3")
        assert reply.status == 303
        assert "evil.example" not in str(reply.every)
        marks += site.rows("SELECT network FROM consultation_request WHERE phone = ?", f"+92300{1000700 + number}")
    assert marks[0] == marks[1]
    assert marks[0][0]
    assert "strict-transport-security" in front.get("/nothing", headers=claims).headers


def test_a_client_does_not_choose_what_its_request_is_called_in_the_log(make_front: MakeFront) -> None:
    with instance(lambda _: answer("200 OK")) as (port, seen):
        assert make_front(port, port).get("/about", headers={"X-Request-ID": "03001234567.sana"}).status == 200
    (name,) = re.findall(rb"(?mi)^x-request-id: (.*)\r$", seen[0])
    assert re.fullmatch(rb"[0-9a-f]{32}", name)


def test_slow_headers_and_bodies_end(front: Front) -> None:
    with front.connect() as no_headers, front.connect() as no_body:
        no_headers.sendall(b"GET / HTTP/1.1\r\nHost: clinic.exam")
        no_body.sendall(f"POST /consultation HTTP/1.1\r\nHost: {NAME}\r\nContent-Length: 400\r\n\r\nname=".encode())
        for slow in (no_headers, no_body):
            slow.settimeout(18)
            assert b" 200 " not in slow.recv(64)
        assert front.get("/healthz").status == 200


def test_a_comment_shows_within_ten_seconds(front: Front, site: Site) -> None:
    words = "The diary helped me to explain it, every single evening."
    front.get(ARTICLE)
    assert front.post(f"{ARTICLE}/comments", comment_fields(body=words)).status == 303
    number = site.rows("SELECT max(id) FROM comment")[0][0]
    front.get(ARTICLE)
    site.flask("comments", "approve", str(number))
    began = time.monotonic()
    poll(lambda: words in front.get(ARTICLE).body, "the comment does not show", within=10)
    assert time.monotonic() - began < 10


def test_logs_hold_neither_addresses_nor_queries_nor_keys(front: Front) -> None:
    source = "127.7.8.9"
    front.get("/contact?name=Sana&secret=1", source=source)
    front.get("/comments/token-that-opens-something", source=source)
    front.get("/staff/setup/token-that-makes-an-owner", source=source)
    front.get("/sana@example.com", source=source)
    front.get("/03001234567", source=source)
    with socket.create_connection(("127.0.0.1", front.https), source_address=(source, 0)) as nonsense:
        nonsense.sendall(b"\x16\x03\x01\x00\x05hello")
        nonsense.recv(16)
    with front.connect(source) as broken:
        broken.sendall(b"GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n")
        broken.recv(16)
    poll(lambda: " /staff/setup/- " in front.log(), "the last request was not written down")
    assert " /contact 200 " in front.log()
    assert " /comments/- " in front.log()
    for path in (front.folder / "log").iterdir():
        assert not re.search(r"127\.7\.8\.9|Sana|sana|secret|token-that|0300|\?", path.read_text()), path.read_text()


def test_style_of_the_page_for_bad_times_is_the_one_its_policy_allows() -> None:
    style = re.search(r"<style>(.*?)</style>", (SHIPPED / "down.html").read_text(), re.DOTALL)
    assert style
    digest = base64.b64encode(hashlib.sha256(style[1].encode()).digest()).decode()
    assert f"'sha256-{digest}'" in (SHIPPED / "clinic.conf").read_text()


def test_only_a_refused_connection_sends_a_post_to_the_other_instance(make_front: MakeFront) -> None:
    with instance(lambda _: b"") as (dies, seen), instance(lambda _: answer("200 OK")) as (lives, also_seen):
        front = make_front(dies, lives)
        statuses = [front.post("/consultation", {"message": str(number)}).status for number in range(8)]
        assert len(seen) + len(also_seen) == 8
        assert statuses.count(502) == len(seen) > 0
        assert all(front.get(f"/page{number}").status == 200 for number in range(8))
    refusing = make_front(1, front.ports[0])
    with instance(lambda _: answer("200 OK"), port=front.ports[0]):
        assert {refusing.post("/consultation", {"message": str(number)}).status for number in range(8)} == {200}
