"""The commands, as an administrator types them."""

import json
from pathlib import Path

import pyotp
import pytest
from flask import Flask
from sqlalchemy.exc import TimeoutError as PoolTimeout

from domain import consultations, staff
from domain.staff import Role, State
from extensions import db
from tests.conftest import Clock, Store
from tests.factories import ALWAYS, PASSWORD, make_staff, submit_comment, submit_request
from tests.pages import Browser, try_to_sign_in


def test_an_account_is_made_with_a_password_from_standard_input(app: Flask) -> None:
    runner = app.test_cli_runner()
    result = runner.invoke(
        args=["staff", "create", "Amina@Example.com", "--role", "owner", "--password-stdin"], input=PASSWORD + "\n"
    )
    assert result.exit_code == 0, result.output
    assert PASSWORD not in result.output
    assert try_to_sign_in(Browser(app), "amina@example.com").url == "/staff/"


def test_without_a_password_the_command_prints_a_link_that_works(app: Flask) -> None:
    result = app.test_cli_runner().invoke(args=["staff", "create", "sana@example.com", "--role", "moderator"])
    link = result.output.split()[-1]
    browser = Browser(app)
    page = browser.submit(browser.get(link), link.removeprefix("http://localhost"), name="Sana", password=PASSWORD)
    assert page.url == "/staff/"


def test_a_reset_link_sets_a_new_password(app: Flask, store: Store, clock: Clock) -> None:
    with store() as session:
        make_staff(session, clock())
    link = app.test_cli_runner().invoke(args=["staff", "reset", "owner@example.com"]).output.split()[-1]
    browser = Browser(app)
    browser.submit(browser.get(link), link.removeprefix("http://localhost"), password="a wholly other one")
    assert try_to_sign_in(Browser(app), password="a wholly other one").url == "/staff/"


def test_a_lost_phone_is_put_right_from_the_shell(app: Flask, store: Store, clock: Clock) -> None:
    with store() as session:
        owner = make_staff(session, clock())
        staff.begin_second_factor(session, owner)
        secret = staff.pending_secret(session, owner)
        assert secret is not None
        staff.turn_on(session, owner, pyotp.TOTP(secret).at(clock()), clock())
    app.test_cli_runner().invoke(args=["staff", "reset", "owner@example.com"])
    assert try_to_sign_in(Browser(app)).url == "/staff/login/code"
    app.test_cli_runner().invoke(args=["staff", "reset", "owner@example.com", "--second-factor"])
    assert try_to_sign_in(Browser(app)).url == "/staff/"


def test_wrong_arguments_end_with_one_line(app: Flask, store: Store, clock: Clock) -> None:
    with store() as session:
        make_staff(session, clock())
    runner = app.test_cli_runner()
    for arguments, typed in (
        (["staff", "create", "not-an-address", "--role", "owner"], ""),
        (["staff", "create", "owner@example.com", "--role", "owner"], ""),
        (["staff", "create", "b@example.com", "--role", "owner", "--password-stdin"], "short\n"),
        (["staff", "create", "b@example.com", "--role", "owner", "--name", "n" * 101], ""),
        (["staff", "create", "b@example.com", "--role", "owner", "--password-stdin"], b"copper lanterns 41 \xff\n"),
        (["staff", "reset", "nobody@example.com"], ""),
    ):
        result = runner.invoke(args=arguments, input=typed)
        assert result.exit_code == 1, arguments
        assert len(result.output.strip().splitlines()) == 1
        assert result.output.startswith("Error: ")
    with app.app_context():
        assert [(person.role, person.state) for person in staff.everyone(db.session)] == [(Role.OWNER, State.ACTIVE)]


@pytest.mark.parametrize(
    "arguments",
    [
        ["staff", "create", "b\udcff@example.com", "--role", "owner"],
        ["privacy", "export", "b\udcff@example.com"],
        ["outbox", "retry", str(2**31)],
        ["doctor", "--send-to", "b\udcff@example.com"],
        ["probe", "--to", "b\udcff@example.com"],
    ],
    ids=lambda arguments: arguments[0],
)
def test_arguments_that_can_be_none_are_refused(app: Flask, store: Store, arguments: list[str]) -> None:
    result = app.test_cli_runner().invoke(args=arguments)
    assert (result.exit_code, "Error: " in result.output) == (2, True)
    with store() as session:
        assert staff.everyone(session) == []


def test_a_database_that_does_not_answer_ends_with_one_line(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    def no_connection() -> None:
        raise PoolTimeout

    with app.app_context():
        monkeypatch.setattr(db.engine.pool, "connect", no_connection)
    for arguments in (["staff", "reset", "somebody@example.com"], ["outbox", "status"], ["retention", "run"]):
        result = app.test_cli_runner().invoke(args=arguments)
        assert result.exit_code == 1
        assert result.output.startswith("Error: the database does not answer (TimeoutError)")
        assert "somebody" not in result.output


def test_the_outbox_is_counted_and_sent(app: Flask, store: Store, clock: Clock) -> None:
    with store() as session:
        submit_request(session, clock())
    runner = app.test_cli_runner()
    assert json.loads(runner.invoke(args=["outbox", "status", "--json"]).output)["waiting"] == 1
    assert "1 sent" in runner.invoke(args=["outbox", "send"]).output
    assert "0 due now" in runner.invoke(args=["outbox", "retry"]).output


def test_retention_deletes_kept_messages_with_their_subject(app: Flask, store: Store, clock: Clock) -> None:
    with store() as session:
        old = submit_request(session, clock())
        owner = make_staff(session, clock())
        consultations.move(
            session, old.id, consultations.Move(consultations.Status.CLOSED, ""), by=owner.id, working=ALWAYS, now=clock()
        )
        submit_request(session, clock())
    runner = app.test_cli_runner()
    runner.invoke(args=["outbox", "send"])
    folder = Path(app.instance_path) / "mail"
    assert len(list(folder.glob("*.eml"))) == 2
    clock.forward(days=366)
    runner.invoke(args=["retention", "run"])
    assert [path.name for path in folder.glob("*.eml")] == ["000002-request_received.eml"]


def test_retention_says_what_it_let_go_of(app: Flask, store: Store, clock: Clock) -> None:
    with store() as session:
        submit_comment(session, clock(), network="a" * 32)
    clock.forward(days=31)
    lines = app.test_cli_runner().invoke(args=["retention", "run"]).output.splitlines()
    assert lines[:3] == ["1 marks of networks emptied", "0 comments deleted", "0 requests deleted"]
