"""The page cache: a public page is made once, the same bytes for everybody, anew as soon as something changes, never one's own."""

import gzip
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from typing import Any

import brotli
import pytest
from flask import Flask
from sqlalchemy.exc import OperationalError
from werkzeug.test import Client, TestResponse

import pagecache
from clinic import next_change
from domain import comments, redirects
from domain.comments import How, Status
from extensions import db
from freshness import Freshness
from pagecache import PageCache
from tests.conftest import NOON, Clock, Store
from tests.factories import ARTICLE, SLUG, approved_comment, comment_draft, make_staff, submit_comment
from turns import NOT_REFUSED

PAGE = f"/blog/{SLUG}"
MARK = "somebody-3217"


class Cached:
    """A client of the cache in front of the application, and what the application was asked for."""

    def __init__(self, app: Flask, clock: Clock) -> None:
        self.app, self.asked, self.disk_is_new = app, list[dict[str, Any]](), False
        self.before: Callable[[], object] = lambda: None
        with app.app_context():
            self.freshness = Freshness(db.engine, lambda: self.disk_is_new)
        self.cache = PageCache(
            app,
            self._ask,
            self.freshness,
            leaves=lambda _scheme, host: host == "www.clinic.example",
            redirects=redirects.Redirects(),
            is_known={"chronic-migraine", SLUG}.__contains__,
            clock=lambda: clock().timestamp(),
        )

    def _ask(self, environ: dict[str, Any], start_response: Any) -> Any:
        self.asked.append(environ)
        self.before()
        return self.app.wsgi_app(environ, start_response)

    def get(self, url: str, method: str = "GET", **headers: str) -> TestResponse:
        """One request; header names with underscores."""
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        return Client(self.cache).open(url, method=method, headers=sent)

    @property
    def count(self) -> int:
        return len(self.asked)


@pytest.fixture
def cached(app: Flask, clock: Clock, monkeypatch: pytest.MonkeyPatch) -> Iterator[Cached]:
    """Looks for changes at each request, so that no test has to wait."""
    monkeypatch.setattr(Freshness, "LOOK_SECONDS", 0.0)
    monkeypatch.setattr(Freshness, "CONTENT_SECONDS", 0.0)
    made = Cached(app, clock)
    yield made
    made.freshness._commits.forget()


@pytest.mark.parametrize("url", ["/", PAGE, "/blog/", "/consultation", "/self-check", "/feed.xml", "/sitemap.xml", "/treatments/"])
def test_a_page_is_made_once_and_is_what_the_application_answers(cached: Cached, app: Flask, url: str) -> None:
    plain = app.test_client().get(url)
    first, second = cached.get(url), cached.get(url)
    assert cached.count == 1
    assert first.data == second.data == plain.data
    assert set(plain.headers.keys()) <= set(first.headers.keys()) | {"Content-Length"}
    for answer in (first, second):
        assert answer.status_code == 200
        assert answer.headers["Cache-Control"] == "public, max-age=1, stale-while-revalidate=5"
        assert answer.headers["Vary"] == "Accept-Encoding"
        assert answer.headers["Content-Length"] == str(len(plain.data))
        assert "Set-Cookie" not in answer.headers


@pytest.mark.parametrize(
    ("url", "status"),
    [
        (f"{PAGE}?reply_to=1", 200),
        (f"{PAGE}?utm_source=a&reply_to=", 200),
        ("/nothing", 404),
        (f"/blog/{SLUG.upper()}", 301),
        ("/blog/nothing", 404),
        ("/comments/no-token", 404),
        ("/staff/login", 200),
        ("/healthz", 200),
        (f"{PAGE}/comments", 303),
        (f"/?{'a' * pagecache.MAX_QUERY}=1", 200),
    ],
)
def test_what_is_ones_own_or_no_page_is_never_kept(cached: Cached, url: str, status: int) -> None:
    for number in (1, 2):
        answer = cached.get(url)
        assert answer.status_code == status
        assert cached.count == number


