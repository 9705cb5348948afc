"""axe-core finds nothing on any page in any state, in the light and in the dark, on a phone and on a desk (WCAG 2.2, A and AA)."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any, Literal

import pytest
from playwright.sync_api import Page

from tests.browser.chromium import Visitor
from tests.browser.conftest import NewVisitor
from tests.browser.test_pages import PUBLIC, STAFF, sign_in
from tests.browser.test_walk import ARTICLE
from tests.faults.running import Site

pytestmark = pytest.mark.slow
AXE = (Path(__file__).parent / "vendor" / "axe-core" / "axe.min.js").read_text(encoding="utf-8")
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22a", "wcag22aa", "best-practice"]
RUN = """async (tags) => {
    const found = await axe.run(document, { runOnly: tags, resultTypes: ["violations"] });
    return found.violations.flatMap(({ id, nodes }) => nodes.map((node) => `${id}: ${node.target} ${node.failureSummary}`));
}"""
VIEWS: tuple[tuple[Literal["light", "dark"], int], ...] = (("light", 390), ("dark", 1280))


def violations(page: Page) -> list[str]:
    """What axe has to say of the page as it stands."""
    page.evaluate(AXE)
    found: list[str] = page.evaluate(RUN, TAGS)
    return [f"{page.url}: {line}" for line in found]


def self_check(visitor: Visitor) -> Iterator[Page]:
    """The self-check with its errors, with a result, and with a sign that cannot wait."""
    page = visitor.go("/self-check")
    visitor.click("Compare my answers")
    yield page
    for urgent in ("No", "Yes"):
        visitor.fill(age="40", q3="20", q4="12")
        page.get_by_role("radiogroup", name="Do you have any of these signs").get_by_label(urgent, exact=True).check()
        page.get_by_role("radiogroup", name="more than three months").get_by_label("Yes", exact=True).check()
        visitor.click("Compare my answers")
        yield page


def states(visitor: Visitor) -> Iterator[Page]:
    """Pages that only somebody who sends a form gets to see."""
    page = visitor.go(ARTICLE)
    visitor.click("Post comment")
    yield page
    visitor.fill(name="Sana", email="sana@example.com", body="My number is 0300-1234567, and the diary helped me.")
    visitor.click("Preview")
    yield page
    visitor.fill(body="The diary helped me.")
    visitor.click("Post comment")
    yield page
    yield from self_check(visitor)
    page = visitor.go("/consultation")
    visitor.click("Send my request")
    yield page
    visitor.fill(name="Sana", phone="0300-7654321", message="Please call in the evening.")
    page.locator('[name="consent"]').check()
    visitor.click("Send my request")
    yield page


@pytest.fixture(params=VIEWS, ids=lambda view: f"{view[0]}-{view[1]}")
def visitor(request: pytest.FixtureRequest, used_site: Site, new_visitor: NewVisitor) -> Visitor:
    """Somebody who reads in this light, at this width."""
    scheme, width = request.param
    options: dict[str, Any] = {"color_scheme": scheme, "viewport": {"width": width, "height": 900}}
    return new_visitor(used_site, **options)


def test_public_pages_have_no_barrier(visitor: Visitor) -> None:
    found = [line for path in (*PUBLIC, "/staff/login") for line in violations(visitor.go(path))]
    assert found == []


def test_forms_and_their_answers_have_no_barrier(visitor: Visitor) -> None:
    assert [line for page in states(visitor) for line in violations(page)] == []


def test_staff_pages_have_no_barrier(visitor: Visitor) -> None:
    sign_in(visitor)
    assert [line for path in STAFF for line in violations(visitor.go(path))] == []


def test_a_barrier_would_be_found(visitor: Visitor) -> None:
    page = visitor.go("/about")
    page.evaluate("document.querySelector('h1').innerHTML = '<button></button>'")
    assert any("button-name" in line for line in violations(page))
