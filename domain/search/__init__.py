"""Full-text search over comments and requests: FTS5 on SQLite, tsvector on PostgreSQL.

Only here and in database.py do engines differ. The indexes are made by migrations and kept by the database itself, so that
what is erased is no longer found.
"""

import re
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlalchemy.orm import InstrumentedAttribute, Session

MAX_WORDS = 8
MERGED_PAGES = 500
"""Pages of the index that one step of `drop_deleted` writes, about 2 MB."""
MAX_WORD = 60
MOST_WORDS = 50
"""Words with one beginning that are searched for one by one (SQLite); of more, as of all references, the lists are merged."""
FEWEST_ASKED = 20
"""Rows of a hundred places that must be there for their answer to count (PostgreSQL): where most ids are gone it tells nothing."""
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

    @property
    def vocabulary(self) -> str:
        """The table of the words in the index (SQLite)."""
        return f"{self.name}_vocabulary"


COMMENTS = Index("comment", "comment_search", ("name", "email", "text"), "status")
REQUESTS = Index("consultation_request", "request_search", ("words",), "facts")
INDEXES = (COMMENTS, REQUESTS)

# From one word to the next: to read on would be to read where each word stands. A space comes before all that words are made of.
_WORDS_THAT_BEGIN = """
    WITH RECURSIVE found (word) AS (
        SELECT (SELECT term FROM {vocabulary} WHERE term >= :beginning LIMIT 1)
        UNION ALL SELECT (SELECT term FROM {vocabulary} WHERE term >= found.word || ' ' LIMIT 1)
        FROM found WHERE found.word GLOB :beginning || '*')
    SELECT word FROM found LIMIT :most"""  # names of our own tables  # nosec
# How many of some rows, spread over all, have what is searched for. Of a beginning PostgreSQL believes that one row in 200 has a
# word with it, and of a number, which may be written in four ways, one in 50, however rare or frequent it is.
_SAMPLE = """
    SELECT count(*), count(*) FILTER (WHERE ts_match_vq({name}, to_tsquery('simple', :asked))) FROM {table}
    WHERE id = ANY(ARRAY(SELECT first + (last - first)::bigint * place / 99
        FROM (SELECT min(id) AS first, max(id) AS last FROM {table}) AS ends, generate_series(0, 99) AS place))"""  # nosec

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
    return _BY_DIALECT[session.get_bind().dialect.name](session, query, index, row_id, wanted, facts)


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
    session: Session,
    query: sa.Select[Any],
    index: Index,
    row_id: InstrumentedAttribute[int],
    wanted: Sequence[Term],
    facts: Sequence[Collection[str]],
) -> Narrowed:
    words_asked = " AND ".join(_written(term, " OR ", " AND ", partial(_for_fts5, session, index)) for term in wanted)
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


def _for_fts5(session: Session, index: Index, word: Word) -> str:
    # Of the beginning of a word FTS5 first merges the lists of all words that begin so, to their ends; the lists of whole words
    # it reads from the newest row on, and no further than it is asked to.
    whole = [word.text] if word.is_whole else _words_that_begin(session, index, word.text)
    either = " OR ".join(f'"{one}"' for one in whole)
    return f"({either})" if whole else f'"{word.text}"*'


def _words_that_begin(session: Session, index: Index, beginning: str) -> list[str]:
    """All words of the index that begin so; none where they are too many, or where FTS5 may write one in another way."""
    if not beginning.isascii():
        return []
    statement = _WORDS_THAT_BEGIN.format(vocabulary=index.vocabulary)
    asked = {"beginning": beginning.lower(), "most": MOST_WORDS + 1}
    words_from_there = session.scalars(sa.text(statement), asked)
    found = [word for word in words_from_there if word is not None and word.startswith(asked["beginning"])]
    return found if len(found) <= MOST_WORDS and all(map(str.isascii, found)) else []


def _postgresql(
    session: Session,
    query: sa.Select[Any],
    index: Index,
    row_id: InstrumentedAttribute[int],
    wanted: Sequence[Term],
    _facts: Sequence[Collection[str]],
) -> Narrowed:
    asked = " & ".join(_written(term, " | ", " & ", _for_tsquery) for term in wanted)
    column: sa.ColumnElement[str] = sa.literal_column(f"{index.table}.{index.name}")
    searched = sa.func.to_tsquery(sa.literal_column("'simple'"), asked)
    number = sa.type_coerce(row_id, sa.Integer)
    has_words = column.op("@@", is_comparison=True)(searched)
    looked_at, matching = session.execute(sa.text(_SAMPLE.format(**vars(index))), {"asked": asked}).one()
    tells = looked_at >= FEWEST_ASKED
    if tells and matching * 2 >= looked_at:
        # Called as a function it is asked of each row of the list; the index would first give half of all rows.
        return query.where(sa.func.ts_match_vq(column, searched)), number
    if tells and not matching:
        # An array is taken for a few rows, so however short the page, nothing walks the list to find them.
        ids = sa.select(row_id).where(has_words).correlate(None).scalar_subquery()
        return query.where(row_id == sa.any_(sa.func.array(ids))), number
    return query.where(has_words), number


def _for_tsquery(word: Word) -> str:
    return f"'{word.text}'" if word.is_whole else f"'{word.text}':*"


def _written(term: Term, either: str, both: str, write: Callable[[Word], str]) -> str:
    return f"({either.join(f'({both.join(map(write, phrase))})' for phrase in term)})"


_BY_DIALECT: dict[str, Callable[..., Narrowed]] = {"sqlite": _sqlite, "postgresql": _postgresql}
