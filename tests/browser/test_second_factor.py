"""Setting up an authenticator app and signing in with it, as a person does."""

import time

import pyotp
import pytest
from playwright.sync_api import expect

from tests.browser.conftest import NewVisitor
from tests.browser.test_walk import set_up_the_owner
from tests.factories import PASSWORD
from tests.faults.running import Site


@pytest.mark.parametrize("script", [True, False])
def test_an_app_is_set_up_and_asked_for_at_the_next_sign_in(site: Site, new_visitor: NewVisitor, script: bool) -> None:
    owner = new_visitor(site, java_script_enabled=script, viewport={"width": 390, "height": 844})
    set_up_the_owner(owner, site.setup_link)
    owner.go("/staff/account/second-factor")
    owner.click("Set up an app")
    page = owner.page
    app = pyotp.TOTP("".join(page.locator(".copy").inner_text().split()))
    assert page.locator(".qr svg").bounding_box() is not None
    owner.fill(code="000000")
    owner.click("Turn it on")
    expect(page.locator("#code-error")).to_contain_text("newest code")
    owner.fill(code=app.now())
    owner.click("Turn it on")
    recovery = page.locator(".recovery-codes li").all_inner_texts()
    assert len(recovery) == 10
    phone = new_visitor(site, java_script_enabled=script)
    phone.go("/staff/requests")
    phone.fill(email="owner@clinic.example", password=PASSWORD)
    phone.click("Sign in")
    page = phone.page
    expect(page.locator("h1")).to_have_text("Second factor")
    phone.fill(code=app.at(time.time() + 30))
    phone.click("Sign in")
    expect(page.locator("h1")).to_have_text("Requests: to do")
    page = phone.go("/staff/account")
    expect(page.locator("#sessions ~ .rows .row")).to_have_count(2)
    phone.click("Sign out everywhere else")
    owner.go("/staff/")
    expect(owner.page.locator("h1")).to_have_text("Sign in")
