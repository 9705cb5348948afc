"""One decision about many comments: those that were ticked, or all that match, a thousand to a request."""

import pytest
import sqlalchemy as sa
from flask import Flask

from blueprints.staff import decisions
from domain.audit import AuditEntry
from domain.comments import Comment, CommentCount, CommentEvent, Status, edit
from extensions import db
from tests.conftest import Clock, Store
from tests.factories import submit_comment
from tests.pages import Browser, Page
from tests.web import test_queue
from tests.web.test_queue import QUEUE, decide, held

second = test_queue.second


def states(app: Flask) -> list[Status]:
    with app.app_context():
        return list(db.session.scalars(sa.select(Comment.status).order_by(Comment.id)))


def ticks(page: Page) -> list[str]:
    return [str(box["value"]) for box in page.all('[name="comment"][form="bulk"]')]


def test_ticked_comments_are_decided_together_and_undone_together(app: Flask, store: Store, owner: Browser, clock: Clock) -> None:
    held(store, clock, 3)
    page = owner.get(QUEUE)
    newest_two = ticks(page)[:2]
    done = owner.submit(page, f"{QUEUE}/bulk", button=("action", "approve"), comment=newest_two)
    assert "2 comments were approved." in done.one(".undo-bar").get_text()
    assert states(app) == [Status.HELD, Status.APPROVED, Status.APPROVED]
    with app.app_context():
        assert db.session.scalars(sa.select(CommentCount.number).where(CommentCount.status == Status.APPROVED)).one() == 2
        assert list(db.session.scalars(sa.select(AuditEntry.subject).where(AuditEntry.action == "comment approved"))) == [
            "comment 2", "comment 3",
        ]  # fmt: skip
    undone = owner.submit(done, f"{QUEUE}/undo", button=("action", "undo"))
    assert "2 comments are as they were" in undone.text
    assert states(app) == [Status.HELD] * 3


def test_all_that_match_are_decided_and_no_other(app: Flask, store: Store, owner: Browser, clock: Clock) -> None:
    numbers = held(store, clock, 30)
    decide(owner, numbers[-1], "trash")
    page = owner.get(QUEUE)
    assert "All 29 that match" in page.text
    [late] = held(store, clock)
    owner.submit(page, f"{QUEUE}/bulk", button=("action", "spam"), all="y")
    assert states(app) == [Status.SPAM] * 29 + [Status.TRASH, Status.HELD], "what came after the page was not shown to anybody"
    assert late == 31


def test_of_all_that_match_what_was_changed_after_the_page_was_made_is_left(
    app: Flask, store: Store, owner: Browser, clock: Clock
) -> None:
    numbers = held(store, clock, 3)
    page = owner.get(QUEUE)
    with store() as session:
        for revision in (1, 2):
            edit(session, numbers[1], f"Words that nobody has read ({revision})", revision=revision, notify=[], now=clock())
    answer = owner.submit(page, f"{QUEUE}/bulk", button=("action", "approve"), all="y")
    assert states(app) == [Status.APPROVED, Status.HELD, Status.APPROVED]
    assert "1 left as they are, decided or changed meanwhile: changed by its author" in answer.text
    owner.submit(answer, f"{QUEUE}/bulk", button=("action", "approve"), all="y")
    assert states(app) == [Status.APPROVED] * 3, "the page that came back shows it"


def test_all_that_match_without_a_word_of_the_moment_are_left(app: Flask, store: Store, owner: Browser, clock: Clock) -> None:
    held(store, clock)
    owner.submit(owner.get(QUEUE), f"{QUEUE}/bulk", button=("action", "approve"), all="y", moment=None)
    assert states(app) == [Status.HELD]


def test_more_than_a_request_takes_is_named_and_left(
    app: Flask, store: Store, owner: Browser, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(decisions, "MOST", 5)
    monkeypatch.setattr(decisions, "BATCH", 2)
    held(store, clock, 7)
    page = owner.submit(owner.get(QUEUE), f"{QUEUE}/bulk", button=("action", "approve"), all="y")
    assert "2 more match" in page.text
    assert "5 comments were approved." in page.text
    assert states(app).count(Status.APPROVED) == 5
    owner.submit(page, f"{QUEUE}/undo", button=("action", "undo"))
    assert states(app) == [Status.HELD] * 7


def test_a_thousand_at_once(app: Flask, store: Store, owner: Browser, clock: Clock) -> None:
    with store() as session:
        rows = [{"article_id": "a", "name": "N", "email": "a@example.com", "email_key": "a@example.com", "text": "t", "lang": "en", "status": Status.HELD, "reasons": [], "submitted_at": clock(), "status_since": clock(), "path": f"{n:010d}", "thread_rank": -n} for n in range(1, 1011)]  # fmt: skip  # noqa: E501
        session.execute(sa.insert(Comment), rows)
    page = owner.submit(owner.get(QUEUE), f"{QUEUE}/bulk", button=("action", "approve"), all="y")
    assert "1,000 comments were approved." in page.text
    assert "10 more match" in page.text
    with app.app_context():
        assert db.session.scalars(sa.select(sa.func.count()).select_from(CommentEvent)).one() == 1000


def test_what_was_decided_or_changed_meanwhile_is_left(
    app: Flask, store: Store, owner: Browser, second: Browser, clock: Clock
) -> None:
    numbers = held(store, clock, 3)
    page = second.get(QUEUE)
    decide(owner, numbers[0], "trash")
    with store() as session:
        edit(session, numbers[1], "Other words", revision=1, notify=[], now=clock())
    answer = second.submit(page, f"{QUEUE}/bulk", button=("action", "approve"), comment=ticks(page))
    assert states(app) == [Status.TRASH, Status.HELD, Status.APPROVED]
    assert "2 left as they are" in answer.text
    assert "moved to trash by Amina" in answer.text
    assert "changed by its author" in answer.text


def test_undo_of_many_leaves_what_somebody_decided_since(
    app: Flask, store: Store, owner: Browser, second: Browser, clock: Clock
) -> None:
    numbers = held(store, clock, 2)
    page = owner.submit(owner.get(QUEUE), f"{QUEUE}/bulk", button=("action", "spam"), all="y")
    decide(second, numbers[1], "trash", second.get(f"{QUEUE}?tab=spam"))
    answer = owner.submit(page, f"{QUEUE}/undo", button=("action", "undo"))
    assert "moved to trash by Bilal" in answer.text
    assert states(app) == [Status.HELD, Status.TRASH]


@pytest.mark.parametrize("values", [[], ["x"], ["1"], ["1.x"], ["0.1"], ["99999999999999999999.1"], ["999.1"], ["\x00"]])
def test_a_broken_tick_changes_nothing(app: Flask, store: Store, owner: Browser, clock: Clock, values: list[str]) -> None:
    held(store, clock)
    page = owner.submit(owner.get(QUEUE), f"{QUEUE}/bulk", button=("action", "spam"), comment=values)
    assert page.status == 200
    assert states(app) == [Status.HELD]


def test_an_action_there_is_not_is_refused(store: Store, owner: Browser, clock: Clock) -> None:
    with store() as session:
        submit_comment(session, clock())
    assert owner.submit(owner.get(QUEUE), f"{QUEUE}/bulk", button=("action", "withdrawn"), all="y").status == 400
