"""What is no passkey opens nothing; the ceremony itself is shown in a browser."""

import json

import pytest
import sqlalchemy as sa
from flask import Flask

from domain.staff import PasskeyChallenge
from extensions import db
from tests.conftest import Clock, Store
from tests.factories import make_staff
from tests.pages import Browser, sign_in

CLIENT_DATA = "eyJ0eXBlIjoid2ViYXV0aG4uZ2V0IiwiY2hhbGxlbmdlIjoiQUFBQSIsIm9yaWdpbiI6Imh0dHA6Ly9sb2NhbGhvc3QifQ"
"""{"type":"webauthn.get","challenge":"AAAA","origin":"http://localhost"}: a challenge nobody was given."""
PARTS = ("clientDataJSON", "authenticatorData", "signature", "attestationObject")
STRANGE = [
    "",
    "null",
    "[]",
    "{}",
    "{" * 2000,
    '{"id": 1}',
    json.dumps({"id": "AAAA", "rawId": "AAAA", "type": "public-key", "response": {}}),
    json.dumps(
        {"id": "AAAA", "rawId": "AAAA", "type": "public-key", "response": dict.fromkeys(PARTS, "AAAA") | {PARTS[0]: CLIENT_DATA}}
    ),
]


@pytest.fixture
def token(browser: Browser) -> str:
    """The token of the sign-in page."""
    return str(browser.get("/staff/login").all('[name="csrf_token"]')[0]["value"])


@pytest.mark.parametrize("credential", STRANGE)
def test_what_no_device_has_signed_signs_nobody_in(browser: Browser, token: str, credential: str) -> None:
    page = browser.post("/staff/login/passkey", {"csrf_token": token, "credential": credential})
    assert (page.url, page.status) == ("/staff/login", 200)
    assert "does not open an account" in page.text


@pytest.mark.parametrize("credential", STRANGE)
def test_what_no_device_has_made_is_not_kept(store: Store, browser: Browser, clock: Clock, credential: str) -> None:
    with store() as session:
        make_staff(session, clock())
    sign_in(browser)
    page = browser.get("/staff/account/second-factor")
    sent = {"csrf_token": page.all('[name="csrf_token"]')[0]["value"], "credential": credential}
    assert "could not be added" in browser.post("/staff/account/passkeys", sent).text


def test_challenges_nobody_answers_do_not_pile_up(app: Flask, browser: Browser, clock: Clock, token: str) -> None:
    for _ in range(3):
        options = browser.post("/staff/login/passkey/options", {"csrf_token": token})
        assert len(json.loads(options.html)["challenge"]) > 40
    clock.forward(minutes=5)
    browser.post("/staff/login/passkey/options", {"csrf_token": token})
    with app.app_context():
        assert len(db.session.scalars(sa.select(PasskeyChallenge)).all()) == 1


def test_options_without_end_are_not_given(browser: Browser, token: str) -> None:
    answers = [browser.post("/staff/login/passkey/options", {"csrf_token": token}).status for _ in range(31)]
    assert set(answers[:30]) == {200}
    assert answers[30] == 429


def test_behind_a_proxy_nobody_configured_options_are_given_to_everybody(browser: Browser, token: str) -> None:
    forwarded = {"X-Forwarded-For": "203.0.113.9"}
    sent = {"csrf_token": token}
    answers = {browser.post("/staff/login/passkey/options", sent, headers=forwarded).status for _ in range(31)}
    assert answers == {200}


def test_no_passkey_is_offered_on_a_bare_address(app: Flask, browser: Browser, token: str) -> None:
    app.config["SITE_URL"] = "http://127.0.0.1:8000"
    try:
        assert browser.get("/staff/login").all(".passkey-form") == []
        assert browser.post("/staff/login/passkey/options", {"csrf_token": token}).status == 404
    finally:
        app.config["SITE_URL"] = "http://localhost"
