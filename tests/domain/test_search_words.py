"""The beginning of a word is found fast whether few rows have it or most of them, and finds the same rows either way."""

from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from domain import comments, consultations, search
from domain.comments import Comment, Status
from tests.conftest import NOON
from tests.domain.plans import COUNT, many_comments, many_requests, plans
from tests.factories import comment_draft, make_staff, submit_comment

TEXTS = [
    "migraine", "Migraines", "migraine1", "migrane", "migrainé", "migraineر", "mig raine", "MIGRAINE days", "x migrain",
    *(f"many{number}" for number in range(search.MOST_WORDS + 5)),
    *(f"few{number}" for number in range(search.MOST_WORDS)),
]  # fmt: skip
BEGINNINGS = ["m", "MIG", "migraine", "migraines", "migrainé", "migraineر", "many", "many1", "few", "few4", "fewer", "1"]
RARE, EVERYBODYS = f"word{10_000 + COUNT // 2 + 7}", "word1"


@pytest.fixture
def sent(session: Session) -> Iterator[list[str]]:
    """What SQLite's index is asked for."""
    asked: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, parameters: tuple[object, ...], *_more: object) -> None:
        if "MATCH" in statement:
            asked.append(next(str(value) for value in parameters if "name email text" in str(value)))

    connection = session.connection()
    sa.event.listen(connection, "before_cursor_execute", note)
    yield asked
    sa.event.remove(connection, "before_cursor_execute", note)


def _texts_found(session: Session, typed: str) -> set[str]:
    return {row.text for row in comments.queue(session, Status.HELD, size=1000, only=comments.Filter(text=typed))}


@pytest.mark.parametrize("typed", BEGINNINGS)
def test_a_beginning_finds_every_word_that_begins_so_and_nothing_else(session: Session, typed: str) -> None:
    for number, text in enumerate(TEXTS):
        draft = comment_draft(text=text, name="Hina", email="hina@example.com")
        submit_comment(session, NOON + timedelta(minutes=number), draft)
    is_sqlite = session.get_bind().dialect.name == "sqlite"

    def plain(text: str) -> str:
        # FTS5 has no accents, PostgreSQL keeps them.
        return text.lower().replace("é", "e") if is_sqlite else text.lower()

    expected = {text for text in TEXTS if any(word.startswith(plain(typed)) for word in plain(text).split())}
    assert _texts_found(session, typed) == expected


def test_on_sqlite_the_words_that_begin_so_are_searched_for_one_by_one(session: Session, sent: list[str]) -> None:
    if session.get_bind().dialect.name != "sqlite":
        pytest.skip("PostgreSQL cannot say which words its index has")
    for number in range(search.MOST_WORDS):
        submit_comment(session, NOON + timedelta(minutes=number), comment_draft(text=f"headache{number} migraine"))
    for typed in ("Migr", "headache", "nothing"):
        comments.queue(session, Status.HELD, only=comments.Filter(text=typed))
    submit_comment(session, NOON + timedelta(days=1), comment_draft(text="headaches"))
    comments.queue(session, Status.HELD, only=comments.Filter(text="headache"))
    first, some, none, too_many = sent
    assert '("migraine")' in first
    assert some.count("headache") == search.MOST_WORDS
    assert "*" not in first + some
    assert '"nothing"*' in none
    assert '"headache"*' in too_many


READS: dict[str, Callable[[Session, str], object]] = {
    "comment": lambda s, text: comments.queue(s, Status.SPAM, only=comments.Filter(text=text)),
    "consultation_request": lambda s, text: consultations.inbox(s, consultations.Filter(text=text)),
}


@pytest.mark.parametrize("table", READS)
def test_on_postgresql_the_index_is_asked_for_rare_words_only(session: Session, table: str) -> None:
    if session.get_bind().dialect.name != "postgresql":
        pytest.skip("FTS5 is asked first whatever there is")
    make_staff(session, NOON)
    many_comments(session)
    many_requests(session, 1)
    # A planner for which the index costs next to nothing would take it for what every row has, too.
    session.execute(sa.text("SET LOCAL random_page_cost = 0.01"))
    [_, rare] = plans(session, lambda: READS[table](session, RARE))
    [_, frequent] = plans(session, lambda: READS[table](session, EVERYBODYS))
    assert "Bitmap Index Scan on comment_search_words" in rare or "Bitmap Index Scan on request_search_words" in rare, rare
    assert "= ANY (" in rare, "of the list it looks at what the index found"
    assert "_search_words" not in frequent, frequent
    assert f"using pk_{table}" in frequent or f"using ix_{table}_queue" in frequent, frequent


def test_on_postgresql_the_few_that_are_left_of_a_sample_choose_nothing(session: Session) -> None:
    if session.get_bind().dialect.name != "postgresql":
        pytest.skip("FTS5 is asked first whatever there is")
    many_comments(session)
    first, last = session.execute(sa.select(sa.func.min(Comment.id), sa.func.max(Comment.id))).one()
    # Of a hundred places between them, nearly all are empty: the last row is far from the others.
    lone = {"article_id": "a", "name": "N", "email": "a@example.com", "email_key": "a@example.com", "text": RARE, "lang": "en"}
    lone |= {"status": Status.SPAM, "status_since": NOON, "submitted_at": NOON, "path": "x", "thread_rank": 0, "reasons": []}
    session.execute(sa.insert(Comment), [lone | {"id": last + 1000 * (last - first)}])
    session.execute(sa.text("ANALYZE comment"))
    [_, query] = plans(session, lambda: READS["comment"](session, RARE))
    assert "ts_match_vq" not in query, "half of the two that were asked have it"
    [_, query] = plans(session, lambda: READS["comment"](session, "word1"))
    assert "= ANY (" not in query, "neither of the two that were asked would need it"
    assert last + 1000 * (last - first) in {row.id for row in comments.queue(session, Status.SPAM, only=comments.Filter(text=RARE))}
