"""The whole way of the house in a real browser: reader, commenter, visitor with a request, and the staff who answer."""

import email
import email.policy
import re
from email.message import EmailMessage
from typing import cast

import pytest
from playwright.sync_api import expect

from tests.browser.chromium import Visitor
from tests.browser.conftest import NewVisitor
from tests.browser.seed import mail_files
from tests.factories import PASSWORD, SLUG
from tests.faults.running import Site, poll

pytestmark = pytest.mark.slow
ARTICLE = f"/blog/{SLUG}"
COMMENT = "The diary helped me to explain it to my doctor.\n\nI would start one again."
SCRIPT = pytest.mark.parametrize("script", [True, False], ids=["with JavaScript", "without JavaScript"])


def mails_of_kind(site: Site, kind: str) -> list[EmailMessage]:
    """The kept messages of one kind, parsed."""
    found = [path for path in mail_files(site) if path.stem.endswith(kind)]
    return [cast(EmailMessage, email.message_from_bytes(path.read_bytes(), policy=email.policy.default)) for path in found]


def wait_for_mail(site: Site, kind: str) -> EmailMessage:
    """The only message of a kind, once it is there."""
    poll(lambda: bool(mails_of_kind(site, kind)), lambda: f"no {kind} mail:\n{site.output}")
    (message,) = mails_of_kind(site, kind)
    return message


def text_of(message: EmailMessage) -> str:
    """The plain text of a message."""
    body = message.get_body(("plain",))
    assert body is not None
    return str(body.get_content())


def read_the_article(visitor: Visitor) -> None:
    """From the home page to the article, to its end."""
    visitor.go("/")
    visitor.page.locator(f'main a[href="{ARTICLE}"]').first.click()
    expect(visitor.page.locator("h1")).to_contain_text("Chronic Migraine")
    assert visitor.page.locator(".prose h2").count() >= 5
    expect(visitor.page.locator("#replies")).to_have_text("No replies yet")


def post_a_comment(visitor: Visitor) -> str:
    """Fills in the form under the article; returns the address of the status page."""
    visitor.fill(body=COMMENT, name="Sana Ahmed", email="sana@example.com")
    visitor.click("Post comment")
    assert "/comments/" in visitor.page.url
    expect(visitor.page.locator("h1")).to_have_text("Your comment is waiting")
    expect(visitor.page.locator(".comment-text")).to_contain_text("I would start one again.")
    return visitor.page.url


def send_a_request(visitor: Visitor) -> str:
    """From the article to the receipt; returns the reference."""
    visitor.go(ARTICLE)
    visitor.page.locator('.request-card a[href^="/consultation?from="]').last.click()
    page = visitor.page
    expect(page.locator("h1")).to_have_text("Ask for a consultation")
    expect(page.locator('[name="treatment"][value="chronic-migraine"]')).to_be_checked()
    visitor.fill(name="Bilal Khan", phone="0300-1234567", email="bilal@example.com", message="Evenings are better.")
    page.get_by_label("WhatsApp", exact=True).check()
    page.locator('[name="best_time"]').select_option("evening")
    page.locator('[name="consent"]').check()
    visitor.click("Send my request")
    assert "/consultation/received/" in page.url
    assert "Bilal" not in page.url
    expect(page.locator("main")).to_contain_text("+92 300 1234567")
    return page.locator(".receipt-number").inner_text().strip()


def check_mail(site: Site, reference: str) -> None:
    """Staff and the visitor have their messages."""
    to_staff = wait_for_mail(site, "request_received")
    assert reference in to_staff["Subject"]
    assert "Evenings" not in to_staff["Subject"]
    assert to_staff["Reply-To"] == "bilal@example.com"
    assert "tel:+923001234567" in text_of(to_staff)
    assert "https://wa.me/923001234567" in text_of(to_staff)
    to_visitor = wait_for_mail(site, "request_acknowledged")
    assert to_visitor["To"] == "bilal@example.com"
    assert reference in text_of(to_visitor)
    assert "Bilal" not in str(to_visitor)
    assert "Sana Ahmed" in text_of(wait_for_mail(site, "comment_held"))


def set_up_the_owner(staff: Visitor, link: str) -> None:
    """Through the printed link; the session begins at once."""
    staff.page.goto(link)
    staff.fill(name="Amina Yousaf", email="owner@clinic.example", password=PASSWORD)
    staff.click("Save and sign in")
    expect(staff.page.locator("h1")).to_have_text("Dashboard")


def approve_the_comment(staff: Visitor) -> None:
    """In the queue."""
    staff.page.get_by_role("navigation", name="Staff").get_by_role("link", name=re.compile("Comments")).click()
    row = staff.page.locator(".row", has_text="Sana Ahmed")
    expect(row).to_contain_text("I would start one again.")
    row.get_by_role("button", name="Approve").click()
    expect(staff.page.get_by_role("status")).to_contain_text("The comment was approved.")
    expect(staff.page.locator(".row", has_text="Sana Ahmed")).to_have_count(0)


def answer_the_request(staff: Visitor, reference: str) -> None:
    """Opens it, notes a call, and finds that in the history."""
    staff.go("/staff/requests")
    staff.page.locator(".row", has_text=reference).get_by_role("link", name="Bilal Khan").click()
    staff.fill(note="Spoke with him; he calls back on Monday.")
    with staff.page.expect_navigation():
        staff.page.locator('button[name="status"][value="contacted"]').click()
    expect(staff.page.get_by_role("status")).to_contain_text("Saved: contacted.")
    history = staff.page.locator(".history")
    expect(history).to_contain_text("Amina Yousaf")
    expect(history).to_contain_text("he calls back on Monday")


@SCRIPT
def test_walk_from_the_article_to_the_answered_request(site: Site, new_visitor: NewVisitor, script: bool) -> None:
    visitor = new_visitor(site, java_script_enabled=script)
    read_the_article(visitor)
    status_page = post_a_comment(visitor)
    reference = send_a_request(visitor)
    assert re.fullmatch(r"DC-[2-9A-Z]{4,7}", reference)
    check_mail(site, reference)

    staff = new_visitor(site, java_script_enabled=script)
    set_up_the_owner(staff, site.setup_link)
    approve_the_comment(staff)
    answer_the_request(staff, reference)

    visitor.go(ARTICLE)
    expect(visitor.page.locator("#replies")).to_have_text("1 reply")
    permalink = str(visitor.page.locator(".comment-date").get_attribute("href"))
    visitor.go(permalink)
    expect(visitor.page.locator(f"#{permalink.partition('#')[2]}")).to_be_in_viewport()
    assert "sana@example.com" not in visitor.page.content()
    visitor.page.goto(status_page)
    expect(visitor.page.locator("h1")).to_have_text("Your comment is published")
    assert visitor.context.cookies() == []

    staff.click("Sign out")
    staff.go("/staff/requests")
    expect(staff.page.locator("h1")).to_have_text("Sign in")
    answer = visitor.page.goto(site.setup_link)
    assert answer is not None
    assert answer.status == 410


@SCRIPT
def test_author_withdraws_a_comment(used_site: Site, new_visitor: NewVisitor, script: bool) -> None:
    visitor = new_visitor(used_site, java_script_enabled=script)
    visitor.go(ARTICLE)
    visitor.fill(body=f"I wrote this too fast. {script}", name="Huma", email="huma@example.com")
    visitor.click("Post comment")
    visitor.click("Withdraw my comment")
    expect(visitor.page.locator("h1")).to_have_text("You withdrew your comment")
    expect(visitor.page.get_by_role("button", name="Withdraw my comment")).to_have_count(0)
