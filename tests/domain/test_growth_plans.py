"""Whatever grows with the site is found by an index: each query of a reader's and a moderator's pages, on both engines."""

import re
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial

import pytest
from sqlalchemy.orm import Session

from domain import comments, forgetting, outbox
from domain.comments import Comment, Draft, Filter, How, Limits, Seen, Status
from domain.comments.limits import check
from domain.comments.past import known_of
from domain.outbox import Kind, Pace, State
from tests.conftest import NOON
from tests.domain.plans import COUNT, many_comments, plans
from tests.factories import make_staff

ID = 10_000 + COUNT // 2 // 3 * 3
SOME = list(range(ID, ID + 25))
DRAFT = Draft("N", f"{ID}@example.com", "Something new")
LIMITS = Limits(timedelta(seconds=15), 10)

READS: dict[str, Callable[[Session], object]] = {
    "an article's first page": lambda s: comments.page(s, "a", 1, size=10, newest_first=False),
    "a late page": lambda s: comments.page(s, "a", 12, size=10, newest_first=False),
    "the newest first": lambda s: comments.page(s, "a", 1, size=10, newest_first=True),
    "a late page, newest first": lambda s: comments.page(s, "a", 12, size=10, newest_first=True),
    "the page of a comment": lambda s: comments.pages_of(s, "a", [s.get_one(Comment, ID)], size=10, newest_first=False),
    "its page, newest first": lambda s: comments.pages_of(s, "a", [s.get_one(Comment, ID)], size=10, newest_first=True),
    "a feed": lambda s: comments.newest_approved(s, "a"),
    "a repeat": lambda s: comments.find_repeat(s, "a", DRAFT, ["net1"], NOON),
    "the limits": lambda s: check(s, DRAFT.email_key, "net1", LIMITS, NOON),
    "what is known of a sender": lambda s: known_of(s, DRAFT.email_key, ["net1", "net2"], NOON),
    "a comment to answer": lambda s: _answer(s),
    "a page of the queue": lambda s: _queue(s, Filter()),
    "an article's queue": lambda s: _queue(s, Filter(article_id="a")),
    "an age": lambda s: _queue(s, Filter(since=NOON - timedelta(days=1))),
    "a reason": lambda s: _queue(s, Filter(reason="phone")),
    "a search": lambda s: _queue(s, Filter(text="word1")),
    "a late page of a search": lambda s: _queue(s, Filter(text="word"), before=ID),
    "all that match": lambda s: comments.matching(s, Status.HELD, upto=ID, size=1000),
    "what is beyond": lambda s: comments.count(s, Status.HELD, upto=ID),
    "histories": lambda s: comments.histories(s, SOME),
    "earlier texts": lambda s: comments.earlier_texts(s, SOME),
    "parents": lambda s: comments.parents(s, comments.queue(s, Status.HELD)),
    "records": lambda s: comments.records(s, comments.queue(s, Status.HELD)),
    "the last events": lambda s: comments.newest_events(s, SOME),
    "decisions to undo": lambda s: comments.decisions_between(s, 1, 100, by=1, limit=1000),
    "mail that failed": lambda s: outbox.count_in(s, State.FAILED),
    "mail that is due": lambda s: outbox.any_due(s, NOON),
    "mail about a comment": lambda s: outbox.about(s, [Kind.COMMENT_HELD], ID),
}


def _answer(session: Session) -> object:
    with pytest.raises(comments.NotAnswerable):
        comments.answerable(session, "none", ID)
    return None


def _queue(session: Session, only: Filter, before: int | None = None) -> object:
    return comments.queue_page(session, Status.SPAM, before=before, size=25, only=only)


def check_plans(session: Session, run: Callable[[], object], what: str = "") -> list[str]:
    """The plans, none of which reads a whole table or index that grows with the comments."""
    found = plans(session, run)
    assert found, what
    for plan in found:
        assert not re.search(r"SCAN (comment|comment_event|comment_version|outbox_mail)\b", plan), (what, plan)
        assert not re.search(r"Seq Scan on (comment|comment_event|comment_version|outbox_mail)\b", plan), (what, plan)
    return found