def test_another_name_of_the_host_gets_no_kept_page(cached: Cached) -> None:
    for number in (1, 2):
        cached.get("/", Host="www.clinic.example")
        assert cached.count == number


def test_a_form_that_was_sent_is_never_kept(cached: Cached) -> None:
    for number in (1, 2):
        assert cached.get(f"{PAGE}/comments", "POST").status_code == 422
        assert cached.count == number


def test_words_of_a_campaign_make_no_page_of_their_own(cached: Cached) -> None:
    first = cached.get(PAGE)
    for number in range(200):
        assert cached.get(f"{PAGE}?utm_source=a{number}&fbclid={number}&treatment=x").data == first.data
    assert cached.count == 1


def test_a_page_differs_by_the_slugs_the_site_knows_only(cached: Cached) -> None:
    plain = cached.get("/consultation").data
    with_treatment = cached.get("/consultation?utm_source=a&treatment=chronic-migraine&treatment=other").data
    assert b'value="chronic-migraine" checked' in with_treatment
    assert b'value="chronic-migraine" checked' not in plain
    for number in range(50):
        assert cached.get(f"/consultation?treatment=x{number}&from=y{number}").data == plain
    assert cached.get("/consultation?from=&treatment=chronic-migraine").data == with_treatment
    assert cached.count == 2


def test_a_page_made_for_one_visitor_holds_nothing_of_them(cached: Cached) -> None:
    told = {
        "Cookie": f"staff={MARK}; other={MARK}",
        "User_Agent": MARK,
        "Referer": f"https://{MARK}.example/",
        "Accept_Language": MARK,
        "Authorization": f"Bearer {MARK}",
        "X_Forwarded_For": "203.0.113.77",
        "X_Request_ID": MARK,
        "Host": f"{MARK}.example",
        "If_None_Match": f'"{MARK}"',
        "Range": "bytes=0-10",
        "X_Forwarded_Host": f"{MARK}.example",
    }
    for url in ("/", PAGE, "/consultation"):
        theirs = cached.get(f"{url}?utm_source={MARK}", **told)
        assert theirs.status_code == 200
        assert MARK not in theirs.text
        assert MARK not in str(theirs.headers)
        assert MARK not in repr({name: value for name, value in cached.asked[-1].items() if name != "wsgi.errors"})
        assert "203.0.113" not in repr(cached.asked[-1])
        assert cached.get(url).data == theirs.data
    assert cached.count == 3


@pytest.mark.parametrize(
    ("accepted", "encoding"),
    [
        ("gzip, deflate, br, zstd", "br"),
        ("gzip, deflate", "gzip"),
        ("br;q=0.1, gzip", "gzip"),
        ("br;q=0, *", "gzip"),
        ("*", "br"),
        ("x-gzip", "gzip"),
        ("GZIP;q=1.0", "gzip"),
        ("identity", None),
        ("identity;q=1, br;q=0.2", None),
        ("deflate", None),
        ("", None),
        (None, None),
        ("br;q=0, gzip;q=0, identity;q=0", None),
        ("*;q=0", None),
        ("br;q=high, gzip;q=nan;, ;;,,=", None),
        ("br;q=2", None),
        ("q=1", None),
        (", " * 5000 + "br", None),
    ],
)
def test_the_encoding_is_one_the_browser_takes(cached: Cached, accepted: str | None, encoding: str | None) -> None:
    answer = cached.get(PAGE, **({} if accepted is None else {"Accept_Encoding": accepted}))
    assert answer.headers.get("Content-Encoding") == encoding
    unpack = {"br": brotli.decompress, "gzip": gzip.decompress, None: bytes}[encoding]
    assert unpack(answer.data) == cached.get(PAGE).data
    assert answer.headers["ETag"].endswith(f'-{encoding or "identity"}"')


