"""Every page at small and large widths, the switch for the light of the page, and cookies."""

import re
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from playwright.sync_api import Request, expect

from tests.browser.chromium import Visitor
from tests.browser.conftest import NewVisitor
from tests.browser.seed import OWNER
from tests.browser.test_walk import ARTICLE, mails_of_kind, text_of
from tests.factories import PASSWORD
from tests.faults.running import Site, poll

pytestmark = pytest.mark.slow
PUBLIC = (
    "/",
    "/blog/",
    ARTICLE,
    "/treatments/",
    "/treatments/botulinum-toxin-for-chronic-migraine",
    "/consultation",
    "/self-check",
    "/headache-diary",
    "/about",
    "/contact",
    "/privacy",
    "/no-such-page",
)
STAFF = (
    "/staff/",
    "/staff/comments",
    "/staff/comments?tab=approved",
    "/staff/comments?tab=spam",
    "/staff/comments?tab=trash",
    "/staff/spam",
    "/staff/requests",
    "/staff/requests?filter=all",
    "/staff/requests?filter=all&q=a+very+long+search&assigned=nobody&treatment=chronic-migraine&from=2026-02-30",
    "/staff/requests/1",
    "/staff/requests/3",
    "/staff/requests/4",
    "/staff/mail",
    "/staff/content/",
    "/staff/content/headache-diary/preview",
    "/staff/people",
    "/staff/settings",
    "/staff/health",
    "/staff/styleguide",
    "/staff/settings/blocks",
    "/staff/settings/blocks?comment=1",
    "/staff/settings/privacy",
    "/staff/account",
    "/staff/account/second-factor",
    "/staff/audit",
)
TOO_WIDE = """() => {
    const room = document.documentElement.clientWidth;
    const found = document.documentElement.scrollWidth > room ? ["the page scrolls sideways"] : [];
    const names = (e) => `${e.tagName}.${e.className.baseVal ?? e.className}`;
    // What paints a ground of its own; the window for what stands on the page.
    const isCard = (style) => style.backgroundColor !== "rgba(0, 0, 0, 0)" && style.display !== "inline";
    for (const e of document.body.querySelectorAll("*")) {
        const own = getComputedStyle(e);
        const box = e.getBoundingClientRect();
        if (!box.width || !box.height || own.position === "fixed") continue;
        if (!e.checkVisibility() || e.closest("svg, option, .visually-hidden")) continue;
        if (own.overflowX === "visible" && own.display !== "inline" && e.clientWidth && e.scrollWidth > e.clientWidth + 1) {
            const inside = (c) => c.left >= box.left - 1 && c.right <= box.right + 1;
            const within = [...e.querySelectorAll("*")].every((c) => inside(c.getBoundingClientRect()));
            if (within) found.push(`${names(e)} is too narrow for its text`);
        }
        for (let card = e.parentElement; card; card = card.parentElement) {
            const style = getComputedStyle(card);
            if (style.overflowX !== "visible" && card !== document.body) break; // scrolls or clips by itself
            if (!isCard(style) && card !== document.body) continue;
            const edges = card === document.body ? { left: 0, right: room } : card.getBoundingClientRect();
            if (box.left < edges.left - 1 || box.right > edges.right + 1) found.push(`${names(e)} leaves ${names(card)}`);
            break;
        }
    }
    return found.slice(0, 8);
}"""
LARGE_TEXT = """() => new Promise((done) => {
    document.documentElement.style.fontSize = "200%";
    // Charts follow in the next frame.
    requestAnimationFrame(() => requestAnimationFrame(done));
})"""


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


def ask_for_mail(visitor: Visitor, site: Site, address: str) -> str:
    """On the page of one's own comment: asks to hear of replies, and returns the path of the page that the mail leads to."""
    visitor.page.locator(".own-mail > summary").click()
    visitor.page.locator('.own-mail [value="replies"]').check()
    visitor.click("Save")

    def letters() -> list[str]:
        return [text_of(letter) for letter in mails_of_kind(site, "reader_asked") if letter["To"] == address]

    poll(lambda: bool(letters()), "the question to confirm the address was not sent")
    (path,) = set(re.findall(r"/comments/mail/[\w.-]+", letters()[0]))
    return str(path)


@contextmanager
def readers_comment_published(site: Site, address: str) -> Iterator[None]:
    """For a while, so that the numbers that other tests count stay as they are."""
    change = "UPDATE comment SET status = ? WHERE email_key = ?"
    site.write(change, "approved", address)
    yield
    site.write(change, "held", address)


