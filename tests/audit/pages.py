"""Which pages are looked at, and the states that only somebody who sends a form gets to see."""

import xml.etree.ElementTree as ET
from collections.abc import Iterator
from urllib.parse import urlsplit

from flask import Flask

from tests.factories import SLUG
from tests.pages import Browser, Page

ARTICLE = f"/blog/{SLUG}"
RATED = ("/", "/blog/", ARTICLE, "/treatments/botulinum-toxin-for-chronic-migraine", "/consultation", "/self-check")
"""Pages of each kind that Lighthouse rates."""
NOWHERE = ("/nowhere", "/comments/no-token", "/consultation/received/no-token")
COMMENT = {
    "name": "Sana",
    "email": "sana@example.com",
    "body": "My number is 0300-1234567.\n\nThe diary helped: https://example.org",
}
REQUEST = {"name": "Sana", "phone": "0300-7654321", "contact_by": "phone", "message": "In the evening.", "consent": "y"}
CHECKED = {"age": "40", "q5": "yes", "q1": "no"}


def public(app: Flask) -> Iterator[Page]:
    """Every page of the sitemap, what is not there, and each form in each of its states. Adds a comment and a request."""
    browser = Browser(app)
    listed = [urlsplit(str(place.text)).path for place in ET.fromstring(browser.get("/sitemap.xml").html).iter() if place.text]
    for path in [path for path in listed if path.startswith("/")] + list(NOWHERE):
        yield named(browser.get(path), path)
    yield from comments(browser)
    yield from requests(browser)
    yield from self_check(browser)


def named(page: Page, name: str) -> Page:
    """The page under the name by which it is reported."""
    page.url = name
    return page


def comments(browser: Browser) -> Iterator[Page]:
    """What becomes of a comment, and a reply to one that is there."""
    page, form = browser.get(ARTICLE), f"{ARTICLE}/comments"
    reply = page.all("a[href*='reply_to=']")
    assert reply, "the seeded article has comments"
    yield named(browser.get(str(reply[0]["href"]).partition("#")[0]), "article, answering a comment")
    yield named(browser.submit(page, form, name="", email="x", body=""), "article, with errors")
    yield named(browser.submit(page, form, button=("action", "preview"), **COMMENT), "article, with a preview")
    yield named(browser.submit(page, form, **COMMENT), "the comment's own page")


def requests(browser: Browser) -> Iterator[Page]:
    """What becomes of a request."""
    page = browser.get("/consultation")
    yield named(browser.submit(page, "/consultation", phone="1"), "request, with errors")
    receipt = browser.submit(page, "/consultation", **REQUEST)
    assert receipt.status == 200, "the request was taken"
    yield named(receipt, "receipt")


def self_check(browser: Browser) -> Iterator[Page]:
    """The self-check with nothing answered, with an answer, and with a sign that cannot wait."""
    page = browser.get("/self-check")
    yield named(browser.submit(page, "/self-check"), "self-check, with errors")
    yield named(browser.submit(page, "/self-check", **CHECKED), "self-check, answered")
    yield named(browser.submit(page, "/self-check", q1="yes"), "self-check, urgent")
