"""The self-check without a script, and the headache diary on paper."""

import re
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import expect

from tests.browser.chromium import Visitor
from tests.browser.conftest import NewVisitor
from tests.browser.test_pages import TOO_WIDE
from tests.browser.test_walk import SCRIPT
from tests.faults.running import Site

pytestmark = pytest.mark.slow
A4 = (595, 842)
"""Points."""


def answered(visitor: Visitor) -> Visitor:
    """Somebody whose answers meet the criteria."""
    page = visitor.go("/self-check")
    visitor.fill(age="40", q3="۲۰", q4="12")
    page.locator('[name="q1"][value="no"]').check()
    page.locator('[name="q5"][value="yes"]').check()
    visitor.click("Compare my answers")
    return visitor


@SCRIPT
def test_answers_are_compared_and_can_be_changed(used_site: Site, new_visitor: NewVisitor, script: bool) -> None:
    visitor = answered(new_visitor(used_site, java_script_enabled=script, viewport={"width": 320, "height": 640}))
    page = visitor.page
    expect(page.locator(".outcome")).to_contain_text("Your answers meet the headache-day criteria")
    assert (urlsplit(page.url).path, urlsplit(page.url).query) == ("/self-check", "")
    visitor.fill(q3="14")
    visitor.click("Compare my answers")
    expect(page.locator(".outcome")).to_contain_text("Your answers are below")
    page.locator('[name="q1"][value="yes"]').check()
    visitor.fill(age="")
    visitor.click("Compare my answers")
    expect(page.locator(".outcome")).to_contain_text("Seek urgent care now.")
    page.locator('[name="q1"][value="no"]').check()
    visitor.click("Compare my answers")
    expect(page.locator(".error-summary")).to_contain_text("Enter your age in years")
    if script:
        assert page.evaluate(TOO_WIDE) == []


def test_the_request_after_a_result_is_told_no_answers(used_site: Site, new_visitor: NewVisitor) -> None:
    visitor = answered(new_visitor(used_site))
    with visitor.page.expect_request("**/consultation?*") as asked:
        visitor.page.locator(".outcome .button").first.click()
    assert urlsplit(asked.value.headers["referer"])[2:] == ("/self-check", "", "")
    expect(visitor.page.locator('[name="treatment"][value="chronic-migraine"]')).to_be_checked()
    assert visitor.page.evaluate("JSON.stringify([{ ...sessionStorage }, { ...localStorage }])").count("q1") == 0


@pytest.mark.parametrize("width", [320, 1280])
def test_the_diary_is_one_page_of_a4_with_the_whole_month(used_site: Site, new_visitor: NewVisitor, width: int) -> None:
    page = new_visitor(used_site, viewport={"width": width, "height": 800}).go("/headache-diary")
    pdf = page.pdf(prefer_css_page_size=True)
    assert len(re.findall(rb"/Type\s*/Page\b", pdf)) == 1
    (size,) = re.findall(rb"/MediaBox\s*\[0 0 ([\d.]+) ([\d.]+)\]", pdf)
    assert tuple(round(float(side)) for side in size) == A4
    page.emulate_media(media="print")
    for gone in (".site-header", ".site-footer", ".page-head", "#count", "#fill-in"):
        expect(page.locator(gone)).to_be_hidden()
    expect(page.locator(".diary-month tbody tr")).to_have_count(31)
    for there in (page.locator(".diary-month tbody tr").last, page.locator(".diary-month tfoot"), page.locator(".diary-key")):
        expect(there).to_be_visible()
