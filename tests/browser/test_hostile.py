"""Hostile text in a real browser: for readers, for staff and in the mail it is text; nothing runs, opens, loads or is refused."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from email.message import EmailMessage

import pytest
from playwright.sync_api import Browser

from tests.browser.chromium import Visitor
from tests.browser.conftest import NewVisitor
from tests.browser.hostile_seed import PER_TEXT, long_text, name, seed_hostile
from tests.browser.test_pages import sign_in
from tests.browser.test_walk import ARTICLE, mails_of_kind
from tests.faults.running import Site, poll
from tests.hostile import OWN, public_lists

pytestmark = pytest.mark.slow
INJECTED = """() => {
    const ours = (e) => e.src ? e.src.startsWith(`${location.origin}/static/`) : e.closest("head") && e.type !== "module";
    const found = [...document.scripts].filter((e) => !ours(e)).map((e) => e.outerHTML);
    for (const e of document.querySelectorAll("*")) {
        if (["IFRAME", "OBJECT", "EMBED", "BASE", "FRAMESET", "APPLET", "MARQUEE", "AUDIO", "VIDEO"].includes(e.tagName))
            found.push(e.tagName);
        for (const { name, value } of e.attributes) {
            const runs = name.startsWith("on") || name === "srcdoc" || /^\\s*(javascript|vbscript|data):/i.test(value);
            if (runs && !["content", "value"].includes(name)) found.push(`${e.tagName} ${name}=${value}`);
        }
    }
    return found.slice(0, 5);
}"""
"""What no page of ours has: foreign scripts, handlers, addresses that run, elements that load."""
KINDS = ("comment_held", "request_received", "comment_replied", "requests_overdue", "requests_escalated")


@pytest.fixture(scope="module")
def texts() -> list[str]:
    """Our own strings, and the public lists where they are."""
    return list(dict.fromkeys([*OWN, *public_lists()]))


@pytest.fixture(scope="module")
def hostile_site(has_chromium: None, tmp_path_factory: pytest.TempPathFactory, texts: list[str]) -> Iterator[Site]:
    """A running server that hostile people have used."""
    made = Site(tmp_path_factory.mktemp("hostile") / "instance")
    with ThreadPoolExecutor(1) as thread:
        # A thread of its own, since Playwright's event loop is in the way of Flask's context.
        thread.submit(seed_hostile, made, texts).result()
    made.start()
    yield made
    made.kill_all()


def look(visitor: Visitor, path: str) -> str | None:
    """Opens a page, checks it, and returns the address of the next one if it has one."""
    page = visitor.go(path)
    assert page.evaluate(INJECTED) == [], path
    assert visitor.all_faults() == [], path
    following = page.locator('.page-links a[rel="next"], .pager a[rel="next"]')
    return following.first.get_attribute("href") if following.count() else None


def look_at_all(visitor: Visitor, path: str) -> int:
    """A page and all that follow it; returns how many there were."""
    count, following = 1, look(visitor, path)
    while following is not None:
        count, following = count + 1, look(visitor, following)
    return count


@pytest.mark.parametrize("markup", ["<script>alert(1)</script>", "<img src=x onerror=alert(1)>", '<img src="https://a.example/">'])
def test_the_trap_springs(chrome: Browser, hostile_site: Site, markup: str) -> None:
    visitor = Visitor(chrome, hostile_site.url)
    visitor.page.set_content(markup)
    visitor.page.wait_for_timeout(200)
    assert visitor.page.evaluate(INJECTED) or visitor.all_faults()
    visitor.go("/")
    visitor.page.evaluate("(markup) => document.body.append(document.createRange().createContextualFragment(markup))", markup)
    visitor.page.wait_for_timeout(500)
    assert any("CSP" in fault for fault in visitor.all_faults()), "the policy let it pass in silence"
    visitor.context.close()


def test_readers_see_text(hostile_site: Site, new_visitor: NewVisitor, texts: list[str]) -> None:
    visitor = new_visitor(hostile_site)
    assert look_at_all(visitor, ARTICLE) >= len(texts) / 100
    visitor.go(ARTICLE)
    visitor.page.evaluate("document.querySelectorAll('.comment-reply a').forEach((link) => link.click())")
    assert visitor.page.evaluate(INJECTED) == []


def test_what_is_typed_comes_back_as_text(hostile_site: Site, new_visitor: NewVisitor, texts: list[str]) -> None:
    visitor = new_visitor(hostile_site)
    for start in range(0, len(texts), 4 * PER_TEXT):
        group = texts[start : start + 4 * PER_TEXT]
        visitor.go(ARTICLE)
        visitor.fill(body=long_text(group), name=name(group[0]), email="reader@example.com")
        visitor.click("Preview")
        assert visitor.page.evaluate(INJECTED) == []
        visitor.go("/consultation")
        visitor.fill(name=name(group[-1]), phone=group[0][:50].replace("\n", " "), message=long_text(group))
        visitor.click("Send my request")
        assert visitor.page.evaluate(INJECTED) == []
        assert visitor.all_faults() == []


def test_staff_see_text(hostile_site: Site, new_visitor: NewVisitor, texts: list[str]) -> None:
    visitor = new_visitor(hostile_site)
    sign_in(visitor)
    for path in ("/staff/", "/staff/people", "/staff/audit", "/staff/requests?filter=all", "/staff/mail"):
        look_at_all(visitor, path)
    assert look_at_all(visitor, "/staff/comments") > 1
    look_at_all(visitor, "/staff/comments?tab=approved")
    for number in range(1, len(texts) // PER_TEXT + 1, 2):
        look(visitor, f"/staff/requests/{number}")
    for text in OWN:
        visitor.go("/staff/comments")
        visitor.page.locator(".filter-box").evaluate("(box) => { box.open = true }")
        visitor.fill(q=name(text))
        visitor.click("Show")
        assert visitor.page.evaluate(INJECTED) == []


def test_mail_shows_text(hostile_site: Site, new_visitor: NewVisitor, texts: list[str]) -> None:
    due = "SELECT count(*) FROM outbox_mail WHERE state = 'waiting' AND kind IN ('comment_held', 'request_received')"
    poll(lambda: hostile_site.rows(due) == [(0,)], "the mail does not go out", within=60)
    found = {kind: mails_of_kind(hostile_site, kind) for kind in KINDS}
    assert found["request_received"]
    assert found["comment_held"]
    assert found["comment_replied"]
    visitor = new_visitor(hostile_site)
    for letter in [letter for letters in found.values() for letter in letters]:
        visitor.page.set_content(html_of(letter))
        assert visitor.page.evaluate(INJECTED) == [], letter["Subject"]
        assert visitor.all_faults() == [], letter["Subject"]


def html_of(letter: EmailMessage) -> str:
    """The part that a mail program draws, which no policy of ours protects."""
    body = letter.get_body(("html",))
    assert body is not None
    return str(body.get_content())
