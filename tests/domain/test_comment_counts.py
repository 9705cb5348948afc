"""The counts of comments that triggers keep are those that counting would give, whatever happens to a comment."""

import random
from datetime import datetime, timedelta
from importlib import import_module

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from domain import comments
from domain.comments import Comment, CommentCount, How, Status, ThreadBlock
from domain.comments.comment import BLOCK
from tests.conftest import NOON
from tests.factories import ARTICLE, approved_comment, comment_draft, make_staff, run_retention, submit_comment


def counted(session: Session) -> tuple[dict[tuple[str, Status], int], dict[tuple[str, int], int]]:
    """The counts by state and by block as they are when all comments are read."""
    states: dict[tuple[str, Status], int] = {}
    blocks: dict[tuple[str, int], int] = {}
    columns = (Comment.article_id, Comment.status, Comment.thread_rank, Comment.shown)
    for article_id, status, rank, shown in session.execute(sa.select(*columns)):
        states[article_id, status] = states.get((article_id, status), 0) + 1
        if shown:
            blocks[article_id, -rank // BLOCK] = blocks.get((article_id, -rank // BLOCK), 0) + 1
    return states, blocks


def kept(session: Session) -> tuple[dict[tuple[str, Status], int], dict[tuple[str, int], int]]:
    """The counts as they are stored, empty ones left out."""
    states = session.execute(sa.select(CommentCount.article_id, CommentCount.status, CommentCount.number))
    blocks = session.execute(sa.select(ThreadBlock.article_id, ThreadBlock.block, ThreadBlock.number))
    return (
        {(article_id, status): number for article_id, status, number in states if number},
        {(article_id, block): number for article_id, block, number in blocks if number},
    )


def submit(session: Session, now: datetime, chance: random.Random) -> None:
    approved = session.scalars(sa.select(Comment.id).where(Comment.status == Status.APPROVED).order_by(Comment.id)).all()
    parent_id = chance.choice([None, *approved])
    submit_comment(session, now, comment_draft(parent_id=parent_id))


def test_counts_keep_step_with_all_that_happens(session: Session) -> None:
    chance, now = random.Random(11), NOON
    seen: set[Status] = set()
    owner = make_staff(session, now)
    for step in range(250):
        now += timedelta(hours=chance.randint(0, 12))
        ids = session.scalars(sa.select(Comment.id).where(Comment.email != "").order_by(Comment.id)).all()
        number = chance.choice(ids) if ids else 0
        happening = chance.choice(["submit", "submit", "decide", "decide", "decide", "reply", "edit", "withdraw", "purge"])
        try:
            if happening == "submit" or not ids:
                submit(session, now, chance)
            elif happening == "decide":
                wanted = chance.choice([Status.HELD, Status.APPROVED, Status.APPROVED, Status.SPAM, Status.TRASH])
                comments.decide(session, {number: None}, wanted, by=owner.id, how=How.WEB, now=now)
            elif happening == "reply":
                comments.reply(session, number, f"An answer ({step})", by=owner, now=now)
            elif happening == "edit":
                at = session.get_one(Comment, number).submitted_at
                revision = session.get_one(Comment, number).revision
                comments.edit(session, number, f"Another text ({step})", revision=revision, notify=[], now=at)
            elif happening == "withdraw":
                comments.withdraw(session, number, now)
            else:
                run_retention(session, now)
                session.expire_all()
        except (comments.NotAnswerable, comments.TooLate, comments.Unknown):
            pass
        session.flush()
        assert kept(session) == counted(session), f"after step {step}: {happening}"
        seen |= {status for _, status in counted(session)[0]}
    assert seen == set(Status)


def test_counts_by_state_add_up_all_articles(session: Session) -> None:
    approved_comment(session, NOON)
    submit_comment(session, NOON)
    session.execute(sa.update(Comment).values(article_id="another").where(Comment.status == Status.HELD))
    submit_comment(session, NOON)
    counts = comments.count_by_status(session)
    assert (counts[Status.HELD], counts[Status.APPROVED], counts[Status.SPAM]) == (2, 1, 0)
    assert kept(session) == counted(session)


def test_many_rows_at_once_are_counted_too(session: Session) -> None:
    same = {"name": "N", "lang": "en", "reasons": [], "status_since": NOON, "submitted_at": NOON, "text": "t"}
    rows = [
        same
        | {"article_id": "abc"[n % 3], "email": f"{n}@example.com", "email_key": f"{n}@example.com"}
        | {"status": list(Status)[n % 4], "shown": list(Status)[n % 4] is Status.APPROVED, "thread_rank": -n * 70}
        for n in range(200)
    ]
    session.execute(sa.insert(Comment), rows)
    assert kept(session) == counted(session)
    session.execute(sa.update(Comment).where(Comment.status == Status.HELD).values(status=Status.APPROVED, shown=True))
    assert kept(session) == counted(session)
    session.execute(sa.delete(Comment).where(Comment.article_id == "a"))
    assert kept(session) == counted(session)


@pytest.mark.parametrize("newest_first", [False, True])
def test_pages_are_cut_alike_where_threads_stand_in_many_blocks(session: Session, newest_first: bool) -> None:
    """Every page against the plain way: all that is shown in order, cut into pieces."""
    chance = random.Random(3)
    rows: list[Comment] = []
    for _ in range(60):
        rows.append(approved_comment(session, NOON, parent=chance.choice([None, None, *rows[-4:]])))
    # Their numbers are spread, so that blocks are full, half full and empty.
    for row in rows:
        steps = [int(row.path[start : start + 10]) * 217 for start in range(0, len(row.path), 10)]
        row.path, row.thread_rank = "".join(f"{step:010d}" for step in steps), row.thread_rank * 217
    session.flush()
    order = sorted(rows, key=lambda row: (row.thread_rank if newest_first else 0, row.path))
    for start in range(0, len(order), 7):
        page = comments.page(session, ARTICLE, start // 7 + 1, size=7, newest_first=newest_first)
        assert [row.id for row in page.rows] == [row.id for row in order[start : start + 7]]
    pages = comments.pages_of(session, ARTICLE, rows, size=7, newest_first=newest_first)
    assert pages == {row.id: number // 7 + 1 for number, row in enumerate(order)}


def test_a_long_list_of_new_authors_is_not_counted_to_its_end(session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(import_module("domain.comments.desk"), "COUNTED_BY_AUTHOR", 3)
    for number in range(4):
        submit_comment(session, NOON, comment_draft(email=f"new-{number}@example.com"))
    new = comments.Filter(record=comments.Record.FIRST)
    page = comments.queue_page(session, Status.HELD, before=None, size=2, only=new)
    assert (page.matching, page.is_exact, page.newest, page.has_more) == (3, False, 4, True)
    behind = comments.queue_page(session, Status.HELD, before=page.rows[-1].id, size=2, only=new)
    assert [row.id for row in (*page.rows, *behind.rows)] == [4, 3, 2, 1], "the list goes on beyond what is counted"
    assert not behind.has_more
    worded = comments.queue_page(session, Status.HELD, before=None, size=2, only=comments.Filter(text="new"))
    assert (worded.matching, worded.is_exact) == (4, True)
