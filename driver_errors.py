"""What the drivers say when the database cannot be used: made one kind of error, and told in one line.

Nothing here tells a statement, a value or the driver's own words: they may hold what people typed.
"""

import sqlite3
from typing import NamedTuple, TypeGuard

from sqlalchemy import event
from sqlalchemy.engine import Engine, ExceptionContext
from sqlalchemy.exc import InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout

UNAVAILABLE = (OperationalError, InterfaceError, PoolTimeout)
"""What is raised when the store cannot be used now: locked, full, read-only, damaged, without its tables, or unreachable."""

RESTORE = "keep the file, name an empty folder with FLASK_INSTANCE_PATH, and put the newest backup there with flask backup restore"
_DAMAGED = frozenset({sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB})
_READ_ONLY = "25006"
"""After a failover to a standby."""
_OTHER_TABLES = frozenset({"42P01", "42703"})
"""A table or a column is not there, since no migration has made it yet."""
_CANCELLED, _LOCKED = "57014", "55P03"
_LATER = "try again when the database has less to do"


class Trouble(NamedTuple):
    """What is wrong, and what helps; the advice is empty where the database does not answer and nobody knows more."""

    what: str
    advice: str


def prepare(engine: Engine) -> None:
    """Lets all that UNAVAILABLE stands for come as one of its kinds; SQLAlchemy has others for some of it."""
    event.listen(engine, "handle_error", _as_operational)


def explain(error: BaseException) -> Trouble:
    """What one of UNAVAILABLE, or what a driver raised itself, means for whoever runs the site."""
    driver = getattr(error, "orig", None) or error
    kind, state = type(driver).__name__, getattr(driver, "sqlstate", None)
    if _is_damage(driver):
        return Trouble(f"the database file is damaged ({driver.sqlite_errorname})", f"stop the site, {RESTORE}")
    if state in _OTHER_TABLES or _is_missing_in_sqlite(driver):
        return Trouble(f"the tables are not those of this version ({kind})", "flask db upgrade prepares them")
    if state == _CANCELLED:
        return Trouble(f"a statement was ended by its time limit, or by somebody ({kind})", _LATER)
    if state == _LOCKED:
        return Trouble(f"others held for too long what had to be changed ({kind})", _LATER)
    return Trouble(f"the database does not answer ({kind})", "")


def _is_damage(driver: object) -> TypeGuard[sqlite3.Error]:
    # Extended codes, whose lowest byte is the code, tell of what is broken in the file.
    return isinstance(driver, sqlite3.Error) and getattr(driver, "sqlite_errorcode", 0) & 0xFF in _DAMAGED


def _is_missing_in_sqlite(driver: object) -> bool:
    # SQLite has no code for it.
    return isinstance(driver, sqlite3.OperationalError) and str(driver).startswith(("no such table", "no such column"))


def _as_operational(context: ExceptionContext) -> None:
    original = context.original_exception
    if _is_damage(original) or getattr(original, "sqlstate", None) in {_READ_ONLY, *_OTHER_TABLES}:
        raise OperationalError(context.statement, context.parameters, original, hide_parameters=True) from original
