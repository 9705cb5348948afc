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


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_circle_of_the_comment_that_a_link_names_stands_out_from_its_ground(
    used_site: Site, new_visitor: NewVisitor, scheme: str
) -> None:
    page = new_visitor(used_site, color_scheme=scheme).go(ARTICLE)
    number = page.locator(".comment:has(.avatar)").first.get_attribute("id")
    page.goto(f"{page.url}#{number}")
    ground, circle = page.locator(":target").evaluate(
        "(e) => [e, e.querySelector('.avatar')].map((part) => getComputedStyle(part).backgroundColor)"
    )
    assert ground != circle


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


@pytest.mark.parametrize("refused", [False, True], ids=["from a link", "refused"])
def test_form_that_the_server_put_under_a_comment_goes_on_to_another(
    used_site: Site, new_visitor: NewVisitor, refused: bool
) -> None:
    visitor = new_visitor(used_site)
    href = visitor.go(ARTICLE).locator(".comment-reply a").first.get_attribute("href") or ""
    page = visitor.go(href)
    if refused:
        visitor.click("Post comment")
        expect(page.locator(".error-summary")).to_be_visible()
    page.wait_for_load_state("networkidle")
    cancel = page.get_by_text("Cancel reply")
    expect(cancel).to_have_count(1)
    other = page.locator(".comment-reply a").nth(1)
    other.click()
    expect(page.locator("#respond")).to_have_text(other.get_attribute("aria-label") or "")
    expect(cancel).to_have_count(1)
    cancel.click()
    expect(page.locator("#respond")).to_have_text("Leave a reply")
    expect(page.locator('[name="parent_id"]')).to_have_value("")
    expect(cancel).to_have_count(0)


def test_draft_of_a_reply_comes_back_under_its_comment(used_site: Site, new_visitor: NewVisitor) -> None:
    visitor = new_visitor(used_site)
    page = visitor.go(ARTICLE)
    page.wait_for_load_state("networkidle")
    link = page.locator(".comment-reply a").nth(1)
    number = link.get_attribute("data-comment")
    visitor.fill(body="Half a reply", name="Drafty")
    link.click()
    visitor.go("/")
    page = visitor.go(ARTICLE)
    form = page.locator(f"#comment-{number} > .reply-form")
    expect(form.locator("textarea")).to_have_value("Half a reply")
    expect(form.locator('[name="parent_id"]')).to_have_value(number or "")
    expect(form.locator(".draft-line [role=status]")).to_have_text("What you wrote before is back.")
    expect(page.locator("textarea")).not_to_be_focused()
    page.get_by_role("button", name="Cancel reply").click()
    visitor.go("/")
    page = visitor.go(ARTICLE)
    expect(page.locator(".comments .reply-form")).to_have_count(0)
    expect(page.locator("textarea")).to_have_value("Half a reply")


def test_draft_of_a_reply_says_when_its_comment_is_not_there(used_site: Site, new_visitor: NewVisitor) -> None:
    visitor = new_visitor(used_site)
    page = visitor.go(ARTICLE)
    page.wait_for_load_state("networkidle")
    page.locator(".comment-reply a").first.click()
    visitor.fill(body="Half a reply")
    page.evaluate("""() => { for (const [key, kept] of Object.entries(localStorage)) if (key.startsWith("draft:"))
        localStorage.setItem(key, JSON.stringify({ ...JSON.parse(kept), parent: "999999" })); }""")
    visitor.go("/")
    page = visitor.go(ARTICLE)
    expect(page.locator(".draft-line")).to_contain_text("the comment it answers is not on this page")
    expect(page.locator("textarea")).to_have_value("Half a reply")
    expect(page.locator('[name="parent_id"]')).to_have_value("")
