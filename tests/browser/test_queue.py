"""The moderation queue by keyboard, by mouse, on a phone, in the dark and without JavaScript."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import NewVisitor
from tests.browser.seed import seed
from tests.browser.test_pages import TOO_WIDE, sign_in
from tests.browser.test_walk import SCRIPT
from tests.faults.running import Site

pytestmark = pytest.mark.slow
QUEUE = "/staff/comments"


@pytest.fixture
def own_site(has_chromium: None, tmp_path: Path) -> Iterator[Site]:
    """A running site with a queue that is this test's own."""
    made = Site(tmp_path / "instance")
    with ThreadPoolExecutor(1) as thread:
        thread.submit(seed, made).result()
    made.start()
    yield made
    made.kill_all()


def status_of(site: Site, number: int) -> str:
    return str(site.rows(f"SELECT status FROM comment WHERE id = {number}")[0][0])


def test_everything_is_done_by_keys(own_site: Site, new_visitor: NewVisitor) -> None:
    visitor = new_visitor(own_site)
    sign_in(visitor)
    page = visitor.go(QUEUE)
    rows = page.locator(".row")
    first, other = (int((rows.nth(n).get_attribute("id") or "").removeprefix("comment-")) for n in (0, 1))
    page.get_by_role("button", name="Keys").focus()
    page.keyboard.press("j")
    expect(rows.nth(0)).to_be_focused()
    page.keyboard.press("j")
    expect(rows.nth(1)).to_be_focused()
    page.keyboard.press("k")
    page.keyboard.press("x")
    expect(rows.nth(0).locator('[name="comment"]')).to_be_checked()
    page.keyboard.press("?")
    expect(page.locator(".key-help")).to_be_visible()
    page.keyboard.press("s")
    page.keyboard.press("Escape")
    expect(page.locator(".key-help")).to_be_hidden()
    assert status_of(own_site, first) == "held", "no key decides while the list of keys is open"
    page.keyboard.press("r")
    expect(rows.nth(0).locator(".row-answer textarea")).to_be_focused()
    page.keyboard.type("as jkzd?")
    expect(rows.nth(0).locator(".row-answer textarea")).to_have_value("as jkzd?")
    assert status_of(own_site, first) == "held"
    page = visitor.go(QUEUE)
    page.get_by_role("button", name="Keys").focus()
    page.keyboard.press("j")
    for key, state in (("s", "spam"), ("z", "held"), ("d", "trash"), ("z", "held"), ("a", "approved")):
        with page.expect_navigation():
            page.keyboard.press(key)
        expect(page.locator(".row").nth(0)).to_be_focused()
        assert status_of(own_site, first) == state
    expect(page.locator(".row").nth(0)).to_have_id(f"comment-{other}")


def test_no_key_decides_while_the_focus_is_elsewhere(own_site: Site, new_visitor: NewVisitor) -> None:
    visitor = new_visitor(own_site)
    sign_in(visitor)
    page = visitor.go(QUEUE)
    row = page.locator(".row").first
    number = int((row.get_attribute("id") or "").removeprefix("comment-"))
    page.wait_for_function("!document.querySelector('.key-line').hidden")
    page.locator(f"#comment-{number} .row-text").click()
    page.locator(".rail-link").first.focus()
    page.keyboard.type("jdsax")
    page.evaluate("document.activeElement.blur()")
    page.keyboard.type("jdsax?")
    expect(page.locator(".key-help")).to_be_hidden()
    expect(row.locator('[name="comment"]')).not_to_be_checked()
    assert status_of(own_site, number) == "held"
    page.locator(f"#comment-{number} .row-text").click()
    with page.expect_navigation():
        page.keyboard.press("d")
    assert status_of(own_site, number) == "trash"


@SCRIPT
def test_everything_is_done_by_mouse(own_site: Site, new_visitor: NewVisitor, script: bool) -> None:
    visitor = new_visitor(own_site, java_script_enabled=script)
    sign_in(visitor)
    page = visitor.go(QUEUE)
    boxes = page.locator('.row [name="comment"]')
    count = boxes.count()
    for number in range(2):
        boxes.nth(number).check()
    visitor.click("Spam the ticked comments")
    expect(page.locator(".undo-bar")).to_contain_text("2 comments were marked as spam.")
    expect(page.locator(".row")).to_have_count(count - 2)
    visitor.click("Undo")
    expect(page.locator(".row")).to_have_count(count)
    page.locator("#filter-q").fill("calendar")
    visitor.click("Show")
    expect(page.locator(".row")).to_have_count(1)
    page.locator("#bulk-all").check()
    visitor.click("Approve the ticked comments")
    expect(page.locator(".undo-bar")).to_contain_text("The comment was approved.")
    visitor.click("Dismiss")
    expect(page.locator(".undo-bar")).to_have_count(0)
    if script:
        page.get_by_role("button", name="Keys").click()
        expect(page.locator(".key-help")).to_be_visible()
    else:
        expect(page.locator(".key-open")).to_be_hidden()


@pytest.mark.parametrize("width", [320, 390, 1280])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_queue_fits_with_all_that_it_can_show(used_site: Site, new_visitor: NewVisitor, width: int, scheme: str) -> None:
    visitor = new_visitor(used_site, viewport={"width": width, "height": 800}, color_scheme=scheme)
    sign_in(visitor)
    page = visitor.go(f"{QUEUE}?tab=approved&age=month")
    page.evaluate("for (const box of document.querySelectorAll('details')) box.open = true")
    page.locator('.row-actions [value="spam"]').first.click()
    expect(page.locator(".undo-bar")).to_be_in_viewport()
    assert page.evaluate(TOO_WIDE) == []
    visitor.click("Undo")
    expect(page.locator(".undo-bar")).to_have_count(0)
