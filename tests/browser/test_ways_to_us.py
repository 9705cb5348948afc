"""How readers are shown the way to us: whether the clinic is open, and a bar on phones that knows when to be quiet."""

import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, Route, expect

from tests.browser.conftest import NewVisitor
from tests.browser.test_pages import PUBLIC
from tests.browser.test_walk import ARTICLE
from tests.faults.running import Site

pytestmark = pytest.mark.slow
FACTS = {
    'phone = ""': 'phone = "051-2345678"',
    'whatsapp = ""': 'whatsapp = "0300-1234567"',
    "holidays = []": 'holidays = ["2027-01-08 to 2027-01-10 Winter days"]',
    "[clinic.hours]": '[clinic.hours]\nmonday = "09:00-17:00"\nfriday = "09:00-13:00, 14:30-18:00"',
}
WATCH_SHIFTS = """window.shifts = [];
new PerformanceObserver((list) => { for (const entry of list.getEntries()) shifts.push([entry.value,
    entry.sources.map(({ node }) => (node?.outerHTML ?? String(node?.textContent)).slice(0, 80))]); })
    .observe({ type: "layout-shift", buffered: true });"""
READ_TO_THE_END = """async () => {
    for (let at = scrollY; at < document.documentElement.scrollHeight; at += innerHeight) {
        scrollTo(0, at);
        await new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));
    }
    return shifts;
}"""
SMALL_TARGETS = """() => [...document.querySelectorAll("a, button, select, input, textarea, summary")]
    .filter((e) => e.checkVisibility({ visibilityProperty: true }) && !e.closest("p, .cite, .prose, .reference, .breadcrumb"))
    .map((e) => [e, Math.max(...[e, ...(e.labels ?? [])].map((part) => part.getBoundingClientRect().height))])
    .filter(([, height]) => height > 1 && height < 43.5)
    .map(([e, height]) => `${e.tagName} ${e.innerText || e.name}: ${height}`)"""
PHONE = {"viewport": {"width": 390, "height": 844}}


