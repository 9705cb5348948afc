"""What the front desk types about a request is kept whichever button is pressed; a wrong clock stands in nobody's way."""

import pytest

from domain.staff import Role
from tests.conftest import Clock, Store
from tests.factories import make_staff, submit_request
from tests.pages import Browser, sign_in


@pytest.fixture
def desk(store: Store, browser: Browser, clock: Clock) -> Browser:
    """Somebody of the front desk, signed in."""
    with store() as session:
        make_staff(session, clock(), Role.FRONT_DESK, name="Sara")
    sign_in(browser, "front-desk@example.com")
    return browser


def arrived(store: Store, clock: Clock) -> str:
    """The page of a request that has just come."""
    with store() as session:
        return f"/staff/requests/{submit_request(session, clock()).id}"


@pytest.mark.parametrize("to", ["attempt", "assign"])
def test_a_note_goes_along_with_every_button_beside_it(desk: Browser, store: Store, clock: Clock, to: str) -> None:
    url = arrived(store, clock)
    with store() as session:
        colleague = str(make_staff(session, clock(), Role.OWNER, name="Hina").id)
    values = {"attempt": {"way": "phone"}, "assign": {"to": colleague}}[to]
    page = desk.submit(desk.get(url), url, formaction=f"{url}/{to}", note="Prefers Urdu", **values)
    assert "Prefers Urdu" in page.one(".history").get_text()
    assert page.one("#note").get_text().strip() == ""
    again = desk.submit(page, url, formaction=f"{url}/{to}", note="And mornings", **values)
    assert "And mornings" in again.one(".history").get_text(), "also where the button itself changes nothing"
    late = desk.submit(page, url, formaction=f"{url}/{to}", note="x" * 5001, **values)
    assert (late.status, late.one("#note").get_text().strip()) == (422, "x" * 5001)


def test_a_note_is_kept_where_somebody_else_was_quicker_to_hand_it_over(desk: Browser, store: Store, clock: Clock) -> None:
    url = arrived(store, clock)
    shown = desk.get(url)
    me = str(shown.all("#to option")[1]["value"])
    desk.submit(shown, url, formaction=f"{url}/assign", to=me)
    late = desk.submit(shown, url, formaction=f"{url}/assign", to="", note="Prefers Urdu")
    assert (late.status, late.one("#note").get_text().strip()) == (409, "Prefers Urdu")


def test_a_request_from_a_clock_that_was_ahead_can_be_booked_for_tomorrow(desk: Browser, store: Store, clock: Clock) -> None:
    clock.forward(days=400)
    url = arrived(store, clock)
    clock.forward(days=-400)
    booked = desk.submit(desk.get(url), url, appointment="2026-11-24T10:00", button=("status", "booked"))
    assert booked.status == 200
    assert "Appointment" in booked.one(".sheet-side").get_text()
