"""Public pages: the same for everyone, cacheable, one URL each, and an error page for every error."""

from dataclasses import replace

import pytest
import sqlalchemy as sa
from flask import Flask

from domain.documents import Library, Status
from extensions import db
from tests.conftest import ALL_PUBLIC, Clock, Store
from tests.factories import ARTICLE, SLUG, approved_comment
from tests.pages import Browser

TREATMENT = "/treatments/botulinum-toxin-for-chronic-migraine"
PAGES = [
    "/",
    "/blog/",
    f"/blog/{SLUG}",
    "/treatments/",
    TREATMENT,
    "/consultation",
    "/self-check",
    "/headache-diary",
    "/about",
    "/contact",
    "/privacy",
]


@pytest.fixture(autouse=True)
def everything_published(clock: Clock) -> None:
    """The time at which all shipped documents are public."""
    clock.now = max(clock.now, ALL_PUBLIC)


@pytest.mark.parametrize("url", PAGES)
def test_a_public_page_is_there_and_may_be_cached(browser: Browser, url: str) -> None:
    page = browser.get(url)
    assert page.status == 200
    assert page.headers["Cache-Control"] == "public, max-age=1, stale-while-revalidate=5"


@pytest.mark.parametrize("url", PAGES)
def test_a_public_page_is_the_same_for_everybody(app: Flask, url: str) -> None:
    one = Browser(app, {"User-Agent": "One", "Accept-Language": "ur", "Cookie": "staff=x; theme=dark"})
    other = Browser(app, {"User-Agent": "Other", "Referer": "https://search.example/"})
    assert one.get(url).html == other.get(url).html


def test_every_public_page_has_a_title_and_a_description_of_its_own(browser: Browser) -> None:
    pages = [browser.get(url) for url in PAGES]
    assert len({page.title for page in pages}) == len(PAGES)
    assert len({str(page.one('meta[name="description"]')["content"]) for page in pages}) == len(PAGES)


@pytest.mark.parametrize("url", PAGES)
def test_no_page_leads_to_a_page_that_is_not_there(browser: Browser, url: str) -> None:
    for link in browser.get(url).all("a[href^='/']"):
        assert browser.get(str(link["href"])).status == 200, link["href"]


@pytest.mark.parametrize("url", PAGES)
def test_a_page_loads_nothing_from_elsewhere(browser: Browser, url: str) -> None:
    page = browser.get(url)
    loaded = [
        str(tag.get("src") or tag.get("href")) for tag in page.all("script[src], img[src], link[rel=stylesheet], link[rel=icon]")
    ]
    assert loaded
    for address in loaded:
        assert address.startswith("/static/")
        assert browser.client.get(address).status_code == 200


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("/blog", "/blog/"),
        ("/About", "/about"),
        ("/about/", "/about"),
        ("/CONSULTATION/", "/consultation"),
        (f"/blog/{SLUG}/", f"/blog/{SLUG}"),
        ("/treatments", "/treatments/"),
        ("/Treatments", "/treatments/"),
        (f"{TREATMENT}/", TREATMENT),
        (TREATMENT.upper(), TREATMENT),
        (f"/blog/{SLUG.upper()}", f"/blog/{SLUG}"),
        ("/consultation/?from=x&b=%20", "/consultation?from=x&b=%20"),
    ],
)
def test_another_writing_of_a_url_moves_for_good_to_the_one(browser: Browser, typed: str, meant: str) -> None:
    page = browser.get(typed, follow=False)
    assert (page.status, page.headers["Location"]) == (301, meant)


@pytest.mark.parametrize(
    ("sent", "meant"),
    [
        ("//about", "/about"),
        ("/blog//botox-for-chronic-migraine", "/blog/botox-for-chronic-migraine"),
        ("///blog///", "/blog/"),
        ("//", "/"),
        ("//evil.example/", "/evil.example/"),
        ("//\\evil.example/", "/%5Cevil.example/"),
        ("/blog//a?b\r\nc", "/blog/a%3Fb%0D%0Ac"),
        ("/blog//\xd8\xa7", "/blog/%D8%A7"),
    ],
    ids=repr,
)
@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_slashes_in_a_row_move_for_good_to_one_and_stay_on_the_site(browser: Browser, method: str, sent: str, meant: str) -> None:
    # As a server hands it over; the test client would take what stands behind "//" for a host.
    page = browser._load(method, "/?q=a%20b", follow=False, environ_overrides={"PATH_INFO": sent})
    assert (page.status, page.headers["Location"]) == (301, f"{meant}?q=a%20b")


def test_an_old_slug_moves_to_the_article_and_a_comment_sent_there_is_kept(app: Flask, browser: Browser) -> None:
    article = app.config["LIBRARY"].by_id(ARTICLE)
    app.config["LIBRARY"] = Library([replace(article, old_slugs=("old-name",))])
    assert browser.get("/blog/old-name", follow=False).headers["Location"] == f"/blog/{SLUG}"
    sent = {"name": "Sana", "email": "sana@example.com", "body": "Sent to the old address"}
    assert "Sent to the old address" in browser.post("/blog/old-name/comments", sent).text


