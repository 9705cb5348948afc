"""Readers choose what mail they get: beside the form, on the status page, and behind the link in each mail."""

import pytest
import sqlalchemy as sa
from flask import Flask

import clinic
from domain import comments, readers
from domain.comments import Comment, How, Status, set_status
from domain.outbox import Kind, OutboxMail
from domain.readers import Reader
from domain.tokens import Purpose
from extensions import db
from tests.conftest import Clock, Store
from tests.factories import SLUG, approved_comment, make_staff
from tests.pages import Browser, Page

ARTICLE = f"/blog/{SLUG}"
TYPED = {"name": "Sana A.", "email": "sana@example.com", "body": "The diary helped me."}


def link_of(app: Flask, email: str = "sana@example.com") -> str:
    """The page behind the link of a mail to this address."""
    with app.test_request_context():
        reader = readers.by_key(db.session, email)
        assert reader is not None
        return f"/comments/mail/{clinic.sign(Purpose.READER_MAIL, {'reader': reader.id})}"


@pytest.fixture
def link(app: Flask, store: Store, clock: Clock) -> str:
    """A reader's link, with one comment whose replies they asked for; not confirmed yet."""
    with store() as session:
        readers.keep(session, "sana@example.com", clock())
        approved_comment(session, clock(), email="sana@example.com", name="Sana A.").tell_replies = True
    return link_of(app)


def state(app: Flask) -> tuple[bool, bool]:
    """Confirmed, refused."""
    with app.app_context():
        reader = db.session.scalars(sa.select(Reader)).one()
        return reader.confirmed_at is not None, reader.refused_at is not None


def only_comment(app: Flask) -> Comment:
    with app.app_context():
        return db.session.scalars(sa.select(Comment)).one()


def post_with(browser: Browser, *wishes: str) -> Page:
    return browser.post(f"{ARTICLE}/comments", TYPED | {"notify": list(wishes)})


def test_nothing_is_ticked_and_nothing_is_sent_unless_it_is_asked_for(app: Flask, browser: Browser) -> None:
    page = browser.get(ARTICLE)
    boxes = page.all('[name="notify"]')
    assert [box["value"] for box in boxes] == ["published", "replies"]
    assert not any(box.has_attr("checked") for box in boxes)
    browser.submit(page, f"{ARTICLE}/comments", **TYPED)
    with app.app_context():
        assert db.session.scalars(sa.select(Reader)).all() == []
        assert only_comment(app).wishes == frozenset()


def test_who_asks_for_replies_is_asked_to_confirm(app: Flask, browser: Browser) -> None:
    page = post_with(browser, "published", "replies")
    assert page.status == 200
    assert only_comment(app).wishes == {"published", "replies"}
    with app.app_context():
        kinds = [row.kind for row in db.session.scalars(sa.select(OutboxMail).order_by(OutboxMail.id))]
    assert kinds.count(Kind.READER_ASKED) == 1


def test_a_wish_there_is_not_is_no_reason_to_refuse(app: Flask, browser: Browser) -> None:
    assert post_with(browser, "everything", "replies").status == 200
    assert only_comment(app).wishes == {"replies"}


def test_ticked_boxes_are_kept_beside_an_error(browser: Browser) -> None:
    page = browser.post(f"{ARTICLE}/comments", TYPED | {"body": "", "notify": "replies"})
    assert page.status == 422
    assert [box["value"] for box in page.all('[name="notify"][checked]')] == ["replies"]


def test_the_status_page_lets_the_author_change_their_mind(app: Flask, browser: Browser) -> None:
    page = post_with(browser, "replies")
    assert [box["value"] for box in page.all('[name="notify"][checked]')] == ["replies"]
    page = browser.post(page.url, {"action": "mail", "notify": "published"})
    assert [box["value"] for box in page.all('[name="notify"][checked]')] == ["published"]
    browser.post(page.url, {"action": "mail"})
    assert only_comment(app).wishes == frozenset()
    browser.post(page.url, {"action": "withdraw"})
    assert not browser.get(page.url).all('[name="notify"]')
    assert browser.post(page.url, {"action": "mail", "notify": "published"}).status == 200
    assert only_comment(app).wishes == frozenset()


def test_opening_the_link_changes_nothing(app: Flask, browser: Browser, link: str) -> None:
    for method in ("GET", "HEAD"):
        assert browser.client.open(link, method=method).status_code == 200
    page = browser.get(link)
    assert "Is this your address?" in page.text
    assert page.headers["Cache-Control"] == "no-store"
    assert "sana@example.com" not in page.html
    assert state(app) == (False, False)


