"""The page cache: a public page is made once, and is the same bytes for everybody; what is one's own is never kept."""

import gzip

import brotli
import pytest
from flask import Flask

import pagecache
from tests.factories import SLUG
from tests.web.caching import PAGE, Cached

MARK = "somebody-3217"


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


def test_a_question_mark_in_a_path_asks_for_no_page_with_a_query(cached: Cached) -> None:
    assert cached.get("/consultation?treatment=chronic-migraine").status_code == 200
    assert cached.get("/consultation%3Ftreatment=chronic-migraine").status_code == 404


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
