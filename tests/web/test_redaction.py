"""One click in the queue takes the personal details out; readers are told, staff still see what was there."""

from domain import comments
from tests.conftest import Clock, Store
from tests.factories import SLUG, approved_comment, comment_draft, submit_comment
from tests.pages import Browser

ARTICLE = f"/blog/{SLUG}"
TEXT = "Please call 0300-1234567 in the evening."


def test_details_of_a_public_comment_are_removed_for_readers(store: Store, owner: Browser, clock: Clock) -> None:
    with store() as session:
        number = approved_comment(session, clock(), text=TEXT).id
    assert "0300-1234567" in owner.get(ARTICLE).text
    queue = owner.submit(owner.get("/staff/comments?tab=approved"), f"/staff/comments/{number}/redact")
    assert queue.url == "/staff/comments?tab=approved"
    assert "The personal details were removed" in queue.text
    row = queue.one(f"#comment-{number}")
    assert "Please call [removed] in the evening." in row.get_text()
    assert TEXT in row.select_one(".row-earlier").get_text()
    assert "personal details removed by Amina" in " ".join(row.get_text(" ").split())
    assert [chip.get_text() for chip in row.select(".chip")] == ["personal details removed"]
    assert not row.select(".row-redact")
    shown = owner.get(ARTICLE).one(f"#comment-{number}").get_text()
    assert "[removed]" in shown
    assert "0300-1234567" not in shown
    assert "edited by the clinic" in shown


def test_the_button_stands_only_beside_what_holds_details(store: Store, owner: Browser, clock: Clock) -> None:
    with store() as session:
        plain = submit_comment(session, clock()).id
        holding = submit_comment(session, clock(), comment_draft(text=TEXT)).id
    page = owner.get("/staff/comments")
    assert not page.one(f"#comment-{plain}").select(".row-redact")
    assert page.one(f"#comment-{holding}").select(".row-redact")
    assert "edited by the clinic" not in owner.get(ARTICLE).text


def test_a_second_click_is_told_that_there_is_nothing_left(store: Store, owner: Browser, clock: Clock) -> None:
    with store() as session:
        number = submit_comment(session, clock(), comment_draft(text=TEXT)).id
    page = owner.get("/staff/comments")
    owner.submit(page, f"/staff/comments/{number}/redact")
    assert "holds no personal details any more" in owner.submit(page, f"/staff/comments/{number}/redact").text


def test_what_was_withdrawn_meanwhile_stays_as_it_is(store: Store, owner: Browser, clock: Clock) -> None:
    with store() as session:
        number = submit_comment(session, clock(), comment_draft(text=TEXT)).id
    page = owner.get("/staff/comments")
    with store() as session:
        comments.withdraw(session, number, clock())
    assert "nothing was changed" in owner.submit(page, f"/staff/comments/{number}/redact").text
    assert owner.submit(page, f"/staff/comments/{number}/redact").status == 200
