"""A number of the database that is looked at all the time, such as the site's version: by far cheaper than a query on SQLite."""

import sqlite3
from pathlib import Path
from urllib.parse import quote

import sqlalchemy as sa
from sqlalchemy.engine import Engine

import database


class Watched:
    """One number of the database that is read again and again; not by two threads at once."""

    def __init__(self, engine: Engine, query: sa.Select[int]) -> None:
        self._engine, self._query = engine, query
        self._file = database.sqlite_file(str(engine.url))
        self._text = str(query.compile(engine))
        self._connection: sqlite3.Connection | None = None
        self._commits: int | None = None
        self._number = 0

    def read(self) -> int:
        """The number, 0 where there is no row. On SQLite next to nothing is done while nobody commits, and little else.

        Raises one of UNAVAILABLE.
        """
        if self._file is not None:
            try:
                return self._read_file(self._file)
            except sqlite3.Error:
                self.forget()
        try:
            with self._engine.connect() as connection:
                return connection.execute(self._query).scalar_one_or_none() or 0
        except database.UNAVAILABLE:
            self.forget()
            raise

    def _read_file(self, file: Path) -> int:
        if self._connection is None:
            self._connection = sqlite3.connect(f"file:{quote(str(file))}?mode=ro", uri=True, check_same_thread=False)
        # Of a connection that itself writes nothing: it counts the commits of all others.
        (commits,) = self._connection.execute("PRAGMA data_version").fetchone()
        if commits != self._commits:
            row = self._connection.execute(self._text).fetchone()
            self._number, self._commits = row[0] if row else 0, commits
        return self._number

    def forget(self) -> None:
        """Lets go of the file; what it holds is read again."""
        if self._connection is not None:
            self._connection.close()
        self._connection = self._commits = None
