"""What the benchmark fills a site with is what domain.comments would have written, had all that really happened."""

import io
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

import database
from benchmarks import stories
from benchmarks.filling import add_moderator, fill
from benchmarks.progress import Progress
from benchmarks.rows import SENT_AFTER, Writer
from benchmarks.stories import ARTICLE, Story, Teller
from domain import comments, outbox, spam
from domain.audit import AuditEntry
from domain.comments import Comment, CommentCount, CommentEvent, How, Status, ThreadBlock
from domain.outbox import OutboxItem, OutboxMail
from domain.site_version import SiteVersion
from domain.staff import Staff
from tests.conftest import NOON

SIZE, BACKLOG = 450, 30
TABLES = (Comment, CommentEvent, AuditEntry, OutboxMail, OutboxItem, CommentCount, ThreadBlock, SiteVersion)


@pytest.fixture(autouse=True)
def short_chapters(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stories, "CHAPTER", 200)


def told() -> list[list[Story]]:
    return list(Teller(SIZE, BACKLOG, NOON).chapters())


def live(session: Session, story: Story, owner: Staff) -> None:
    """Has happen what a story tells, but for what comes after its chapter."""
    done = comments.submit(
        session,
        story.article_id,
        story.draft,
        signals=spam.Signals(),
        network=story.network,
        lang="en",
        notify=[owner.email],
        now=story.sent_at,
    )
    assert done.comment_id == story.number
    session.flush()
    mail = outbox.claim(session, story.sent_at)
    if mail is not None:
        session.flush()
        outbox.record_sent(session, mail.id, str(mail.lease), story.sent_at + SENT_AFTER)
    for status, at in story.moves:
        if status is Status.WITHDRAWN:
            comments.withdraw(session, story.number, at)
        else:
            comments.set_status(session, story.number, status, by=owner.id, how=How.WEB, now=at)


def stored(session: Session) -> dict[str, list[Any]]:
    """All rows of all tables but for numbers and keys that mean nothing; counts of nothing left out.

    What the spam filter learns of them, and so the reasons it gives from memory, is no part of the filling.
    """
    session.flush()
    found = {}
    for model in TABLES:
        table = model.__table__
        meaningless = {"message_key", "learned_as_spam"} | (set() if model in {Comment, OutboxMail} else {"id"})
        columns = [column for column in table.columns if column.name not in meaningless]
        rows = session.execute(sa.select(*columns).order_by(*table.primary_key.columns))
        found[table.name] = [_without_memory(row._asdict()) for row in rows if getattr(row, "number", 1)]
    return found


def _without_memory(row: dict[str, Any]) -> dict[str, Any]:
    held_in = row if "reasons" in row else row.get("detail", {})
    if "reasons" in held_in:
        held_in["reasons"] = [code for code in held_in["reasons"] if code.startswith("links:")]
    return row


def test_the_rows_are_those_of_the_domain(session: Session) -> None:
    owner = add_moderator(session, NOON)
    for chapter in told():
        for story in chapter:
            live(session, story, owner)
        for story in chapter:
            if story.removed_at is not None:
                comments.set_status(session, story.number, Status.TRASH, by=owner.id, how=How.WEB, now=story.removed_at)
    lived, staff_id = stored(session), owner.id
    session.rollback()

    owner = add_moderator(database.begin_write(session), NOON)
    writer = Writer(owner.id, owner.email)
    session.commit()
    fill(session, Teller(SIZE, BACKLOG, NOON), writer, Progress("", SIZE + BACKLOG, io.StringIO()))
    filled = stored(database.begin_write(session))
    for row in (*filled["comment_event"], *filled["audit_entry"]):
        for name in {"by_staff", "staff_id"} & {name for name, number in row.items() if number == owner.id}:
            row[name] = staff_id
    assert filled == lived


def test_a_comment_after_the_filling_has_the_next_number(session: Session) -> None:
    owner = add_moderator(session, NOON)
    writer = Writer(owner.id, owner.email)
    session.commit()
    fill(session, Teller(20, 2, NOON), writer, Progress("", 22, io.StringIO()))
    draft = comments.Draft("Sana", "sana@example.com", "Is there room?")
    database.begin_write(session)
    done = comments.submit(session, ARTICLE, draft, signals=spam.Signals(), network=None, lang="en", notify=[], now=NOON)
    assert done.comment_id == 23


def test_the_same_seed_tells_the_same_stories() -> None:
    assert told() == told()
    assert told() != list(Teller(SIZE, BACKLOG, NOON, seed=2).chapters())


def test_stories_are_mixed_as_they_should_be() -> None:
    told_of = [story for chapter in Teller(4000, 100, NOON).chapters() for story in chapter]
    assert [story.number for story in told_of] == list(range(1, 4101))
    on_article = sum(story.article_id == ARTICLE for story in told_of)
    replies = sum(story.draft.parent_id is not None for story in told_of)
    frequent = sum("migraine" in story.draft.text.lower().split() for story in told_of)
    assert (round(on_article / 4100, 1), round(replies / 4100, 1), round(frequent / 4100, 1)) == (0.9, 0.3, 0.4)
    assert all(not story.moves and story.first is Status.HELD for story in told_of[4000:])
    assert len({story.draft.text for story in told_of}) == 4100
    assert all(at <= NOON for story in told_of for _, at in story.moves)