def test_a_button_confirms_and_the_page_lists_what_is_followed(app: Flask, browser: Browser, link: str) -> None:
    page = browser.submit(browser.get(link), link, button=("action", "confirm"))
    assert state(app) == (True, False)
    assert page.url == link
    assert "Your address is confirmed" in page.text
    assert page.one(".watched a")["href"] == f"{ARTICLE}#comment-1"


def test_mail_about_one_comment_is_stopped_alone(app: Flask, browser: Browser, link: str) -> None:
    browser.post(link, {"action": "confirm"})
    page = browser.post(link, {"action": "leave", "comment": "1"})
    assert not page.all(".watched")
    assert state(app) == (True, False)
    assert only_comment(app).wishes == frozenset()


@pytest.mark.parametrize("number", ["2", "x", "", "99999999999999999999"])
def test_a_number_that_is_no_comment_of_theirs_stops_nothing(
    app: Flask, store: Store, clock: Clock, browser: Browser, link: str, number: str
) -> None:
    with store() as session:
        approved_comment(session, clock(), email="omar@example.com").tell_replies = True
    assert browser.post(link, {"action": "leave", "comment": number}).status == 200
    with app.app_context():
        assert all(row.tell_replies for row in db.session.scalars(sa.select(Comment)))


def test_all_mail_is_stopped_and_can_be_allowed_again(app: Flask, browser: Browser, link: str) -> None:
    page = browser.submit(browser.get(link), link, button=("action", "stop"))
    assert state(app) == (False, True)
    assert "no more mail about comments" in page.text
    page = browser.submit(page, link, button=("action", "confirm"))
    assert state(app) == (True, False)


def test_one_click_of_a_mail_program_stops_all_without_a_redirect(app: Flask, browser: Browser, link: str) -> None:
    page = browser.post(link, {"List-Unsubscribe": "One-Click"}, follow=False)
    assert page.status == 200
    assert state(app) == (False, True)
    assert browser.post(link, {"List-Unsubscribe": "One-Click"}, follow=False).status == 200


def test_no_other_action_is_to_be_had(app: Flask, browser: Browser, link: str) -> None:
    assert browser.post(link, {"action": "everything"}, follow=False).status == 400
    assert state(app) == (False, False)


def test_a_changed_link_opens_nothing_and_one_of_somebody_gone_says_so(
    app: Flask, store: Store, browser: Browser, link: str
) -> None:
    assert browser.get(f"{link}x").status == 404
    with app.test_request_context():
        other_purpose = clinic.sign(Purpose.COMMENT_STATUS, {"reader": 1})
    assert browser.get(f"/comments/mail/{other_purpose}").status == 404
    with store() as session:
        session.execute(sa.delete(Reader))
    assert browser.get(link).status == 410


@pytest.mark.parametrize("is_answered", [False, True], ids=["nothing stays", "an empty place stays"])
def test_a_choice_of_mail_brings_nobody_back_who_was_erased_meanwhile(
    app: Flask, store: Store, browser: Browser, clock: Clock, monkeypatch: pytest.MonkeyPatch, is_answered: bool
) -> None:
    page = post_with(browser)
    with store() as session:
        comment = session.get_one(Comment, 1)
        set_status(session, 1, Status.APPROVED, by=make_staff(session, clock()).id, how=How.WEB, now=clock())
        if is_answered:
            approved_comment(session, clock(), parent=comment)
    serialise = comments.serialise_wishes

    def after_an_erasure(comment: Comment) -> tuple[str, ...]:
        names = serialise(comment)
        assert app.test_cli_runner().invoke(args=["privacy", "erase", "sana@example.com"]).exit_code == 0
        return names

    monkeypatch.setattr(comments, "serialise_wishes", after_an_erasure)
    assert browser.post(page.url, {"action": "mail", "notify": ["published", "replies"]}).status == 410
    with app.app_context():
        kept = db.session.get(Comment, 1)
        assert (kept is not None) is is_answered
        assert kept is None or not (kept.email or kept.tell_published or kept.tell_replies)
        for table in (Reader.email_key, OutboxMail.recipient):
            assert not [row for row in db.session.scalars(sa.select(table)) if row in {"sana@example.com", ""}]
