"""Engine options, transactions, and every place where SQLite and PostgreSQL differ.

Reads run in BEGIN, writers in BEGIN IMMEDIATE (SQLite), so that a writer waits for its turn before it has read anything
and never fails half-way with a stale snapshot. A session that writes without `begin_write` is a programming error.
"""

import hashlib
import sqlite3
import time
from collections.abc import Callable, Collection, Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import datetime
from operator import itemgetter
from pathlib import Path
from typing import Any, TypeVar, cast

import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.engine import Connection, Engine, make_url
from sqlalchemy.exc import ArgumentError, OperationalError
from sqlalchemy.orm import InstrumentedAttribute, ORMExecuteState, Session, sessionmaker
from sqlalchemy.pool import ConnectionPoolEntry

import driver_errors
import write_turns
from domain.orm import CONNECTION, WRITES

UNAVAILABLE = driver_errors.UNAVAILABLE
BUSY_SECONDS = 5
"""How long a statement waits for a lock before the site answers 503."""

PAUSE_SECONDS = 0.01
"""Between two turns of what takes long, for whoever waits to write."""

T = TypeVar("T")

ON_THE_WAY = {"keepalives_idle": 5, "keepalives_interval": 2, "keepalives_count": 3, "tcp_user_timeout": 10_000}
"""When PostgreSQL on another machine counts as gone, in seconds, and milliseconds for the last: one that loses its power or its
line says nothing, its own time limits go with it, and the kernel would wait for a quarter of an hour."""

SAFE_SQLITE = {"journal_mode": {"wal"}, "synchronous": {"2", "3"}, "foreign_keys": {"1"}}
"""What `_set_pragmas` asks of every connection, as SQLite tells it; synchronous 2 is FULL, 3 is EXTRA."""

_unhurried = ContextVar("unhurried", default=False)
_IS_UNHURRIED = "is unhurried"
"""Under which a connection without a time limit keeps that it has none."""


def engine_options(url: str, *, has_time_limit: bool = True) -> dict[str, Any]:
    """Options for create_engine for this database URL, time-outs included.

    Without a time limit a statement may take as long as it needs (PostgreSQL), but for the wait for locks.
    """
    parsed = make_url(url)
    # An error's text must not hold what people typed: it may end in a log.
    common = {"url": parsed, "hide_parameters": True}
    if parsed.get_backend_name() == "sqlite":
        return {**common, "connect_args": {"timeout": BUSY_SECONDS, "isolation_level": None}}
    milliseconds = BUSY_SECONDS * 1000
    time_limit = milliseconds * 2 if has_time_limit else 0
    return {
        **common,
        "pool_pre_ping": True,
        "pool_timeout": BUSY_SECONDS,
        "connect_args": {
            "connect_timeout": BUSY_SECONDS,
            **ON_THE_WAY,
            "options": f"-c lock_timeout={milliseconds} -c statement_timeout={time_limit}",
        },
    }


def prepare(engine: Engine, sessions: sessionmaker[Session]) -> None:
    """Attaches the connection and transaction rules to an engine and its sessions."""
    driver_errors.prepare(engine)
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _set_pragmas)
        write_turns.prepare(engine, lambda: BUSY_SECONDS)
    else:
        event.listen(engine, "checkout", _fit_time_limit)
    event.listen(sessions, "before_flush", _refuse_flush)
    event.listen(sessions, "do_orm_execute", _refuse_statement)
    event.listen(sessions, "after_begin", _keep_connection)
    event.listen(sessions, "after_transaction_end", _forget_transaction)


@contextmanager
def unhurried() -> Iterator[None]:
    """Lets statements take as long as they need meanwhile (PostgreSQL): for migrations and for commands, which go through
    everything. A request and a step of the dispatcher must never hang, and keep the limit.

    The wait for locks stays short for all: whoever waits to change a table lets nobody past, and would stop the site with it.
    Holds for connections that this thread takes from a pool from now on.
    """
    before = _unhurried.set(True)
    try:
        yield
    finally:
        _unhurried.reset(before)


