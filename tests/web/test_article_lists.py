"""Lists of articles stay short, however many there are: pages of the list, the newest on the home page and in the feeds."""

import json
from dataclasses import replace
from datetime import timedelta

import pytest
from flask import Flask
from markupsafe import Markup

from blueprints.blog.lists import PER_PAGE
from blueprints.pages.routes import NEWEST
from blueprints.seo.feeds import LARGEST, RECENT
from domain.document_text import Text
from domain.documents import Library, Status
from domain.reading import RELATED
from tests.conftest import NOON
from tests.factories import ARTICLE
from tests.pages import Browser, Page
from tests.web.caching import Cached

MANY = 1000
SHORT = Text(summary=(), html=Markup("<p>Short.</p>"), html_without_drawings=Markup("<p>Short.</p>"), toc=(), references=())


def fill(app: Flask, number: int) -> None:
    """So many public articles, the newest first a-0, and a draft."""
    shipped = app.config["LIBRARY"].by_id(ARTICLE)
    copies = [
        replace(shipped, id=f"a{i}", slug=f"a-{i}", title=f"Title {i}", old_slugs=(), published=NOON - timedelta(hours=i + 1))
        for i in range(number)
    ]
    draft = replace(shipped, id="draft", slug="draft", status=Status.DRAFT)
    app.config["LIBRARY"] = Library([*copies, draft])


def slugs(page: Page) -> list[str]:
    return [str(tag["href"]).removeprefix("/blog/") for tag in page.all(".article-card-title a")]


def links(page: Page) -> list[tuple[str, str | None]]:
    """What the way through the pages shows, in order: words and addresses."""
    tags = page.all("nav[aria-label='Pages of articles'] :is(a, li > span)")
    return [(tag.get_text(), str(tag["href"]) if tag.name == "a" else None) for tag in tags]


def test_every_article_stands_on_one_page_of_the_list_the_newest_first(app: Flask, browser: Browser) -> None:
    fill(app, 2 * PER_PAGE + 1)
    page, found, pages = browser.get("/blog/"), [], 0
    while True:
        found += slugs(page)
        pages += 1
        following = page.all('link[rel="next"]')
        if not following:
            break
        before = page.one('link[rel="canonical"]')["href"]
        page = browser.get(str(following[0]["href"]))
        assert page.one('link[rel="canonical"]')["href"] == f"http://localhost/blog/page/{pages + 1}"
        assert str(before).endswith(str(page.one('link[rel="prev"]')["href"])), "one leads back"
        assert page.one('meta[name="robots"]')["content"] != "noindex"
        assert str(pages + 1) in page.title
        assert str(pages + 1) in page.one("h1").get_text()
        assert [tag.get_text() for tag in page.all("nav[aria-label=Breadcrumb] a")] == ["Home", "Articles"]
    assert found == [f"a-{i}" for i in range(2 * PER_PAGE + 1)]
    assert pages == 3


@pytest.mark.parametrize(
    ("number", "shown"),
    [
        (1, ["1", "2", "…", "50", "Next page"]),
        (2, ["Previous page", "1", "2", "3", "…", "50", "Next page"]),
        (4, ["Previous page", "1", "2", "3", "4", "5", "…", "50", "Next page"]),
        (25, ["Previous page", "1", "…", "24", "25", "26", "…", "50", "Next page"]),
        (50, ["Previous page", "1", "…", "49", "50"]),
    ],
)
def test_the_way_through_the_pages_names_the_ends_and_what_is_near(
    app: Flask, browser: Browser, number: int, shown: list[str]
) -> None:
    fill(app, 50 * PER_PAGE)
    page = browser.get("/blog/" if number == 1 else f"/blog/page/{number}")
    assert [words.removeprefix("Page ") for words, _ in links(page)] == shown
    assert ("Page 1", "/blog/") in links(page)
    here = page.one("nav[aria-label='Pages of articles'] [aria-current=page]")
    assert here.get_text() == f"Page {number}"
    assert "/blog/page/1" not in [url for _, url in links(page)]


def test_a_short_list_has_no_way_through_pages(app: Flask, browser: Browser) -> None:
    fill(app, PER_PAGE)
    page = browser.get("/blog/")
    assert links(page) == []
    assert not page.all('link[rel="next"], link[rel="prev"]')
    assert len(slugs(page)) == PER_PAGE


