"""Replying, and pages of comments, as readers meet them."""

import pytest
import sqlalchemy as sa
from flask import Flask

from domain import settings
from domain.comments import Comment, How, Status, set_status
from extensions import db
from tests.conftest import Clock, Store
from tests.factories import SLUG, approved_comment, make_staff, submit_comment
from tests.pages import Browser

ARTICLE = f"/blog/{SLUG}"
POST = f"{ARTICLE}/comments"
TYPED = {"name": "Bilal", "email": "bilal@example.com", "body": "I found the same."}


def change(app: Flask, store: Store, clock: Clock, **values: bool | int) -> None:
    """The owner's settings."""
    with store() as session:
        settings.change(session, app.config["SITE"], values, clock(), make_staff(session, clock(), email="o@example.com").id)


def test_a_reply_without_javascript_is_held_under_its_parent(app: Flask, store: Store, browser: Browser, clock: Clock) -> None:
    with store() as session:
        parent = approved_comment(session, clock(), name="Sana A.").id
    link = browser.get(ARTICLE).one(f"#comment-{parent} .comment-reply a")
    assert link["href"] == f"{ARTICLE}?reply_to={parent}#respond"
    page = browser.get(str(link["href"]))
    assert page.headers["Cache-Control"] == "no-store"
    assert "noindex" in str(page.one('meta[name="robots"]')["content"])
    assert page.one('link[rel="canonical"]')["href"] == f"http://localhost{ARTICLE}"
    assert page.one("#respond").get_text() == "Reply to Sana A."
    assert page.all(f'a[href="{ARTICLE}#respond"]')
    browser.submit(page, POST, **TYPED)
    with app.app_context():
        reply = db.session.scalars(sa.select(Comment).order_by(Comment.id.desc())).first()
    assert reply is not None
    assert (reply.parent_id, reply.status) == (parent, Status.HELD)


def test_an_approved_reply_stands_inside_its_parent(store: Store, browser: Browser, clock: Clock) -> None:
    with store() as session:
        parent = approved_comment(session, clock())
        reply = approved_comment(session, clock(), parent=parent)
        numbers = parent.id, reply.id
    assert browser.get(ARTICLE).all(f"#comment-{numbers[0]} #comment-{numbers[1]}")


def test_threads_are_shown_to_the_depth_the_owner_sets(app: Flask, store: Store, browser: Browser, clock: Clock) -> None:
    with store() as session:
        comment = approved_comment(session, clock())
        for _ in range(5):
            comment = approved_comment(session, clock(), parent=comment)
    assert len(browser.get(ARTICLE).all(".comments .comments .comments")) == 1
    assert not browser.get(ARTICLE).all(".comments .comments .comments .comments")
    change(app, store, clock, comment_depth=1)
    assert not browser.get(ARTICLE).all(".comments .comments")
    assert len(browser.get(ARTICLE).all('li[id^="comment-"]')) == 6


def test_at_the_last_level_a_reply_names_whom_it_answers(app: Flask, store: Store, browser: Browser, clock: Clock) -> None:
    with store() as session:
        third = approved_comment(session, clock())
        for _ in range(2):
            third = approved_comment(session, clock(), parent=third)
        fourth = approved_comment(session, clock(), parent=third, name="Sana A.")
        fifth = approved_comment(session, clock(), parent=fourth)
        removed = approved_comment(session, clock(), parent=third)
        last = approved_comment(session, clock(), parent=removed)
        by = make_staff(session, clock(), email="x@example.com").id
        set_status(session, removed.id, Status.TRASH, by=by, how=How.WEB, now=clock())
        numbers = fourth.id, fifth.id, last.id
    page = browser.get(ARTICLE)
    link = page.one(f'#comment-{numbers[1]} a[href="#comment-{numbers[0]}"]')
    assert link.get_text() == "in reply to Sana A."
    assert not page.all(f'#comment-{numbers[2]} a[href^="#comment-"]'), "nothing is said of who was removed"
    assert len(page.all('.comment a[href^="#comment-"]')) == 2, "the fourth answers the third, the fifth the fourth"


