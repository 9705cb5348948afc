"""Forms in a real browser: what is wrong is said first, and what was typed stays."""

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import NewVisitor
from tests.browser.test_walk import ARTICLE, SCRIPT
from tests.faults.running import Site

pytestmark = pytest.mark.slow


@SCRIPT
def test_refused_request_says_why_first_and_keeps_what_was_typed(used_site: Site, new_visitor: NewVisitor, script: bool) -> None:
    visitor = new_visitor(used_site, java_script_enabled=script)
    page = visitor.go("/consultation")
    visitor.fill(name="Bilal <b>Khan</b>", phone="12", message="Two lines,\nboth kept: سر درد")
    page.get_by_label("Email", exact=True).check()
    page.locator('[name="best_time"]').select_option("morning")
    visitor.click("Send my request")
    assert page.title().startswith("Error: ")
    summary = page.locator(".error-summary")
    expect(summary.get_by_role("link")).to_have_count(3)
    if script:
        expect(summary).to_be_focused()
    expect(page.locator('[name="name"]')).to_have_value("Bilal <b>Khan</b>")
    expect(page.locator('[name="phone"]')).to_have_value("12")
    expect(page.locator('[name="message"]')).to_have_value("Two lines,\nboth kept: سر درد")
    expect(page.locator('[name="best_time"]')).to_have_value("morning")
    expect(page.get_by_label("Email", exact=True)).to_be_checked()
    summary.get_by_role("link").first.click()
    expect(page.locator('[name="phone"]')).to_be_in_viewport()
    expect(page.locator('[name="phone"]')).to_be_focused()
    expect(page.locator('[name="phone"]')).to_have_attribute("aria-invalid", "true")


@SCRIPT
def test_refused_comment_says_why_first_and_keeps_what_was_typed(used_site: Site, new_visitor: NewVisitor, script: bool) -> None:
    visitor = new_visitor(used_site, java_script_enabled=script)
    page = visitor.go(ARTICLE)
    visitor.fill(body="  Kept, with its <script>alert(1)</script> ", name="", email="no address")
    visitor.click("Post comment")
    assert page.title().startswith("Error: ")
    summary = page.locator(".error-summary")
    expect(summary.get_by_role("link")).to_have_count(2)
    expect(summary).to_be_in_viewport()
    if script:
        expect(summary).to_be_focused()
    expect(page.locator('[name="body"]')).to_have_value("Kept, with its <script>alert(1)</script>")
    expect(page.locator('[name="email"]')).to_have_value("no address")
    visitor.fill(name="Huma", email="huma@example.com", body=f"Now it is right, {script}.")
    visitor.click("Post comment")
    expect(page.locator("h1")).to_have_text("Your comment is waiting")


@SCRIPT
@pytest.mark.parametrize("width", [320, 1280])
def test_a_link_of_the_summary_shows_the_field_with_its_label(
    used_site: Site, new_visitor: NewVisitor, script: bool, width: int
) -> None:
    visitor = new_visitor(used_site, java_script_enabled=script, viewport={"width": width, "height": 640})
    page = visitor.go("/consultation")
    visitor.click("Send my request")
    links = page.locator(".error-summary").get_by_role("link")
    for number in range(links.count()):
        link = links.nth(number)
        field = page.locator(link.get_attribute("href") or "")
        link.click()
        expect(field).to_be_in_viewport()
        group = page.locator(".field-wrong").filter(has=field)
        expect(group.locator(".field-label, .choice-label").first).to_be_in_viewport(ratio=1)
        expect(group.locator(".field-error")).to_be_in_viewport(ratio=1)


def test_double_click_sends_one_request(used_site: Site, new_visitor: NewVisitor) -> None:
    visitor = new_visitor(used_site)
    page = visitor.go("/consultation")
    visitor.fill(name="Once Only", phone="0302-7654321", message="Sent with a nervous hand.")
    page.get_by_label("Phone call").check()
    page.locator('[name="consent"]').check()
    page.get_by_role("button", name="Send my request").dblclick()
    expect(page.locator(".receipt-number")).to_contain_text("DC-")
    assert used_site.rows("SELECT count(*) FROM consultation_request WHERE name = 'Once Only'") == [(1,)]
