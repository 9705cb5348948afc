"""Every page at small and large widths, the switch for the light of the page, and cookies."""

import pytest
from playwright.sync_api import Request, expect

from tests.browser.chromium import Visitor
from tests.browser.conftest import NewVisitor
from tests.browser.seed import OWNER
from tests.browser.test_walk import ARTICLE
from tests.factories import PASSWORD
from tests.faults.running import Site

pytestmark = pytest.mark.slow
PUBLIC = ("/", "/blog/", ARTICLE, "/consultation", "/about", "/contact", "/privacy", "/no-such-page")
STAFF = (
    "/staff/",
    "/staff/comments",
    "/staff/comments?tab=approved",
    "/staff/comments?tab=spam",
    "/staff/comments?tab=trash",
    "/staff/requests",
    "/staff/requests?filter=all",
    "/staff/requests/1",
    "/staff/requests/4",
    "/staff/mail",
    "/staff/people",
    "/staff/settings",
    "/staff/account",
    "/staff/account/second-factor",
    "/staff/audit",
)
TOO_WIDE = """() => {
    const room = document.documentElement.clientWidth;
    const scrolls = document.documentElement.scrollWidth > room;
    const wide = [...document.querySelectorAll("body *")].filter((e) => e.getBoundingClientRect().right > room + 1);
    return scrolls ? wide.map((e) => `${e.tagName}.${e.className}`).slice(-5).concat(["page scrolls sideways"]) : [];
}"""


def sign_in(visitor: Visitor) -> None:
    """As the owner of the used site."""
    visitor.go("/staff/")
    visitor.fill(email=OWNER, password=PASSWORD)
    visitor.click("Sign in")
    expect(visitor.page.locator("h1")).to_have_text("Dashboard")


def check_width(visitor: Visitor, path: str) -> None:
    """Nothing makes the reader scroll sideways."""
    visitor.go(path)
    assert visitor.page.evaluate(TOO_WIDE) == [], path


@pytest.mark.parametrize("width", [320, 390, 768, 1440])
def test_public_pages_fit_the_window_and_set_no_cookie(used_site: Site, new_visitor: NewVisitor, width: int) -> None:
    visitor = new_visitor(used_site, viewport={"width": width, "height": 800})
    for path in PUBLIC:
        check_width(visitor, path)
    visitor.go("/consultation")
    visitor.click("Send my request")
    assert visitor.page.evaluate(TOO_WIDE) == [], "the form with its errors"
    assert visitor.context.cookies() == []


def test_status_page_and_receipt_fit_a_small_window(used_site: Site, new_visitor: NewVisitor) -> None:
    visitor = new_visitor(used_site, viewport={"width": 320, "height": 640})
    visitor.go(ARTICLE)
    visitor.fill(body="x" * 400, name="N" * 90, email="narrow@example.com")
    visitor.click("Post comment")
    assert visitor.page.evaluate(TOO_WIDE) == [], "the status page"
    visitor.go("/consultation")
    visitor.fill(name="N" * 90, phone="0303-7654321", message="x" * 400)
    visitor.page.get_by_label("Phone call").check()
    visitor.page.locator('[name="consent"]').check()
    visitor.click("Send my request")
    expect(visitor.page.locator(".receipt-number")).to_contain_text("DC-")
    assert visitor.page.evaluate(TOO_WIDE) == [], "the receipt"
    assert visitor.context.cookies() == []


@pytest.mark.parametrize("width", [390, 1280])
def test_staff_pages_fit_the_window(used_site: Site, new_visitor: NewVisitor, width: int) -> None:
    visitor = new_visitor(used_site, viewport={"width": width, "height": 800})
    check_width(visitor, "/staff/login")
    sign_in(visitor)
    for path in STAFF:
        check_width(visitor, path)


def test_staff_cookie_stays_under_staff(used_site: Site, new_visitor: NewVisitor) -> None:
    visitor = new_visitor(used_site)
    sign_in(visitor)
    (cookie,) = visitor.context.cookies()
    assert cookie["path"] == "/staff"
    assert cookie["httpOnly"]
    assert cookie["sameSite"] == "Lax"
    sent: list[Request] = []
    visitor.page.on("request", lambda request: sent.append(request))
    visitor.go(ARTICLE).wait_for_load_state("networkidle")
    # Asked for afterwards: a handler that waits for the browser stands in the way of what it waits for.
    assert {request.all_headers().get("cookie") for request in sent} == {None}


FIRST_PAINT = """new PerformanceObserver((list) => {
    for (const entry of list.getEntries())
        if (entry.name === "first-paint") window.paintedAt ??= entry.startTime;
}).observe({ type: "paint", buffered: true });
new MutationObserver(() => {
    if (document.documentElement?.dataset.theme) window.themeAt ??= performance.now();
    if (document.body) window.bodyTheme ??= document.documentElement.dataset.theme ?? "none";
}).observe(document, { childList: true, subtree: true, attributes: true });"""


def test_dim_light_survives_a_reload_without_a_flash(used_site: Site, new_visitor: NewVisitor) -> None:
    visitor = new_visitor(used_site, color_scheme="light")
    page = visitor.go(ARTICLE)
    bright = page.evaluate("getComputedStyle(document.body).backgroundColor")
    page.get_by_label("Brightness of this page").select_option("dim")
    dim = page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert dim != bright
    visitor.context.add_init_script(FIRST_PAINT)
    page.reload()
    expect(page.get_by_label("Brightness of this page")).to_have_value("dim")
    page.wait_for_function("window.paintedAt !== undefined")
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == dim
    assert page.evaluate("window.bodyTheme") == "dim", "the theme was set after the body began"
    assert page.evaluate("window.themeAt <= window.paintedAt"), "the theme was set after the first paint"
    page.get_by_label("Brightness of this page").select_option("auto")
    page.reload()
    assert page.evaluate("document.documentElement.dataset.theme") is None
    assert visitor.context.cookies() == []


def test_switch_is_hidden_without_javascript(used_site: Site, new_visitor: NewVisitor) -> None:
    page = new_visitor(used_site, java_script_enabled=False).go(ARTICLE)
    expect(page.get_by_label("Brightness of this page")).to_be_hidden()
