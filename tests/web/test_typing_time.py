"""What the script of a form says of how fast its text was typed: a weak reason, and nonsense is none."""

import pytest
from flask import Flask

from domain.comments import Status
from tests.pages import Browser
from tests.web.test_comments import only_comment, post
from tests.web.test_consultations import requests, send

TEXT = "It helped me through the winter, and I am glad that I asked here first."


@pytest.mark.parametrize(
    ("seconds", "reasons"),
    [
        ("0", ["typed-in:1"]),
        ("2", ["typed-in:3"]),
        ("3", []),
        ("86400", []),
        *((nonsense, []) for nonsense in ("", "-1", "1.5", "1e9", "NaN", "٠", "0x0", " 0", "0" * 5000)),
    ],
)
def test_what_is_typed_too_fast_is_held_with_that_reason_and_nonsense_says_nothing(
    app: Flask, browser: Browser, seconds: str, reasons: list[str]
) -> None:
    assert post(browser, body=TEXT, seconds=seconds).status == 200
    assert (only_comment(app).status, only_comment(app).reasons) == (Status.HELD, reasons)


@pytest.mark.parametrize(
    ("changes", "reasons"),
    [({"seconds": "0"}, []), ({"seconds": "0", "url2": "x"}, ["honeypot", "typed-in:1"]), ({"seconds": "nonsense"}, [])],
)
def test_typing_too_fast_alone_makes_no_request_suspected(
    app: Flask, browser: Browser, changes: dict[str, str], reasons: list[str]
) -> None:
    send(browser, message=TEXT, **changes)
    (row,) = requests(app)
    assert (row.suspected, row.reasons) == (bool(reasons), reasons)