@pytest.mark.parametrize(
    ("asked", "answer"),
    [
        ("/blog/page/1", "/blog/"),
        ("/blog/page/01", "/blog/"),
        ("/blog/page/002", "/blog/page/2"),
        ("/blog/page/2/", "/blog/page/2"),
        ("/Blog/Page/2", "/blog/page/2"),
        ("/blog/page/0", None),
        ("/blog/page/3", None),
        ("/blog/page/99999999999999999999", None),
        ("/blog/page/two", None),
        ("/blog/page/-1", None),
    ],
)
def test_each_page_has_one_address_and_there_is_none_beyond_the_last(
    app: Flask, browser: Browser, asked: str, answer: str | None
) -> None:
    fill(app, PER_PAGE + 1)
    told = browser.get(asked, follow=False)
    if answer is None:
        assert told.status == 404
    else:
        assert (told.status, told.headers["Location"]) == (301, answer)
        assert browser.get(answer).status == 200


def test_pages_of_comments_have_one_address_each_too(app: Flask, browser: Browser) -> None:
    slug = app.config["LIBRARY"].by_id(ARTICLE).slug
    assert browser.get(f"/blog/{slug}/comments/01", follow=False).headers["Location"] == f"/blog/{slug}"


def test_a_page_of_the_list_is_kept_ready(app: Flask, cached: Cached) -> None:
    fill(app, PER_PAGE + 1)
    first, second = cached.get("/blog/page/2"), cached.get("/blog/page/2")
    assert first.headers["Cache-Control"].startswith("public")
    assert first.data == second.data
    assert cached.count == 1


def test_lists_on_other_pages_stay_short(app: Flask, browser: Browser) -> None:
    fill(app, MANY)
    home = browser.get("/")
    assert slugs(home) == [f"a-{i}" for i in range(NEWEST)]
    assert home.all("section[aria-labelledby='latest-articles'] a[href='/blog/']")
    article = browser.get("/blog/a-500")
    assert len(article.all("nav[aria-label='More articles'] a")) == RELATED + 2


def test_feeds_are_bounded_in_articles_and_in_size(app: Flask, browser: Browser) -> None:
    fill(app, MANY)
    items = json.loads(browser.client.get("/feed.json").data)["items"]
    assert 1 < len(items) < RECENT, "long ones"
    assert sum(len(item["content_html"]) for item in items[:-1]) <= LARGEST
    assert sum(len(item["content_html"]) for item in items) > LARGEST
    assert [item["url"] for item in items] == [f"http://localhost/blog/a-{i}" for i in range(len(items))]
    assert browser.get("/feed.xml").html.count("<entry>") == len(items)
    shorter = [replace(item, text=lambda: SHORT) for item in app.config["LIBRARY"].all]
    app.config["LIBRARY"] = Library(shorter)
    assert browser.get("/feed.xml").html.count("<entry>") == RECENT
    assert len(json.loads(browser.client.get("/feed.json").data)["items"]) == RECENT


def test_a_home_page_with_all_articles_leads_to_no_others(app: Flask, browser: Browser) -> None:
    fill(app, NEWEST)
    home = browser.get("/")
    assert len(slugs(home)) == NEWEST
    assert not home.all("section[aria-labelledby='latest-articles'] a[href='/blog/']")


@pytest.mark.parametrize(
    ("url", "most"),
    [
        ("/", 40_000),
        ("/blog/", 40_000),
        ("/blog/page/25", 40_000),
        ("/blog/a-500", 150_000),
        ("/sitemap.xml", 200_000),
        ("/feed.xml", 450_000),
    ],
)
def test_pages_of_a_site_with_a_thousand_articles_stay_small(app: Flask, browser: Browser, url: str, most: int) -> None:
    fill(app, MANY)
    assert len(browser.client.get(url).data) < most


def test_the_sitemap_has_all_articles_and_no_page_of_the_list(app: Flask, browser: Browser) -> None:
    fill(app, MANY)
    sitemap = browser.get("/sitemap.xml").html
    assert sitemap.count("/blog/a-") == MANY
    assert "/blog/page/" not in sitemap
