"""flask doctor and the page Health: the same findings, for a shell and for the owner."""

import json
from collections.abc import Iterator
from typing import Any

import pyotp
import pytest
from flask import Flask
from sqlalchemy.exc import OperationalError

import checks
import clinic
import config
import database
from checks import Finding, Level, setup
from checks.setup import Seen
from domain import staff
from domain.staff import Role
from extensions import db
from tests.conftest import Clock, Store
from tests.factories import make_staff
from tests.pages import Browser, try_to_sign_in

KEY = "a key for the tests, long enough to be taken"


@pytest.fixture
def doctor(app: Flask, monkeypatch: pytest.MonkeyPatch) -> Iterator[Flask]:
    """A site about which the DNS says nothing bad."""
    monkeypatch.setattr(checks, "sender_domain", lambda *_: [Finding("SPF", Level.OK, "One record.")])
    return app


def findings(app: Flask) -> dict[str, Finding]:
    """What the checks inside the site say, by name."""
    with app.app_context():
        return {finding.check: finding for finding in checks.inside(clinic.now())}


def test_the_doctor_ends_with_0_while_nothing_fails(doctor: Flask) -> None:
    result = doctor.test_cli_runner().invoke(args=["doctor"])
    assert result.exit_code == 0, result.output
    assert "ok    database          The database answers and can be written." in result.output
    assert "fail " not in result.output


def test_the_doctor_ends_with_1_when_something_fails_and_says_what_to_do(doctor: Flask) -> None:
    doctor.config["SITE_URL"] = "http://clinic.example"
    result = doctor.test_cli_runner().invoke(args=["doctor"])
    assert result.exit_code == 1
    assert "fail  HTTPS             The public address is http://" in result.output
    assert "Have a proxy answer https" in result.output


def test_the_doctor_speaks_json(doctor: Flask) -> None:
    result = doctor.test_cli_runner().invoke(args=["doctor", "--json"])
    told: dict[str, Any] = json.loads(result.output)
    assert told["status"] == "warn"
    assert set(told["findings"][0]) == {"check", "level", "what", "advice"}
    assert all(len(finding["what"]) > 5 for finding in told["findings"])
    assert all(finding["advice"] for finding in told["findings"] if finding["level"] in {"warn", "fail"})