def begin_write(session: Session, *serialise: str, beside: Collection[str] = ()) -> Session:
    """Ends what the session was reading and begins a transaction that may write.

    Transactions that name a same text in `serialise` run one after the other (on SQLite all writers do anyway), so that "is
    it there already?" followed by an insert holds. Those that name it in `beside` wait for them, and not for each other.
    Raises one of UNAVAILABLE when no turn comes in BUSY_SECONDS.
    """
    if session.in_transaction():
        session.rollback()
    connection = session.connection(execution_options={WRITES: True})
    session.info[WRITES] = True
    if connection.dialect.name == "postgresql":
        locks = dict.fromkeys(map(_lock_key, beside), sa.func.pg_advisory_xact_lock_shared)
        locks |= dict.fromkeys(map(_lock_key, serialise), sa.func.pg_advisory_xact_lock)
        # In one order everywhere, so that two transactions never wait for each other.
        for key, lock in sorted(locks.items(), key=itemgetter(0)):
            session.execute(sa.select(lock(key)))
    return session


def begin_snapshot(session: Session) -> Session:
    """Ends what the session was reading and begins a transaction that reads everything as it is at one moment, however long it
    takes. It keeps nobody from writing."""
    if session.in_transaction():
        session.rollback()
    is_sqlite = session.get_bind().dialect.name == "sqlite"
    # SQLite reads so anyway.
    session.connection(execution_options={} if is_sqlite else {"isolation_level": "REPEATABLE READ"})
    return session


def in_a_turn(session: Session, step: Callable[[Session], T], *serialise: str) -> T:
    """One step of what takes long, in a transaction of its own, begun and committed here; whoever waits to write comes next."""
    done = step(begin_write(session, *serialise))
    session.commit()
    time.sleep(PAUSE_SECONDS)
    return done


def _lock_key(text: str) -> int:
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], "big", signed=True)


def number_on(session: Session, numbers: InstrumentedAttribute[int]) -> None:
    """Lets new rows of a table be numbered after those that were stored with `numbers` of their own. The caller commits.

    SQLite does so by itself; a sequence of PostgreSQL has not heard of them.
    """
    if session.get_bind().dialect.name == "postgresql":
        sequence = sa.func.pg_get_serial_sequence(numbers.class_.__tablename__, numbers.key)
        session.execute(sa.select(sa.func.setval(sequence, sa.select(sa.func.max(numbers)).scalar_subquery())))


def skip_numbers(connection: Connection, tables: Iterable[str], number: int) -> None:
    """Leaves out so many numbers of each table, beside all it has given already. The caller commits."""
    if connection.dialect.name == "sqlite":
        for name in tables:
            given = sa.text(
                "INSERT INTO sqlite_sequence (name, seq) SELECT :name, 0 WHERE :name NOT IN (SELECT name FROM sqlite_sequence)"
            )
            connection.execute(given, {"name": name})
            connection.execute(
                sa.text("UPDATE sqlite_sequence SET seq = seq + :number WHERE name = :name"), {"number": number, "name": name}
            )
        return
    for name in tables:
        sequence = sa.func.pg_get_serial_sequence(name, "id")
        connection.execute(sa.select(sa.func.setval(sequence, sa.func.nextval(sequence) + number)))


def empty_log(session: Session) -> bool:
    """Ends the session's transaction, moves the write-ahead log of SQLite into the file and cuts it to nothing, since it holds
    pages as they were before an erasure. False while somebody reads from it; on PostgreSQL its own housekeeping does this.
    """
    session.rollback()
    engine = session.get_bind().engine
    if engine.dialect.name != "sqlite":
        return True
    checkpoint = "PRAGMA wal_checkpoint(TRUNCATE)"
    with engine.connect() as connection:
        raw = cast(sqlite3.Connection, connection.connection.dbapi_connection)
        try:
            # Past SQLAlchemy, which would begin a transaction, and in one there is no checkpoint.
            (is_busy, *_) = raw.execute(checkpoint).fetchone()
        except sqlite3.DatabaseError as error:
            raise OperationalError(checkpoint, None, error) from error
    return not is_busy


def takes_writes(session: Session) -> bool:
    """Whether a transaction that may write can begin; it is taken back. Raises one of UNAVAILABLE."""
    connection = begin_write(session).connection()
    # SQLite has refused already what it cannot write.
    is_sqlite = connection.dialect.name == "sqlite"
    takes = is_sqlite or connection.scalar(sa.text("SELECT current_setting('transaction_read_only')")) == "off"
    session.rollback()
    return takes


