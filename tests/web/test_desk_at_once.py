"""Two things at once at the front desk: a second click, and a request that is erased while somebody works on it."""

import pytest

import database
from domain import consultations, forgetting
from domain.staff import Role
from tests.conftest import Clock, Store
from tests.factories import make_staff, submit_request
from tests.pages import Browser, sign_in
from tests.web.test_password_changes import before


@pytest.fixture
def desk(store: Store, browser: Browser, clock: Clock) -> Browser:
    """Somebody of the front desk."""
    with store() as session:
        make_staff(session, clock(), Role.FRONT_DESK)
    sign_in(browser, "front-desk@example.com")
    return browser


def arrive(store: Store, clock: Clock) -> int:
    with store() as session:
        return submit_request(session, clock()).id


@pytest.mark.parametrize("step", ["", "contacted", "no_answer", "booked"])
def test_a_double_click_is_one_step(desk: Browser, store: Store, clock: Clock, step: str) -> None:
    url = f"/staff/requests/{arrive(store, clock)}"
    page, typed = desk.get(url), {"note": "She asks for a morning.", "appointment": "2026-12-03T10:00"}
    for _ in range(2):
        assert "Saved" in desk.submit(page, url, button=("status", step), **typed).text
    with store() as session:
        assert [event.note for event in consultations.history(session, int(url.rpartition("/")[2]))] == ["", typed["note"]]
    clock.forward(minutes=2)
    desk.submit(desk.get(url), url, **typed)
    with store() as session:
        assert len(consultations.history(session, int(url.rpartition("/")[2]))) == 3, "later it is another note"


def test_a_double_click_hands_over_once(desk: Browser, store: Store, clock: Clock) -> None:
    url = f"/staff/requests/{arrive(store, clock)}"
    page = desk.get(url)
    for _ in range(2):
        desk.submit(page, url, formaction=f"{url}/assign", to="1", note="Hers since May.")
    with store() as session:
        assert [event.note for event in consultations.history(session, int(url.rpartition("/")[2]))] == ["", "Hers since May."]


def test_a_request_that_is_erased_at_this_moment_is_not_said_to_be_saved(
    desk: Browser, store: Store, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    number = arrive(store, clock)
    url = f"/staff/requests/{number}"
    page = desk.get(url)

    def erase() -> None:
        with store() as session:
            forgetting.requests(session, [number])

    with monkeypatch.context() as patch:
        patch.setattr(database, "begin_write", before(erase, database.begin_write))
        assert desk.submit(page, url, button=("status", "contacted")).status == 404
    number = arrive(store, clock)
    monkeypatch.setattr(database, "begin_write", before(erase, database.begin_write))
    assert desk.get(f"/staff/requests/{number}").status == 404