@pytest.mark.parametrize("large", [False, True], ids=["usual text", "text at 200 %"])
def test_pages_about_mail_fit_a_small_window(used_site: Site, new_visitor: NewVisitor, large: bool) -> None:
    visitor = new_visitor(used_site, viewport={"width": 320, "height": 640})
    page = visitor.page
    address = f"mail-{large}@example.com".lower()
    visitor.go(ARTICLE)
    visitor.fill(body=f"I would like to hear of replies, {large}.", name="Nadia", email=address)
    visitor.click("Post comment")
    path = ask_for_mail(visitor, used_site, address)

    def check(name: str) -> None:
        page.evaluate("for (const box of document.querySelectorAll('main details')) box.open = true")
        if large:
            page.evaluate(LARGE_TEXT)
        assert page.evaluate(TOO_WIDE) == [], name

    check("the status page")
    visitor.go(path)
    check("unconfirmed")
    visitor.click("Yes, send me replies")
    check("confirmed")
    with readers_comment_published(used_site, address):
        page.reload()
        expect(page.locator(".watched")).to_be_visible()
        check("confirmed, with the comment it is about")
    visitor.click("Stop all mail about comments")
    check("stopped")


@pytest.mark.parametrize("width", [320, 390])
def test_text_at_twice_its_size_is_not_cut_off(used_site: Site, new_visitor: NewVisitor, width: int) -> None:
    visitor = new_visitor(used_site, viewport={"width": width, "height": 800})
    sign_in(visitor)
    for path in (*PUBLIC, *STAFF):
        visitor.go(path).evaluate(LARGE_TEXT)
        assert visitor.page.evaluate(TOO_WIDE) == [], path
    visitor.go("/consultation")
    visitor.click("Send my request")
    visitor.page.evaluate(LARGE_TEXT)
    assert visitor.page.evaluate(TOO_WIDE) == [], "the form with its errors"


def test_contents_mark_the_section_that_was_jumped_to(used_site: Site, new_visitor: NewVisitor) -> None:
    page = new_visitor(used_site).go(ARTICLE)
    marked = page.locator(".contents-side [aria-current]")
    for anchor in ("is-it-safe", "what-chronic-migraine-is", "references"):
        link = page.locator(f'.contents-side a[href="#{anchor}"]')
        link.click()
        expect(marked).to_have_count(1)
        expect(marked).to_have_attribute("href", f"#{anchor}")
    page.evaluate("scrollTo(0, document.documentElement.scrollHeight)")
    expect(marked).to_have_attribute("href", "#replies")
    page.evaluate("scrollTo(0, 0)")
    expect(marked).to_have_count(0)


@pytest.mark.parametrize("width", [320, 768, 1280])
def test_the_header_is_read_in_the_order_of_the_keyboard(used_site: Site, new_visitor: NewVisitor, width: int) -> None:
    page = new_visitor(used_site, viewport={"width": width, "height": 800}).go("/about")
    page.wait_for_function("document.documentElement.dataset.js !== undefined")
    places = page.evaluate(
        """() => [...document.querySelectorAll(".site-header :is(a, select)")].filter((e) => e.checkVisibility()).map((e) => {
            const box = e.getBoundingClientRect();
            return [Math.round((box.top + box.bottom) / 2 / 20), box.left];
        })"""
    )
    assert len(places) == (7 if width == 1280 else 6), "About is in the footer alone where there is little room"
    assert places == sorted(places)


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


def test_what_stands_on_a_ground_of_its_own_is_printed_in_ink(used_site: Site, new_visitor: NewVisitor) -> None:
    visitor = new_visitor(used_site, color_scheme="dark", reduced_motion="reduce")
    for path, part in ((ARTICLE, ".comment-badge"), ("/", ".hero .button:last-child")):
        page = visitor.go(path)
        page.emulate_media(media="print")
        expect(page.locator(part).first).to_have_css("color", "rgb(0, 0, 0)")
        expect(page.locator(part).first).to_have_css("background-color", "rgba(0, 0, 0, 0)")
        expect(page.locator(part).first).to_have_css("border-top-style", "solid")


@pytest.mark.parametrize("width", [320, 390, 1280])
def test_staff_pages_fit_the_window(used_site: Site, new_visitor: NewVisitor, width: int) -> None:
    visitor = new_visitor(used_site, viewport={"width": width, "height": 800})
    check_width(visitor, "/staff/login")
    sign_in(visitor)
    for path in STAFF:
        check_width(visitor, path)


def test_the_tab_that_is_looked_at_is_seen_on_a_phone(used_site: Site, new_visitor: NewVisitor) -> None:
    visitor = new_visitor(used_site, viewport={"width": 390, "height": 800})
    sign_in(visitor)
    for tab in ("closed", "all"):
        page = visitor.go(f"/staff/requests?filter={tab}")
        expect(page.locator(".tab[aria-current]")).to_be_in_viewport(ratio=1)


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