@pytest.mark.parametrize("value", ["0", "-1", "999", "x", "", "1e9", "%00", "9" * 30, "1;2"])
def test_an_unknown_parent_in_the_link_gives_the_plain_article(browser: Browser, value: str) -> None:
    page = browser.get(f"{ARTICLE}?reply_to={value}")
    assert page.status == 200
    assert page.headers["Cache-Control"] == "no-store"
    assert page.one("#respond").get_text().strip() == "Leave a reply"
    assert page.one('[name="parent_id"]')["value"] == ""


def test_a_held_parent_in_the_link_gives_the_plain_article(store: Store, browser: Browser, clock: Clock) -> None:
    with store() as session:
        held = submit_comment(session, clock())
        number, name = held.id, held.name
    page = browser.get(f"{ARTICLE}?reply_to={number}")
    assert name not in page.text


@pytest.mark.parametrize("parent", ["0", "-1", "999", "x", "1.5", "9" * 30])
def test_a_reply_to_nothing_is_answered_with_its_text_and_can_be_sent_again(browser: Browser, parent: str) -> None:
    page = browser.post(POST, TYPED | {"parent_id": parent})
    assert page.status == 422
    assert "no longer there" in page.text
    assert "I found the same." in page.html
    assert browser.submit(page, POST).url.startswith("/comments/")


def test_a_removed_comment_with_replies_says_so_and_shows_nothing_of_itself(store: Store, browser: Browser, clock: Clock) -> None:
    with store() as session:
        parent = approved_comment(session, clock(), name="Very Private", text="Words that were removed")
        approved_comment(session, clock(), parent=parent, text="The reply stays")
        set_status(
            session, parent.id, Status.TRASH, by=make_staff(session, clock(), email="x@example.com").id, how=How.WEB, now=clock()
        )
    page = browser.get(ARTICLE)
    assert "This comment was removed." in page.text
    assert "The reply stays" in page.text
    assert "Words that were removed" not in page.html
    assert "Very Private" not in page.html
    assert "1 reply" in page.text


def test_many_comments_stand_on_pages_of_their_own(app: Flask, store: Store, browser: Browser, clock: Clock) -> None:
    change(app, store, clock, comment_page_size=10)
    with store() as session:
        last = [approved_comment(session, clock()) for _ in range(25)][-1].id
    first = browser.get(ARTICLE)
    assert "25 replies" in first.text
    assert len(first.all('li[id^="comment-"]')) == 10
    second = browser.get(str(first.one('link[rel="next"]')["href"]))
    assert second.url == f"{POST}/2"
    assert second.one('link[rel="canonical"]')["href"] == f"http://localhost{POST}/2"
    assert second.one('link[rel="prev"]')["href"] == ARTICLE
    assert second.headers["Cache-Control"].startswith("public")
    third = browser.get(str(second.one('link[rel="next"]')["href"]))
    assert third.all(f'#comment-{last} a[href="{POST}/3#comment-{last}"]')
    assert not third.all('link[rel="next"]')
    assert len({page.title for page in (first, second, third)}) == 3
    assert browser.get(f"{POST}/4").status == 404
    assert browser.get(f"{POST}/1", follow=False).headers["Location"] == ARTICLE


def test_a_permalink_leads_to_the_page_the_comment_is_on(app: Flask, store: Store, browser: Browser, clock: Clock) -> None:
    change(app, store, clock, comment_page_size=10)
    with store() as session:
        for _ in range(12):
            approved_comment(session, clock())
    status = browser.submit(browser.get(ARTICLE), POST, **TYPED)
    with store() as session:
        number = session.scalars(sa.select(sa.func.max(Comment.id))).one()
        set_status(
            session, number, Status.APPROVED, by=make_staff(session, clock(), email="x@example.com").id, how=How.WEB, now=clock()
        )
    link = browser.get(status.url).one(f'a[href$="#comment-{number}"]')
    assert browser.get(str(link["href"])).all(f"#comment-{number}")
    reply = browser.get(f"{ARTICLE}?reply_to={number}")
    assert reply.all(f"#comment-{number}")


def test_comments_close_some_days_after_publication(app: Flask, store: Store, browser: Browser, clock: Clock) -> None:
    change(app, store, clock, comments_close_after_days=2)
    assert browser.get(ARTICLE).all(f'form[action="{POST}"]')
    clock.forward(days=2)
    assert "Comments are closed." in browser.get(ARTICLE).text
