"""Replying in a real browser: the form comes to the comment, and goes back; without JavaScript a page does the same."""

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import NewVisitor
from tests.browser.test_walk import ARTICLE, SCRIPT
from tests.faults.running import Site

pytestmark = pytest.mark.slow


@SCRIPT
def test_reply_is_kept_under_the_comment_it_answers(used_site: Site, new_visitor: NewVisitor, script: bool) -> None:
    visitor = new_visitor(used_site, java_script_enabled=script)
    page = visitor.go(ARTICLE)
    link = page.locator(".comment-reply a").first
    name = (link.get_attribute("aria-label") or "").removeprefix("Reply to ")
    number = (link.get_attribute("href") or "").split("=")[1].split("#")[0]
    link.click()
    expect(page.locator('[name="parent_id"]')).to_have_value(number)
    expect(page.locator("#respond")).to_contain_text(name)
    if script:
        assert page.url.endswith(ARTICLE), "no page was loaded"
        expect(page.locator('[name="body"]')).to_be_focused()
        expect(page.locator(f"#comment-{number} .reply-form")).to_have_count(1)
    visitor.fill(body=f"An answer, {script}.", name="Nadia", email="nadia@example.com")
    visitor.click("Post comment")
    expect(page.locator("h1")).to_have_text("Your comment is waiting")
    assert used_site.rows(f"SELECT parent_id FROM comment WHERE text = 'An answer, {script}.'") == [(int(number),)]


def test_cancelled_reply_puts_the_form_back(used_site: Site, new_visitor: NewVisitor) -> None:
    page = new_visitor(used_site).go(ARTICLE)
    links = page.locator(".comment-reply a")
    links.nth(1).click()
    links.nth(0).click()
    page.get_by_role("button", name="Cancel reply").click()
    expect(links.nth(0)).to_be_focused()
    expect(page.locator('[name="parent_id"]')).to_have_value("")
    expect(page.locator("#respond")).to_have_text("Leave a reply")
    expect(page.locator(".comments .reply-form")).to_have_count(0)
    expect(page.get_by_role("button", name="Cancel reply")).to_have_count(0)
