"""A new password ends what the old one has begun, also where that is on its way at the same moment."""

from collections.abc import Callable
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

import database
from blueprints.staff import auth, gate
from domain import staff
from domain.staff import Role, Staff
from extensions import db
from tests.conftest import Clock, Store
from tests.factories import PASSWORD, make_staff
from tests.pages import Browser, try_to_sign_in
from tests.web.test_staff_sign_in import app_code, password_step, set_up

OWNER = 1
NEW = "copper lanterns 41 rivers"
Change = Callable[[], None]


@pytest.fixture
def change(store: Store) -> Change:
    """The owner sets a new password elsewhere."""

    def new_password() -> None:
        with store() as session:
            staff.set_password_hash(session.get_one(Staff, OWNER), staff.hash_password(NEW))

    return new_password


def before(first: Change, function: Callable[..., Any]) -> Callable[..., Any]:
    """The function, with something else that is done right before it, once."""
    rest = [first]

    def both(*args: Any, **kwargs: Any) -> Any:
        while rest:
            rest.pop()()
        return function(*args, **kwargs)

    return both


def test_a_sign_in_that_is_being_checked_ends_with_the_password(
    app: Flask, owner: Browser, change: Change, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = Browser(app)

    def renewed(_person: Staff, password: str) -> str:
        change()
        return staff.hash_password(password)

    with monkeypatch.context() as patch:
        patch.setattr(staff, "renewed_hash", renewed)
        refused = try_to_sign_in(other)
    assert (refused.status, auth.REFUSED in refused.text) == (422, True)
    assert other.get("/staff/").url.startswith("/staff/login")
    assert try_to_sign_in(other).status == 422, "the old password was not written over the new one"
    assert try_to_sign_in(other, password=NEW).url == "/staff/"


def test_a_second_factor_that_is_being_checked_ends_with_the_password(
    app: Flask, owner: Browser, clock: Clock, change: Change, monkeypatch: pytest.MonkeyPatch
) -> None:
    set_up(app, owner, clock)
    other, page = password_step(app)
    code = app_code(app, clock)
    monkeypatch.setattr(database, "begin_write", before(change, database.begin_write))
    assert "That took too long" in other.submit(page, "/staff/login/code", code=code).text
    assert other.get("/staff/").url.startswith("/staff/login")


def test_a_session_that_ends_meanwhile_sets_no_password(
    app: Flask, owner: Browser, change: Change, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = owner.get("/staff/account")
    monkeypatch.setattr(staff, "hash_password", before(change, staff.hash_password))
    done = owner.submit(page, "/staff/account", current_password=PASSWORD, new_password="quite another one")
    assert done.url.startswith("/staff/login")
    assert try_to_sign_in(Browser(app), password="quite another one").status == 422
    assert try_to_sign_in(Browser(app), password=NEW).url == "/staff/"


def test_a_session_that_ends_meanwhile_takes_no_second_factor_off(
    app: Flask, owner: Browser, clock: Clock, change: Change, monkeypatch: pytest.MonkeyPatch
) -> None:
    set_up(app, owner, clock)
    page, prove = owner.get("/staff/account/second-factor"), gate.prove

    def proved(password: str) -> tuple[str | None, int]:
        known = prove(password)
        change()
        return known

    monkeypatch.setattr(gate, "prove", proved)
    done = owner.submit(page, "/staff/account/second-factor/change", proof=PASSWORD, button=("do", "off"))
    assert done.url.startswith("/staff/login")
    with app.app_context():
        assert staff.with_second_factor(database.begin_write(db.session)) == {OWNER}


@pytest.fixture
def sign_out(store: Store) -> Change:
    """The owner ends all sessions elsewhere."""

    def delete() -> None:
        with store() as session:
            session.execute(sa.delete(staff.StaffSession))

    return delete


@pytest.mark.parametrize("end", ["sign_out", "change"])
def test_a_session_that_ends_while_its_password_is_asked_for_changes_nothing_and_keeps_what_was_typed(
    app: Flask, owner: Browser, clock: Clock, request: pytest.FixtureRequest, end: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    authenticate, is_ended = staff.authenticate, list[None]()

    def then_end(*args: Any) -> Staff | None:
        person = authenticate(*args)
        if not is_ended:
            is_ended.append(None)
            request.getfixturevalue(end)()
        return person

    clock.forward(minutes=20)
    page = owner.submit(owner.get("/staff/people"), "/staff/people", name="Hina", email="hina@example.com", role="moderator")
    assert page.status == 403
    with monkeypatch.context() as patch:
        patch.setattr(staff, "authenticate", then_end)
        page = owner.submit(page, "/staff/people", proof=PASSWORD)
    assert (page.url.split("?")[0], PASSWORD in page.html) == ("/staff/login", False)
    assert "hina@example.com" in page.html
    with app.app_context():
        assert staff.by_email(db.session, "hina@example.com") is None


def test_a_session_that_ends_while_it_is_noted_as_used_ends_with_the_page(
    owner: Browser, clock: Clock, sign_out: Change, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock.forward(minutes=6)
    monkeypatch.setattr(database, "begin_write", before(sign_out, database.begin_write))
    assert owner.get("/staff/account").status == 200
    assert owner.get("/staff/account").url.startswith("/staff/login")


@pytest.mark.parametrize(
    ("path", "values"),
    [
        ("/staff/people", {"name": "Hina", "email": "hina@example.com", "role": "owner"}),
        ("/staff/people/2/role", {"role": "moderator"}),
        ("/staff/people/2/deactivate", {}),
    ],
)
def test_an_owner_whose_account_is_closed_at_this_moment_changes_nobody(
    owner: Browser, store: Store, clock: Clock, monkeypatch: pytest.MonkeyPatch, path: str, values: dict[str, str]
) -> None:
    with store() as session:
        make_staff(session, clock(), email="second@example.com", name="Bibi")
    page = owner.get("/staff/people")

    def close() -> None:
        with store() as session:
            staff.deactivate(session, session.get_one(Staff, OWNER))

    monkeypatch.setattr(database, "begin_write", before(close, database.begin_write))
    assert owner.submit(page, path, **values).url.startswith("/staff/login")
    with store() as session:
        people = [(person.id, person.role, person.active) for person in staff.everyone(session)]
    assert sorted(people) == [(OWNER, Role.OWNER, False), (2, Role.OWNER, True)]
