"""What search engines and feed readers get."""

import json
import re
import xml.etree.ElementTree as ET
from dataclasses import replace
from datetime import datetime
from typing import Any

import pytest
from flask import Flask

from app import _is_live
from domain import settings
from domain.documents import Library
from tests.factories import ARTICLE, SLUG
from tests.pages import Browser, Page

ATOM = "{http://www.w3.org/2005/Atom}"
SITEMAP = "{http://www.sitemaps.org/schemas/sitemap/0.9}"


def graph(page: Page) -> dict[str, dict[str, Any]]:
    """The nodes of the page's only JSON-LD block, by type."""
    block = page.one('script[type="application/ld+json"]')
    return {node["@type"]: node for node in json.loads(str(block.string))["@graph"]}


def test_the_article_says_what_the_owner_is_searched_for_once_in_title_and_description(browser: Browser) -> None:
    page = browser.get(f"/blog/{SLUG}")
    assert page.title == "Botox for Chronic Migraine in Islamabad: Evidence and Safety"
    assert str(page.one('meta[name="description"]')["content"]).count("Islamabad") == 1
    assert page.one('link[rel="canonical"]')["href"] == f"http://localhost/blog/{SLUG}"
    assert page.one('meta[property="og:type"]')["content"] == "article"
    assert page.one('meta[name="robots"]')["content"] == "index,follow,max-image-preview:large,max-snippet:-1"


def test_a_link_that_is_shared_has_a_picture(browser: Browser) -> None:
    page = browser.get(f"/blog/{SLUG}")
    said = {str(tag["property"]): str(tag["content"]) for tag in page.all('meta[property^="og:image"]')}
    assert said["og:image"] == "http://localhost/static/img/share.png"
    assert said["og:image:alt"]
    assert page.one('meta[name="twitter:card"]')["content"] == "summary_large_image"
    answer = browser.client.get("/static/img/share.png")
    assert answer.content_type == said["og:image:type"] == "image/png"
    size = [int.from_bytes(answer.data[at : at + 4]) for at in (16, 20)]  # of the IHDR chunk
    assert size == [int(said["og:image:width"]), int(said["og:image:height"])]
    assert len(answer.data) < 60_000


def test_the_canonical_url_follows_the_setting_and_not_the_host_header(browser: Browser) -> None:
    page = browser.get(f"/blog/{SLUG}?utm_source=x", headers={"Host": "evil.example", "X-Forwarded-Host": "evil.example"})
    assert "evil.example" not in page.html


def test_the_article_is_described_with_its_citations_and_no_reviewer(browser: Browser) -> None:
    nodes = graph(browser.get(f"/blog/{SLUG}"))
    assert set(nodes) == {"WebSite", "MedicalOrganization", "MedicalWebPage", "BlogPosting", "BreadcrumbList"}
    assert nodes["MedicalWebPage"]["mainEntity"]["@id"] == nodes["BlogPosting"]["@id"]
    assert nodes["MedicalWebPage"]["breadcrumb"]["@id"] == nodes["BreadcrumbList"]["@id"]
    assert "reviewedBy" not in nodes["MedicalWebPage"]
    assert len(nodes["BlogPosting"]["citation"]) >= 20
    assert nodes["BlogPosting"]["datePublished"].endswith("+05:00")
    assert [item["position"] for item in nodes["BreadcrumbList"]["itemListElement"]] == [1, 2, 3]


@pytest.mark.parametrize(
    ("url", "kind"),
    [
        ("/", "WebPage"),
        ("/blog/", "CollectionPage"),
        ("/about", "AboutPage"),
        ("/contact", "ContactPage"),
        ("/privacy", "WebPage"),
        ("/consultation", "WebPage"),
    ],
)
def test_every_page_says_what_it_is_and_where_it_stands(browser: Browser, url: str, kind: str) -> None:
    page = browser.get(url)
    nodes = graph(page)
    assert nodes[kind]["@id"] == page.one('link[rel="canonical"]')["href"]
    if url == "/":
        assert "BreadcrumbList" not in nodes, "one step is no way"
    else:
        assert [item["position"] for item in nodes["BreadcrumbList"]["itemListElement"]] == [1, 2]
        assert nodes[kind]["breadcrumb"]["@id"] == nodes["BreadcrumbList"]["@id"]


def test_a_clinic_with_an_address_is_a_medical_clinic(app: Flask, browser: Browser) -> None:
    app.config["SITE"] = replace(app.config["SITE"], address=settings.Address("1 Example Road", "Islamabad"))
    node = graph(browser.get("/"))["MedicalClinic"]
    assert node["address"]["streetAddress"] == "1 Example Road"


def test_the_sitemap_lists_the_indexed_pages_with_true_dates_only(app: Flask, browser: Browser) -> None:
    page = browser.get("/sitemap.xml")
    assert page.headers["Content-Type"].startswith("application/xml")
    rows = {str(url.findtext(f"{SITEMAP}loc")): url.findtext(f"{SITEMAP}lastmod") for url in ET.fromstring(page.html)}
    article = app.config["LIBRARY"].by_id(ARTICLE)
    assert datetime.fromisoformat(str(rows[f"http://localhost/blog/{SLUG}"])) == article.updated
    assert rows["http://localhost/about"] is None
    for url in rows:
        shown = browser.get(url.removeprefix("http://localhost") or "/")
        assert shown.status == 200
        assert shown.one('link[rel="canonical"]')["href"] == url


