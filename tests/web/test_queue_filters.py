"""Finding comments in the queue: filters and words in the address, kept over pages and decisions."""

from datetime import timedelta
from urllib.parse import quote

import pytest

from domain.comments import Status
from tests.conftest import NOON, Clock, Store
from tests.domain.test_search import HOSTILE
from tests.factories import ARTICLE, comment_draft, submit_comment
from tests.pages import Browser, Page
from tests.web.test_queue import QUEUE, decide, held, status_of


def shown(page: Page) -> list[int]:
    return [int(str(row["id"]).removeprefix("comment-")) for row in page.all(".row")]


def test_the_form_finds_by_words_and_says_what_it_looked_for(store: Store, owner: Browser, clock: Clock) -> None:
    with store() as session:
        number = submit_comment(session, clock(), comment_draft(name="Hina", text="About the calendar")).id
    held(store, clock, 2)
    page = owner.get(QUEUE)
    assert len(shown(page)) == 3
    form = page.form(QUEUE)
    assert form["method"] == "get"
    page = owner.get(f"{QUEUE}?tab=held&q=calendar+hina&article=&age=&reason=")
    assert shown(page) == [number]
    assert page.one("#filter-q")["value"] == "calendar hina"
    assert "All 1 that match" in page.text
    assert "No comment matches. Fewer words" in owner.get(f"{QUEUE}?q=nothing").text
    assert page.one(".tab[aria-current]").get_text(" ").split() == ["Held", "3"]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("age=today", [3]),
        ("age=week", [3, 2]),
        ("age=month", [3, 2]),
        ("age=ever", [3, 2, 1]),
        ("reason=links", [2]),
        ("reason=repeated", [3]),
        ("reason=seen", [3]),
        ("reason=typed-in", []),
        ("reason=x", [3, 2, 1]),
        (f"article={ARTICLE}", [3, 2, 1]),
        ("article=unknown", [3, 2, 1]),
        ("reason=links&age=today", []),
    ],
)
def test_filters_are_those_of_the_address(store: Store, owner: Browser, query: str, expected: list[int]) -> None:
    with store() as session:
        submit_comment(session, NOON - timedelta(days=40))
        # The day began at 19:00 UTC, midnight in Karachi.
        submit_comment(session, NOON - timedelta(hours=12, minutes=1), comment_draft(text="See https://a.example"))
        last = submit_comment(session, NOON - timedelta(hours=11, minutes=59))
        last.reasons = ["repeated:14", "seen:31:0:subscribe"]
    assert shown(owner.get(f"{QUEUE}?{query}")) == expected


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("record=first", ["new@example.com"]),
        ("record=approved", ["known@example.com", "both@example.com"]),
        ("record=rejected", ["both@example.com", "bad@example.com"]),
        ("record=best", ["new@example.com", "known@example.com", "both@example.com", "bad@example.com"]),
    ],
)
def test_the_authors_record_is_a_filter(store: Store, owner: Browser, clock: Clock, query: str, expected: list[str]) -> None:
    before = {"known": [Status.APPROVED], "both": [Status.APPROVED, Status.SPAM], "bad": [Status.TRASH], "new": []}
    with store() as session:
        for name, states in before.items():
            for status in states:
                submit_comment(session, clock(), comment_draft(email=f"{name}@example.com")).status = status
        for name in before:
            submit_comment(session, clock(), comment_draft(email=f"{name}@example.com"))
    rows = owner.get(f"{QUEUE}?{query}").all(".row")
    found = [str(row.select_one('a[href^="mailto:"]').get_text()) for row in rows]
    assert sorted(found) == sorted(expected)


def test_pages_and_decisions_keep_the_filters(store: Store, owner: Browser, clock: Clock) -> None:
    with store() as session:
        wanted = [submit_comment(session, clock(), comment_draft(text=f"calendar {n}")).id for n in range(30)]
    held(store, clock, 3)
    page = owner.get(f"{QUEUE}?q=calendar&age=week")
    older = owner.get(str(page.one('a[rel="next"]')["href"]))
    assert shown(page) + shown(older) == wanted[::-1]
    after = decide(owner, shown(older)[0], "trash", older)
    assert shown(after) == shown(older)[1:]
    for part in ("q=calendar", "age=week", "before="):
        assert part in after.url
    undone = owner.submit(after, f"{QUEUE}/undo", button=("action", "undo"))
    assert shown(undone) == shown(older)


def test_all_that_match_means_the_filters_too(store: Store, owner: Browser, clock: Clock) -> None:
    with store() as session:
        wanted = [submit_comment(session, clock(), comment_draft(text=f"calendar {n}")).id for n in range(3)]
    [other] = held(store, clock)
    page = owner.get(f"{QUEUE}?q=calendar")
    assert "All 3 that match" in page.text
    done = owner.submit(page, f"{QUEUE}/bulk", button=("action", "spam"), all="y")
    assert "q=calendar" in done.url
    assert {status_of(store, number) for number in wanted} == {Status.SPAM}
    assert status_of(store, other) is Status.HELD


def test_a_hostile_search_is_an_empty_answer(store: Store, owner: Browser, clock: Clock) -> None:
    held(store, clock)
    for typed in HOSTILE:
        assert owner.get(f"{QUEUE}?q={quote(typed.encode('utf-8', 'surrogatepass')[:3000])}").status == 200, typed