@pytest.mark.parametrize(("status", "code"), [(Status.REMOVED, 410), (Status.DRAFT, 404)])
def test_a_removed_article_is_gone_and_a_draft_is_unknown(app: Flask, browser: Browser, status: Status, code: int) -> None:
    article = app.config["LIBRARY"].by_id(ARTICLE)
    app.config["LIBRARY"] = Library([replace(article, status=status)])
    assert browser.get(f"/blog/{SLUG}").status == code
    assert browser.post(f"/blog/{SLUG}/comments", {"name": "a"}).status == code
    assert SLUG not in browser.get("/sitemap.xml").html + browser.get("/feed.xml").html + browser.get("/blog/").html


@pytest.mark.parametrize(
    ("method", "url", "code"),
    [
        ("GET", "/nothing-here", 404),
        ("GET", "/blog/unknown", 404),
        ("GET", "/comments/not-a-token", 404),
        ("GET", "/consultation/received/not-a-token", 404),
        ("GET", "/%ff%fe", 404),
        ("GET", "/static/../app.py", 404),
        ("POST", "/about", 405),
        ("DELETE", "/consultation", 405),
    ],
)
def test_an_error_has_a_page_with_one_way_on(browser: Browser, method: str, url: str, code: int) -> None:
    page = browser._load(method, url, follow=False)
    assert page.status == code
    assert page.headers["Cache-Control"] == "no-store"
    assert page.one("main h1").get_text()
    assert page.all('main a[href="/"]')


def test_a_method_that_is_not_taken_names_those_that_are(browser: Browser) -> None:
    assert "GET" in browser.post("/about").headers["Allow"]


def test_a_body_that_is_too_large_is_refused_with_a_page(browser: Browser) -> None:
    page = browser.post("/consultation", {"message": "x" * (256 * 1024 + 1)})
    assert page.status == 413
    assert "too much" in page.text
    assert "Go back" in page.text


@pytest.mark.parametrize(("path", "name"), [("/consultation", "message"), (f"/blog/{SLUG}", "body")])
@pytest.mark.parametrize("letter", ["ش", "字", "\U0001f642"], ids=["Urdu", "Chinese", "emoji"])
def test_what_a_box_takes_comes_back_when_it_is_too_long(browser: Browser, path: str, name: str, letter: str) -> None:
    page = browser.get(path)
    box = page.one(f"textarea[name={name}]")
    # Browsers count as UTF-16 does.
    typed = letter * (int(str(box["maxlength"])) // (len(letter.encode("utf-16-le")) // 2))
    action = page.one(f"form:has(textarea[name={name}])").get("action") or path
    again = browser.post(str(action).partition("#")[0], {name: typed})
    assert again.status == 422
    assert again.one(f"textarea[name={name}]").get_text().strip() == typed


def test_an_unforeseen_error_shows_a_page_and_logs_no_words(app: Flask, browser: Browser, caplog: pytest.LogCaptureFixture) -> None:
    words = "Sana Ahmed 0300-1234567"

    def broken() -> str:
        raise RuntimeError(words)

    before = app.view_functions["pages.about"]
    app.view_functions["pages.about"] = broken
    try:
        page = browser.get("/about")
    finally:
        app.view_functions["pages.about"] = before
    assert page.status == 500
    assert "RuntimeError" in caplog.text
    assert "Sana" not in caplog.text + page.html


def test_a_database_error_is_logged_with_our_lines_and_the_drivers_code(
    app: Flask, browser: Browser, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    words = "SELECT 'Sana Ahmed' FROM nowhere"

    def broken() -> str:
        return str(db.session.scalars(sa.text(words)).one())

    monkeypatch.setitem(app.view_functions, "pages.about", broken)
    assert browser.get("/about").status in {500, 503}
    assert "(SQLITE_ERROR)" in caplog.text or "(42P01)" in caplog.text
    assert "db.session.scalars" in caplog.text
    assert caplog.text.count("site-packages") == 1, "the last line alone is another's"
    assert "Sana" not in caplog.text


def test_head_answers_like_get_without_a_body(browser: Browser) -> None:
    answer = browser.client.head(f"/blog/{SLUG}")
    assert (answer.status_code, answer.data) == (200, b"")


def test_nothing_of_a_commenter_but_name_and_text_is_public(app: Flask, store: Store, browser: Browser, clock: Clock) -> None:
    with store() as session:
        approved_comment(session, clock(), name="Sana A.", email="very.private@example.org", text="The diary helped.")
    for url in (*PAGES, "/feed.xml", "/sitemap.xml"):
        html = browser.get(url).html
        assert "very.private" not in html
        assert "example.org" not in html
    assert "The diary helped." in browser.get(f"/blog/{SLUG}").text


def test_an_unset_fact_is_shown_nowhere(browser: Browser) -> None:
    for url in PAGES:
        html = browser.get(url).html
        assert "tel:" not in html
        assert "wa.me/9" not in html, "a number of the clinic; links that share name none"
        assert "Opening hours" not in html


def test_a_static_file_with_its_hash_is_kept_for_a_year_and_answers_304(browser: Browser) -> None:
    url = str(browser.get("/").one("link[rel=stylesheet]")["href"])
    first = browser.client.get(url)
    assert "immutable" in first.headers["Cache-Control"]
    again = browser.client.get(url, headers={"If-None-Match": first.headers["ETag"]})
    assert again.status_code == 304
