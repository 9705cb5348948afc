"""The public lists of hostile text, where they are at hand, in every public field; our own strings stand in tests/web."""

import pytest
from flask import Flask

from tests.conftest import Clock, Store
from tests.hostile import public_lists
from tests.pages import Browser
from tests.web.test_hostile_input import FORMS, UNLIMITED, show_all

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def texts() -> list[str]:
    """Every string of the lists."""
    return public_lists() or pytest.skip("the lists of hostile text are not beside the project")


@pytest.mark.parametrize(("url", "typed"), FORMS, ids=["comment", "request"])
def test_the_hostile_lists_in_every_text_field_at_once_are_no_error_of_ours(
    app: Flask, clock: Clock, texts: list[str], url: str, typed: dict[str, str]
) -> None:
    client = Browser(app).client
    for text in texts:
        clock.forward(minutes=1)
        everywhere = dict.fromkeys(typed, text[:4000])
        assert client.post(url, data=everywhere, headers=UNLIMITED).status_code in {303, 422}, text
        kept = typed | {name: text[:100] for name in ("name", "body", "message") if name in typed}
        assert client.post(url, data=kept, headers=UNLIMITED).status_code in {303, 422}, text


def test_they_are_shown_as_text_to_readers_and_staff(
    app: Flask, store: Store, browser: Browser, clock: Clock, texts: list[str]
) -> None:
    show_all(app, store, browser, clock, texts)
