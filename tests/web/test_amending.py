"""Staff edit a comment: readers are told, the earlier text stays for staff, and nothing is overwritten unseen."""

import pytest

from domain import comments
from domain.comments import Status
from tests.conftest import Clock, Store
from tests.factories import SLUG, approved_comment, comment_draft, submit_comment
from tests.pages import Browser

ARTICLE = f"/blog/{SLUG}"
APPROVED = "/staff/comments?tab=approved"


def test_a_changed_text_is_shown_as_edited_by_the_clinic(store: Store, owner: Browser, clock: Clock) -> None:
    with store() as session:
        number = approved_comment(session, clock(), text="Dr. Nobody is a fraud. The diary helped.").id
    assert "fraud" in owner.get(ARTICLE).text
    page = owner.submit(owner.get(APPROVED), f"/staff/comments/{number}/text", text="The diary helped.")
    assert page.url == APPROVED
    assert "The comment was changed" in page.text
    row = page.one(f"#comment-{number}")
    assert "fraud" in row.select_one(".row-earlier").get_text()
    assert "edited by the clinic by Amina" in " ".join(row.get_text(" ").split())
    shown = owner.get(ARTICLE).one(f"#comment-{number}").get_text()
    assert "fraud" not in shown
    assert "edited by the clinic" in shown


@pytest.mark.parametrize(("text", "words"), [("", "Write the comment"), ("x" * 5001, "5,000 characters or fewer")])
def test_a_text_of_the_wrong_length_is_kept_in_the_form(store: Store, owner: Browser, clock: Clock, text: str, words: str) -> None:
    with store() as session:
        number = submit_comment(session, clock()).id
    page = owner.submit(owner.get("/staff/comments"), f"/staff/comments/{number}/text", text=text)
    assert page.status == 422
    assert words in page.text
    assert page.one(".row-amend[open]")
    if text:
        assert page.one(f"#amend-{number}").get_text().strip() == text


def test_what_changed_meanwhile_is_not_overwritten(store: Store, owner: Browser, clock: Clock) -> None:
    with store() as session:
        number = submit_comment(session, clock()).id
    page = owner.get("/staff/comments")
    with store() as session:
        comments.edit(session, number, "The author's new text.", revision=1, notify=[], now=clock())
    answer = owner.submit(page, f"/staff/comments/{number}/text", text="The clinic's text.")
    assert answer.status == 409
    assert "was changed while you wrote" in answer.text
    assert answer.one(f"#amend-{number}").get_text().strip() == "The clinic's text."
    with store() as session:
        row = comments.get(session, number)
        assert row is not None
        assert row.text == "The author's new text."


def test_what_its_author_withdrew_is_left_alone_and_the_text_is_not_lost(store: Store, owner: Browser, clock: Clock) -> None:
    with store() as session:
        number = submit_comment(session, clock()).id
    page = owner.get("/staff/comments")
    with store() as session:
        comments.withdraw(session, number, clock())
    answer = owner.submit(page, f"/staff/comments/{number}/text", text="The clinic's text.")
    assert answer.status == 409
    assert answer.one("#unpublished").get_text().strip() == "The clinic's text."


def test_the_same_text_changes_nothing(store: Store, owner: Browser, clock: Clock) -> None:
    with store() as session:
        number = submit_comment(session, clock()).id
    page = owner.submit(owner.get("/staff/comments"), f"/staff/comments/{number}/text")
    assert "Nothing was changed." in page.text
    with store() as session:
        row = comments.get(session, number)
        assert row is not None
        assert (row.revision, row.reasons) == (1, [])


def test_the_reasons_are_those_of_the_new_text(store: Store, owner: Browser, clock: Clock) -> None:
    with store() as session:
        number = submit_comment(session, clock(), comment_draft(text="Call 0300-1234567 or a@b.pk.")).id
    owner.submit(owner.get("/staff/comments"), f"/staff/comments/{number}/text", text="Write to a@b.pk.")
    with store() as session:
        row = comments.get(session, number)
        assert row is not None
        assert (row.status, row.reasons) == (Status.HELD, ["email", "amended"])
