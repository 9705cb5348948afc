"""Comments as threads: order, pages, place holders, the tally, and who may be answered."""

import random

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from domain import comments
from domain.comments import Comment, How, NoSuchPage, NotAnswerable, Status
from domain.comments.comment import PATH_LEVELS
from tests.conftest import NOON
from tests.factories import ARTICLE, approved_comment, comment_draft, make_staff, submit_comment


def move(session: Session, comment: Comment, status: Status) -> None:
    owner = make_staff(session, NOON, email=f"mover{comment.id}-{status}@example.com")
    comments.set_status(session, comment.id, status, by=owner.id, how=How.WEB, now=NOON)


def order(session: Session, *, newest_first: bool = False, size: int = 100, number: int = 1) -> list[int]:
    return [row.id for row in comments.page(session, ARTICLE, number, size=size, newest_first=newest_first).rows]


def test_a_reply_stands_under_its_parent_and_not_at_the_end(session: Session) -> None:
    first, second = approved_comment(session, NOON), approved_comment(session, NOON)
    reply = approved_comment(session, NOON, parent=first)
    deeper = approved_comment(session, NOON, parent=reply)
    assert order(session) == [first.id, reply.id, deeper.id, second.id]
    assert [row.level for row in (first, reply, deeper, second)] == [0, 1, 2, 0]
    assert deeper.parent_id == reply.id


def test_newest_first_turns_the_threads_and_not_the_replies(session: Session) -> None:
    first, second = approved_comment(session, NOON), approved_comment(session, NOON)
    one = approved_comment(session, NOON, parent=first)
    two = approved_comment(session, NOON, parent=first)
    assert order(session, newest_first=True) == [second.id, first.id, one.id, two.id]


def test_the_true_parent_is_kept_however_deep(session: Session) -> None:
    comment = approved_comment(session, NOON)
    for _ in range(PATH_LEVELS + 3):
        reply = approved_comment(session, NOON, parent=comment)
        assert reply.parent_id == comment.id
        assert reply.level < PATH_LEVELS
        comment = reply
    assert len(order(session)) == PATH_LEVELS + 4


def test_a_removed_comment_stays_as_a_place_holder_while_it_has_replies(session: Session) -> None:
    parent = approved_comment(session, NOON)
    reply = approved_comment(session, NOON, parent=parent)
    move(session, parent, Status.TRASH)
    assert order(session) == [parent.id, reply.id]
    move(session, reply, Status.SPAM)
    assert order(session) == []
    move(session, reply, Status.APPROVED)
    assert order(session) == [parent.id, reply.id]


def test_a_held_reply_shows_nothing(session: Session) -> None:
    parent = approved_comment(session, NOON)
    submit_comment(session, NOON, comment_draft(parent_id=parent.id))
    assert order(session) == [parent.id]


@pytest.mark.parametrize("newest_first", [False, True])
def test_every_comment_is_on_the_page_that_is_named_for_it(session: Session, newest_first: bool) -> None:
    rows: list[Comment] = []
    for _ in range(23):
        rows.append(approved_comment(session, NOON, parent=random.choice([None, *rows[-4:]])))
    for row in rows:
        number = comments.pages_of(session, ARTICLE, [row], size=5, newest_first=newest_first)[row.id]
        assert row.id in order(session, newest_first=newest_first, size=5, number=number)
    pages = comments.page(session, ARTICLE, 1, size=5, newest_first=newest_first).pages
    everything = [i for n in range(1, pages + 1) for i in order(session, newest_first=newest_first, size=5, number=n)]
    assert (pages, sorted(everything)) == (5, sorted(row.id for row in rows))


@pytest.mark.parametrize("number", [0, -1, 2, 10**9])
def test_a_page_beyond_the_end_is_no_page(session: Session, number: int) -> None:
    approved_comment(session, NOON)
    with pytest.raises(NoSuchPage):
        comments.page(session, ARTICLE, number, size=5, newest_first=False)


def test_an_article_without_comments_has_one_empty_page(session: Session) -> None:
    page = comments.page(session, ARTICLE, 1, size=5, newest_first=False)
    assert (list(page.rows), page.pages, page.approved) == ([], 1, 0)


@pytest.mark.parametrize(
    ("status", "article", "why"),
    [
        (Status.HELD, ARTICLE, "not read by anybody yet"),
        (Status.TRASH, ARTICLE, "removed"),
        (Status.APPROVED, "another-article", "of another article"),
    ],
)
def test_what_cannot_be_answered_takes_no_reply(session: Session, status: Status, article: str, why: str) -> None:
    parent = submit_comment(session, NOON)
    if status is not Status.HELD:
        move(session, parent, status)
    with pytest.raises(NotAnswerable):
        comments.answerable(session, article, parent.id)
    if article == ARTICLE:
        with pytest.raises(NotAnswerable):
            submit_comment(session, NOON, comment_draft(parent_id=parent.id))
    assert session.scalars(sa.select(sa.func.count()).select_from(Comment)).one() == 1, why


@pytest.mark.parametrize("number", [0, -1, 999])
def test_a_number_that_is_no_comment_takes_no_reply(session: Session, number: int) -> None:
    with pytest.raises(NotAnswerable):
        comments.answerable(session, ARTICLE, number)


def test_shown_is_what_is_approved_and_what_stands_above_it(session: Session) -> None:
    chance = random.Random(7)
    owner = make_staff(session, NOON)
    rows: list[Comment] = []
    for _ in range(150):
        if len(rows) < 5 or chance.random() < 0.3:
            approved = [row for row in rows if row.status is Status.APPROVED]
            parent = chance.choice([None, *approved])
            rows.append(submit_comment(session, NOON, comment_draft(parent_id=parent.id if parent else None)))
        else:
            row = chance.choice(rows)
            wanted = chance.choice([status for status in Status if status is not Status.WITHDRAWN])
            comments.set_status(session, row.id, wanted, by=owner.id, how=How.WEB, now=NOON)
        session.flush()
    approved = [row for row in rows if row.status is Status.APPROVED]
    above = {row.id: row.parent_id for row in rows}
    needed = set()
    for row in approved:
        here: int | None = row.id
        while here is not None:
            needed.add(here)
            here = above[here]
    page = comments.page(session, ARTICLE, 1, size=500, newest_first=False)
    assert ({row.id for row in page.rows}, page.approved) == (needed, len(approved))


def test_readers_pages_are_found_by_an_index(session: Session) -> None:
    approved_comment(session, NOON)
    plans = []
    for order_by in ((Comment.path,), (Comment.thread_rank, Comment.path)):
        query = sa.select(Comment.id).where(Comment.article_id == ARTICLE, Comment.shown).order_by(*order_by).limit(100)
        if session.get_bind().dialect.name == "sqlite":
            text = str(query.compile(session.get_bind(), compile_kwargs={"literal_binds": True}))
            plans.append(" ".join(str(row[-1]) for row in session.execute(sa.text(f"EXPLAIN QUERY PLAN {text}"))))
    for plan in plans:
        assert "ix_comment_" in plan
        assert "TEMP B-TREE" not in plan
