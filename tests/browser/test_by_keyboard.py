"""Reader, visitor and staff with nothing but a keyboard, on a phone and on a desk: what has the focus is always to be seen."""

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.chromium import Visitor
from tests.browser.conftest import NewVisitor
from tests.browser.seed import OWNER
from tests.browser.test_walk import ARTICLE, SCRIPT
from tests.factories import PASSWORD
from tests.faults.running import Site

pytestmark = pytest.mark.slow
MOST_STOPS = 260
UNSEEN = """(target) => {
    const e = document.activeElement;
    if (e === document.body) return [false, ""];
    const said = `${e.tagName} ${e.name ?? ""} ${e.innerText?.slice(0, 30) ?? ""}`;
    // A row that is one link has its ring around the row.
    const rings = ["", "::after"].map((part) => getComputedStyle(e, part)).filter((own) => own.outlineStyle !== "none");
    if (!rings.some((own) => parseFloat(own.outlineWidth) >= 2)) return [false, `no ring around ${said}`];
    const hits = [...e.getClientRects()].flatMap(({ left, right, top, bottom }) => [0.1, 0.5, 0.9].flatMap((x) => [0.1, 0.5, 0.9]
        .map((y) => document.elementFromPoint(left + x * (right - left), top + y * (bottom - top)))));
    return [e === target, hits.some((hit) => e.contains(hit)) ? "" : `hidden: ${said}`];
}"""


class Keys:
    """Somebody who has no mouse."""

    def __init__(self, visitor: Visitor) -> None:
        self.page: Page = visitor.page

    def to(self, target: Locator) -> None:
        """Tabs until this has the focus, and looks at every stop on the way (WCAG 2.4.7 and 2.4.11)."""
        element = target.element_handle()
        for _ in range(MOST_STOPS):
            self.page.keyboard.press("Tab")
            is_there, unseen = self.page.evaluate(UNSEEN, element)
            assert unseen == ""
            if is_there:
                return
        raise AssertionError(f"the keyboard does not lead to {target}")

    def fill(self, **values: str) -> None:
        """Types into fields in the order of the page."""
        for name, value in values.items():
            self.to(self.page.locator(f'[name="{name}"]').first)
            self.page.keyboard.type(value)

    def press(self, target: Locator, key: str = "Enter") -> None:
        """Presses what leads to another page."""
        self.to(target)
        with self.page.expect_navigation():
            self.page.keyboard.press(key)


def comment(keys: Keys, text: str) -> None:
    """Writes into the form of the article, and sends it."""
    page = keys.page
    keys.fill(body=text, name="Sana Ahmed", email="keys@example.com")
    keys.press(page.get_by_role("button", name="Post comment"))
    expect(page.locator("h1")).to_have_text("Your comment is waiting")


def ask(keys: Keys, name: str) -> str:
    """Sends a request; returns its reference."""
    page = keys.page
    keys.to(page.locator(".skip-link"))
    page.keyboard.press("Enter")
    keys.fill(name=name, phone="0300 7654321")
    keys.to(page.get_by_label("Phone call", exact=True))
    page.keyboard.press("Space")
    keys.to(page.locator('[name="consent"]'))
    page.keyboard.press("Space")
    keys.press(page.get_by_role("button", name="Send my request"))
    return page.locator(".receipt-number").inner_text().strip()


def answer(keys: Keys, text: str, reference: str) -> None:
    """Signs in, answers the comment, and notes a call."""
    page = keys.page
    keys.fill(email=OWNER, password=PASSWORD)
    with page.expect_navigation():
        page.keyboard.press("Enter")
    rail = page.get_by_role("navigation", name="Staff")
    keys.press(rail.get_by_role("link", name="Comments"))
    row = page.locator(".row", has_text=text)
    keys.to(row.locator(".row-answer > summary"))
    page.keyboard.press("Enter")
    keys.to(row.locator(".row-answer textarea"))
    page.keyboard.type("Thank you, we will.")
    keys.press(row.get_by_role("button", name="Approve and reply"))
    expect(page.get_by_role("status").first).to_contain_text("Your reply is published.")
    keys.press(rail.get_by_role("link", name="Requests"))
    keys.press(page.locator(".row", has_text=reference).get_by_role("link").first)
    keys.fill(note="Called; will come on Monday.")
    keys.press(page.locator('button[value="contacted"]'))
    expect(page.get_by_role("status").first).to_contain_text("Saved: contacted.")


@SCRIPT
@pytest.mark.parametrize("width", [390, 1280])
def test_everybody_gets_there_with_the_keyboard_alone(used_site: Site, new_visitor: NewVisitor, script: bool, width: int) -> None:
    window = {"viewport": {"width": width, "height": 844}, "java_script_enabled": script}
    text = f"Could you write about sleep? {script}, {width}."
    visitor = new_visitor(used_site, **window)
    # From the top through the whole article once: where the bar of phones comes and goes.
    visitor.go(ARTICLE if script and width == 390 else f"{ARTICLE}#respond")
    comment(Keys(visitor), text)
    visitor.go("/consultation")
    reference = ask(Keys(visitor), f"Keyboard {script} {width}")
    staff = new_visitor(used_site, **window)
    staff.go("/staff/")
    answer(Keys(staff), text, reference)
    assert visitor.context.cookies() == []
