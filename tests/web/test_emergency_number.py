"""The number to call in an emergency: beside every warning once the clinic has set it, and nowhere before."""

import json
from dataclasses import replace

import pytest
from bs4 import BeautifulSoup
from bs4.element import Tag
from flask import Flask

from tests.conftest import ALL_PUBLIC, Clock
from tests.pages import Browser

TEXTS = (
    "/blog/botox-for-chronic-migraine",
    "/blog/keeping-a-headache-diary",
    "/blog/preparing-for-a-chronic-migraine-consultation",
    "/treatments/botulinum-toxin-for-chronic-migraine",
    "/treatments/botulinum-toxin-for-facial-lines",
)
LINE = "Go to the nearest hospital emergency department or call 1122."


@pytest.fixture(autouse=True)
def everything_published(clock: Clock) -> None:
    clock.now = ALL_PUBLIC


def set_number(app: Flask) -> None:
    app.config["SITE"] = replace(app.config["SITE"], emergency_number="1122")


def words(tag: Tag) -> str:
    return " ".join(tag.get_text().split())


@pytest.mark.parametrize("url", [*TEXTS, "/contact", "/consultation"])
def test_every_urgent_box_ends_with_the_number_when_it_is_set(app: Flask, browser: Browser, url: str) -> None:
    set_number(app)
    boxes = browser.get(url).all(".urgent")
    assert boxes
    for box in boxes:
        assert words(box).count(LINE) == 1
        assert box.select_one('a[href="tel:1122"]')
    if url in TEXTS:
        assert all(words(box).endswith(LINE) for box in boxes)


@pytest.mark.parametrize("url", TEXTS)
def test_without_a_number_a_text_says_once_where_to_go(app: Flask, browser: Browser, url: str) -> None:
    for box in browser.get(url).all(".urgent"):
        assert words(box).count("emergency department") == 1
        assert not box.select('a[href^="tel:"]')


def test_feeds_carry_the_number_with_the_text(app: Flask, browser: Browser) -> None:
    def boxes() -> list[Tag]:
        items = json.loads(browser.client.get("/feed.json").data)["items"]
        return [box for item in items for box in BeautifulSoup(item["content_html"], "html.parser").select(".urgent")]

    without = boxes()
    set_number(app)
    assert len(without) == 3
    assert [words(box) for box in boxes()] == [f"{words(box)} {LINE}" for box in without]


def test_the_number_is_no_part_of_the_text_that_a_doctor_signs(app: Flask, browser: Browser) -> None:
    set_number(app)
    article = app.config["LIBRARY"].by_id("botox-chronic-migraine")
    assert LINE in words(browser.get(TEXTS[0]).one(".prose"))
    assert "1122" not in article.html
    assert "1122" not in article.html_without_drawings