def test_the_feed_has_all_that_atom_requires_and_the_full_text(app: Flask, browser: Browser) -> None:
    page = browser.get("/feed.xml")
    assert page.headers["Content-Type"].startswith("application/atom+xml")
    feed = ET.fromstring(page.html)
    article = app.config["LIBRARY"].by_id(ARTICLE)
    assert feed.findtext(f"{ATOM}id") == "http://localhost/feed.xml"
    assert datetime.fromisoformat(str(feed.findtext(f"{ATOM}updated"))) == article.updated
    entry = feed.find(f"{ATOM}entry")
    assert entry is not None
    assert str(entry.findtext(f"{ATOM}id")).startswith("urn:uuid:")
    assert "Results and follow-up" in str(entry.findtext(f"{ATOM}content"))
    assert "<h2" in str(entry.findtext(f"{ATOM}content"))


def test_the_feed_of_a_site_without_articles_is_still_a_feed(app: Flask, browser: Browser) -> None:
    app.config["LIBRARY"] = Library([])
    assert ET.fromstring(browser.get("/feed.xml").html).findtext(f"{ATOM}updated")
    assert browser.get("/blog/").status == 200
    assert browser.get("/").status == 200


def test_robots_txt_names_the_sitemap_and_keeps_crawlers_from_the_staff_area(browser: Browser) -> None:
    text = browser.get("/robots.txt").html
    assert "Disallow: /staff" in text
    assert "Sitemap: http://localhost/sitemap.xml" in text


@pytest.mark.parametrize("url", ["/comments/x", "/consultation/received/x", "/nowhere", "/staff/login"])
def test_private_pages_and_errors_are_not_indexed(browser: Browser, url: str) -> None:
    assert "noindex" in str(browser.get(url).one('meta[name="robots"]')["content"])


def test_a_form_that_came_back_is_not_indexed(browser: Browser) -> None:
    assert "noindex" in str(browser.post("/consultation", {}).one('meta[name="robots"]')["content"])


@pytest.mark.parametrize("url", ["/", f"/blog/{SLUG}", "/consultation", "/sitemap.xml", "/static/img/share.png"])
def test_a_copy_of_the_site_is_not_indexed_anywhere(app: Flask, browser: Browser, url: str) -> None:
    assert "X-Robots-Tag" not in browser.client.get(url).headers
    app.config["INDEXED"] = False
    answer = browser.client.get(url)
    assert answer.headers["X-Robots-Tag"] == "noindex"
    if answer.mimetype == "text/html":
        assert browser.get(url).one('meta[name="robots"]')["content"] == "noindex"
    assert "Allow: /\n" in browser.get("/robots.txt").html, "crawlers must read a page to see that it says noindex"


@pytest.mark.parametrize(
    ("site_url", "live_host", "is_live"),
    [
        ("http://localhost:8000", None, False),
        ("http://localhost:8000", "localhost", False),
        ("https://clinic.example", None, True),
        ("https://clinic.example", "clinic.example", True),
        ("https://try.clinic.example", "clinic.example", False),
    ],
)
def test_only_the_live_host_is_for_search_engines(app: Flask, site_url: str, live_host: str | None, is_live: bool) -> None:
    assert _is_live(site_url, replace(app.config["SITE"], live_host=live_host)) is is_live


def test_the_owner_sets_the_words_by_which_search_engines_know_the_site(owner: Browser) -> None:
    word, element = "w" * 43, '<meta name="msvalidate.01" content="0123456789ABCDEF0123456789ABCDEF" />'
    page = owner.get("/staff/settings")
    wrong = owner.submit(page, "/staff/settings", google_verification="no word")
    assert wrong.status == 422
    assert wrong.one("#google_verification")["value"] == "no word"
    assert "Paste what Google gives you" in wrong.text
    owner.submit(page, "/staff/settings", google_verification=word, bing_verification=element)
    home = owner.get("/")
    assert home.one('meta[name="google-site-verification"]')["content"] == word
    assert home.one('meta[name="msvalidate.01"]')["content"] == "0123456789ABCDEF0123456789ABCDEF"
    assert "verification" not in owner.get("/about").html


def test_the_site_has_icons_for_every_place_that_shows_one(browser: Browser) -> None:
    page = browser.get("/")
    icons = [str(tag["href"]) for tag in page.all('link[rel="icon"], link[rel="apple-touch-icon"]')]
    manifest = json.loads(browser.client.get(str(page.one('link[rel="manifest"]')["href"])).data)
    assert (manifest["name"], manifest["start_url"]) == ("Dynamic Clinic, Islamabad", "/")
    assert manifest["theme_color"] in [str(tag["content"]) for tag in page.all('meta[name="theme-color"]')]
    assert [str(tag["media"]) for tag in page.all('meta[name="theme-color"]')] == [
        "(prefers-color-scheme: light)",
        "(prefers-color-scheme: dark)",
    ]
    sizes = {}
    for url in [*icons, *(icon["src"] for icon in manifest["icons"]), "/favicon.ico", "/apple-touch-icon.png"]:
        answer = browser.client.get(url)
        assert answer.status_code == 200
        assert answer.headers["Cache-Control"].startswith("public, max-age=")
        if answer.content_type == "image/png":
            sizes[re.sub(r"\.[0-9a-f]{12}\.", ".", url)] = int.from_bytes(answer.data[16:20])
    assert sizes == {
        "/static/img/apple-touch-icon.png": 180,
        "/apple-touch-icon.png": 180,
        "/static/img/icon-192.png": 192,
        "/static/img/icon-512.png": 512,
    }
