"""Full-text search over comments and requests: FTS5 on SQLite, tsvector on PostgreSQL.

Only here and in database.py do engines differ. The indexes are made by migrations and kept by the database itself, so that
what is erased is no longer found.
"""

import re
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlalchemy.orm import InstrumentedAttribute, Session

MAX_WORDS = 8
MERGED_PAGES = 500
"""Pages of the index that one step of `drop_deleted` writes, about 2 MB."""
MAX_WORD = 60
_WORD = re.compile(r"[^\W_]+")
_ADDRESS = re.compile(r"\w@\w.*\.\w")


class Word(NamedTuple):
    """A word that is searched for: as it is, or as the beginning of one."""

    text: str
    is_whole: bool = False


Phrase = Sequence[Word]
"""Words all of which must be there."""
Term = Sequence[Phrase]
"""Phrases one of which must be there: ways to write the same."""


@dataclass(frozen=True)
class Index:
    """What is searched: the table, the name of its index, and (SQLite) the columns of words and the column of facts.

    A fact is a code such as a state. The index knows it too: to read all that has a frequent word, so as to find the few rows
    in a rare state, would take long.
    """

    table: str
    name: str
    words: tuple[str, ...]
    facts: str


COMMENTS = Index("comment", "comment_search", ("name", "email", "text"), "status")
REQUESTS = Index("consultation_request", "request_search", ("words",), "facts")
INDEXES = (COMMENTS, REQUESTS)

Narrowed = tuple[sa.Select[Any], sa.ColumnElement[int]]


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


def terms(typed: str) -> list[Term]:
    """The words of a text, each a term without another way to write it."""
    return [[[word]] for word in words(typed)]


def narrow(
    session: Session,
    query: sa.Select[Any],
    index: Index,
    row_id: InstrumentedAttribute[int],
    wanted: Sequence[Term],
    facts: Sequence[Collection[str]] = (),
) -> Narrowed:
    """A query for rows of an index's table with only those that have all terms; returns the id to sort and page by too.

    The query itself asks for the `facts` too, of each collection one: here they only spare looking at rows that have none.
    Without a term nothing is found.
    """
    if not wanted:
        return query.where(sa.false()), sa.type_coerce(row_id, sa.Integer)
    return _BY_DIALECT[session.get_bind().dialect.name](query, index, row_id, wanted, facts)


def drop_deleted(session: Session, *, is_first: bool) -> bool:
    """One short step towards an index without the words of deleted rows; whether there is more to do.

    FTS5 notes that a text is gone and keeps its words until it merges; PostgreSQL keeps none. The caller commits each step, so
    that on a large site nobody waits for all of them (https://sqlite.org/fts5.html#the_merge_command).
    """
    if session.get_bind().dialect.name != "sqlite":
        return False
    more = [_merge(session, index, is_first=is_first) for index in INDEXES]
    return any(more)


def _merge(session: Session, index: Index, *, is_first: bool) -> bool:
    driver = session.connection().connection.driver_connection
    assert driver is not None
    before = driver.total_changes
    # Below nought: all parts of the index become one, as nothing else rids it of every deleted word.
    values = {index.name: "merge", "rank": -MERGED_PAGES if is_first else MERGED_PAGES}
    table = sa.table(index.name, sa.column(index.name, sa.Text), sa.column("rank", sa.Integer))
    session.execute(sa.insert(table).values(values))
    return bool(driver.total_changes - before >= 2)


def is_of_a_model(name: str | None, _kind: str, _parents: object) -> bool:
    """Whether a table or index is one that models describe; for the comparison of models with the database."""
    return not (name or "").startswith(tuple(index.name for index in INDEXES))


def _sqlite(
    query: sa.Select[Any],
    index: Index,
    row_id: InstrumentedAttribute[int],
    wanted: Sequence[Term],
    facts: Sequence[Collection[str]],
) -> Narrowed:
    words_asked = " AND ".join(_written(term, " OR ", " AND ", '"{}"', '"{}"*') for term in wanted)
    asked = f"{{{' '.join(index.words)}}} : ({words_asked})"
    for choice in facts:
        one_of = " OR ".join(f'"{fact}"' for fact in choice)
        asked += f" AND {index.facts} : ({one_of})"
    found = sa.table(index.name, sa.column("rowid", sa.Integer), sa.column(index.name, sa.Text))
    # FTS5 gives its rows in the order of their ids, so a page needs no more of them than it shows. The plus keeps the planner
    # from asking it anew about each row of another index, which takes as long as there are rows.
    number: sa.ColumnElement[int] = sa.literal_column(f"+{index.name}.rowid", sa.Integer)
    joined = query.join(found, row_id == number).where(found.c[index.name].op("MATCH")(asked))
    return joined, found.c.rowid


def _postgresql(
    query: sa.Select[Any],
    index: Index,
    row_id: InstrumentedAttribute[int],
    wanted: Sequence[Term],
    _facts: Sequence[Collection[str]],
) -> Narrowed:
    asked = " & ".join(_written(term, " | ", " & ", "'{}'", "'{}':*") for term in wanted)
    column: sa.ColumnElement[str] = sa.literal_column(f"{index.table}.{index.name}")
    found = column.op("@@", is_comparison=True)(sa.func.to_tsquery(sa.literal_column("'simple'"), asked))
    return query.where(found), sa.type_coerce(row_id, sa.Integer)


def _written(term: Term, either: str, both: str, whole: str, beginning: str) -> str:
    phrases = (both.join((whole if word.is_whole else beginning).format(word.text) for word in phrase) for phrase in term)
    return f"({either.join(f'({phrase})' for phrase in phrases)})"


_BY_DIALECT: dict[str, Callable[..., Narrowed]] = {"sqlite": _sqlite, "postgresql": _postgresql}
