"""Passkeys, with Chromium's virtual authenticator on http://localhost."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.browser.chromium import Visitor
from tests.browser.conftest import NewVisitor
from tests.browser.test_walk import set_up_the_owner
from tests.factories import PASSWORD
from tests.faults.running import Site

AUTHENTICATOR = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}


@pytest.fixture
def named_site(has_chromium: None, tmp_path: Path) -> Iterator[Site]:
    """A server whose SITE_URL has a name, so that passkeys can be bound to it."""
    made = Site(tmp_path / "instance")
    made.url = f"http://localhost:{made.port}"
    made.environ["FLASK_SITE_URL"] = made.url
    made.start()
    yield made
    made.kill_all()


def give_authenticator(visitor: Visitor) -> None:
    """A device with a lock whose owner always says yes."""
    tools = visitor.context.new_cdp_session(visitor.page)
    tools.send("WebAuthn.enable")
    tools.send("WebAuthn.addVirtualAuthenticator", {"options": AUTHENTICATOR})


def test_a_passkey_made_at_the_account_signs_in_without_a_password(named_site: Site, new_visitor: NewVisitor) -> None:
    owner = new_visitor(named_site)
    give_authenticator(owner)
    set_up_the_owner(owner, named_site.setup_link)
    owner.go("/staff/account/second-factor")
    owner.click("Add a passkey on this device")
    expect(owner.page.locator(".recovery-codes li")).to_have_count(10)
    owner.go("/staff/account/second-factor")
    expect(owner.page.locator("#passkeys ~ .rows .row")).to_contain_text("Chrome on Linux")
    owner.click("Sign out")
    owner.go("/staff/requests")
    owner.click("Sign in with a passkey")
    expect(owner.page.locator("h1")).to_have_text("Requests: to do")
    owner.click("Sign out")
    owner.fill(email="owner@clinic.example", password=PASSWORD)
    owner.click("Sign in")
    expect(owner.page.locator("h1")).to_have_text("Second factor")
    owner.click("Use a passkey instead")
    expect(owner.page.locator("h1")).to_have_text("Dashboard")
    owner.go("/staff/account/second-factor")
    owner.click("Remove")
    expect(owner.page.locator("#passkeys ~ .rows")).to_have_count(0)
    owner.click("Sign out")
    owner.click("Sign in with a passkey")
    expect(owner.page.locator(".flash")).to_contain_text("does not open an account here")


def test_a_device_that_refuses_leaves_a_word_and_the_password(named_site: Site, new_visitor: NewVisitor) -> None:
    owner = new_visitor(named_site)
    set_up_the_owner(owner, named_site.setup_link)
    owner.click("Sign out")
    tools = owner.context.new_cdp_session(owner.page)
    tools.send("WebAuthn.enable")
    tools.send("WebAuthn.addVirtualAuthenticator", {"options": AUTHENTICATOR | {"isUserVerified": False}})
    owner.page.get_by_role("button", name="Sign in with a passkey").click()
    expect(owner.page.locator(".passkey-form [role=status]")).to_contain_text("use your password", timeout=70_000)
    owner.fill(email="owner@clinic.example", password=PASSWORD)
    owner.page.locator("form:not(.passkey-form) button").click()
    expect(owner.page.locator("h1")).to_have_text("Dashboard")


def test_without_javascript_or_without_a_name_there_is_no_passkey_button(
    named_site: Site, site: Site, new_visitor: NewVisitor
) -> None:
    plain = new_visitor(named_site, java_script_enabled=False)
    expect(plain.go("/staff/login").get_by_text("Sign in with a passkey")).to_be_hidden()
    expect(new_visitor(site).go("/staff/login").locator(".passkey-form")).to_have_count(0)
