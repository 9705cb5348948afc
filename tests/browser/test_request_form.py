"""The request form in a real browser: kept for half an hour, sent once, honest about a network that is gone."""

import time
from datetime import timedelta

import pytest
from playwright.sync_api import Page, Route, expect

from tests.browser.chromium import Visitor
from tests.browser.conftest import NewVisitor
from tests.faults.running import PATIENCE, Site

pytestmark = pytest.mark.slow
FORM = "/consultation"
DRAFT = "localStorage.getItem('draft:/consultation')"
OFFLINE = "The network does not answer"


def typed(visitor: Visitor, number: int) -> Page:
    """A form that lacks nothing but to be sent."""
    page = visitor.go(FORM)
    visitor.fill(name=f"Draft {number}", phone=f"0301 55500{number:02}", message=f"Call me, please. ({number})")
    page.get_by_label("WhatsApp", exact=True).check()
    page.locator("[name=best_time]").select_option("evening")
    page.locator("[name=consent]").check()
    return page


def kept(site: Site, number: int) -> int:
    return int(site.rows(f"SELECT count(*) FROM consultation_request WHERE name = 'Draft {number}'")[0][0])


def no_server(page: Page) -> None:
    """As where a phone has a signal and no credit: nothing arrives, and the browser knows of nothing."""
    page.route("**/healthz", lambda route: route.abort("internetdisconnected"))


def lose(page: Page) -> None:
    """The request leaves and does not arrive, though the server answered a moment before."""
    page.route(f"**{FORM}", lambda route: route.abort("connectionreset") if route.request.method == "POST" else route.continue_())


def wait_for_error_page(page: Page) -> None:
    """Not with wait_for_url: that takes the failure of the page it waits for as its own."""
    give_up = time.monotonic() + PATIENCE
    while not page.url.startswith("chrome-error:"):
        assert time.monotonic() < give_up, page.url
        page.wait_for_timeout(50)


def test_a_reload_brings_back_what_was_typed_but_no_consent(used_site: Site, new_visitor: NewVisitor) -> None:
    page = typed(new_visitor(used_site), 1)
    first_id = page.locator("[name=submission_id]").input_value()
    page.goto("/about")
    page.goto(FORM)
    expect(page.locator(".draft-back")).to_be_visible()
    expect(page.locator("[name=message]")).to_have_value("Call me, please. (1)")
    expect(page.get_by_label("WhatsApp", exact=True)).to_be_checked()
    expect(page.locator("[name=best_time]")).to_have_value("evening")
    expect(page.locator("[name=consent]")).not_to_be_checked()
    assert page.locator("[name=submission_id]").input_value() == first_id


def test_a_shared_phone_is_cleared_by_one_button(used_site: Site, new_visitor: NewVisitor) -> None:
    page = typed(new_visitor(used_site), 2)
    page.reload()
    page.get_by_role("button", name="Clear it").click()
    expect(page.locator("[name=name]")).to_be_focused()
    for name in ("name", "phone", "message"):
        expect(page.locator(f"[name={name}]")).to_have_value("")
    expect(page.get_by_label("WhatsApp", exact=True)).not_to_be_checked()
    assert page.evaluate(DRAFT) is None
    page.reload()
    expect(page.locator(".draft-back")).to_be_hidden()


def test_a_draft_is_gone_after_half_an_hour_on_whatever_page(used_site: Site, new_visitor: NewVisitor) -> None:
    page = typed(new_visitor(used_site), 3)
    page.evaluate("""minutes => {
        const kept = JSON.parse(localStorage.getItem("draft:/consultation"));
        localStorage.setItem("draft:/consultation", JSON.stringify({ ...kept, at: kept.at - minutes * 60000 }));
    }""", 29)  # fmt: skip
    page.goto("/about")
    assert page.evaluate(DRAFT) is not None
    page.clock.install()
    page.clock.fast_forward(timedelta(minutes=2).seconds * 1000)
    page.goto("/contact")
    page.wait_for_function(f"() => {DRAFT} === null")