@pytest.fixture(scope="module")
def clinic(has_chromium: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A running site of a clinic that has told its facts."""
    made = Site(tmp_path_factory.mktemp("facts") / "instance")
    path = Path(made.environ["FLASK_SITE_CONFIG"])
    text = path.read_text()
    for unset, told in FACTS.items():
        assert unset in text
        text = text.replace(unset, told)
    path.write_text(text)
    made.start()
    yield made
    made.kill_all()


@pytest.mark.parametrize(
    ("moment", "line"),
    [
        ("2026-12-28T03:59:00Z", "Closed now. Opens at 09:00."),
        ("2026-12-28T04:00:00Z", "Open now, until 17:00."),
        ("2026-12-28T12:00:00Z", "Closed now. Opens on Friday at 09:00."),
        ("2026-12-31T19:30:00Z", "Closed now. Opens at 09:00."),
        ("2027-01-01T08:10:00Z", "Closed now. Opens at 14:30."),
        ("2027-01-03T07:00:00Z", "Closed now. Opens tomorrow at 09:00."),
        ("2027-01-04T12:30:00Z", "Closed now. Opens on Monday, 11/1 at 09:00."),
        ("2027-01-08T05:00:00Z", "Closed now. Opens on Monday at 09:00."),
    ],
)
def test_open_now_is_said_by_the_clinics_clock(clinic: Site, new_visitor: NewVisitor, moment: str, line: str) -> None:
    visitor = new_visitor(clinic, timezone_id="America/New_York")
    visitor.page.clock.set_fixed_time(moment)
    expect(visitor.go("/contact").locator(".open-now")).to_have_text(line)


def test_without_the_script_hours_say_it_alone(clinic: Site, new_visitor: NewVisitor) -> None:
    page = new_visitor(clinic, java_script_enabled=False).go("/contact")
    expect(page.locator(".open-now")).to_be_hidden()
    expect(page.locator(".hours")).to_contain_text("09:00–17:00")


def bring(page: Page, selector: str) -> None:
    """Scrolls so that this stands in the middle of the window."""
    page.locator(selector).first.evaluate("(e) => e.scrollIntoView({ block: 'center' })")


def test_the_bar_comes_with_reading_and_leaves_beside_urgent_care(clinic: Site, new_visitor: NewVisitor) -> None:
    page = new_visitor(clinic, **PHONE).go(ARTICLE)
    bar = page.locator(".sticky-action")
    expect(bar).to_be_hidden()
    bring(page, "#how-it-works, .prose h2:nth-of-type(2)")
    expect(bar).to_be_in_viewport(ratio=1)
    expect(bar.get_by_role("link")).to_have_count(3)
    for rival in (".urgent", ".request-card", ".reply-form", ".site-footer"):
        bring(page, rival)
        expect(bar).to_be_hidden()
    bring(page, ".prose h2:nth-of-type(2)")
    bar.get_by_role("link", name="Ask for a consultation").click()
    expect(page).to_have_url(f"{clinic.url}/consultation?from=botox-for-chronic-migraine")


def test_the_bar_never_covers_what_has_the_focus(clinic: Site, new_visitor: NewVisitor) -> None:
    page = new_visitor(clinic, **PHONE).go(ARTICLE)
    bring(page, ".prose h2:nth-of-type(2)")
    bar = page.locator(".sticky-action")
    expect(bar).to_be_visible()
    page.locator(".prose h2:nth-of-type(2)").evaluate("(e) => { e.tabIndex = -1; e.focus(); }")
    for _ in range(25):
        page.keyboard.press("Tab")
        covered = page.evaluate(
            """() => {
                const bar = document.querySelector(".sticky-action");
                const focused = document.activeElement;
                const [top, end] = [bar.getBoundingClientRect().top, focused.getBoundingClientRect().bottom];
                return !bar.hidden && !bar.contains(focused) && end > top;
            }"""
        )
        assert not covered, page.evaluate("document.activeElement.outerHTML")


def test_without_a_script_there_is_no_bar(clinic: Site, new_visitor: NewVisitor) -> None:
    page = new_visitor(clinic, **PHONE, java_script_enabled=False).go(ARTICLE)
    expect(page.locator(".sticky-action")).to_have_count(1)
    expect(page.locator(".sticky-action")).to_be_hidden()


def come_late(route: Route) -> None:
    """Lets a file through after a while."""
    time.sleep(0.2)
    route.continue_()


def settled(page: Page, name: str) -> list[str]:
    """What moved on a page until it was read to its end, in shares of the window (Layout Instability, W3C)."""
    moved = page.evaluate(READ_TO_THE_END)
    return [f"{name}: {value:.4f} {parts}" for value, parts in moved]


@pytest.mark.parametrize("width", [390, 1280])
def test_nothing_moves_while_a_page_loads(clinic: Site, new_visitor: NewVisitor, width: int) -> None:
    visitor = new_visitor(clinic, viewport={"width": width, "height": 844})
    visitor.context.add_init_script(WATCH_SHIFTS)
    # The scripts come after the first paint, as over a slow network.
    visitor.context.route("**/static/js/*.js", come_late)
    moved = [line for path in PUBLIC for line in settled(visitor.go(path), path)]
    # Now with all that this device has kept.
    visitor.go("/consultation")
    visitor.fill(name="Sana", message="Evenings are better.")
    page = visitor.go(ARTICLE)
    settled(page, "the article")
    visitor.fill(body="Half a thought.")
    page.get_by_label("Brightness of this page").select_option("dim")
    moved += settled(visitor.go("/consultation"), "a request begun before")
    expect(page.locator(".draft-back")).to_be_visible()
    moved += settled(visitor.go(f"{ARTICLE}#respond"), "a comment begun before")
    expect(page.locator(".draft-line")).to_contain_text("is back")
    page.reload()
    moved += settled(page, "the end of the article, loaded again")
    assert moved == []


def test_what_is_pressed_on_the_main_paths_is_44_px_high(clinic: Site, new_visitor: NewVisitor) -> None:
    visitor = new_visitor(clinic, **PHONE)
    for path in ("/", "/blog/", ARTICLE, "/treatments/", "/consultation", "/self-check", "/contact"):
        assert visitor.go(path).evaluate(SMALL_TARGETS) == [], path
    visitor.go("/consultation")
    visitor.click("Send my request")
    assert visitor.page.evaluate(SMALL_TARGETS) == []


def test_on_a_wide_screen_there_is_no_bar(clinic: Site, new_visitor: NewVisitor) -> None:
    page = new_visitor(clinic).go(ARTICLE)
    bring(page, ".prose h2:nth-of-type(2)")
    expect(page.locator(".sticky-action")).to_be_hidden()
