"""What the doctor says of a real mail server, and the test mail it sends."""

import ssl
from collections.abc import Callable

import pytest
from flask import Flask
from flask_mail import Mail

import checks
from checks import Finding, Level
from tests.mail.conftest import mail_settings
from tests.mail.smtpd import DOT, SmtpServer, answer, hang


def named(findings: list[Finding]) -> dict[str, Finding]:
    """By the names of the checks."""
    return {finding.check: finding for finding in findings}


def use(app: Flask, server: SmtpServer, **changes: object) -> None:
    """Lets the site send through another server."""
    app.config.update(mail_settings(server, **changes))
    Mail().init_app(app)


def test_a_server_that_answers_is_well_and_gets_nothing(site: Flask, smtpd: SmtpServer) -> None:
    with site.app_context():
        found = named(checks.outside())
    assert found["mail server"].level is Level.OK
    assert "test mail" not in found
    assert smtpd.received == []


def test_a_test_mail_says_what_it_is(site: Flask, smtpd: SmtpServer) -> None:
    with site.app_context():
        found = named(checks.outside("somebody@example.com"))
    assert found["test mail"].level is Level.OK
    (letter,) = smtpd.received
    assert letter.recipients == ["somebody@example.com"]
    assert letter.message["Subject"].startswith("[test] ")
    assert letter.message["Auto-Submitted"] == "auto-generated"
    assert "somebody" not in f"{found}"


def test_the_sign_in_goes_over_starttls(
    site: Flask,
    start_smtpd: Callable[..., SmtpServer],
    certificate: Callable[[str], ssl.SSLContext],
    trusted: None,
) -> None:
    server = start_smtpd(tls=certificate("localhost"), password="right")
    use(site, server, SERVER="localhost", USE_TLS=True, USERNAME="clinic", PASSWORD="right")
    with site.app_context():
        found = named(checks.outside())["mail server"]
    assert found.what == "The mail server answers over TLS and takes our user and password."
    assert {"STARTTLS", "AUTH"} <= set(server.steps)


def test_a_certificate_that_is_not_trusted_fails(
    site: Flask, start_smtpd: Callable[..., SmtpServer], certificate: Callable[[str], ssl.SSLContext]
) -> None:
    use(site, start_smtpd(tls=certificate("localhost")), SERVER="localhost", USE_TLS=True)
    with site.app_context():
        assert named(checks.outside())["mail server"].level is Level.FAIL


def test_a_refusal_is_told_without_the_addresses_in_it(site: Flask, smtpd: SmtpServer) -> None:
    smtpd.script["MAIL"] = answer("550 5.7.1 <no-reply@clinic.example> may not send, not to somebody@example.com either")
    with site.app_context():
        found = named(checks.outside("somebody@example.com"))["test mail"]
    assert found.level is Level.FAIL
    assert "550 5.7.1 (an address) may not send" in found.what
    assert "@" not in found.what
    assert found.advice


def test_a_server_that_hangs_does_not_hang_the_doctor(site: Flask, smtpd: SmtpServer, quick: None) -> None:
    smtpd.script[DOT] = hang
    with site.app_context():
        found = named(checks.outside("somebody@example.com"))
    assert found["mail server"].level is Level.OK
    assert found["test mail"].level is Level.FAIL


def test_a_server_that_is_down_fails(site: Flask, smtpd: SmtpServer) -> None:
    smtpd.stop()
    with site.app_context():
        assert named(checks.outside())["mail server"].level is Level.FAIL


@pytest.mark.parametrize("send_to", [None, "somebody@example.com"])
def test_without_a_server_nothing_is_sent(app: Flask, send_to: str | None) -> None:
    with app.app_context():
        found = named(checks.outside(send_to))
    assert found["mail server"].level is Level.NOTE
    assert all(finding.level is Level.NOTE for finding in found.values())


def test_the_command_sends_where_it_is_told(site: Flask, smtpd: SmtpServer) -> None:
    result = site.test_cli_runner().invoke(args=["doctor", "--send-to", " Somebody@example.com "])
    assert "ok    test mail" in result.output, result.output
    assert [letter.recipients for letter in smtpd.received] == [["Somebody@example.com"]]
    assert "omebody" not in result.output
