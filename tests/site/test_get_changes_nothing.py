"""Following a link changes nothing, whoever follows it: mail scanners, prefetching browsers and other sites do it unasked."""

import pytest
from flask import Flask

from domain.orm import Base
from domain.staff import Role
from tests.conftest import ALL_PUBLIC, Clock, Store
from tests.filled import changed, fill, routes, snapshot
from tests.pages import Browser, sign_in

ELSEWHERE = {"blog.comment_form": 303, "staff.auth.code": 303, "seo.picture": 404, "blog.article_list_page": 404}
"""Routes whose GET leads to another page, to a picture that nobody has drawn, or beyond the last page of a list; everything else
answers 200 to who may see it."""
VIEWS_KEPT = {"staff.requests.detail": {"audit_entry"}, "staff.requests.appointment": {"audit_entry"}}
"""The one exception: who looked at a request is kept, once a person and day (tests/web/test_views_kept.py)."""


@pytest.fixture
def filled(app: Flask, store: Store, clock: Clock) -> None:
    """A row of each kind, when every page is public."""
    clock.now = ALL_PUBLIC
    with store() as session:
        fill(app, session, clock())


def test_the_filled_site_has_a_row_in_every_table(app: Flask, filled: None) -> None:
    rows = snapshot(app)
    assert rows.keys() == Base.metadata.tables.keys()
    assert [name for name, found in rows.items() if not found] == []


@pytest.mark.parametrize("method", ["GET", "HEAD"])
@pytest.mark.parametrize("who", [*Role, None], ids=str)
def test_nothing_changes_on_get(app: Flask, filled: None, browser: Browser, clock: Clock, who: Role | None, method: str) -> None:
    if who is not None:
        sign_in(browser, f"{who.value}@example.com")
    # Long enough for the one column that does change: when a session was last used.
    clock.forward(minutes=10)
    for rule, url in routes(app, method):
        before = snapshot(app)
        page = browser._load(method, url, follow=False) if method == "GET" else browser.client.head(url)
        assert changed(before, snapshot(app)) <= VIEWS_KEPT.get(rule.endpoint, set()), (rule.endpoint, url)
        if who is Role.OWNER and method == "GET":
            assert page.status == ELSEWHERE.get(rule.endpoint, 200), (rule.endpoint, url)