@pytest.mark.parametrize(
    ("said", "status"),
    [
        ("{tag}", 304),
        ("W/{tag}", 304),
        ('"other", {tag}', 304),
        ('"a,b" , W/{tag},', 304),
        ("*", 304),
        ('"other"', 200),
        ("nonsense", 200),
        ("", 200),
        ('{tag}x, "y', 200),
    ],
)
def test_who_has_the_page_is_told_so(cached: Cached, said: str, status: int) -> None:
    tag = cached.get(PAGE, Accept_Encoding="br").headers["ETag"]
    for method in ("GET", "HEAD"):
        answer = cached.get(PAGE, method, Accept_Encoding="br", If_None_Match=said.format(tag=tag))
        assert answer.status_code == status
        if status == 304:
            assert not answer.data
            assert answer.headers["ETag"] == tag
            assert answer.headers["Vary"] == "Accept-Encoding"
            assert "Content-Encoding" not in answer.headers
            assert "max-age" in answer.headers["Cache-Control"]
    assert cached.get(PAGE, Accept_Encoding="gzip", If_None_Match=tag).status_code == 200, "another representation"


def test_head_has_the_headers_of_get_and_no_body(cached: Cached) -> None:
    for first in ("HEAD", "GET"):
        head, get = cached.get(PAGE, "HEAD"), cached.get(PAGE)
        assert not head.data, first
        assert dict(head.headers) == dict(get.headers)
    assert cached.count == 1


def test_a_page_is_made_anew_after_a_change_by_anybody(cached: Cached, store: Store) -> None:
    before = cached.get(PAGE).text
    with store() as session:
        approved_comment(session, NOON, text="A new word: hyacinth.")
    assert "hyacinth" not in before
    assert "hyacinth" in cached.get(PAGE).text
    assert cached.count == 2


def test_what_nobody_can_see_makes_no_page_anew(cached: Cached, store: Store) -> None:
    cached.get(PAGE)
    with store() as session:
        submit_comment(session, NOON, comment_draft(text="Held for a person."))
    cached.get(PAGE)
    assert cached.count == 1


def test_who_changed_something_sees_it_at_once(cached: Cached, store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Freshness, "LOOK_SECONDS", 60.0)
    with store() as session:
        owner, row = make_staff(session, NOON).id, submit_comment(session, NOON, comment_draft(text="A tulip.")).id
    assert "tulip" not in cached.get(PAGE).text

    def approve() -> None:
        if cached.asked[-1]["REQUEST_METHOD"] == "POST":
            with store() as session:
                comments.set_status(session, row, Status.APPROVED, by=owner, how=How.WEB, now=NOON)

    cached.before = approve
    assert "tulip" not in cached.get(PAGE).text, "nobody has looked yet"
    cached.get("/staff/login", "POST")
    assert "tulip" in cached.get(PAGE).text


def test_a_page_is_made_anew_when_its_time_is_over(cached: Cached, app: Flask, clock: Clock) -> None:
    cached.get("/blog/")
    with app.app_context():
        until = next_change()
    clock.now = until - timedelta(seconds=1)
    cached.get("/blog/")
    assert cached.count == 1
    clock.now = until
    cached.get("/blog/")
    assert cached.count == 2


def test_texts_that_changed_on_the_disk_are_seen(cached: Cached) -> None:
    cached.get(PAGE)
    cached.disk_is_new = True
    cached.get(PAGE)
    assert cached.count == 2


def test_files_with_their_hash_outlast_every_change(cached: Cached, store: Store) -> None:
    url = cached.get("/").text.partition('stylesheet" href="')[2].partition('"')[0]
    first = cached.get(url, Accept_Encoding="br")
    assert "immutable" in first.headers["Cache-Control"]
    assert first.headers["Content-Encoding"] == "br"
    with store() as session:
        approved_comment(session, NOON)
    asked = cached.count
    assert cached.get(f"{url}?v=1", Accept_Encoding="br").data == first.data
    assert cached.count == asked
    old = url.replace(url.rsplit(".", 2)[1], "0" * 12)
    assert cached.get(old).headers["Cache-Control"] == "public, max-age=300", "the file as it is now, for a page of long ago"