def test_a_request_that_arrived_leaves_no_draft(used_site: Site, new_visitor: NewVisitor) -> None:
    page = typed(new_visitor(used_site), 4)
    page.get_by_role("button", name="Send my request").click()
    expect(page.locator("h1")).to_have_text("We have your request")
    page.wait_for_function(f"() => {DRAFT} === null")
    page.goto(FORM)
    expect(page.locator("[name=name]")).to_have_value("")
    assert kept(used_site, 4) == 1


def test_what_the_server_refuses_is_kept_too(used_site: Site, new_visitor: NewVisitor) -> None:
    visitor = new_visitor(used_site)
    page = visitor.go(FORM)
    visitor.fill(name="Draft 5", phone="letters")
    page.get_by_role("button", name="Send my request").click()
    expect(page.locator(".error-summary")).to_be_visible()
    # Not even room is kept for it: nothing comes back where everything still stands.
    expect(page.locator(".draft-back")).to_have_css("display", "none")
    page.goto(FORM)
    expect(page.locator("[name=phone]")).to_have_value("letters")


def test_two_taps_are_one_request(used_site: Site, new_visitor: NewVisitor) -> None:
    page = typed(new_visitor(used_site), 6)
    page.get_by_role("button", name="Send my request").dblclick()
    expect(page.locator("h1")).to_have_text("We have your request")
    page.go_back()
    page.wait_for_load_state()
    assert kept(used_site, 6) == 1


@pytest.mark.parametrize("number", [7, 8])
def test_without_a_network_the_form_says_so_and_sends_when_it_is_back(
    used_site: Site, new_visitor: NewVisitor, number: int
) -> None:
    visitor = new_visitor(used_site)
    page = typed(visitor, number)
    if number == 7:
        visitor.context.set_offline(True)
    else:
        no_server(page)
    page.get_by_role("button", name="Send my request").click()
    expect(page.get_by_text(OFFLINE)).to_be_visible()
    expect(page.get_by_role("button", name="Send my request")).to_be_visible()
    expect(page.locator("[name=name]")).to_have_value(f"Draft {number}")
    page.get_by_role("button", name="Send it when the network is back").click()
    expect(page.get_by_text("Waiting for the network.")).to_be_visible()
    expect(page.get_by_role("button", name="Do not send it")).to_be_focused()
    assert kept(used_site, number) == 0
    if number == 7:
        visitor.context.set_offline(False)
    else:
        page.unroute("**/healthz")
        page.evaluate("dispatchEvent(new Event('online'))")
    expect(page.locator("h1")).to_have_text("We have your request")
    assert kept(used_site, number) == 1
    visitor.forget_failures()


def test_who_changes_their_mind_sends_nothing(used_site: Site, new_visitor: NewVisitor) -> None:
    visitor = new_visitor(used_site)
    page = typed(visitor, 9)
    no_server(page)
    page.get_by_role("button", name="Send my request").click()
    page.get_by_role("button", name="Send it when the network is back").click()
    page.get_by_role("button", name="Do not send it").click()
    expect(page.get_by_role("button", name="Send my request")).to_be_focused()
    page.unroute("**/healthz")
    page.evaluate("dispatchEvent(new Event('online'))")
    page.wait_for_timeout(500)
    assert (page.url.endswith(FORM), kept(used_site, 9)) == (True, 0)
    visitor.forget_failures()


def test_a_request_whose_answer_was_lost_is_the_same_when_sent_again(used_site: Site, new_visitor: NewVisitor) -> None:
    visitor = new_visitor(used_site)
    page = typed(visitor, 10)

    def lost(route: Route) -> None:
        if route.request.method == "POST":
            route.fetch(max_redirects=0)
            route.abort("connectionreset")
        else:
            route.continue_()

    page.route(f"**{FORM}", lost)
    page.get_by_role("button", name="Send my request").click()
    wait_for_error_page(page)
    assert kept(used_site, 10) == 1
    page.unroute(f"**{FORM}")
    page.goto(FORM)
    expect(page.locator("[name=name]")).to_have_value("Draft 10")
    page.locator("[name=consent]").check()
    page.get_by_role("button", name="Send my request").click()
    expect(page.locator("h1")).to_have_text("We have your request")
    assert kept(used_site, 10) == 1
    visitor.forget_failures()


