"""What a row of the queue says beside the comment: what it answers, its author's record, all that was done to it."""

from bs4 import Tag

from domain import comments
from domain.comments import How, Status
from tests.conftest import Clock, Store
from tests.factories import approved_comment, comment_draft, submit_comment
from tests.pages import Browser
from tests.web import test_queue
from tests.web.test_queue import QUEUE, decide, held

second = test_queue.second


def words(row: Tag) -> str:
    return " ".join(row.get_text(" ").split())


def test_a_reply_is_shown_with_what_it_answers(store: Store, owner: Browser, clock: Clock) -> None:
    with store() as session:
        parent = approved_comment(session, clock(), name="Hina", text="Does it last?\n\n" + "It wears off. " * 20)
        number = submit_comment(session, clock(), comment_draft(parent_id=parent.id)).id
        top = submit_comment(session, clock()).id
        comments.set_status(session, parent.id, Status.APPROVED, by=1, how=How.WEB, now=clock())
        parent_id = parent.id
    page = owner.get(QUEUE)
    shown = words(page.one(f"#comment-{number} .row-answers"))
    assert shown.startswith("In answer to Hina: Does it last? It wears off.")
    assert shown.endswith("…")
    assert len(shown) < 120
    assert not page.all(f"#comment-{top} .row-answers")
    with store() as session:
        comments.set_status(session, parent_id, Status.TRASH, by=1, how=How.WEB, now=clock())
    removed = owner.get(QUEUE).one(f"#comment-{number} .row-answers")
    assert words(removed) == "In answer to a comment that was removed"


def test_the_record_of_an_address_counts_its_other_comments(store: Store, owner: Browser, clock: Clock) -> None:
    with store() as session:
        for status in (Status.APPROVED, Status.APPROVED, Status.SPAM):
            row = submit_comment(session, clock(), comment_draft(email="Sana@Example.com"))
            comments.set_status(session, row.id, status, by=1, how=How.WEB, now=clock())
        known = submit_comment(session, clock(), comment_draft(email="sana@example.com")).id
        new = submit_comment(session, clock()).id
    page = owner.get(QUEUE)
    assert "also from this address: 2 approved, 1 spam" in words(page.one(f"#comment-{known}"))
    assert "first from this address" in words(page.one(f"#comment-{new}"))
    assert "also from this address: 1 held, 2 approved" in words(owner.get(f"{QUEUE}?tab=spam").one(".row"))


def test_the_newest_earlier_texts_stand_with_the_comment_and_the_others_are_counted(
    store: Store, owner: Browser, clock: Clock
) -> None:
    often, once = held(store, clock, 2)
    with store() as session:
        for number, times in ((often, 5), (once, 1)):
            for revision in range(1, times + 1):
                comments.edit(session, number, f"Text {revision} of {number}", revision=revision, notify=[], now=clock())
        earlier = comments.earlier_texts(session, [often, once])
        assert [version.revision for version in earlier[often].texts] == [3, 4, 5]
        assert (len(earlier[once].texts), earlier[often].number, earlier[once].number) == (1, 5, 1)
    page = owner.get(QUEUE)
    assert [words(text) for text in page.one(f"#comment-{often}").select(".row-earlier .row-text")] == [
        f"Text {number} of {often}" for number in (2, 3, 4)
    ]
    assert "5 earlier texts are kept; the newest 3 stand here" in words(page.one(f"#comment-{often}"))
    assert "stand here" not in words(page.one(f"#comment-{once}"))


def test_the_history_says_who_when_how_and_from_what_to_what(store: Store, owner: Browser, second: Browser, clock: Clock) -> None:
    [number] = held(store, clock)
    clock.forward(minutes=1)
    with store() as session:
        comments.edit(session, number, "Other words", revision=1, notify=[], now=clock())
    clock.forward(minutes=1)
    page = decide(owner, number, "spam")
    clock.forward(minutes=1)
    owner.submit(page, f"{QUEUE}/undo", button=("action", "undo"))
    clock.forward(minutes=1)
    decide(second, number, "approve")
    page = owner.get(f"{QUEUE}?tab=approved")
    assert [words(line) for line in page.all(".row-history li")] == [
        "23 November 2026, 12:00 : sent, by its author",
        "23 November 2026, 12:01 : changed, by its author",
        "23 November 2026, 12:02 : held → spam, by Amina in the queue",
        "23 November 2026, 12:03 : spam → held, by Amina in the queue, taking back the decision before",
        "23 November 2026, 12:04 : held → approved, by Bilal in the queue",
    ]
