"""What a post may ask of the database: so many statements, one transaction that writes, and nothing besides."""

from collections.abc import Iterator
from contextlib import contextmanager
from inspect import iscoroutinefunction
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from domain.spam.sketch import LEAST_WORDS
from extensions import db
from tests.factories import SLUG
from tests.pages import Browser

LONG = " ".join(f"word{number}" for number in range(LEAST_WORDS))
COMMENT = {"name": "Sana A.", "email": "sana@example.com", "body": "The diary helped me to explain it."}
REQUEST = {
    "name": "Bilal",
    "phone": "0300-1234567",
    "contact_by": "phone",
    "best_time": "any",
    "consent": "y",
    "message": "Please call.",
}
OTHER_REQUEST = REQUEST | {
    "phone": "0300-7654321",
    "submission_id": "0123456789abcdef0",
    "contact_by": "email",
    "email": "b@example.com",
}
POSTS = {
    "a comment": (f"/blog/{SLUG}/comments", COMMENT | {"email": "omar@example.com"}, 18),
    "a long one": (f"/blog/{SLUG}/comments", COMMENT | {"email": "omar@example.com", "body": LONG}, 20),
    "a request": ("/consultation", REQUEST, 11),
    "a request with all there is": ("/consultation", OTHER_REQUEST, 14),
}
"""By name: where to, what, and the most statements."""


class Asked:
    """What an engine was asked while one looked."""

    def __init__(self) -> None:
        self.statements: list[str] = []
        self.commits = 0


@contextmanager
def looking(app: Flask) -> Iterator[Asked]:
    with app.app_context():
        engine = db.engine
    asked = Asked()

    def note(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        if not statement.startswith("BEGIN"):
            asked.statements.append(statement)

    def commit(_connection: Any) -> None:
        asked.commits += 1

    sa.event.listen(engine, "before_cursor_execute", note)
    sa.event.listen(engine, "commit", commit)
    try:
        yield asked
    finally:
        sa.event.remove(engine, "before_cursor_execute", note)
        sa.event.remove(engine, "commit", commit)


@pytest.mark.parametrize("what", POSTS)
def test_a_post_is_one_transaction_of_few_statements(app: Flask, browser: Browser, what: str) -> None:
    path, fields, most = POSTS[what]
    browser.client.post(f"/blog/{SLUG}/comments", data=COMMENT)
    with looking(app) as asked:
        answer = browser.client.post(path, data=fields)
    assert answer.status_code == 303
    assert asked.commits == 1
    # On PostgreSQL each name to serialise on is a lock to take.
    statements = [statement for statement in asked.statements if "pg_advisory" not in statement]
    assert len(statements) <= most, "\n".join(statements)


@pytest.mark.parametrize("what", POSTS)
def test_nothing_that_a_post_asks_grows_with_what_was_posted_before(app: Flask, browser: Browser, what: str) -> None:
    path, fields, _ = POSTS[what]
    counts = []
    for number in range(3):
        again = {"email": f"reader{number}@example.com", "phone": f"0300-111111{number}", "submission_id": f"{number}" * 20}
        browser.client.post(f"/blog/{SLUG}/comments", data=COMMENT | {"email": f"other{number}@example.com"})
        with looking(app) as asked:
            browser.client.post(path, data=fields | {name: value for name, value in again.items() if name in fields})
        counts.append(len(asked.statements))
    assert counts[1] == counts[2], counts


def test_a_request_ends_without_an_event_loop(app: Flask) -> None:
    assert app.teardown_appcontext_funcs
    assert not [end for end in app.teardown_appcontext_funcs if iscoroutinefunction(end)]
