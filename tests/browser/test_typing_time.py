"""How long a text took to type goes with its form, from a real browser, and only where it was typed."""

import re

import pytest
from playwright.sync_api import Page

from tests.browser.chromium import Visitor
from tests.browser.conftest import NewVisitor
from tests.browser.test_walk import ARTICLE
from tests.faults.running import Site

pytestmark = pytest.mark.slow
TEXT = "It helped me through the winter, and I am glad that I asked here first."
FORMS = pytest.mark.parametrize(
    ("path", "field", "others", "button"),
    [
        (ARTICLE, "body", {"name": "Quick", "email": "quick@example.com"}, "Post comment"),
        ("/consultation", "message", {"name": "Quick", "phone": "0301 5550099"}, "Send my request"),
    ],
    ids=["comment", "request"],
)


def opened(visitor: Visitor, path: str, others: dict[str, str]) -> Page:
    page = visitor.go(path)
    page.wait_for_load_state("networkidle")
    visitor.fill(**others)
    return page


def seconds(page: Page, button: str) -> list[str]:
    """Sends the form; what it said."""
    if page.locator("[name=consent]").count():
        page.locator("[name=consent]").check()
        page.get_by_label("Phone call", exact=True).check()
    with page.expect_request(lambda request: request.method == "POST" and request.is_navigation_request()) as sent:
        page.get_by_role("button", name=button, exact=True).click()
    return re.findall(r"\bseconds=([^&]*)", sent.value.post_data or "")


@FORMS
def test_a_typed_text_says_in_how_many_seconds(
    used_site: Site, new_visitor: NewVisitor, path: str, field: str, others: dict[str, str], button: str
) -> None:
    page = opened(new_visitor(used_site), path, others)
    page.locator(f"[name={field}]").press_sequentially(f"{TEXT} {field}")
    page.wait_for_timeout(1000)
    (said,) = seconds(page, button)
    assert 1 <= int(said) < 60


@FORMS
def test_a_pasted_text_and_a_draft_that_is_back_say_nothing(
    used_site: Site, new_visitor: NewVisitor, path: str, field: str, others: dict[str, str], button: str
) -> None:
    page = opened(new_visitor(used_site), path, others)
    page.locator(f"[name={field}]").fill(f"{TEXT} Pasted in {field}.")
    page.goto("/about")
    page.goto(path)
    page.wait_for_load_state("networkidle")
    page.locator(f"[name={field}]").press_sequentially("!")
    assert seconds(page, button) == []


def test_without_script_nothing_is_said(used_site: Site, new_visitor: NewVisitor) -> None:
    page = opened(new_visitor(used_site, java_script_enabled=False), ARTICLE, {"name": "Quick", "email": "quick@example.com"})
    page.locator("[name=body]").press_sequentially(f"{TEXT} Without script.")
    assert seconds(page, "Post comment") == []
