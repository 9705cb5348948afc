"""What staff type is kept until it is stored: through a reload, a lost network, and a session that ended."""

import pytest
from playwright.sync_api import Page, expect

from tests.browser.chromium import Visitor
from tests.browser.conftest import NewVisitor
from tests.browser.seed import OWNER
from tests.browser.test_pages import sign_in
from tests.browser.test_request_form import wait_for_error_page
from tests.factories import PASSWORD
from tests.faults.running import Site

pytestmark = pytest.mark.slow
REQUEST = "/staff/requests/2"
KEPT = "Object.keys(sessionStorage).filter((key) => key.startsWith('typed:')).length"
BACK = "What you typed before is back."


def type_note(visitor: Visitor, text: str) -> Page:
    """Opens a request and begins a note, once it is watched."""
    page = visitor.go(REQUEST)
    page.wait_for_load_state("networkidle")
    visitor.fill(note=text)
    return page


def test_a_note_outlives_a_reload_and_its_session(used_site: Site, new_visitor: NewVisitor) -> None:
    visitor = new_visitor(used_site)
    sign_in(visitor)
    page = type_note(visitor, "She asked for Monday, کل")
    # Not by a reload: there the browser itself may put back what a field held.
    visitor.go("/staff/")
    visitor.go(REQUEST)
    expect(page.get_by_text(BACK)).to_be_visible()
    expect(page.locator('[name="note"]')).to_have_value("She asked for Monday, کل")
    visitor.context.clear_cookies()
    visitor.click("Save the note alone")
    visitor.fill(email=OWNER, password=PASSWORD)
    visitor.click("Sign in")
    assert page.url.endswith(REQUEST)
    expect(page.locator('[name="note"]')).to_have_value("She asked for Monday, کل")
    visitor.click("Save the note alone")
    expect(page.locator(".history")).to_contain_text("She asked for Monday, کل")
    expect(page.locator('[name="note"]')).to_have_value("")
    page.wait_for_function(f"{KEPT} === 0")
    expect(page.get_by_text(BACK)).to_have_count(0)


def test_a_note_outlives_a_failed_network(used_site: Site, new_visitor: NewVisitor) -> None:
    visitor = new_visitor(used_site)
    sign_in(visitor)
    page = type_note(visitor, "From the lift.")
    page.route("**/staff/requests/**", lambda route: route.abort() if route.request.method == "POST" else route.continue_())
    page.get_by_role("button", name="Save the note alone").click()
    wait_for_error_page(page)
    visitor.go(REQUEST)
    expect(page.locator('[name="note"]')).to_have_value("From the lift.")
    visitor.forget_failures()


def test_a_reply_is_kept_until_it_is_cleared_and_nothing_after_signing_out(used_site: Site, new_visitor: NewVisitor) -> None:
    visitor = new_visitor(used_site)
    sign_in(visitor)
    page = visitor.go("/staff/comments")
    page.wait_for_load_state("networkidle")
    answer = page.locator(".row-answer").first
    answer.locator("summary").click()
    answer.locator("textarea").fill("Half an answer")
    visitor.go("/staff/")
    visitor.go("/staff/comments")
    expect(answer.locator("textarea")).to_have_value("Half an answer")
    expect(answer.locator("textarea")).to_be_visible()
    answer.get_by_role("button", name="Clear it").click()
    expect(answer.locator("textarea")).to_be_focused()
    expect(answer.locator("textarea")).to_have_value("")
    assert page.evaluate(KEPT) == 0
    type_note(visitor, "Not for the next person.")
    assert page.evaluate(KEPT) == 1
    visitor.click("Sign out")
    assert page.evaluate(KEPT) == 0
