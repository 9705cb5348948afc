"""What makes writing a comment easy, in a real browser: preview, warning, draft, count, one's name remembered."""

import pytest
from playwright.sync_api import Page, expect

from tests.browser.chromium import Visitor
from tests.browser.conftest import NewVisitor
from tests.browser.test_pages import TOO_WIDE
from tests.browser.test_walk import ARTICLE, SCRIPT
from tests.faults.running import Site

pytestmark = pytest.mark.slow


def write(visitor: Visitor, **values: str) -> Page:
    """Opens the article, waits for its scripts, and fills in the comment form."""
    page = visitor.go(ARTICLE)
    page.wait_for_load_state("networkidle")
    visitor.fill(**values)
    return page


def count(site: Site, text: str) -> int:
    """How many comments hold exactly this text."""
    ((number,),) = site.rows(f"SELECT count(*) FROM comment WHERE text = '{text}'")
    return int(number)


@SCRIPT
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_preview_is_shown_and_then_posted(used_site: Site, new_visitor: NewVisitor, script: bool, scheme: str) -> None:
    text = f"Looked at twice, {script}, {scheme}."
    visitor = new_visitor(used_site, java_script_enabled=script, color_scheme=scheme, viewport={"width": 320, "height": 640})
    page = write(visitor, body=text, name="N" * 60, email="preview@example.com")
    visitor.click("Preview")
    expect(page.locator("#preview .comment-text")).to_have_text(text)
    expect(page.locator("#preview")).to_be_in_viewport()
    if script:
        expect(page.locator("#preview")).to_be_focused()
        assert page.evaluate(TOO_WIDE) == []
    assert count(used_site, text) == 0
    expect(page.locator('[name="body"]')).to_have_value(text)
    visitor.click("Post comment")
    expect(page.locator("h1")).to_have_text("Your comment is waiting")
    assert count(used_site, text) == 1


def test_personal_details_are_posted_once_their_author_has_seen_the_warning(used_site: Site, new_visitor: NewVisitor) -> None:
    text = "Call 0300-1234567, I take 40 mg."
    visitor = new_visitor(used_site, viewport={"width": 320, "height": 640})
    page = write(visitor, body=text, name="Warned", email="warned@example.com")
    page.get_by_role("button", name="Post comment").click()
    notice = page.locator(".personal-notice")
    expect(notice).to_contain_text("This will be public")
    expect(notice).to_contain_text("a phone number: 0300-1234567")
    expect(notice).to_contain_text("40 mg")
    expect(notice.get_by_role("alert")).to_contain_text("It has not been sent yet")
    expect(notice).to_be_focused()
    assert page.url.endswith(ARTICLE), "nothing was sent"
    assert page.evaluate(TOO_WIDE) == []
    assert count(used_site, text) == 0
    page.get_by_label("Post it as it is").check()
    visitor.click("Post comment")
    expect(page.locator("h1")).to_have_text("Your comment is waiting")
    assert count(used_site, text) == 1


def test_without_javascript_a_preview_warns_and_nothing_is_refused(used_site: Site, new_visitor: NewVisitor) -> None:
    text = "Call 0300-7654321, I take 80 mg."
    visitor = new_visitor(used_site, java_script_enabled=False)
    page = write(visitor, body=text, name="Warned", email="warned4@example.com")
    visitor.click("Preview")
    expect(page.locator(".personal-notice")).to_contain_text("a phone number: 0300-7654321")
    visitor.click("Post comment")
    expect(page.locator("h1")).to_have_text("Your comment is waiting")
    assert count(used_site, text) == 1


def test_warned_author_takes_the_detail_out_and_posts(used_site: Site, new_visitor: NewVisitor) -> None:
    visitor = new_visitor(used_site)
    page = write(visitor, body="Write to me@example.com", name="Warned", email="warned2@example.com")
    page.get_by_role("button", name="Post comment").click()
    expect(page.locator(".personal-notice")).to_be_visible()
    visitor.fill(body="Do not write to me.")
    visitor.click("Post comment")
    expect(page.locator("h1")).to_have_text("Your comment is waiting")


def test_draft_survives_a_reload_and_ends_when_the_comment_has_arrived(used_site: Site, new_visitor: NewVisitor) -> None:
    visitor = new_visitor(used_site)
    page = write(visitor, body="Half a thought, سر درد", name="Drafty", email="drafty@example.com")
    page.reload()
    expect(page.locator('[name="body"]')).to_have_value("Half a thought, سر درد")
    expect(page.locator('[name="name"]')).to_have_value("Drafty")
    expect(page.locator('[name="email"]')).to_have_value("drafty@example.com")
    expect(page.locator(".draft-line")).to_contain_text("What you wrote before is back.")
    visitor.click("Post comment")
    expect(page.locator("h1")).to_have_text("Your comment is waiting")
    page.wait_for_function("() => !localStorage.getItem('draft:botox-chronic-migraine')")
    page = visitor.go(ARTICLE)
    page.wait_for_load_state("networkidle")
    expect(page.locator('[name="body"]')).to_have_value("")
    expect(page.get_by_role("button", name="Clear the draft")).to_be_hidden()


def test_draft_survives_a_failed_network(used_site: Site, new_visitor: NewVisitor) -> None:
    visitor = new_visitor(used_site)
    page = write(visitor, body="Sent from a tunnel.", name="Tunnel", email="tunnel@example.com")
    visitor.page.route("**/comments", lambda route: route.abort())
    page.get_by_role("button", name="Post comment").click()
    page.wait_for_url("chrome-error://**", wait_until="commit")
    visitor.page.unroute("**/comments")
    page = visitor.go(ARTICLE)
    expect(page.locator('[name="body"]')).to_have_value("Sent from a tunnel.")
    visitor.forget_failures()


