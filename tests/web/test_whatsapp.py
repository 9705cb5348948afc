"""WhatsApp for visitors: a chat begins with a sentence that says what is wanted, and nothing about health."""

from dataclasses import replace
from urllib.parse import parse_qs, urlsplit

import pytest
from flask import Flask

from domain import phones
from tests.conftest import ALL_PUBLIC, Clock
from tests.factories import SLUG
from tests.pages import Browser, Page
from tests.web.test_consultations import send

ASKING = "Hello, I would like to ask for a consultation."


@pytest.fixture(autouse=True)
def number_of_the_clinic(app: Flask, clock: Clock) -> None:
    clock.now = ALL_PUBLIC
    app.config["SITE"] = replace(app.config["SITE"], whatsapp=phones.parse("0300-7654321"))


def texts(page: Page, within: str) -> list[str]:
    """What the chats with the clinic begin with."""
    links = [urlsplit(str(tag["href"])) for tag in page.all(f'{within} a[href^="https://wa.me/923007654321"]')]
    return [text for link in links for text in parse_qs(link.query, strict_parsing=True)["text"]]


@pytest.mark.parametrize(
    ("url", "chats"),
    [
        ("/", 1),
        ("/contact", 2),
        ("/consultation", 2),
        (f"/blog/{SLUG}", 3),
        ("/treatments/botulinum-toxin-for-chronic-migraine", 3),
    ],
)
def test_a_chat_begins_by_asking_for_a_consultation(browser: Browser, url: str, chats: int) -> None:
    assert texts(browser.get(url), "body") == [ASKING] * chats


def test_from_the_receipt_a_chat_names_the_request(browser: Browser) -> None:
    page = send(browser)
    reference = page.one(".receipt-number").get_text()
    assert texts(page, "main") == [f"Hello, I am writing about my request {reference}."]


def test_structured_data_has_no_chat(browser: Browser) -> None:
    assert "wa.me" not in browser.get("/contact").one('script[type="application/ld+json"]').get_text()
