"""The search over comments: what it finds, that nothing typed breaks it, that what is erased is gone, and that indexes are used."""

from datetime import timedelta
from functools import partial
from itertools import product
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from domain import comments, search
from domain.comments import Comment, Filter, How, Status
from tests.conftest import NOON
from tests.domain.plans import many_comments, plans
from tests.factories import comment_draft, make_staff, run_retention, submit_comment

HOSTILE = [
    '"', "'", '"unclosed', "a AND", "NEAR(", "NOT", "* *", "a*b", "name:sana", "-", "--", "a;DROP TABLE comment", "(((", ")", "^a",
    "{name email}: x", "a:*", "&", "|", "!", "a <-> b", "\\", "%", "_", "\x00", "\ud800", "a\u0301" * 2000, "x" * 5000, "۱۲۳", "🙂",
    "ﷺ", "ß", "İ", "a " * 500, "AND OR NOT", "rowid", "comment_search", ":x", "%(x)s", "?", "\u202ea", "़", "ก็", "'':*",
]  # fmt: skip


def found(session: Session, text: str, status: Status = Status.HELD, **more: Any) -> list[int]:
    return [row.id for row in comments.queue(session, status, only=Filter(text=text), **more)]


@pytest.mark.parametrize(
    ("typed", "finds", "why"),
    [
        ("diary", True, "a word of the text"),
        ("DIA", True, "the beginning of one, in capitals"),
        ("iary", False, "not its end"),
        ("hina", True, "a name"),
        ("hina diary", True, "words of both"),
        ("hina calendar", False, "each word counts"),
        ("hina.m@example.com", True, "the address"),
        ("hina.m@exam", True, "the beginning of one"),
        ("example.com", True, "its host"),
        ("hin.m@example.com", False, "an address of somebody else"),
        ("hina.m@example.co", False, "the same"),
        ("سردرد", True, "a word in Urdu"),
        ("o'brien", True, "a name with an apostrophe"),
        ("3-month", True, "a word with a hyphen"),
        ("!!!", False, "nothing to look for"),
        ("", False, "nothing at all"),
    ],
)
def test_each_word_begins_a_word_of_text_name_or_address(session: Session, typed: str, finds: bool, why: str) -> None:
    draft = comment_draft(
        name="Hina O'Brien", email="hina.m@example.com", text="My <b>Diary</b>, 3-month: سردرد https://a.example/x"
    )
    wanted = submit_comment(session, NOON, draft).id
    submit_comment(session, NOON, comment_draft(name="Else", email="else@other.org", text="Nothing of that"))
    assert found(session, typed) == ([wanted] if finds else []), why


@pytest.mark.parametrize("typed", HOSTILE, ids=lambda typed: ascii(typed)[:20])
def test_nothing_that_can_be_typed_is_an_error(session: Session, typed: str) -> None:
    submit_comment(session, NOON)
    assert len(found(session, typed)) <= 1
    assert comments.count(session, Status.HELD, only=Filter(text=typed)) <= 1


def test_what_is_changed_erased_or_deleted_is_no_longer_found(session: Session) -> None:
    owner = make_staff(session, NOON).id
    changed, erased, deleted = (
        submit_comment(session, NOON, comment_draft(text=f"migraine {n}", email="z@q.example")) for n in "abc"
    )
    submit_comment(session, NOON, comment_draft(parent_id=None))
    comments.edit(session, changed.id, "headache", revision=1, notify=[], now=NOON)
    comments.set_status(session, erased.id, Status.APPROVED, by=owner, how=How.WEB, now=NOON)
    submit_comment(session, NOON, comment_draft(parent_id=erased.id))
    for row in (erased, deleted):
        comments.set_status(session, row.id, Status.TRASH, by=owner, how=How.WEB, now=NOON)
    session.flush()
    assert len(found(session, "migraine", Status.TRASH)) == 2
    assert found(session, "migraine") == []
    assert found(session, "headache z@q.example") == [changed.id]
    gone = deleted.id
    run_retention(session, NOON + timedelta(days=31))
    session.expire_all()
    assert found(session, "migraine", Status.TRASH) == []
    assert found(session, "z", Status.TRASH) == []
    assert session.get(Comment, gone) is None
    if session.get_bind().dialect.name == "sqlite":
        session.execute(sa.text("INSERT INTO comment_search (comment_search, rank) VALUES ('integrity-check', 1)"))


