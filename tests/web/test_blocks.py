"""The owner blocks an address, a mail host or a network, typed or by a comment; it ends by itself or is lifted."""

from datetime import timedelta

import pytest
import sqlalchemy as sa
from flask import Flask

from domain.comments import Comment, Status
from domain.comments.blocks import CommentBlock, Target
from extensions import db
from tests.conftest import Clock, Store
from tests.factories import SLUG, comment_draft, submit_comment
from tests.pages import Browser

URL = "/staff/settings/blocks"
TYPED = {"name": "Sana A.", "email": "sana@example.com", "body": "The diary helped me."}


def only_block(app: Flask) -> CommentBlock:
    with app.app_context():
        return db.session.scalars(sa.select(CommentBlock)).one()


@pytest.mark.parametrize(
    ("target", "typed", "value"),
    [("address", "Sana@Example.com", "sana@example.com"), ("host", "@Example.COM", "example.com")],
)
def test_what_is_typed_is_blocked_for_so_many_days(
    app: Flask, owner: Browser, clock: Clock, target: str, typed: str, value: str
) -> None:
    page = owner.submit(owner.get(URL), URL, target=target, value=typed, days="7", note="Sells things")
    assert "Blocked." in page.text
    assert value in page.text
    assert "Sells things" in page.text
    block = only_block(app)
    assert (block.target, block.value, block.until) == (Target(target), value, clock() + timedelta(days=7))


def test_no_field_is_called_optional_that_is_refused_when_empty(owner: Browser) -> None:
    page = owner.submit(owner.get(URL), URL, target="host", value="example.com", days="")
    assert page.status == 422
    assert page.one("#days")["aria-required"] == "true"
    assert "(optional)" not in page.one('label[for="days"]').get_text()


def test_an_address_of_the_internet_is_hashed_and_blocks_the_network_around_it(app: Flask, owner: Browser) -> None:
    page = owner.submit(owner.get(URL), URL, target="network", value="127.0.0.77", days="30")
    assert "127.0.0.77" not in page.text
    assert "127.0.0" not in only_block(app).value
    owner.post(f"/blog/{SLUG}/comments", TYPED)
    with app.app_context():
        row = db.session.scalars(sa.select(Comment)).one()
        assert (row.status, row.reasons) == (Status.TRASH, ["blocked-network"])
    assert "from a network that is blocked" in owner.get("/staff/comments?tab=trash").text


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ({"target": "address", "value": "sana"}, "in the form name@example.com"),
        ({"target": "host", "value": "exa mple"}, "a mail host such as example.com"),
        ({"target": "network", "value": "example.com"}, "an IP address such as 203.0.113.7"),
        ({"target": "address", "value": ""}, "Enter what is to be blocked"),
        ({"target": "network", "value": "203.0.113.7", "days": "31"}, "from 1 to 30"),
        ({"target": "host", "value": "example.com", "days": "400"}, "from 1 to 365"),
        ({"target": "host", "value": "example.com", "days": "soon"}, "from 1 to 365"),
        ({"target": "host", "value": "example.com", "note": "x" * 201}, "200 characters or fewer"),
        ({"target": "everything", "value": "x"}, "Not a valid choice"),
    ],
)
def test_what_is_wrong_is_said_beside_the_field_and_kept(app: Flask, owner: Browser, typed: dict[str, str], words: str) -> None:
    page = owner.submit(owner.get(URL), URL, **({"days": "7"} | typed))
    assert page.status == 422
    assert words in page.text
    if "note" not in typed:
        assert page.one("#value")["value"] == typed["value"]
    with app.app_context():
        assert db.session.scalars(sa.select(CommentBlock)).all() == []


@pytest.mark.parametrize(("target", "value"), [("address", "sana@example.com"), ("host", "example.com"), ("network", "net")])
def test_the_author_of_a_comment_is_blocked_without_typing(
    app: Flask, store: Store, owner: Browser, clock: Clock, target: str, value: str
) -> None:
    with store() as session:
        number = submit_comment(session, clock(), comment_draft(email="sana@example.com"), network="net").id
    link = owner.get("/staff/comments").one(f"#comment-{number} a[href*=blocks]")
    page = owner.get(str(link["href"]))
    assert "sana@example.com" in page.text
    owner.submit(page, URL, target=target)
    assert (only_block(app).target, only_block(app).value) == (Target(target), value)


def test_a_network_that_is_not_known_any_more_is_named_so(app: Flask, store: Store, owner: Browser, clock: Clock) -> None:
    with store() as session:
        number = submit_comment(session, clock(), network=None).id
    page = owner.submit(owner.get(f"{URL}?comment={number}"), URL, target="network")
    assert page.status == 422
    assert "is not known any more" in page.text


@pytest.mark.parametrize("number", ["99", "x", "-1"])
def test_an_unknown_comment_gives_the_plain_form(owner: Browser, number: str) -> None:
    page = owner.get(f"{URL}?comment={number}")
    assert page.status == 200
    assert page.one("#value").has_attr("aria-required")


def test_a_block_is_lifted(app: Flask, owner: Browser) -> None:
    page = owner.submit(owner.get(URL), URL, target="host", value="example.com", days="7")
    page = owner.submit(page, "/lift")
    assert "Nothing is blocked." in page.text
    assert owner.post(f"{URL}/1/lift", follow=False).status == 400
