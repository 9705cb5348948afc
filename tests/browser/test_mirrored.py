"""Under dir="rtl" a public page is the mirror image of itself, so that Urdu pages will need no stylesheet of their own."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, Route

from tests.browser.chromium import Visitor
from tests.browser.conftest import NewVisitor
from tests.browser.test_pages import PUBLIC, TOO_WIDE
from tests.browser.test_walk import ARTICLE
from tests.faults.running import Site

pytestmark = pytest.mark.slow
PARTS = (
    ".site-header-row > *",
    ".breadcrumb",
    ".settling-line path",
    "main h1",
    "main h2:not(.visually-hidden)",
    ".byline",
    ".summary",
    ".contents-side",
    ".prose > ul > li",
    ".table-wrap",
    ".urgent",
    ".request-card",
    ".references > li",
    ".field",
    ".field-label",
    ".field-input",
    ".choice",
    "form .button",
    ".step",
    ".article-card",
    ".comment",
    ".comment-head > *",
    ".comment-text",
    ".diary-blanks > span",
    ".site-footer-about",
    ".site-footer-nav a",
)
BOXES = """(parts) => {
    const room = document.documentElement.clientWidth;
    const rtl = document.documentElement.dir === "rtl";
    const side = (box) => (rtl ? room - box.right : box.left);
    return Object.fromEntries(parts.map((part) => [part, [...document.querySelectorAll(part)]
        .filter((e) => e.checkVisibility())
        .map((e) => [e, e.getBoundingClientRect()])
        .map(([e, box]) => ({ at: side(box), wide: box.width, words: (e.innerText ?? "").slice(0, 40) }))]));
}"""
EDGES = """(part) => [...document.querySelectorAll(part)].map((e) => {
    const own = getComputedStyle(e);
    return [own.borderLeftWidth, own.borderRightWidth].map(parseFloat);
})"""
WORDS = """() => [...document.querySelectorAll(".drawings text")].map((e) =>
    Math.round(e.getBoundingClientRect().left - e.ownerSVGElement.getBoundingClientRect().left))"""
PAGES = re.compile(r"^https?://[^/]+/(?!static/)")
Boxes = dict[str, list[dict[str, Any]]]


def mirror(route: Route) -> None:
    """Serves a page as one whose language is written from the right."""
    if route.request.resource_type != "document":
        return route.continue_()
    answer = route.fetch()
    return route.fulfill(response=answer, body=answer.text().replace("<html lang=", '<html dir="rtl" lang=', 1))


def boxes(page: Page) -> Boxes:
    """Where the parts of a page begin, from the edge where its lines begin, and how wide they are."""
    found: Boxes = page.evaluate(BOXES, list(PARTS))
    return found


def unlike(one: Boxes, other: Boxes) -> list[str]:
    """Parts that do not stand where their mirror image stands."""
    assert {part: len(found) for part, found in one.items()} == {part: len(found) for part, found in other.items()}
    pairs = [(part, *pair) for part in one for pair in zip(one[part], other[part], strict=True)]
    return [
        f"{part} {a['words']!r}: {a['at']:.0f}+{a['wide']:.0f}, mirrored {b['at']:.0f}+{b['wide']:.0f}"
        for part, a, b in pairs
        if abs(a["at"] - b["at"]) > 2 or abs(a["wide"] - b["wide"]) > 2
    ]


@pytest.fixture
def both(used_site: Site, new_visitor: NewVisitor) -> Callable[..., tuple[Visitor, Visitor]]:
    """Two readers with windows of one width; the second is served the pages mirrored."""

    def make(width: int) -> tuple[Visitor, Visitor]:
        # Without JavaScript, so that no module is halfway where the boxes are measured.
        window = {"viewport": {"width": width, "height": 800}, "java_script_enabled": False}
        one, other = new_visitor(used_site, **window), new_visitor(used_site, **window)
        other.context.route(PAGES, mirror)
        return one, other

    return make


@pytest.mark.parametrize("width", [390, 1280])
def test_pages_are_mirrored_and_fit(both: Callable[..., tuple[Visitor, Visitor]], width: int) -> None:
    plain, mirrored = both(width)
    for path in PUBLIC:
        there, here = plain.go(path), mirrored.go(path)
        assert here.evaluate("getComputedStyle(document.body).direction") == "rtl"
        assert here.evaluate(TOO_WIDE) == [], path
        assert unlike(boxes(there), boxes(here)) == [], path
    for visitor in (plain, mirrored):
        visitor.go("/consultation")
        visitor.click("Send my request")
    assert mirrored.page.evaluate(TOO_WIDE) == []
    assert unlike(boxes(plain.page), boxes(mirrored.page)) == []


def test_thick_edges_stand_where_lines_begin(both: Callable[..., tuple[Visitor, Visitor]]) -> None:
    _, mirrored = both(390)
    page = mirrored.go("/contact")
    ((left, right),) = page.evaluate(EDGES, ".urgent")
    assert left < right


def test_words_of_a_drawing_stay_where_they_were_drawn(both: Callable[..., tuple[Visitor, Visitor]]) -> None:
    plain, mirrored = both(390)
    places = plain.go(ARTICLE).evaluate(WORDS)
    assert len(places) > 10
    assert mirrored.go(ARTICLE).evaluate(WORDS) == places
