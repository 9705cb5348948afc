"""A check has a name and a question; how a list of them is gone through while the database may not answer."""

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import NamedTuple

import database
import driver_errors
from checks.finding import Finding, Level
from extensions import db

FOUNDATION = frozenset({"database", "migrations"})
"""Checks without which those that need the database cannot be asked."""
MEND_DATABASE = "FLASK_DATABASE_URL says where it is. Is its disk full, is it locked by another program, may we write to it?"


class Check(NamedTuple):
    """A question with a name of its own; `run` may raise what a database that does not answer raises."""

    name: str
    run: Callable[[datetime], Finding]
    needs_database: bool = True


def ask_all(checks: Iterable[Check], now: datetime) -> list[Finding]:
    """One finding for each, in order; commits nothing."""
    findings: list[Finding] = []
    for check in checks:
        is_down = any(finding.check in FOUNDATION and finding.level is Level.FAIL for finding in findings)
        findings.append(_unasked(check) if is_down and check.needs_database else _ask(check, now))
    return findings


def _ask(check: Check, now: datetime) -> Finding:
    try:
        return check.run(now)
    except database.UNAVAILABLE as error:
        return unusable(check.name, error, MEND_DATABASE)
    finally:
        db.session.rollback()


def unusable(check: str, error: Exception, mend: str) -> Finding:
    """What a check says that one of database.UNAVAILABLE has ended; `mend` is the advice where nothing more is known."""
    trouble = driver_errors.explain(error)
    return Finding(check, Level.FAIL, _sentence(trouble.what), _sentence(trouble.advice) if trouble.advice else mend)


def _sentence(words: str) -> str:
    return f"{words[0].upper()}{words[1:]}."


def _unasked(check: Check) -> Finding:
    return Finding(check.name, Level.NOTE, "Not asked: the database has to answer first, with the tables of this version.")
