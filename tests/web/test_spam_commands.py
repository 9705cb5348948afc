"""flask spam, as an administrator types it, and what the dispatcher does of it by itself."""

import json
from datetime import timedelta

import sqlalchemy as sa
from flask import Flask

from cli.spam import evaluate_daily
from domain import comments, spam
from domain.comments import Comment, How, Status
from domain.spam.counts import Count
from tests.conftest import Clock, Store
from tests.domain.spam_texts import GOOD, SPAM, texts
from tests.factories import comment_draft, make_staff, submit_comment


def run(app: Flask, *arguments: str, code: int = 0) -> str:
    result = app.test_cli_runner().invoke(args=["spam", *arguments])
    assert result.exit_code == code, result.output
    return result.output


def decide(store: Store, clock: Clock, number: int) -> None:
    """So many decisions of each sort."""
    with store() as session:
        owner = make_staff(session, clock()).id
        for kind, status in ((SPAM, Status.SPAM), (GOOD, Status.APPROVED)):
            sent = [submit_comment(session, clock(), comment_draft(text=text)).id for text in texts(kind, number)]
            comments.decide(session, dict.fromkeys(sent), status, by=owner, how=How.WEB, now=clock())


def test_the_filter_is_evaluated_on_the_sites_own_history(app: Flask, store: Store, clock: Clock) -> None:
    assert "too few decisions" in run(app, "evaluate", code=1)
    decide(store, clock, 20)
    said = run(app, "evaluate")
    assert "40 decisions: 20 spam, 20 good" in said
    assert "below 1000 good comments the learner only holds" in said
    found = json.loads(run(app, "evaluate", "--json"))
    assert (found["spam"], found["good"], found["blocked"]) == (20, 20, 0)


def test_an_evaluation_says_that_spam_seems_to_have_been_approved(app: Flask, store: Store, clock: Clock) -> None:
    decide(store, clock, 60)
    assert "spam among what was approved" not in run(app, "evaluate")
    with store() as session:
        mistaken = session.scalars(sa.select(Comment.id).where(Comment.status == Status.SPAM).limit(20)).all()
        comments.decide(session, dict.fromkeys(mistaken), Status.APPROVED, by=1, how=How.WEB, now=clock())
    assert "spam among what was approved" in run(app, "evaluate")


def test_the_dispatcher_evaluates_once_a_day(app: Flask, store: Store, clock: Clock) -> None:
    with app.app_context():
        assert evaluate_daily() == "", "nothing to go by"
        decide(store, clock, 20)
        assert evaluate_daily() == "the limit is that of 20 good comments"
        assert evaluate_daily() == ""
        clock.forward(days=1)
        assert evaluate_daily() != ""
        clock.now -= timedelta(days=3)
        assert evaluate_daily() != "", "the clock was set back"


def test_a_history_can_be_learned_anew(app: Flask, store: Store, clock: Clock) -> None:
    decide(store, clock, 3)
    with store() as session:
        before = spam.totals(session)
        session.execute(sa.update(Comment).values(learned_as_spam=None))
        spam.start_anew(session)
    assert run(app, "relearn") == "learned from 6 comments\n"
    with store() as session:
        assert spam.totals(session) == before
        assert before["comment"] == Count(3, 3)
