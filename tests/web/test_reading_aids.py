"""What the page of an article has for its readers around the text."""

from dataclasses import replace
from datetime import date, timedelta
from urllib.parse import parse_qs, urlsplit

from flask import Flask

from domain.documents import Library
from tests.factories import ARTICLE, SLUG
from tests.pages import Browser


def test_the_way_to_an_article_is_shown_as_it_is_told_to_search_engines(browser: Browser) -> None:
    page = browser.get(f"/blog/{SLUG}")
    way = [(tag.get_text(), str(tag["href"])) for tag in page.all("nav[aria-label=Breadcrumb] a")]
    assert way == [("Home", "/"), ("Articles", "/blog/")]


def test_an_article_can_be_shared_without_anybody_watching(browser: Browser) -> None:
    page = browser.get(f"/blog/{SLUG}")
    url = page.one('link[rel="canonical"]')["href"]
    whatsapp, email = (urlsplit(str(tag["href"])) for tag in page.all(".share-links a"))
    assert (whatsapp.netloc, parse_qs(whatsapp.query)) == ("wa.me", {"text": [f"{page.one('h1').get_text()} {url}"]})
    assert (email.scheme, parse_qs(email.query)) == ("mailto", {"subject": [page.one("h1").get_text()], "body": [url]})
    assert page.one(".share-links button").has_attr("hidden"), "copying needs a script, which shows the button"
    assert page.one(".share-links button")["value"] == url


def test_an_article_leads_to_those_around_it_and_says_what_changed(app: Flask, browser: Browser) -> None:
    article = app.config["LIBRARY"].by_id(ARTICLE)
    changes = ((date(2026, 11, 28), "The summary gives its sources."),)
    others = [
        replace(article, id=f"a{n}", slug=f"a-{n}", title=f"Title {n}", published=article.published - timedelta(days=n))
        for n in (1, 2)
    ]
    app.config["LIBRARY"] = Library([replace(article, changes=changes), *others])
    page = browser.get(f"/blog/{SLUG}")
    links = [(str(tag["href"]), tag.get("rel")) for tag in page.all("nav[aria-label='More articles'] a")]
    assert links == [("/blog/a-2", None), ("/blog/a-1", ["prev"])]
    assert "28 November 2026 : The summary gives its sources." in page.text
    assert [tag.get("rel") for tag in browser.get("/blog/a-1").all("nav[aria-label='More articles'] a")] == [["prev"], ["next"]]


def test_an_only_article_has_no_empty_list(app: Flask, browser: Browser) -> None:
    app.config["LIBRARY"] = Library([app.config["LIBRARY"].by_id(ARTICLE)])
    page = browser.get(f"/blog/{SLUG}")
    assert not page.all("nav[aria-label='More articles']")
    assert "What changed" not in page.text or app.config["LIBRARY"].by_id(ARTICLE).changes
