"""flask comments, as an administrator types it."""

import json

import pytest
import sqlalchemy as sa
from flask import Flask

from domain.audit import AuditEntry
from domain.comments import CONSENT_VERSION, Comment, CommentEvent, How, Status, withdraw
from extensions import db
from tests.conftest import Clock, Store
from tests.factories import SLUG, comment_draft, submit_comment
from tests.pages import Browser


@pytest.fixture
def three(store: Store, clock: Clock) -> list[int]:
    """The numbers of three held comments."""
    with store() as session:
        return [submit_comment(session, clock(), comment_draft(text=f"Text {n} " * 30)).id for n in range(3)]


def run(app: Flask, *arguments: str, code: int = 0) -> str:
    result = app.test_cli_runner().invoke(args=["comments", *arguments])
    assert result.exit_code == code, result.output
    return result.output


def statuses(app: Flask) -> list[Status]:
    with app.app_context():
        return list(db.session.scalars(sa.select(Comment.status).order_by(Comment.id)))


def test_comments_are_listed_newest_first_for_people_and_machines(app: Flask, three: list[int]) -> None:
    lines = run(app, "list", "--limit", "2").splitlines()
    assert [int(line.split()[0]) for line in lines] == [three[2], three[1]]
    assert all(len(line) < 140 for line in lines)
    rows = [json.loads(line) for line in run(app, "list", "--json").splitlines()]
    assert [row["id"] for row in rows] == three[::-1]
    assert {(row["lang"], row["consent_version"]) for row in rows} == {("en", CONSENT_VERSION)}
    assert run(app, "list", "--status", "spam") == ""


@pytest.mark.parametrize(("way", "status"), [("approve", Status.APPROVED), ("spam", Status.SPAM), ("trash", Status.TRASH)])
def test_a_decision_from_the_shell_is_in_the_history(app: Flask, three: list[int], way: str, status: Status) -> None:
    assert run(app, way, str(three[0]), str(three[2])).strip() == f"2 changed, 0 were {status.value} already"
    assert json.loads(run(app, way, str(three[0]), str(three[1]), "--json")) == {"changed": [three[1]]}
    assert statuses(app) == [status] * 3
    with app.app_context():
        events = db.session.scalars(sa.select(CommentEvent).where(CommentEvent.to_status == status)).all()
        assert {(event.how, event.by_staff) for event in events} == {(How.COMMAND, None)}
        assert len(db.session.scalars(sa.select(AuditEntry)).all()) == 3


def test_when_one_cannot_be_changed_none_is(app: Flask, store: Store, three: list[int], clock: Clock) -> None:
    with store() as session:
        withdraw(session, three[1], clock())
    assert "was withdrawn by its author" in run(app, "approve", *map(str, three), code=1)
    assert "999: expected the number of a comment" in run(app, "approve", str(three[0]), "999", code=1)
    assert statuses(app) == [Status.HELD, Status.WITHDRAWN, Status.HELD]


def test_purge_lets_go_of_spam_after_15_days_of_trash_after_30_and_never_of_held_ones(
    app: Flask, three: list[int], clock: Clock
) -> None:
    run(app, "spam", str(three[0]))
    run(app, "trash", str(three[1]))
    clock.forward(days=16)
    assert json.loads(run(app, "purge", "--json")) == {"purged": 1}
    clock.forward(days=15)
    assert run(app, "purge").strip() == "1 purged"
    clock.forward(days=1000)
    assert run(app, "purge").strip() == "0 purged"
    assert statuses(app) == [Status.HELD]


def test_the_comment_feed_holds_what_is_approved_and_is_not_indexed(app: Flask, three: list[int]) -> None:
    run(app, "approve", str(three[0]))
    browser = Browser(app)
    link = browser.get(f"/blog/{SLUG}").one('link[title="Replies to this article"]')
    feed = browser.get(str(link["href"]))
    assert feed.status == 200
    assert feed.headers["X-Robots-Tag"] == "noindex"
    assert feed.headers["Content-Type"].startswith("application/atom+xml")
    assert "Text 0" in feed.html
    assert "Text 1" not in feed.html
    assert "@example.com" not in feed.html
    assert f"#comment-{three[0]}" in feed.html
