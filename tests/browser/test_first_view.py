"""What waits for the first frame: a page's script, which finds what a visitor did before it came, and what is far below."""

import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from playwright.sync_api import Page, Route, expect

from tests.browser.chromium import Visitor
from tests.browser.conftest import NewVisitor
from tests.browser.test_walk import ARTICLE
from tests.faults.running import PATIENCE, Site

pytestmark = pytest.mark.slow
FORM = "/consultation"
TIMES = """() => {
    const [script] = performance.getEntriesByType("resource").filter(({ name }) => name.includes("/static/js/"));
    const [page] = performance.getEntriesByType("navigation");
    const [frame] = performance.getEntriesByType("paint");
    return [page.domContentLoadedEventEnd, frame.startTime, script.startTime];
}"""


@contextmanager
def waiting_for_its_script(visitor: Visitor, path: str, press: str = "") -> Iterator[Page]:
    """A page in a second window, or what a button on it leads to, whose script arrives when the block ends."""
    page = visitor.context.new_page()
    held: list[Route] = []
    page.route("**/static/js/**", lambda route: held.append(route))

    def wait_until_held() -> None:
        give_up = time.monotonic() + PATIENCE
        while not held:
            assert time.monotonic() < give_up, "no script was asked for"
            page.wait_for_timeout(20)

    page.goto(path)
    wait_until_held()
    if press:
        held.clear()
        page.get_by_role("button", name=press).click()
        wait_until_held()
    yield page
    with page.expect_event("requestfinished", lambda request: "/static/js/" in request.url):
        held[0].continue_()


@pytest.mark.parametrize("path", ["/", ARTICLE, FORM, "/self-check"])
def test_a_script_is_asked_for_when_the_page_can_be_read(used_site: Site, new_visitor: NewVisitor, path: str) -> None:
    parsed, seen, script = new_visitor(used_site).go(path).evaluate(TIMES)
    assert script >= max(parsed, seen)


def test_a_draft_leaves_alone_what_was_typed_before_it_came_back(used_site: Site, new_visitor: NewVisitor) -> None:
    visitor = new_visitor(used_site)
    visitor.go(FORM)
    visitor.fill(name="Sana", message="Call me, please.")
    visitor.page.get_by_label("WhatsApp", exact=True).check()
    visitor.page.locator("[name=best_time]").select_option("evening")
    with waiting_for_its_script(visitor, FORM) as page:
        page.locator("[name=name]").fill("Nadia")
        page.locator("[name=best_time]").select_option("morning")
    expect(page.locator(".draft-back")).to_be_visible()
    expect(page.locator("[name=name]")).to_have_value("Nadia")
    expect(page.locator("[name=best_time]")).to_have_value("morning")
    expect(page.locator("[name=message]")).to_have_value("Call me, please.")
    expect(page.get_by_label("WhatsApp", exact=True)).to_be_checked()


def test_a_comment_begun_before_the_script_came_is_kept_from_then_on(used_site: Site, new_visitor: NewVisitor) -> None:
    visitor = new_visitor(used_site)
    visitor.go(ARTICLE)
    visitor.fill(body="An older draft.")
    with waiting_for_its_script(visitor, ARTICLE) as page:
        page.locator("[name=body]").fill("Begun early")
    both = "An older draft.\n\nBegun early"
    expect(page.locator(".draft-line")).to_contain_text("What you wrote before is back.")
    expect(page.locator("[name=body]")).to_have_value(both)
    page.locator("[name=body]").press_sequentially(", gone on with")
    visitor.page.reload()
    expect(visitor.page.locator("[name=body]")).to_have_value(f"{both}, gone on with")


def test_who_types_while_a_draft_brings_the_form_to_its_comment_goes_on_typing(used_site: Site, new_visitor: NewVisitor) -> None:
    visitor = new_visitor(used_site)
    page = visitor.go(ARTICLE)
    page.locator(".comment-reply a").first.click()
    visitor.fill(body="An answer that was begun.")
    with waiting_for_its_script(visitor, ARTICLE) as page:
        page.locator("[name=name]").press_sequentially("Nad")
    expect(page.locator("[name=body]")).to_have_value("An answer that was begun.")
    expect(page.locator("[name=parent_id]")).not_to_have_value("")
    expect(page.locator("[name=name]")).to_be_focused()


def test_what_was_sent_before_the_script_came_leaves_no_draft(used_site: Site, new_visitor: NewVisitor) -> None:
    visitor = new_visitor(used_site)
    visitor.go(ARTICLE)
    visitor.fill(body="Sent before the script was there.", name="Quick", email="quick@example.com")
    visitor.page.close()
    page = visitor.context.new_page()
    page.route("**/static/js/comments.*", lambda route: None)
    page.goto(ARTICLE)
    for name, value in {"body": "Sent before the script was there.", "name": "Quick", "email": "quick@example.com"}.items():
        page.locator(f"[name={name}]").fill(value)
    page.unroute_all(behavior="ignoreErrors")
    page.get_by_role("button", name="Post comment").click()
    expect(page.locator("h1")).to_have_text("Your comment is waiting")
    page.wait_for_function("() => Object.keys(localStorage).every((key) => !key.startsWith('draft:'))")


def test_what_a_browser_fills_in_on_the_way_back_is_no_new_draft(used_site: Site, new_visitor: NewVisitor) -> None:
    visitor = new_visitor(used_site)
    page = visitor.go(ARTICLE)
    visitor.fill(body="Sent, and then back.", name="Back again", email="back@example.com")
    visitor.click("Post comment")
    page.wait_for_function("() => Object.keys(localStorage).every((key) => !key.startsWith('draft:'))")
    page.go_back()
    expect(page.locator("[name=body]")).to_have_value("Sent, and then back.")
    assert page.evaluate("Object.keys(localStorage).filter((key) => key.startsWith('draft:'))") == []