def test_kept_pages_are_served_while_the_database_is_gone(cached: Cached, monkeypatch: pytest.MonkeyPatch) -> None:
    page = cached.get(PAGE).data

    def fail() -> bool:
        raise OperationalError("", {}, Exception())

    monkeypatch.setattr(cached.freshness._commits, "any", fail)
    assert cached.get(PAGE).data == page
    assert cached.count == 1


def test_an_error_is_never_kept(cached: Cached, monkeypatch: pytest.MonkeyPatch) -> None:
    broken = True

    def fail() -> None:
        if broken:
            raise OperationalError("", {}, Exception())

    monkeypatch.setattr("clinic.next_change", fail)
    cached.app.config["LIBRARY"], library = None, cached.app.config["LIBRARY"]
    assert cached.get("/blog/").status_code == 500
    cached.app.config["LIBRARY"] = library
    assert cached.get("/blog/").status_code == 200
    assert cached.count == 2


def together(cached: Cached, count: int) -> list[TestResponse]:
    with ThreadPoolExecutor(count) as threads:
        return list(threads.map(lambda _: cached.get(PAGE), range(count)))


def test_a_crowd_has_each_page_made_once(cached: Cached) -> None:
    cached.freshness.look()
    cached.before = lambda: time.sleep(0.1)
    answers = together(cached, 20)
    assert cached.count == 1
    assert {answer.status_code for answer in answers} == {200}
    assert len({answer.data for answer in answers}) == 1


def test_the_page_before_is_served_while_the_new_one_is_made_but_not_for_long(
    cached: Cached, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    old = cached.get(PAGE).data
    making, may_go_on = threading.Event(), threading.Event()

    def wait() -> None:
        making.set()
        assert may_go_on.wait(10)

    cached.before = wait
    with store() as session:
        approved_comment(session, NOON, text="Another word: crocus.")
    with ThreadPoolExecutor(3) as threads:
        first = threads.submit(cached.get, PAGE)
        assert making.wait(10)
        assert cached.get(PAGE).data == old
        monkeypatch.setattr(pagecache, "OLD_SECONDS", 0.0)
        late = threads.submit(cached.get, PAGE)
        time.sleep(0.05)
        assert not late.done(), "it waits for the new one"
        may_go_on.set()
        assert "crocus" in first.result(10).text
        assert "crocus" in late.result(10).text
    assert cached.count == 2
    assert NOT_REFUSED in cached.asked[-1], "of a page that many ask for"
    assert NOT_REFUSED not in cached.asked[0]


def test_memory_is_bounded_and_what_was_not_asked_for_longest_goes(cached: Cached, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pagecache, "MAX_BYTES", 150_000)
    for url in ("/", "/about", "/contact", "/privacy", "/consultation", "/", "/self-check", "/treatments/", "/blog/"):
        cached.get(url)
    count = cached.count
    assert sum(entry.size for entry in cached.cache._entries.values()) == cached.cache._bytes <= 150_000
    cached.get("/")
    assert cached.count == count, "asked for in between"
    cached.get("/about")
    assert cached.count == count + 1
    cached.get(PAGE)
    assert PAGE not in cached.cache._entries, "larger than a quarter of all"


def test_pages_are_kept_until_comments_close(app: Flask, clock: Clock) -> None:
    article = app.config["LIBRARY"].by_id(ARTICLE)
    closes = article.published + timedelta(days=30)
    clock.now = closes - timedelta(minutes=1)
    with app.app_context():
        assert next_change() > closes
    app.config["SITE"] = replace(app.config["SITE"], comments_close_after_days=30)
    with app.app_context():
        assert next_change() == closes
