"""Full-text search over comments: FTS5 on SQLite, tsvector on PostgreSQL. Only here and in database.py do engines differ.

Both indexes are made by a migration and kept by the database itself, so that what is erased is no longer found.
"""

import re
from collections.abc import Callable
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlalchemy.orm import InstrumentedAttribute, Session

PREFIX = "comment_search"
"""How the names of all tables, columns and indexes begin that the search has and no model describes."""
MAX_WORDS = 8
MERGED_PAGES = 500
"""Pages of the index that one step of `drop_deleted` writes, about 2 MB."""
MAX_WORD = 60
_WORD = re.compile(r"[^\W_]+")
_ADDRESS = re.compile(r"\w@\w.*\.\w")


class Word(NamedTuple):
    """A word that is searched for: as it is, or as the beginning of one."""

    text: str
    is_whole: bool


Narrowed = tuple[sa.Select[Any], sa.ColumnElement[int]]

_FTS5 = sa.table(PREFIX, sa.column("rowid", sa.Integer), sa.column(PREFIX, sa.Text))
_MERGE = sa.table(PREFIX, sa.column(PREFIX, sa.Text), sa.column("rank", sa.Integer))
_WORDS: sa.ColumnElement[str] = sa.literal_column(f"comment.{PREFIX}")


def words(typed: str) -> list[Word]:
    """What is searched for: letters and digits only, so that nothing typed is read as an operator.

    Of parts that signs join, as in 3-month, all but the last are whole words; of an address the last is too: beginnings
    that many words have, such as com, are slow.
    """
    found: list[Word] = []
    for joined in typed.split():
        parts = [word[:MAX_WORD] for word in _WORD.findall(joined)]
        is_address = _ADDRESS.search(joined) is not None
        found += [Word(part, is_address or place < len(parts)) for place, part in enumerate(parts, start=1)]
    return found[:MAX_WORDS]


def narrow(session: Session, query: sa.Select[Any], comment_id: InstrumentedAttribute[int], status: str, typed: str) -> Narrowed:
    """A query for comments of one status with only those that have all words in text, name or address.

    Returns the id to sort and page by too. Text without a letter or digit finds nothing.
    """
    wanted = words(typed)
    if not wanted:
        return query.where(sa.false()), sa.type_coerce(comment_id, sa.Integer)
    return _BY_DIALECT[session.get_bind().dialect.name](query, comment_id, status, wanted)


def drop_deleted(session: Session, *, is_first: bool) -> bool:
    """One short step towards an index without the words of deleted comments; whether there is more to do.

    FTS5 notes that a text is gone and keeps its words until it merges; PostgreSQL keeps none. The caller commits each step, so
    that on a large site nobody waits for all of them (https://sqlite.org/fts5.html#the_merge_command).
    """
    if session.get_bind().dialect.name != "sqlite":
        return False
    driver = session.connection().connection.driver_connection
    assert driver is not None
    before = driver.total_changes
    # Below nought: all parts of the index become one, as nothing else rids it of every deleted word.
    values = {PREFIX: "merge", "rank": -MERGED_PAGES if is_first else MERGED_PAGES}
    session.execute(sa.insert(_MERGE).values(values))
    return bool(driver.total_changes - before >= 2)


def is_of_a_model(name: str | None, _kind: str, _parents: object) -> bool:
    """Whether a table or index is one that models describe; for the comparison of models with the database."""
    return not (name or "").startswith(PREFIX)


def _sqlite(query: sa.Select[Any], comment_id: InstrumentedAttribute[int], status: str, wanted: list[Word]) -> Narrowed:
    asked = " AND ".join(f'"{word.text}"{"" if word.is_whole else "*"}' for word in wanted)
    # The state is asked of the index too: reading all that has a frequent word to find what is held would take long.
    asked = f'{{name email text}} : ({asked}) AND status : "{status}"'
    # FTS5 gives its rows in the order of their ids, so a page needs no more of them than it shows.
    joined = query.join(_FTS5, _FTS5.c.rowid == comment_id).where(_FTS5.c[PREFIX].op("MATCH")(asked))
    return joined, _FTS5.c.rowid


def _postgresql(query: sa.Select[Any], comment_id: InstrumentedAttribute[int], _status: str, wanted: list[Word]) -> Narrowed:
    asked = " & ".join(f"'{word.text}'{'' if word.is_whole else ':*'}" for word in wanted)
    found = _WORDS.op("@@", is_comparison=True)(sa.func.to_tsquery(sa.literal_column("'simple'"), asked))
    return query.where(found), sa.type_coerce(comment_id, sa.Integer)


_BY_DIALECT: dict[str, Callable[[sa.Select[Any], InstrumentedAttribute[int], str, list[Word]], Narrowed]] = {
    "sqlite": _sqlite,
    "postgresql": _postgresql,
}
