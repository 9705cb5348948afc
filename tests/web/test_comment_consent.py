"""Who comments is told beforehand what becomes of name, text and address, and the comment keeps which words those were."""

import sqlalchemy as sa
from flask import Flask

from domain import comments
from domain.comments import CONSENT_TEXT, CONSENT_VERSION, Comment
from extensions import db
from tests.conftest import Clock, Store
from tests.factories import SLUG, make_staff, submit_comment
from tests.pages import Browser

ARTICLE = f"/blog/{SLUG}"
POST = f"{ARTICLE}/comments"
TYPED = {"name": "Sana A.", "email": "sana@example.com", "body": "The diary helped me to explain it."}


def test_the_notice_stands_in_the_form_with_a_link_to_what_is_kept(browser: Browser) -> None:
    for page in (browser.get(ARTICLE), browser.post(POST, TYPED | {"name": ""})):
        form = page.form(POST)
        assert CONSENT_TEXT in form.get_text()
        assert form.select_one('a[href="/privacy"]')


def test_a_comment_keeps_the_version_of_the_notice(app: Flask, browser: Browser) -> None:
    browser.submit(browser.get(ARTICLE), POST, **TYPED)
    with app.app_context():
        assert db.session.scalars(sa.select(Comment.consent_version)).all() == [CONSENT_VERSION]


def test_a_reply_of_staff_needs_no_consent(store: Store, clock: Clock) -> None:
    with store() as session:
        by, comment = make_staff(session, clock()), submit_comment(session, clock())
        answer = comments.reply(session, comment.id, "Thank you.", by=by, now=clock())
        session.flush()
        assert answer.consent_version == ""
