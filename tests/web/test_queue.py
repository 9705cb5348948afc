"""The moderation queue on its pages: decisions that can be taken back, and two moderators at once."""

import pytest
from flask import Flask

from domain.comments import Comment, Status
from tests.conftest import Clock, Store
from tests.factories import make_staff, submit_comment
from tests.pages import Browser, Page, sign_in

QUEUE = "/staff/comments"


@pytest.fixture
def second(app: Flask, store: Store, owner: Browser, clock: Clock) -> Browser:
    """A browser in which somebody else is signed in."""
    with store() as session:
        make_staff(session, clock(), email="bilal@example.com", name="Bilal")
    browser = Browser(app)
    sign_in(browser, "bilal@example.com")
    return browser


def held(store: Store, clock: Clock, count: int = 1) -> list[int]:
    with store() as session:
        return [submit_comment(session, clock()).id for _ in range(count)]


def status_of(store: Store, number: int) -> Status:
    with store() as session:
        return session.get_one(Comment, number).status


def decide(browser: Browser, number: int, action: str, page: Page | None = None) -> Page:
    return browser.submit(page or browser.get(QUEUE), f"{QUEUE}/{number}", button=("action", action))


def test_each_decision_leaves_a_bar_that_takes_it_back(store: Store, owner: Browser, clock: Clock) -> None:
    [number] = held(store, clock)
    page = decide(owner, number, "spam")
    assert "The comment was marked as spam." in page.one(".undo-bar").get_text()
    assert owner.get(f"{QUEUE}?tab=approved").all(".undo-bar"), "it stays until it is put away"
    undone = owner.submit(page, f"{QUEUE}/undo", button=("action", "undo"))
    assert "Undone." in undone.text
    assert not undone.all(".undo-bar")
    assert status_of(store, number) is Status.HELD


def test_the_bar_can_be_put_away(store: Store, owner: Browser, clock: Clock) -> None:
    [number] = held(store, clock)
    page = decide(owner, number, "approve")
    assert not owner.submit(page, f"{QUEUE}/undo", button=("action", "dismiss")).all(".undo-bar")
    assert status_of(store, number) is Status.APPROVED


def test_only_the_last_decision_is_undone(store: Store, owner: Browser, clock: Clock) -> None:
    first, other = held(store, clock, 2)
    page = decide(owner, first, "spam")
    decide(owner, other, "trash")
    late = owner.submit(page, f"{QUEUE}/undo", button=("action", "undo"))
    assert "something else since" in late.text
    assert status_of(store, first) is Status.SPAM
    assert "moved to trash" in late.one(".undo-bar").get_text()


def test_nobody_undoes_for_somebody_else(store: Store, owner: Browser, second: Browser, clock: Clock) -> None:
    [number] = held(store, clock)
    page = decide(owner, number, "spam")
    assert not second.get(QUEUE).all(".undo-bar")
    sent = {
        field["name"]: field["value"]
        for field in page.one(".undo-bar").select("input")
        if field["name"] != "csrf_token"
    }  # fmt: skip
    token = str(second.get("/staff/account").all('[name="csrf_token"]')[0]["value"])
    assert "Nothing was changed" in second.post(f"{QUEUE}/undo", sent | {"csrf_token": token}).text
    assert status_of(store, number) is Status.SPAM


def test_undo_says_who_has_decided_since(store: Store, owner: Browser, second: Browser, clock: Clock) -> None:
    [number] = held(store, clock)
    page = decide(owner, number, "spam")
    clock.forward(minutes=42)
    decide(second, number, "trash", second.get(f"{QUEUE}?tab=spam"))
    undone = owner.submit(page, f"{QUEUE}/undo", button=("action", "undo"))
    assert "already moved to trash by Bilal, 23 November 2026, 12:42" in undone.text
    assert status_of(store, number) is Status.TRASH


@pytest.mark.parametrize("action", ["approve", "spam", "trash"])
def test_the_second_moderator_hears_who_decided_and_when(
    store: Store, owner: Browser, second: Browser, clock: Clock, action: str
) -> None:
    [number] = held(store, clock)
    page = second.get(QUEUE)
    decide(owner, number, "approve")
    answer = decide(second, number, action, page)
    assert "already approved by Amina, 23 November 2026, 12:00" in answer.text
    assert not answer.all(".undo-bar")
    assert status_of(store, number) is Status.APPROVED


@pytest.mark.parametrize("seen", ["", "x", "held", "held.x", "held.99999999999999999999", "approved.1\x00", "held.-1"])
def test_a_broken_word_of_what_was_seen_is_no_error(store: Store, owner: Browser, clock: Clock, seen: str) -> None:
    [number] = held(store, clock)
    assert owner.submit(owner.get(QUEUE), f"{QUEUE}/{number}", seen=seen, button=("action", "spam")).status == 200


@pytest.mark.parametrize("value", ["", "0", "x", "99999999999999999999", "1.5"])
def test_a_broken_undo_changes_nothing(store: Store, owner: Browser, clock: Clock, value: str) -> None:
    [number] = held(store, clock)
    page = decide(owner, number, "spam")
    assert owner.submit(page, f"{QUEUE}/undo", first=value, last=value, button=("action", "undo")).status == 200
    assert status_of(store, number) is Status.SPAM


def test_a_decision_on_the_dashboard_leads_to_the_queue(store: Store, owner: Browser, clock: Clock) -> None:
    [number] = held(store, clock)
    page = owner.get("/staff/")
    assert not page.all('[name="comment"]')
    assert "approved" in decide(owner, number, "approve", page).one(".undo-bar").get_text()
