"""Copies of a whole database as it is at one moment, taken while others write to it, and put into an empty one.

SQLite has a way of its own for it; PostgreSQL's pg_dump and pg_restore must be on the machine.
"""

import os
import secrets
import shutil
import sqlite3
import subprocess
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy.engine import URL, Connection, Engine, make_url
from sqlalchemy.exc import DatabaseError, OperationalError

import database
import driver_errors
from storage import files

SMALL = 200 * 1024 * 1024
"""Bytes that can be looked through within a second."""


class CopyFailed(Exception):
    """The database could not be copied, or not put back; its text is one line without anything that is stored."""


@contextmanager
def frozen(engine: Engine, target: Path) -> Iterator[Connection]:
    """Writes the database to `target`, and gives a connection that reads it as it was at that same moment.

    Writers go on meanwhile. Raises CopyFailed.
    """
    freeze = _frozen_sqlite if engine.dialect.name == "sqlite" else _frozen_postgresql
    try:
        with freeze(engine, target) as connection:
            yield connection
    except (DatabaseError, sqlite3.Error) as error:
        raise CopyFailed(said(error)) from error


def put_back(url: str, copy: Path) -> None:
    """Fills an empty database with a copy of one of the same engine. Raises CopyFailed."""
    file = database.sqlite_file(url)
    if file is None:
        _run("pg_restore", make_url(url), "--exit-on-error", "--single-transaction", "--no-owner", "--no-privileges", str(copy))
        return
    beside = file.with_name(f"{file.name}.{secrets.token_hex(4)}")
    try:
        shutil.copyfile(copy, beside)
        with beside.open("rb+") as written:
            os.fsync(written.fileno())
        beside.rename(file)
    finally:
        beside.unlink(missing_ok=True)
    files.sync_folder(file.parent)


def is_empty(url: str) -> bool:
    """Whether there is no table yet. Raises CopyFailed for a database that does not answer, or that is none."""
    file = database.sqlite_file(url)
    if file is not None and not file.exists():
        # Of a log that was left behind SQLite would take pages into whatever comes beside it.
        return not _log(file).exists()
    with opened(url) as engine:
        try:
            return not sa.inspect(engine).get_table_names()
        except DatabaseError as error:
            raise CopyFailed(said(error)) from error


def how_to_empty(url: str) -> str:
    """What whoever runs the site has to do with a database before something can be put into it."""
    file = database.sqlite_file(url)
    if file is None:
        return f"make the database {make_url(url).database} anew, empty (dropdb, createdb)"
    return f"move {file} away, with {_log(file).name} if there is one"


def _log(file: Path) -> Path:
    return file.with_name(f"{file.name}-wal")


def faults(engine: Engine) -> list[str]:
    """What the engine itself finds wrong with its files; PostgreSQL has checked all of it while the copy was put back."""
    if engine.dialect.name != "sqlite":
        return []
    try:
        with engine.connect() as connection:
            found = [str(row[0]) for row in connection.exec_driver_sql("PRAGMA integrity_check(10)") if row[0] != "ok"]
            return found + [f"{row[0]}: a row refers to nothing" for row in connection.exec_driver_sql("PRAGMA foreign_key_check")]
    except DatabaseError as error:
        return [f"the file cannot be read ({type(error.orig).__name__})"]


def is_damaged(url: str) -> bool:
    """Whether a quick look finds the file of an embedded database broken: of a small one all, of a large one its schema."""
    file = database.sqlite_file(url)
    if file is None or not file.exists():
        return False
    look = "PRAGMA quick_check(1)" if file.stat().st_size <= SMALL else "SELECT count(*) FROM sqlite_master"
    with opened(url) as engine:
        try:
            with engine.connect() as connection:
                answer = connection.exec_driver_sql(look).scalar_one()
        except OperationalError:
            # Locked, or not to be opened: no sign of damage, and told by whoever wants to write.
            return False
        except DatabaseError:
            return True
    return isinstance(answer, str) and answer != "ok"


@contextmanager
def scratch(url: str, folder: Path) -> Iterator[str]:
    """The URL of an empty database of the same engine, gone afterwards. Raises CopyFailed."""
    if database.sqlite_file(url) is not None:
        yield f"sqlite:///{folder / 'scratch.db'}"
        return
    name = f"clinic_scratch_{secrets.token_hex(6)}"
    server = sa.create_engine(make_url(url), isolation_level="AUTOCOMMIT", hide_parameters=True)
    try:
        with server.connect() as connection:
            connection.execute(sa.text(f"CREATE DATABASE {name}"))
        yield make_url(url).set(database=name).render_as_string(hide_password=False)
    except DatabaseError as error:
        raise CopyFailed(f"expected to be allowed to make a database ({type(error.orig).__name__})") from error
    finally:
        with server.connect() as connection:
            connection.execute(sa.text(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)"))
        server.dispose()


@contextmanager
def opened(url: str) -> Iterator[Engine]:
    """An engine for a moment, to read all there is with."""
    engine = sa.create_engine(**database.engine_options(url, has_time_limit=False))
    try:
        yield engine
    finally:
        engine.dispose()


@contextmanager
def _frozen_sqlite(engine: Engine, target: Path) -> Iterator[Connection]:
    source = engine.raw_connection()
    try:
        with closing(sqlite3.connect(target)) as copy:
            # All pages in one go: a reader of one moment, which in WAL mode keeps no writer waiting.
            source.driver_connection.backup(copy)  # type: ignore[union-attr]
            # One file, without a log beside it.
            copy.execute("PRAGMA journal_mode=DELETE")
    finally:
        source.close()
    with opened(f"sqlite:///{target}") as reader, reader.connect() as connection:
        yield connection


@contextmanager
def _frozen_postgresql(engine: Engine, target: Path) -> Iterator[Connection]:
    with engine.connect().execution_options(isolation_level="REPEATABLE READ") as connection:
        snapshot = connection.execute(sa.text("SELECT pg_export_snapshot()")).scalar_one()
        _run("pg_dump", engine.url, "--format=custom", f"--snapshot={snapshot}", f"--file={target}")
        yield connection


def said(error: Exception) -> str:
    """What is wrong with a database, and what may help, in one line."""
    trouble = driver_errors.explain(error)
    return f"{trouble.what}; {trouble.advice}" if trouble.advice else trouble.what


def _run(tool: str, url: URL, *arguments: str) -> None:
    where = url.set(drivername="postgresql", password=None).render_as_string()
    environ = os.environ | ({"PGPASSWORD": url.password} if url.password else {})
    try:
        done = subprocess.run([tool, *arguments, f"--dbname={where}"], env=environ, capture_output=True, check=False)
    except FileNotFoundError as error:
        raise CopyFailed(f"expected {tool} on this machine (Debian: postgresql-client)") from error
    if done.returncode:
        # The first line names what went wrong; the lines behind it quote rows.
        said = done.stderr.decode(errors="replace").strip().splitlines()
        raise CopyFailed(f"{tool} ended with {done.returncode}: {said[0] if said else 'no word'}")


def settle(url: str) -> None:
    """Leaves the database as one file, once nobody else uses it; does nothing on PostgreSQL.

    Who closes SQLite's last connection takes its log into the file, and a process that just ends closes none.
    """
    file = database.sqlite_file(url)
    if file is not None:
        with suppress(sqlite3.Error), closing(sqlite3.connect(file, timeout=0)) as connection:
            connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