def revisions(session: Session) -> set[str]:
    """The migrations that the tables are at; empty where there are none."""
    connection = session.connection()
    if not sa.inspect(connection).has_table("alembic_version"):
        return set()
    return set(connection.scalars(sa.text("SELECT version_num FROM alembic_version")))


def server_time(session: Session) -> datetime | None:
    """The clock of the database server; None where the database is a file of this machine."""
    connection = session.connection()
    if connection.dialect.name == "sqlite":
        return None
    found: datetime = connection.scalars(sa.text("SELECT clock_timestamp()")).one()
    return found


def version(session: Session) -> str:
    """The engine and its version."""
    connection = session.connection()
    info = connection.dialect.server_version_info or ()
    return f"{connection.dialect.name} {'.'.join(str(part) for part in info)}"


def unsafe_options(session: Session) -> dict[str, str]:
    """Options of the engine with which an answered request may be lost or a row lose what it refers to, as they are set."""
    connection = session.connection()
    if connection.dialect.name == "sqlite":
        found = {name: str(connection.scalar(sa.text(f"PRAGMA {name}"))) for name in SAFE_SQLITE}
        return {name: value for name, value in found.items() if value not in SAFE_SQLITE[name]}
    query = sa.text("SELECT name, setting FROM pg_settings WHERE name IN ('fsync', 'full_page_writes', 'synchronous_commit')")
    return {name: setting for name, setting in connection.execute(query) if setting == "off"}


def sqlite_file(url: str) -> Path | None:
    """The database file when the embedded engine is in use, else None."""
    parsed = make_url(url)
    if parsed.get_backend_name() != "sqlite" or not parsed.database or parsed.database.startswith((":memory:", "file:")):
        return None
    return Path(parsed.database)


def is_supported(url: str) -> bool:
    """Whether the site was made for this engine and driver, and the URL names the database: a file, or one of the server's.

    A database in memory is none: each connection would have an empty one of its own.
    """
    try:
        parsed = make_url(url)
    except (ArgumentError, ValueError):
        # ValueError: a port that is no number.
        return False
    if parsed.drivername in {"sqlite", "sqlite+pysqlite"}:
        return sqlite_file(url) is not None
    return parsed.drivername == "postgresql+psycopg" and bool(parsed.database)


def needs_shared_key(url: str) -> bool:
    """Several machines may share this database, so the secret key cannot live in a file on one of them."""
    return make_url(url).get_backend_name() != "sqlite"


def _set_pragmas(connection: sqlite3.Connection, _record: object) -> None:
    cursor = connection.cursor()
    cursor.execute("PRAGMA journal_mode=WAL")
    # NORMAL may lose committed rows when the power fails; an answered request must be on the disk.
    cursor.execute("PRAGMA synchronous=FULL")
    cursor.execute("PRAGMA foreign_keys=ON")
    # What is erased is overwritten, not only left out of the lists.
    cursor.execute("PRAGMA secure_delete=ON")
    cursor.close()


def _fit_time_limit(connection: Any, record: ConnectionPoolEntry, _proxy: object) -> None:
    is_unhurried = _unhurried.get()
    if record.info.get(_IS_UNHURRIED, False) != is_unhurried:
        connection.execute("SET statement_timeout = 0" if is_unhurried else "RESET statement_timeout")
        connection.commit()
        record.info[_IS_UNHURRIED] = is_unhurried


def _refuse_flush(session: Session, _context: object, _instances: object) -> None:
    if not session.info.get(WRITES):
        raise RuntimeError("a session writes without begin_write")


def _refuse_statement(state: ORMExecuteState) -> None:
    if (state.is_insert or state.is_update or state.is_delete) and not state.session.info.get(WRITES):
        raise RuntimeError("a session writes without begin_write")


def _keep_connection(session: Session, _transaction: object, connection: Connection) -> None:
    session.info[CONNECTION] = connection


def _forget_transaction(session: Session, transaction: Any) -> None:
    if transaction.parent is None:
        session.info.pop(WRITES, None)
        session.info.pop(CONNECTION, None)