def test_what_is_found_is_paged_by_id(session: Session) -> None:
    ids = [submit_comment(session, NOON, comment_draft(text=f"migraine number {n}")).id for n in range(5)]
    first = found(session, "migraine", size=2)
    second = found(session, "migraine", size=2, before=first[-1])
    third = found(session, "migraine", size=2, before=second[-1])
    assert first + second + third == ids[::-1]
    assert comments.matching(session, Status.HELD, upto=ids[2], size=10, only=Filter(text="migraine")) == ids[2::-1]
    assert comments.count(session, Status.HELD, upto=ids[2], only=Filter(text="migraine")) == 3


@pytest.mark.parametrize(
    ("only", "expected", "why"),
    [
        (Filter(article_id="another"), [], "no comment there"),
        (Filter(since=NOON - timedelta(days=1)), [3, 2], "sent since"),
        (Filter(reason="links"), [2], "a code with a number"),
        (Filter(reason="seen"), [3], "a code with more than a number"),
        (Filter(reason="repeated"), [3], "a code with a number, after another"),
        (Filter(reason="subscribe"), [], "not the end of one"),
        (Filter(reason="link"), [], "not the beginning of one"),
        (Filter(reason="cross-site"), [3], "a code without"),
        (Filter(reason="%"), [], "no wildcard"),
        (Filter(since=NOON - timedelta(days=1), reason="links", text="sana"), [2], "all at once"),
    ],
)
def test_filters_keep_what_they_say(session: Session, only: Filter, expected: list[int], why: str) -> None:
    submit_comment(session, NOON - timedelta(days=2))
    submit_comment(session, NOON, comment_draft(text="Sana: https://a.example"))
    crossing = submit_comment(session, NOON)
    crossing.reasons = ["cross-site", "repeated:14", "seen:31:0:subscribe"]
    session.flush()
    assert [row.id for row in comments.queue(session, Status.HELD, only=only)] == expected, why


PLANS = {
    "the queue": (Filter(), "ix_comment_queue"),
    "an article": (Filter(article_id="a"), "ix_comment_queue_article"),
    "an age": (Filter(since=NOON), "ix_comment_queue"),
    "a reason": (Filter(reason="cross-site"), "ix_comment_queue_reason"),
    "a reason with a number": (Filter(reason="repeated"), "ix_comment_queue_reason"),
    "an author's record": (Filter(record=comments.Record.FIRST), "ix_comment_queue"),
    "a search": (Filter(text="migraine"), "comment_search"),
    "a search in an article": (Filter(text="migraine", article_id="a", since=NOON), "comment_search"),
}


def test_every_list_uses_an_index(session: Session) -> None:
    many_comments(session)
    for case, before in product(PLANS, (None, 10**9)):
        only, index = PLANS[case]
        [*first, plan] = plans(session, partial(comments.queue, session, Status.SPAM, before=before, only=only))
        assert len(first) == bool(only.text), "which words to search for, and nothing else"
        assert not any("Seq Scan" in each for each in (*first, plan)), case
        if session.get_bind().dialect.name == "sqlite":
            assert index in plan, (case, plan)
            assert "SCAN comment " not in f"{plan} ".replace("\n", " "), (case, plan)
        else:
            # Its planner goes by how rare a value is in this small table.
            assert "Index" in plan, (case, plan)


def test_words_alone_are_found_by_their_index(session: Session) -> None:
    many_comments(session)
    query, _ = search.narrow(session, sa.select(Comment.id), search.COMMENTS, Comment.id, search.terms("migraine"))
    [plan] = plans(session, lambda: session.execute(query))
    assert ("comment_search_words" in plan) or ("SCAN comment_search VIRTUAL TABLE INDEX" in plan), plan


def test_the_record_of_authors_uses_an_index(session: Session) -> None:
    row = submit_comment(session, NOON)
    many_comments(session)
    [plan] = plans(session, lambda: comments.records(session, [row]))
    assert "ix_comment_record" in plan
    if session.get_bind().dialect.name == "sqlite":
        assert "COVERING" in plan