def test_without_a_network_nothing_is_lost_and_the_page_says_so(used_site: Site, new_visitor: NewVisitor) -> None:
    visitor = new_visitor(used_site, viewport={"width": 390, "height": 844})
    page = write(visitor, body="Sent from a lift.", name="Lift", email="lift@example.com")
    visitor.context.set_offline(True)
    page.get_by_role("button", name="Post comment").click()
    expect(page.locator(".draft-line")).to_contain_text("There is no network: nothing was sent.")
    expect(page.locator(".draft-line")).to_be_in_viewport()
    expect(page.locator('[name="body"]')).to_have_value("Sent from a lift.")
    visitor.context.set_offline(False)
    visitor.click("Post comment")
    expect(page.locator("h1")).to_have_text("Your comment is waiting")
    assert count(used_site, "Sent from a lift.") == 1


def test_page_whose_scripts_never_arrive_is_read_and_answered(used_site: Site, new_visitor: NewVisitor) -> None:
    visitor = new_visitor(used_site)
    visitor.context.route("**/static/js/**", lambda route: route.abort())
    page = visitor.go(ARTICLE)
    expect(page.locator(".prose h2").first).to_be_visible()
    visitor.fill(body="Without its scripts.", name="Slow", email="slow@example.com")
    visitor.click("Post comment")
    expect(page.locator("h1")).to_have_text("Your comment is waiting")
    assert count(used_site, "Without its scripts.") == 1
    visitor.forget_failures()


def test_cleared_and_outdated_drafts_do_not_come_back(used_site: Site, new_visitor: NewVisitor) -> None:
    visitor = new_visitor(used_site)
    page = write(visitor, body="Not to be kept.", name="Shy", email="shy@example.com")
    page.get_by_role("button", name="Clear the draft").click()
    expect(page.locator('[name="body"]')).to_be_focused()
    expect(page.locator('[name="email"]')).to_have_value("")
    expect(page.locator(".draft-line")).to_contain_text("The draft was cleared.")
    page.reload()
    page.wait_for_load_state("networkidle")
    expect(page.locator('[name="body"]')).to_have_value("")
    visitor.fill(body="From the day before.")
    page.evaluate("""() => { for (const key of ["draft:botox-chronic-migraine", "draft:another"])
        localStorage.setItem(key, JSON.stringify({ body: "Old", at: Date.now() - 86400001 })); }""")
    # Not by a reload: there the browser itself may put back what a field held; nor by way of a page that sweeps drafts itself.
    visitor.go("/robots.txt")
    page = visitor.go(ARTICLE)
    page.wait_for_load_state("networkidle")
    expect(page.locator('[name="body"]')).to_have_value("")
    assert page.evaluate("Object.keys(localStorage)") == []


def test_name_is_remembered_only_when_asked_for_and_forgotten_again(used_site: Site, new_visitor: NewVisitor) -> None:
    visitor = new_visitor(used_site)
    for number, remembered in enumerate((False, True)):
        page = write(visitor, body=f"Remembering, {number}.", name="Zara", email="zara@example.com")
        box = page.get_by_label("Remember my name and email on this device")
        expect(box).not_to_be_checked()
        box.set_checked(remembered)
        visitor.click("Post comment")
        page = visitor.go(ARTICLE)
        page.wait_for_load_state("networkidle")
        expect(page.locator('[name="name"]')).to_have_value("Zara" if remembered else "")
        expect(page.locator('[name="email"]')).to_have_value("zara@example.com" if remembered else "")
        expect(page.get_by_label("Remember my name and email on this device")).to_be_checked(checked=remembered)
    page.get_by_label("Remember my name and email on this device").uncheck()
    # Not by a reload: there the browser itself may put back what a field held.
    visitor.go("/")
    page = visitor.go(ARTICLE)
    page.wait_for_load_state("networkidle")
    expect(page.locator('[name="name"]')).to_have_value("")
    assert visitor.context.cookies() == []


def test_count_is_shown_and_spoken_only_near_the_limit(used_site: Site, new_visitor: NewVisitor) -> None:
    page = write(new_visitor(used_site), body="x" * 1200)
    spoken = page.locator('[name="body"] ~ [aria-live="polite"]')
    expect(page.locator(".char-count")).to_have_text("Characters left: 3,800")
    page.wait_for_timeout(1200)
    expect(spoken).to_have_text("")
    page.locator('[name="body"]').fill("🙂" * 4999)
    expect(page.locator(".char-count")).to_have_text("Characters left: 1")
    expect(spoken).to_have_text("Characters left: 1")
    page.locator('[name="body"]').fill("x" * 5003)
    expect(page.locator(".char-count")).to_have_text("Characters too many: 3")
    expect(spoken).to_have_text("Characters too many: 3")


def test_form_works_where_storage_is_blocked(used_site: Site, new_visitor: NewVisitor) -> None:
    visitor = new_visitor(used_site)
    visitor.context.add_init_script(
        "Object.defineProperty(window, 'localStorage', { get() { throw new DOMException('blocked', 'SecurityError'); } })"
    )
    page = write(visitor, body="Without any storage.", name="Blocked", email="blocked@example.com")
    expect(page.get_by_label("Remember my name and email on this device")).to_be_visible()
    visitor.click("Post comment")
    expect(page.locator("h1")).to_have_text("Your comment is waiting")
