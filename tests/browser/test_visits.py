"""Where a visit began, in a real browser: kept in the tab, sent with the request, counted once somebody looks."""

import time

import pytest
from playwright.sync_api import expect

from tests.browser.chromium import Visitor
from tests.browser.conftest import NewVisitor
from tests.browser.test_walk import ARTICLE, SCRIPT
from tests.faults.running import Site

pytestmark = pytest.mark.slow
PERSON = "Object.defineProperty(Navigator.prototype, 'webdriver', { get: () => false })"
AGENT = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36"


def arrive(visitor: Visitor) -> None:
    """From another site, by the link of a campaign, to the article, and on to the form."""
    visitor.page.goto(
        f"{ARTICLE}?utm_source=poster&utm_campaign=spring&fbclid=IwAR0aBcDeFgHiJkLmN", referer="https://news.example/a"
    )
    visitor.page.locator(".request-card a").first.click()
    expect(visitor.page.locator("h1")).to_have_text("Ask for a consultation")


def ask(visitor: Visitor, name: str) -> None:
    visitor.fill(name=name, phone=f"0300 12345{len(name)}")
    visitor.page.get_by_label("Phone call").check()
    visitor.page.locator("[name=consent]").check()
    visitor.click("Send my request")
    expect(visitor.page.locator("h1")).to_contain_text("We have your request")


@SCRIPT
def test_a_request_says_how_the_visit_began(used_site: Site, new_visitor: NewVisitor, script: bool) -> None:
    visitor = new_visitor(used_site, java_script_enabled=script)
    arrive(visitor)
    ask(visitor, f"Where from {script}")
    [(article, source, landing, referrer, campaign)] = used_site.rows(
        f"SELECT article_id, source, landing, referrer, utm_campaign FROM consultation_request WHERE name = 'Where from {script}'"
    )
    assert article == "botox-chronic-migraine"
    # Without the script the form's own address is all there is: it names the article.
    assert (source, landing, referrer, campaign) == (
        ("poster", ARTICLE, "news.example", "spring") if script else ("direct", "/consultation", "", "")
    )


def test_what_people_look_at_is_counted_and_nothing_is_set(used_site: Site, new_visitor: NewVisitor) -> None:
    visitor = new_visitor(used_site, user_agent=AGENT)
    visitor.context.add_init_script(PERSON)
    arrive(visitor)
    visitor.page.wait_for_load_state("networkidle")
    deadline = time.monotonic() + 15
    found: list[tuple[str, str, int]] = []
    while len(found) < 2 and time.monotonic() < deadline:
        time.sleep(0.5)
        found = used_site.rows("SELECT step, article_id, number FROM daily_traffic WHERE source = 'poster' AND step <> 'sent'")
    assert sorted(found) == [("form", "botox-chronic-migraine", 1), ("view", "botox-chronic-migraine", 1)]
    assert visitor.context.cookies() == []


def test_a_browser_that_a_program_drives_is_not_counted(used_site: Site, new_visitor: NewVisitor) -> None:
    visitor = new_visitor(used_site, user_agent=AGENT)
    with visitor.page.expect_event("load"):
        visitor.go("/about")
    told = visitor.page.evaluate("performance.getEntriesByType('resource').map((entry) => entry.name)")
    assert not [name for name in told if name.endswith("/views")]