def test_what_is_read_is_found_by_an_index(session: Session) -> None:
    many_comments(session)
    for what, read in READS.items():
        session.expunge_all()
        check_plans(session, partial(read, session), what)


def test_decisions_find_their_comments_by_an_index(session: Session) -> None:
    owner = make_staff(session, NOON).id
    many_comments(session)
    seen: dict[int, Seen | None] = dict.fromkeys(SOME)
    done = comments.decide(session, seen, Status.SPAM, by=owner, how=How.WEB, now=NOON).done
    for status in (Status.APPROVED, Status.HELD):
        check_plans(session, partial(comments.decide, session, seen, status, by=owner, how=How.WEB, now=NOON))
    check_plans(session, partial(comments.undo, session, done, by=owner, how=How.WEB, now=NOON))


def test_mail_that_tells_of_comments_is_looked_for_by_their_numbers(session: Session) -> None:
    many_comments(session)
    [found] = check_plans(session, lambda: outbox.drop(session, [Kind.COMMENT_HELD, Kind.COMMENT_REPLIED], SOME))
    if session.get_bind().dialect.name == "sqlite":
        assert "ix_outbox_item_item_id" in found, found
    # PostgreSQL knows how few messages wait and may begin with them.
    assert not re.search("ix_outbox_mail_(subject|recipient)", found), "each mail of the kind would be looked at"


LET_GO = {"comments": forgetting.comments, "requests": forgetting.requests, "readers": forgetting.readers}


@pytest.mark.parametrize("what", list(LET_GO))
def test_what_is_let_go_of_is_named_and_not_looked_for(session: Session, what: str) -> None:
    many_comments(session)
    for plan in check_plans(session, lambda: LET_GO[what](session, SOME)):
        assert not re.search(r"(SCAN|Seq Scan on) outbox_item\b", plan), plan
        assert not re.search(r"ix_outbox_mail_\w+ \(kind=\?\)", plan), "each mail of the kind would be looked at"


def test_mail_to_gather_with_is_looked_for_in_the_last_days_only(session: Session) -> None:
    many_comments(session)
    pace = Pace(every=timedelta(minutes=15))
    found = check_plans(session, lambda: outbox.gather(session, Kind.COMMENT_HELD, ID, ["a@example.com"], NOON, pace))
    looked = [plan for plan in found if "ix_outbox_mail_recipient" in plan]
    assert len(looked) == 2, found
    assert all("created_at>" in plan or "created_at >" in plan for plan in looked), looked


@pytest.mark.parametrize("ask", [outbox.health, outbox.trouble, outbox.depth, outbox.needs_alarm, outbox.raise_alarm])
def test_whether_the_mail_is_well_is_told_without_reading_all_of_it(
    session: Session, ask: Callable[[Session, datetime], object]
) -> None:
    many_comments(session)
    check_plans(session, lambda: ask(session, NOON))


@pytest.mark.parametrize("newest_first", [False, True])
def test_pages_of_readers_are_read_in_the_order_of_an_index(session: Session, newest_first: bool) -> None:
    many_comments(session)
    found = check_plans(session, lambda: comments.page(session, "a", 12, size=10, newest_first=newest_first))
    [rows] = [plan for plan in found if "ix_comment_newest" in plan or "ix_comment_oldest" in plan]
    assert "TEMP B-TREE" not in rows
    assert "Sort" not in rows


def test_a_search_is_carried_out_once_for_its_page(session: Session) -> None:
    many_comments(session)
    found = plans(session, lambda: _queue(session, Filter(text="word1")))
    assert len([plan for plan in found if re.search(r"\bcomment_search(_words)?\b", plan)]) == 1, found


def test_the_tabs_are_counted_without_reading_comments(session: Session) -> None:
    many_comments(session)
    [plan] = plans(session, lambda: comments.count_by_status(session))
    assert "comment_count" in plan
    assert not re.search(r"\bcomment\b", plan)
