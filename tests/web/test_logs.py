"""Log lines: what they hold, and what never."""

import io
import json
import logging
import sys
import threading
import warnings
from collections.abc import Iterator

import pytest
from flask import Flask

from config import ConfigError, load
from telemetry import logs

FORWARDED = {"X-Request-ID": "proxy-0123456789abcdef", "X-Forwarded-For": "203.0.113.9", "User-Agent": "Somebody/1.0"}


class Terminal(io.StringIO):
    """Where a person reads."""

    def isatty(self) -> bool:
        """Somebody looks."""
        return True


@pytest.fixture
def lines() -> Iterator[io.StringIO]:
    """Where the lines of this process go during a test; afterwards all is as before."""
    root, before = logging.getLogger(), logging.getLogger().handlers[:]
    levels = {name: logging.getLogger(name).level for name in ("", *logs.OURS)}
    hooks = sys.excepthook, threading.excepthook
    out = io.StringIO()
    logs.configure("web", out)
    yield out
    root.handlers[:] = before
    for name, level in levels.items():
        logging.getLogger(name).setLevel(level)
    logging.captureWarnings(False)
    sys.excepthook, threading.excepthook = hooks


def read(lines: io.StringIO) -> list[dict[str, object]]:
    """The lines so far, each an object."""
    return [json.loads(line) for line in lines.getvalue().splitlines()]


def test_no_line_is_written_for_a_request_unless_it_is_wanted(app: Flask, lines: io.StringIO) -> None:
    app.test_client().get("/about")
    assert read(lines) == []


def test_a_request_is_a_line_without_path_query_address_or_browser(app: Flask, lines: io.StringIO) -> None:
    app.config["ACCESS_LOG"] = True
    client = app.test_client()
    client.get("/consultation/received/abc.def.ghi?utm_source=somebody", headers=FORWARDED)
    client.get("/static/js/public.js")
    (line,) = read(lines)
    assert line["level"] == "info"
    assert (line["logger"], line["role"], line["message"]) == ("access", "web", "request")
    assert (line["method"], line["route"], line["status"]) == ("GET", "/consultation/received/<token>", 404)
    assert isinstance(line["ms"], float)
    assert isinstance(line["time"], str)
    assert line["time"].endswith("+00:00")
    for secret in ("abc.def.ghi", "somebody", "203.0.113.9", "Somebody/1.0", "127.0.0.1"):
        assert secret not in lines.getvalue()


@pytest.mark.parametrize(
    ("proxies", "given", "taken"),
    [
        (1, "proxy-0123456789abcdef", True),
        (0, "proxy-0123456789abcdef", False),
        (1, "short", False),
        (1, "x" * 65, False),
        (1, 'with"quotes and spaces', False),
    ],
    ids=["from a trusted proxy", "from a stranger", "too short", "too long", "malformed"],
)
def test_a_request_id_is_taken_from_a_trusted_proxy_only(
    app: Flask, lines: io.StringIO, proxies: int, given: str, taken: bool
) -> None:
    app.config.update(ACCESS_LOG=True, TRUSTED_PROXIES=proxies)
    answer = app.test_client().get("/about", headers={"X-Request-ID": given})
    (line,) = read(lines)
    assert (line["request_id"] == given) is taken
    assert line["request_id"]
    assert "X-Request-ID" not in answer.headers


def test_an_error_is_told_by_kind_and_place_and_never_by_its_words(lines: io.StringIO) -> None:
    try:
        raise ValueError("typed by somebody@example.com")
    except ValueError:
        logging.getLogger("app").exception("could not be done")
    (line,) = read(lines)
    assert line["message"] == "could not be done"
    assert str(line["error"]).startswith("ValueError at ")
    assert "somebody" not in lines.getvalue()


def test_what_nobody_catches_is_a_line_without_its_words_too(lines: io.StringIO) -> None:
    def fail() -> None:
        raise KeyError("somebody@example.com")

    thread = threading.Thread(target=fail)
    thread.start()
    thread.join()
    (line,) = read(lines)
    assert (line["level"], str(line["error"]).partition(" ")[0]) == ("critical", "KeyError")
    assert "somebody" not in lines.getvalue()


def test_a_message_is_one_line_whatever_is_in_it(lines: io.StringIO) -> None:
    logging.getLogger("app").warning('two\nlines, a "quote" and \u2028')
    assert read(lines)[0]["message"] == 'two\nlines, a "quote" and \u2028'
    assert lines.getvalue().count("\n") == 1


def test_of_others_only_warnings_are_told(lines: io.StringIO) -> None:
    logging.getLogger("somebody.elses").info("chatter")
    logging.getLogger("somebody.elses").warning("trouble")
    with warnings.catch_warnings():
        warnings.simplefilter("always")
        warnings.warn("old", stacklevel=1)
    assert [line["logger"] for line in read(lines)] == ["somebody.elses", "py.warnings"]


def test_a_terminal_gets_words(lines: io.StringIO, app: Flask) -> None:
    app.config["ACCESS_LOG"] = True
    out = Terminal()
    logs.configure("web", out)
    app.test_client().get("/about")
    logging.getLogger("app").warning("mail 3: temporary failure")
    first, second = out.getvalue().splitlines()
    assert " info access: request [" in first
    assert " GET /about 200 " in first
    assert second.endswith(" warning app: mail 3: temporary failure")


def test_a_health_token_that_can_be_guessed_stops_the_start(tmp_path: object) -> None:
    with pytest.raises(ConfigError, match="FLASK_HEALTH_TOKEN"):
        load({"FLASK_HEALTH_TOKEN": "short", "FLASK_INSTANCE_PATH": str(tmp_path)})
