"""The sitemap and both feeds keep the rules of their formats, and their addresses hold outside the site."""

import json
import re
import xml.etree.ElementTree as ET
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

import pytest
from bs4 import BeautifulSoup
from flask import Flask

from blueprints.seo.feeds import absolute
from domain.comments import Comment, How, Status, set_status
from domain.documents import Library
from tests.conftest import NOON, Store
from tests.factories import ARTICLE, SLUG, approved_comment, make_staff
from tests.pages import Browser

ATOM = "{http://www.w3.org/2005/Atom}"
SITEMAP = "{http://www.sitemaps.org/schemas/sitemap/0.9}"
W3C_DATE = re.compile(r"\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:\d{2}))?")
"""What xsd:date and xsd:dateTime of the sitemap's schema take in common with RFC 3339."""


def fill(app: Flask, number: int) -> None:
    """So many articles, the shipped one and copies of it."""
    shipped = app.config["LIBRARY"].by_id(ARTICLE)
    copies = [
        replace(shipped, id=f"a{i}", slug=f"a-{i}", title=f'"A" & <b> {i}', published=NOON - timedelta(days=i + 20))
        for i in range(number - 1)
    ]
    app.config["LIBRARY"] = Library([shipped, *copies])


def test_the_sitemap_is_one_of_the_protocol(app: Flask, browser: Browser) -> None:
    fill(app, 3)
    answer = browser.client.get("/sitemap.xml")
    assert answer.data.startswith(b'<?xml version="1.0" encoding="UTF-8"?>')
    root = ET.fromstring(answer.data)
    assert root.tag == f"{SITEMAP}urlset"
    assert 1 <= len(root) <= 50_000
    assert len(answer.data) <= 52_428_800
    places = []
    for url in root:
        assert url.tag == f"{SITEMAP}url"
        names = [child.tag.removeprefix(SITEMAP) for child in url]
        assert names in (["loc"], ["loc", "lastmod"]), "in the schema's order, each at most once"
        place = str(url.findtext(f"{SITEMAP}loc"))
        assert 12 <= len(place) <= 2048
        parts = urlsplit(place)
        assert (parts.scheme, parts.netloc) == ("http", "localhost"), "one host, that of the sitemap"
        assert not parts.query
        assert not parts.fragment
        assert place.isascii()
        if len(names) == 2:
            assert W3C_DATE.fullmatch(str(url.findtext(f"{SITEMAP}lastmod")))
        places.append(place)
    assert len(places) == len(set(places))


def test_the_atom_feed_has_what_rfc_4287_requires(app: Flask, browser: Browser) -> None:
    fill(app, 3)
    root = ET.fromstring(browser.client.get("/feed.xml").data)

    def one(node: ET.Element, name: str) -> ET.Element:
        [found] = node.findall(f"{ATOM}{name}")
        return found

    assert root.tag == f"{ATOM}feed"
    for node in (root, *root.iter(f"{ATOM}entry")):
        for name in ("id", "title", "updated"):
            assert one(node, name).text
        assert datetime.fromisoformat(str(one(node, "updated").text)).tzinfo
        assert urlsplit(str(one(node, "id").text)).scheme in {"http", "urn"}
        assert one(one(node, "author"), "name").text
        kinds = [(link.get("rel"), link.get("type")) for link in node.findall(f"{ATOM}link")]
        assert len(kinds) == len(set(kinds)), "no two alternates of one kind (4.1.1)"
        assert all(urlsplit(str(link.get("href"))).netloc == "localhost" for link in node.findall(f"{ATOM}link"))
    assert ("self", "application/atom+xml") in [(link.get("rel"), link.get("type")) for link in root.findall(f"{ATOM}link")]
    ids = [entry.findtext(f"{ATOM}id") for entry in root.iter(f"{ATOM}entry")]
    assert len(ids) == len(set(ids)) == 3
    assert '"A" & <b> 0' in [entry.findtext(f"{ATOM}title") for entry in root.iter(f"{ATOM}entry")]


def test_the_json_feed_has_what_version_1_1_requires(app: Flask, browser: Browser) -> None:
    fill(app, 2)
    answer = browser.client.get("/feed.json")
    assert answer.content_type == "application/feed+json; charset=utf-8"
    feed: dict[str, Any] = json.loads(answer.data)
    assert feed["version"] == "https://jsonfeed.org/version/1.1"
    assert feed["title"]
    assert (feed["home_page_url"], feed["feed_url"]) == ("http://localhost/", "http://localhost/feed.json")
    for item in feed["items"]:
        assert item["id"].startswith("urn:uuid:")
        assert item["url"].startswith("http://localhost/blog/")
        assert datetime.fromisoformat(item["date_published"]).tzinfo
        assert datetime.fromisoformat(item["date_modified"]).tzinfo
        assert "Results and follow-up" in item["content_html"]
        assert item["authors"][0]["name"]


def test_feeds_carry_the_whole_text_with_addresses_that_hold_elsewhere(browser: Browser) -> None:
    text = json.loads(browser.client.get("/feed.json").data)["items"][0]["content_html"]
    assert text == ET.fromstring(browser.client.get("/feed.xml").data).findtext(f"{ATOM}entry/{ATOM}content")
    tree = BeautifulSoup(text, "html.parser")
    links = [str(tag["href"]) for tag in tree.select("a[href]")]
    assert f"http://localhost/blog/{SLUG}#ref-1" in links
    assert [link for link in links if not re.match(r"https?://|mailto:|tel:", link)] == []
    assert "What it is." in text, "the summary"
    assert "Cephalalgia" in text, "the references"


def test_addresses_in_a_text_name_the_site(app: Flask) -> None:
    with app.app_context():
        made = absolute(
            '<a href="/x">a</a> <a id="b" href="#c">="/y" href="/z"</a> <img src="/i"> <a href="//e.example">', "http://p/q"
        )
    assert made.startswith('<a href="http://localhost/x">a</a> <a id="b" href="http://p/q#c">')
    assert '<img src="http://localhost/i"> <a href="//e.example">' in made


def test_every_page_leads_to_both_feeds_which_are_not_indexed(browser: Browser) -> None:
    found = {str(tag["type"]): str(tag["href"]) for tag in browser.get("/about").all("link[rel=alternate]")}
    assert found == {"application/atom+xml": "/feed.xml", "application/feed+json": "/feed.json"}
    for url in found.values():
        assert browser.client.get(url).headers["X-Robots-Tag"] == "noindex"


@pytest.mark.parametrize("broken", ["\uffff", "\ufffe"])
def test_a_comment_that_xml_cannot_hold_leaves_the_feed_of_its_article_readable(
    store: Store, browser: Browser, broken: str
) -> None:
    browser.client.post(f"/blog/{SLUG}/comments", data={"name": "Sana", "email": "s@example.com", "body": f"Quite{broken} normal."})
    with store() as session:
        comment = session.get_one(Comment, 1)
        assert comment.text == "Quite normal."
        set_status(session, 1, Status.APPROVED, by=make_staff(session, NOON).id, how=How.WEB, now=NOON)
        older = approved_comment(session, NOON)
        older.text, older.name = f"Older{broken} text", f"Hu{broken}ma"
    entries = ET.fromstring(browser.client.get(f"/blog/{SLUG}/comments/feed.xml").data).findall(f"{ATOM}entry")
    assert [entry.findtext(f"{ATOM}title") for entry in entries] == ["Reply by Huma", "Reply by Sana"]
