"""Whose transaction writes next on SQLite: the threads of a process take turns, so that of several processes one thread each waits,
and that one looks again so often that no process is passed over.

Left to SQLite all of them would try, sleep longer after each try, up to 0.1 s, and wake up late or to find another one before them.
"""

import sqlite3
import threading
import time
from collections.abc import Callable
from typing import cast

from sqlalchemy import event
from sqlalchemy.engine import Connection, Engine
from sqlalchemy.exc import OperationalError
from sqlalchemy.pool import ConnectionPoolEntry

from domain.orm import WRITES

LOOK_AGAIN_SECONDS = 0.0002
"""Between two transactions of one process there is about half as long for another to begin its own."""
_TURN = "turn"
"""Under which a connection that has one keeps it."""


def prepare(engine: Engine, patience: Callable[[], float]) -> None:
    """Begins each transaction of an engine as it needs: BEGIN, or BEGIN IMMEDIATE within `patience()` seconds."""
    turn = threading.Lock()

    def begin(connection: Connection) -> None:
        raw = cast(sqlite3.Connection, connection.connection.dbapi_connection)
        if not connection.get_execution_options().get(WRITES):
            raw.execute("BEGIN")
            return
        seconds = patience()
        give_up = time.monotonic() + seconds
        if not turn.acquire(timeout=seconds):
            raise OperationalError("BEGIN IMMEDIATE", None, sqlite3.OperationalError("database is locked"))
        connection.info[_TURN] = turn
        _set_patience(raw, 0)
        try:
            while (problem := _begin(raw)) == sqlite3.SQLITE_BUSY and time.monotonic() < give_up:
                time.sleep(LOOK_AGAIN_SECONDS)
            if problem:
                # Once more, for the error as SQLAlchemy raises it.
                connection.exec_driver_sql("BEGIN IMMEDIATE")
        finally:
            _set_patience(raw, seconds)

    event.listen(engine, "begin", begin)
    event.listen(engine, "checkin", _end_turn)


def _begin(raw: sqlite3.Connection) -> int:
    """Begins a transaction that writes; 0, or what SQLite's error is, SQLITE_BUSY while another process writes."""
    try:
        raw.execute("BEGIN IMMEDIATE")
    except sqlite3.DatabaseError as error:
        return error.sqlite_errorcode & 0xFF
    return 0


def _set_patience(raw: sqlite3.Connection, seconds: float) -> None:
    raw.execute(f"PRAGMA busy_timeout = {int(seconds * 1000)}")


def _end_turn(_connection: object, record: ConnectionPoolEntry) -> None:
    """However a transaction has ended, its connection comes back to the pool."""
    turn = record.info.pop(_TURN, None)
    if turn is not None:
        turn.release()