def test_back_from_the_browsers_error_page_finds_the_text_and_the_same_id(used_site: Site, new_visitor: NewVisitor) -> None:
    visitor = new_visitor(used_site)
    visitor.go("/about")
    page = typed(visitor, 11)
    first_id = page.locator("[name=submission_id]").input_value()
    lose(page)
    page.get_by_role("button", name="Send my request").click()
    wait_for_error_page(page)
    page.unroute(f"**{FORM}")
    page.go_back()
    expect(page.locator("[name=message]")).to_have_value("Call me, please. (11)")
    expect(page.locator("[name=submission_id]")).to_have_value(first_id)
    visitor.forget_failures()


def test_do_not_send_holds_while_the_network_is_being_asked(used_site: Site, new_visitor: NewVisitor) -> None:
    visitor = new_visitor(used_site)
    page = typed(visitor, 12)
    no_server(page)
    page.get_by_role("button", name="Send my request").click()
    expect(page.get_by_text(OFFLINE)).to_be_visible()
    page.unroute("**/healthz")
    asked: list[Route] = []
    page.route("**/healthz", lambda route: asked.append(route))
    with page.expect_request("**/healthz"):
        page.get_by_role("button", name="Send it when the network is back").click()
    page.get_by_role("button", name="Do not send it").click()
    for route in asked:
        route.continue_()
    page.wait_for_timeout(1000)
    expect(page.get_by_role("button", name="Send my request")).to_be_enabled()
    assert (page.url.endswith(FORM), kept(used_site, 12)) == (True, 0)
    visitor.forget_failures()


def test_an_older_browser_can_send(used_site: Site, new_visitor: NewVisitor) -> None:
    visitor = new_visitor(used_site)
    visitor.context.add_init_script("delete AbortSignal.timeout")
    page = typed(visitor, 13)
    page.get_by_role("button", name="Send my request").click()
    expect(page.locator("h1")).to_have_text("We have your request")


def test_what_has_run_out_is_not_filled_in_when_another_module_is_late(used_site: Site, new_visitor: NewVisitor) -> None:
    visitor = new_visitor(used_site)
    page = typed(visitor, 14)
    page.goto("/about")
    page.evaluate("""() => {
        const kept = JSON.parse(localStorage.getItem("draft:/consultation"));
        localStorage.setItem("draft:/consultation", JSON.stringify({ ...kept, at: kept.at - 31 * 60000 }));
    }""")
    page.route("**/modules/visit.js*", lambda route: route.abort("aborted"))
    page.goto(FORM)
    page.wait_for_function(f"() => {DRAFT} === null")
    expect(page.locator("[name=name]")).to_have_value("")
    visitor.forget_failures()


def test_clearing_takes_back_the_consent_and_begins_another_request(used_site: Site, new_visitor: NewVisitor) -> None:
    page = typed(new_visitor(used_site), 15)
    first_id = page.locator("[name=submission_id]").input_value()
    page.goto("/about")
    page.goto(FORM)
    page.locator("[name=consent]").check()
    page.get_by_role("button", name="Clear it").click()
    expect(page.locator("[name=consent]")).not_to_be_checked()
    expect(page.locator("[name=submission_id]")).not_to_have_value(first_id)


def test_an_older_receipt_does_not_end_a_draft_that_never_arrived(used_site: Site, new_visitor: NewVisitor) -> None:
    visitor = new_visitor(used_site)
    page = typed(visitor, 16)
    page.get_by_role("button", name="Send my request").click()
    expect(page.locator("h1")).to_have_text("We have your request")
    page.wait_for_function(f"() => {DRAFT} === null")
    page = typed(visitor, 17)
    lose(page)
    page.get_by_role("button", name="Send my request").click()
    wait_for_error_page(page)
    page.go_back()
    page.go_back()
    expect(page.locator("h1")).to_have_text("We have your request")
    page.reload()
    page.wait_for_load_state("networkidle")
    assert page.evaluate(DRAFT) is not None
    visitor.forget_failures()