def test_that_something_was_sent_is_known_to_the_next_page_alone(used_site: Site, new_visitor: NewVisitor) -> None:
    page = new_visitor(used_site).go("/")
    page.evaluate("sessionStorage.setItem('sent', 1)")
    page.goto("/about")
    page.wait_for_function("() => sessionStorage.getItem('visit') && !sessionStorage.getItem('sent')")


def test_the_light_chosen_before_the_script_came_stays(used_site: Site, new_visitor: NewVisitor) -> None:
    visitor = new_visitor(used_site, color_scheme="light")
    with waiting_for_its_script(visitor, "/") as page:
        page.get_by_label("Brightness of this page").select_option("dark")
    page.wait_for_function("() => document.documentElement.dataset.theme === 'dark' && localStorage.getItem('theme') === 'dark'")
    expect(page.get_by_label("Brightness of this page")).to_have_value("dark")


def test_a_shared_phone_is_cleared_of_what_came_back_and_of_nothing_else(used_site: Site, new_visitor: NewVisitor) -> None:
    visitor = new_visitor(used_site)
    visitor.go(FORM)
    visitor.fill(name="Sana", message="Call me, please.")
    with waiting_for_its_script(visitor, FORM) as page:
        page.locator("[name=name]").fill("Nadia")
    page.get_by_role("button", name="Clear it").click()
    expect(page.locator("[name=message]")).to_have_value("")
    expect(page.locator("[name=name]")).to_have_value("Nadia")


def test_who_has_read_on_is_not_carried_back_to_the_errors(used_site: Site, new_visitor: NewVisitor) -> None:
    visitor = new_visitor(used_site, viewport={"width": 390, "height": 800})
    with waiting_for_its_script(visitor, "/self-check", press="Compare my answers") as page:
        page.mouse.wheel(0, 600)
        page.wait_for_function("() => scrollY === 600")
    expect(page.locator(".error-summary")).to_be_focused()
    assert page.evaluate("scrollY") == 600


@pytest.mark.parametrize(("width", "part"), [(390, 0.3), (390, 0.9), (1280, 0.4)])
def test_a_page_that_is_loaded_again_stays_where_it_was(used_site: Site, new_visitor: NewVisitor, width: int, part: float) -> None:
    page = new_visitor(used_site, viewport={"width": width, "height": 800}).go(ARTICLE)
    page.mouse.move(100, 400)
    while page.evaluate("(part) => scrollY < part * (document.documentElement.scrollHeight - innerHeight)", part):
        page.mouse.wheel(0, 700)
        page.wait_for_timeout(30)
    page.wait_for_timeout(300)
    find = """() => {
        const all = [...document.querySelectorAll(".article-body :is(p, li, h2, h3, td)")];
        const at = all.findIndex((e) => e.getBoundingClientRect().top > 0);
        return [at, Math.round(all[at].getBoundingClientRect().top)];
    }"""
    before = page.evaluate(find)
    page.reload()
    stays = "([at, top]) => { const [is, now] = (FIND)(); return is === at && Math.abs(now - top) < 3; }"
    page.wait_for_function(stays.replace("FIND", find), arg=before)


def test_nobody_who_types_already_is_led_to_the_summary_of_errors(used_site: Site, new_visitor: NewVisitor) -> None:
    visitor = new_visitor(used_site)
    with waiting_for_its_script(visitor, "/self-check", press="Compare my answers") as page:
        expect(page.locator(".error-summary")).to_be_visible()
        page.locator("[name=age]").fill("40")
    expect(page.locator(".theme-switch select")).to_have_value("auto")
    expect(page.locator("[name=age]")).to_be_focused()


def test_the_contents_mark_where_the_reader_is_when_the_script_comes(used_site: Site, new_visitor: NewVisitor) -> None:
    visitor = new_visitor(used_site)
    with waiting_for_its_script(visitor, f"{ARTICLE}#is-it-safe") as page:
        pass
    expect(page.locator(".contents-side [aria-current]")).to_have_attribute("href", "#is-it-safe")


@pytest.mark.parametrize("width", [390, 1280])
def test_a_link_into_the_page_leads_where_it_says_though_much_above_has_no_layout_yet(
    used_site: Site, new_visitor: NewVisitor, width: int
) -> None:
    page = new_visitor(used_site, viewport={"width": width, "height": 800}).go(ARTICLE)
    places = page.evaluate(
        "[...document.querySelectorAll('.prose :is(h2, h3)[id], .reference, #references, #replies')].map((e) => e.id)"
    )
    assert len(places) > 20
    margin = page.evaluate("parseFloat(getComputedStyle(document.documentElement).scrollPaddingTop)")
    # From the end to the beginning, and back past what has its layout by then.
    for place in (*reversed(places), *places):
        page.evaluate("(id) => { location.hash = id; }", place)
        page.wait_for_function(
            "([id, margin]) => Math.abs(document.getElementById(id).getBoundingClientRect().top - margin) < 2", arg=[place, margin]
        )


def test_where_a_browser_does_not_tell_of_its_frames_the_script_comes_too(used_site: Site, new_visitor: NewVisitor) -> None:
    visitor = new_visitor(used_site)
    visitor.context.add_init_script("self.PerformanceObserver = undefined")
    expect(visitor.go("/").get_by_label("Brightness of this page")).to_have_value("auto")
    assert visitor.page.evaluate("performance.getEntriesByType('resource').some(({ name }) => name.includes('/static/js/'))")
