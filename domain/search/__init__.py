"""Full-text search over comments: FTS5 on SQLite, tsvector on PostgreSQL. Only here and in database.py do engines differ.

Both indexes are made by a migration and kept by the database itself, so that what is erased is no longer found.
"""

import re
from collections.abc import Callable
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import InstrumentedAttribute, Session

PREFIX = "comment_search"
"""How the names of all tables, columns and indexes begin that the search has and no model describes."""
MAX_WORDS = 8
MAX_WORD = 60
_WORD = re.compile(r"[^\W_]+")

Narrowed = tuple[sa.Select[Any], sa.ColumnElement[int]]

_FTS5 = sa.table(PREFIX, sa.column("rowid", sa.Integer), sa.column(PREFIX, sa.Text))
_WORDS: sa.ColumnElement[str] = sa.literal_column(f"comment.{PREFIX}")


def words(typed: str) -> list[str]:
    """What is searched for: letters and digits only, so that nothing typed is read as an operator."""
    return [word[:MAX_WORD] for word in _WORD.findall(typed)[:MAX_WORDS]]


def narrow(session: Session, query: sa.Select[Any], comment_id: InstrumentedAttribute[int], status: str, typed: str) -> Narrowed:
    """A query for comments of one status with only those in whose text, name or address each word begins a word.

    Returns the id to sort and page by too. Text without a letter or digit finds nothing.
    """
    wanted = words(typed)
    if not wanted:
        return query.where(sa.false()), sa.type_coerce(comment_id, sa.Integer)
    return _BY_DIALECT[session.get_bind().dialect.name](query, comment_id, status, wanted)


def is_of_a_model(name: str | None, _kind: str, _parents: object) -> bool:
    """Whether a table or index is one that models describe; for the comparison of models with the database."""
    return not (name or "").startswith(PREFIX)


def _sqlite(query: sa.Select[Any], comment_id: InstrumentedAttribute[int], status: str, wanted: list[str]) -> Narrowed:
    asked = " AND ".join(f'"{word}"*' for word in wanted)
    # The state is asked of the index too: reading all that has a frequent word to find what is held would take long.
    asked = f'{{name email text}} : ({asked}) AND status : "{status}"'
    # FTS5 gives its rows in the order of their ids, so a page needs no more of them than it shows.
    joined = query.join(_FTS5, _FTS5.c.rowid == comment_id).where(_FTS5.c[PREFIX].op("MATCH")(asked))
    return joined, _FTS5.c.rowid


def _postgresql(query: sa.Select[Any], comment_id: InstrumentedAttribute[int], _status: str, wanted: list[str]) -> Narrowed:
    asked = " & ".join(f"'{word}':*" for word in wanted)
    found = _WORDS.op("@@", is_comparison=True)(sa.func.to_tsquery(sa.literal_column("'simple'"), asked))
    return query.where(found), sa.type_coerce(comment_id, sa.Integer)


_BY_DIALECT: dict[str, Callable[[sa.Select[Any], InstrumentedAttribute[int], str, list[str]], Narrowed]] = {
    "sqlite": _sqlite,
    "postgresql": _postgresql,
}
