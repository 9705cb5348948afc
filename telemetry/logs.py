"""Log lines: JSON on stderr, words where a terminal reads them. Never a path, a query, an address or what somebody typed."""

import json
import logging
import os
import sys
import threading
import traceback
from datetime import UTC, datetime
from types import TracebackType
from typing import IO, Any

from flask import g, has_request_context, request

OURS = ("app", "server", "supervisor", "access")
"""Loggers whose ordinary news are worth a line; of everything else, warnings."""
NO_ROUTE = "(none)"
"""Stands for what was asked for and is none of our pages: the path itself may hold anything."""
METHODS = frozenset({"GET", "HEAD", "POST", "OPTIONS"})
_FIGURES = ("status", "ms")


class JsonLines(logging.Formatter):
    """One JSON object a line, in ASCII, since some readers end a line at more than its end.

    `role` says which of our processes writes.
    """

    def __init__(self, role: str) -> None:
        super().__init__()
        self._role = role

    def format(self, record: logging.LogRecord) -> str:
        """The line, without its end."""
        line = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "role": self._role,
            "pid": record.process,
            "message": record.getMessage(),
            **_about(record),
        }
        return json.dumps(line)


class Words(logging.Formatter):
    """A line for people: the time, what happened, and in brackets the request."""

    def format(self, record: logging.LogRecord) -> str:
        """The line, without its end."""
        at = datetime.fromtimestamp(record.created).astimezone()
        about = " ".join(str(value) for value in _about(record).values())
        line = f"{at:%H:%M:%S} {record.levelname.lower()} {record.name}: {record.getMessage()}"
        return f"{line} [{about}]" if about else line


def configure(role: str, stream: IO[str] | None = None) -> None:
    """Sends everything that this process logs to one place, stderr unless told otherwise; what it did before is over."""
    out = stream or sys.stderr
    handler = logging.StreamHandler(out)
    handler.setFormatter(Words() if out.isatty() else JsonLines(role))
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.WARNING)
    for name in OURS:
        logging.getLogger(name).setLevel(logging.INFO)
    logging.captureWarnings(True)
    sys.excepthook = _uncaught
    threading.excepthook = lambda told: _uncaught(told.exc_type, told.exc_value, told.exc_traceback)


def route() -> str:
    """The template of the page that was asked for, such as /blog/<slug>."""
    return request.url_rule.rule if request.url_rule else NO_ROUTE


def method() -> str:
    """The method, as far as it is one that our pages take."""
    return request.method if request.method in METHODS else "other"


def _about(record: logging.LogRecord) -> dict[str, Any]:
    about: dict[str, Any] = {}
    if has_request_context():
        about = {"request_id": g.get("request_id"), "method": method(), "route": route()}
    about |= {name: getattr(record, name) for name in _FIGURES if hasattr(record, name)}
    if record.exc_info and record.exc_info[0] is not None:
        about["error"] = _place(record.exc_info[0], record.exc_info[2])
    return about


def _place(kind: type[BaseException], trace: TracebackType | None) -> str:
    """Kind and place of an error; never its text, which may quote what people typed."""
    frames = traceback.extract_tb(trace)
    where = f" at {os.path.relpath(frames[-1].filename)}:{frames[-1].lineno}" if frames else ""
    return f"{kind.__name__}{where}"


def _uncaught(kind: type[BaseException], error: BaseException | None, trace: TracebackType | None) -> None:
    if issubclass(kind, KeyboardInterrupt | SystemExit):
        return
    logging.getLogger("server").critical("uncaught", exc_info=(kind, error or kind(), trace))