def test_the_doctor_finds_a_database_that_does_not_answer(doctor: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    def unavailable(*_: object) -> None:
        raise OperationalError("SELECT name FROM people", {}, Exception("somebody@example.com"))

    monkeypatch.setattr(database, "takes_writes", unavailable)
    result = doctor.test_cli_runner().invoke(args=["doctor"])
    assert result.exit_code == 1
    assert "fail  database          The database does not answer" in result.output
    assert "somebody" not in result.output


def test_the_doctor_tells_no_secret_and_no_address(doctor: Flask, store: Store, clock: Clock) -> None:
    secrets = {
        "HEALTH_TOKEN": "t" * 40,
        "WEBHOOK_URL": "http://127.0.0.1:9/",
        "WEBHOOK_SECRET": "w" * 40,
        "MAIL_PASSWORD": "p" * 40,
        "STAFF_RECIPIENTS": ["desk@clinic.example"],
    }
    doctor.config.update(secrets)
    with store() as session:
        make_staff(session, clock(), name="Amina Khan")
    output = doctor.test_cli_runner().invoke(args=["doctor", "--json"]).output
    for secret in (KEY, "t" * 40, "w" * 40, "p" * 40, "desk@", "owner@", "Amina"):
        assert secret not in output


def test_an_address_that_is_none_is_refused(doctor: Flask) -> None:
    result = doctor.test_cli_runner().invoke(args=["doctor", "--send-to", "nobody"])
    assert (result.exit_code, result.output) == (1, "Error: --send-to: expected an email address\n")


def test_settings_are_told_by_name_only(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(config, "_environment", lambda: {"FLASK_SECRET_KEY": KEY, "PORT": "8000", "OTHER": "x", "HOST": ""})
    assert findings(app)["settings"].what == "Set here: FLASK_SECRET_KEY, PORT."


def test_facts_that_are_not_set_are_listed(app: Flask) -> None:
    told = findings(app)["facts"]
    assert told.level is Level.NOTE
    assert "opening hours" in told.what


@pytest.mark.parametrize(
    ("settings", "check", "level"),
    [
        ({"SITE_URL": "https://clinic.example"}, "HTTPS", Level.OK),
        ({"SITE_URL": "http://clinic.example"}, "HTTPS", Level.FAIL),
        ({"SITE_URL": "http://127.0.0.1:8000"}, "HTTPS", Level.NOTE),
        ({"STAFF_RECIPIENTS": [config.NOBODY]}, "recipients", Level.WARN),
        ({"STAFF_RECIPIENTS": ["desk@clinic.example"]}, "recipients", Level.OK),
        ({"MAIL_SERVER": "smtp.clinic.example", "MAIL_USE_TLS": False}, "mail encryption", Level.WARN),
        ({"MAIL_SERVER": "smtp.clinic.example", "MAIL_USE_TLS": True}, "mail encryption", Level.OK),
        ({"MAIL_SERVER": "127.0.0.1", "MAIL_USE_TLS": False}, "mail encryption", Level.OK),
        ({"WEBHOOK_URL": "https://alerts.example/"}, "webhook", Level.OK),
        ({"WEBHOOK_URL": ""}, "webhook", Level.NOTE),
        ({"HEALTH_TOKEN": "t" * 40}, "monitor", Level.OK),
        ({"HEALTH_TOKEN": ""}, "monitor", Level.NOTE),
    ],
)
def test_each_setting_is_judged(app: Flask, settings: dict[str, object], check: str, level: Level) -> None:
    app.config.update(settings)
    assert findings(app)[check].level is level


@pytest.mark.parametrize(
    ("seen", "trusted", "is_https", "level"),
    [
        (None, 1, True, Level.NOTE),
        (Seen(0, is_forwarded=False, is_https=False), 0, False, Level.OK),
        (Seen(1, is_forwarded=True, is_https=False), 0, False, Level.WARN),
        (Seen(0, is_forwarded=True, is_https=False), 0, False, Level.WARN),
        (Seen(1, is_forwarded=True, is_https=True), 1, True, Level.OK),
        (Seen(3, is_forwarded=True, is_https=True), 1, True, Level.OK),
        (Seen(1, is_forwarded=True, is_https=True), 2, True, Level.WARN),
        (Seen(1, is_forwarded=True, is_https=False), 1, True, Level.WARN),
    ],
    ids=[
        "a command",
        "direct",
        "an unknown proxy",
        "an unknown proxy that names no sender",
        "one proxy",
        "a visitor who invents proxies",
        "a proxy too few",
        "a proxy that hides https",
    ],
)
def test_proxies_are_compared_with_what_a_request_shows(seen: Seen | None, trusted: int, is_https: bool, level: Level) -> None:
    assert setup.told_by(seen, trusted, is_https).level is level


@pytest.mark.parametrize(
    ("option", "setting", "level"),
    [
        ("PRAGMA synchronous=OFF", "synchronous_commit=off", Level.WARN),
        ("PRAGMA synchronous=FULL", "synchronous_commit=on", Level.OK),
    ],
)
def test_an_engine_that_may_lose_what_was_answered_is_told(app: Flask, option: str, setting: str, level: Level) -> None:
    with app.app_context():
        is_sqlite = db.engine.dialect.name == "sqlite"
        # One connection only, which the check then gets too.
        db.engine.dispose()
        with db.engine.connect() as connection:
            raw = connection.connection.dbapi_connection
            assert raw is not None
            raw.rollback()
            raw.execute(option if is_sqlite else f"SET {setting}")
            raw.commit()
        try:
            (told,) = [finding for finding in checks.inside(clinic.now()) if finding.check == "engine"]
        finally:
            db.engine.dispose()
    assert told.level is level
    assert (("synchronous=0" if is_sqlite else setting) in told.what) == (level is Level.WARN)


def second_factor(store: Store, email: str, clock: Clock) -> None:
    """Gives somebody an authenticator app."""
    with store() as session:
        person = staff.by_email(session, email)
        assert person is not None
        staff.begin_second_factor(session, person)
        secret = staff.pending_secret(session, person)
        assert secret is not None
        staff.turn_on(session, person, pyotp.TOTP(secret).at(clock()), clock())


def test_accounts_without_a_second_factor_are_counted(app: Flask, store: Store, clock: Clock) -> None:
    assert findings(app)["accounts"].what == "No owner can sign in."
    with store() as session:
        make_staff(session, clock())
        make_staff(session, clock(), Role.MODERATOR)
    assert findings(app)["accounts"] == Finding(
        "accounts",
        Level.WARN,
        "2 of 2 accounts have no second factor.",
        "Each sets it up under Account; Settings can ask everybody for it.",
    )
    second_factor(store, "owner@example.com", clock)
    assert findings(app)["accounts"].level is Level.NOTE
    second_factor(store, "moderator@example.com", clock)
    assert findings(app)["accounts"].level is Level.OK


def test_the_page_shows_the_owner_the_worst_first(owner: Browser) -> None:
    page = owner.get("/staff/health")
    assert "something asks for you" in page.text
    chips = [chip.get_text() for chip in page.all(".rows .chip")]
    assert chips == sorted(chips, key=["broken", "look", "note", "well"].index)
    assert {"look", "well"} <= set(chips)
    assert page.one('.more a[aria-current="page"]').get_text() == "Health"


def test_the_page_asks_outside_only_when_told_to(owner: Browser, doctor: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str | None] = []
    monkeypatch.setattr(
        checks, "outside", lambda to: asked.append(to) or [Finding("SPF", Level.FAIL, "Two records.", "Leave one.")]
    )
    page = owner.get("/staff/health")
    assert asked == []
    page = owner.submit(page, "/staff/health")
    assert asked == ["owner@example.com"]
    assert page.status == 200
    assert "Something is broken." in page.text
    assert "Two records. Leave one." in page.text


def test_the_page_shows_what_a_proxy_does(owner: Browser) -> None:
    owner.headers["X-Forwarded-For"] = "203.0.113.9"
    assert "FLASK_TRUSTED_PROXIES is 0" in owner.get("/staff/health").text


@pytest.mark.parametrize("role", [Role.MODERATOR, Role.FRONT_DESK])
def test_the_page_is_for_owners(app: Flask, store: Store, clock: Clock, role: Role) -> None:
    with store() as session:
        make_staff(session, clock(), role)
    browser = Browser(app)
    page = try_to_sign_in(browser, f"{role.value}@example.com")
    assert browser.get("/staff/health").status == 403
    assert "/staff/health" not in page.html
