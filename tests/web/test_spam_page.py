"""How the spam filter does, as owner and moderators see it, and the owner's way to have a period unlearned."""

from typing import Any

import pytest
from flask import Flask
from sqlalchemy.exc import OperationalError

from blueprints.staff import spam as staff_spam
from domain import comments, spam
from domain.audit import AuditEntry, page
from domain.comments import How, Status, teaching
from domain.spam.counts import Count
from domain.spam.threshold import SpamThreshold
from extensions import db
from tests.conftest import Clock, Store
from tests.domain.spam_texts import GOOD, SPAM, texts
from tests.factories import comment_draft, submit_comment
from tests.pages import Browser

URL = "/staff/spam"
UNLEARN = "/staff/spam/unlearn"
OWNER = 1


@pytest.fixture
def taught(store: Store, clock: Clock, owner: Browser) -> None:
    """Ten decisions of each sort, and one spam comment that the site caught."""
    with store() as session:
        for kind, status in ((SPAM, Status.SPAM), (GOOD, Status.APPROVED)):
            sent = [submit_comment(session, clock(), comment_draft(text=text)).id for text in texts(kind, 10)]
            comments.decide(session, dict.fromkeys(sent), status, by=OWNER, how=How.WEB, now=clock())
        submit_comment(session, clock(), signals=spam.Signals(honeypot_filled=True))


def learned(app: Flask) -> Count:
    with app.app_context():
        return spam.totals(db.session)["comment"]


def last_entry(app: Flask) -> AuditEntry:
    with app.app_context():
        return page(db.session, size=1)[0]


def test_weeks_and_telling_words_are_shown(owner: Browser, taught: None) -> None:
    shown = owner.get(URL)
    assert "has learned from 10 spam and 10 good comments" in " ".join(shown.text.split())
    week = [cell.get_text() for cell in shown.all("table:has(time) tbody :is(th, td)")]
    assert week == ["23 November 2026", "21", "1", "10", "0"]
    words = [row.get_text() for row in shown.all("tbody th bdi")]
    assert "subscribe" in words
    assert "It needs 1,000 good ones" in shown.text


def test_before_anything_came_the_page_says_so(owner: Browser) -> None:
    shown = owner.get(URL)
    assert "No comment has come yet." in shown.text
    assert "Nothing has been learned yet." in shown.text


def test_the_page_says_when_the_learner_decides_by_itself(owner: Browser, store: Store, clock: Clock) -> None:
    with store() as session:
        session.add(SpamThreshold(id=1, set_at=clock(), log_odds=3.0, slope=1.0, offset=0.0, good=1200, spam=300))
    assert "at most 0.3 % of 1,200 good comments passed, set on 23 November 2026" in owner.get(URL).text


def test_the_queue_names_the_reasons_in_words(owner: Browser, store: Store, clock: Clock) -> None:
    with store() as session:
        spam.learn(session, ["subscribe now"] * 31, is_spam=True)
        spam.learn(session, texts(GOOD, 40), is_spam=False)
        submit_comment(session, clock(), comment_draft(text="Please subscribe"))
    assert "“subscribe” seen in 31 spam, 0 good" in owner.get("/staff/comments").text


def test_the_owner_has_a_period_unlearned(app: Flask, owner: Browser, taught: None) -> None:
    shown = owner.submit(owner.get(URL), UNLEARN, first="2026-11-23", last="2026-11-23")
    assert "Unlearned what 20 comments had taught." in shown.text
    assert learned(app) == Count(0, 0)
    entry = last_entry(app)
    assert (entry.staff_id, entry.action, entry.detail) == (OWNER, "spam filter unlearned", {"comments": 20})


def test_a_period_that_takes_too_long_is_unlearned_by_pressing_again(
    app: Flask, owner: Browser, taught: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(teaching, "UNLEARNED_AT_ONCE", 12)
    monkeypatch.setattr(staff_spam, "SECONDS", -1)
    shown = owner.submit(owner.get(URL), UNLEARN, first="2026-11-23", last="2026-11-23")
    assert "Unlearned what 12 comments had taught. 8 of the same days are left: press Unlearn again to go on." in shown.text
    assert learned(app).spam + learned(app).good == 8
    assert "Unlearned what 8 comments had taught." in owner.submit(shown, UNLEARN).text
    assert learned(app) == Count(0, 0)


def test_unlearning_that_is_interrupted_keeps_what_it_did_and_goes_on_when_sent_again(
    app: Flask, owner: Browser, taught: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(teaching, "UNLEARNED_AT_ONCE", 12)
    shown, step = owner.get(URL), comments.unlearn_next

    def interrupted(*args: Any, done: int, **kwargs: Any) -> Any:
        if done:
            raise OperationalError("", None, Exception("locked"))
        return step(*args, done=done, **kwargs)

    with monkeypatch.context() as patch:
        patch.setattr(comments, "unlearn_next", interrupted)
        assert owner.submit(shown, UNLEARN, first="2026-11-23", last="2026-11-23").status == 503
    assert learned(app).spam + learned(app).good == 8
    assert last_entry(app).action == "spam filter unlearning begun"
    owner.submit(shown, UNLEARN, first="2026-11-23", last="2026-11-23")
    assert learned(app) == Count(0, 0)


def test_days_are_those_of_the_clinic_and_others_stay(app: Flask, owner: Browser, taught: None) -> None:
    owner.submit(owner.get(URL), UNLEARN, first="2026-11-24", last="2026-12-24")
    assert learned(app) == Count(10, 10)


WRONG = (
    ("", "", "Enter a date such as 2026-11-30"),
    ("2026-11-24", "2026-11-23", "The last day comes before the first"),
    ("0001-01-01", "2026-11-23", "Enter a date such as 2026-11-30"),
    ("soon", "2026-11-23", "Enter a date such as 2026-11-30"),
)


def test_a_wrong_period_changes_nothing(app: Flask, owner: Browser, taught: None) -> None:
    shown = owner.get(URL)
    for first, last, words in WRONG:
        shown = owner.submit(shown, UNLEARN, status=422, first=first, last=last)
        assert words in shown.text
    assert learned(app) == Count(10, 10)
