"""A mail server may take its time with the greeting and with its verdict on a message, and with nothing else."""

import asyncio
import ssl
import time
from collections.abc import Callable

import pytest
from flask import Flask

import checks
from checks import Level
from checks import mail as mail_checks
from domain.outbox import Failure
from tests.mail.smtpd import CONNECT, DOT, Behaviour, ScriptedSMTP, SmtpServer, answer, hang
from tests.mail.test_failures import MakeApp, attempt
from transport import smtp


@pytest.fixture(autouse=True)
def short(monkeypatch: pytest.MonkeyPatch) -> None:
    """A command may take 0.3 seconds, the whole 3."""
    monkeypatch.setattr(smtp, "STEP_SECONDS", 0.3)
    monkeypatch.setattr(smtp, "SEND_SECONDS", 3.0)
    monkeypatch.setattr(smtp, "QUIT_SECONDS", 0.1)


def late(line: str) -> Behaviour:
    """Says this line after more time than a command may take."""

    async def behave(conversation: ScriptedSMTP) -> None:
        await asyncio.sleep(0.6)
        await conversation.say(line.encode())

    return behave


TAKEN = {CONNECT: late("220 mail.test ESMTP"), DOT: late("250 2.0.0 Ok: queued")}


@pytest.mark.parametrize("step", list(TAKEN))
def test_a_late_greeting_and_a_late_verdict_are_waited_for(step: str, smtpd: SmtpServer, small_app: MakeApp) -> None:
    smtpd.script[step] = TAKEN[step]
    assert attempt(small_app(smtpd)) is None
    assert len(smtpd.received) == 1


@pytest.mark.usefixtures("trusted")
@pytest.mark.parametrize("from_first_byte", [False, True], ids=["STARTTLS", "TLS"])
def test_they_are_waited_for_inside_tls(
    from_first_byte: bool,
    start_smtpd: Callable[..., SmtpServer],
    certificate: Callable[[str], ssl.SSLContext],
    small_app: MakeApp,
) -> None:
    server = start_smtpd(tls=certificate("127.0.0.1"), from_first_byte=from_first_byte)
    server.script |= TAKEN
    assert attempt(small_app(server, USE_TLS=not from_first_byte, USE_SSL=from_first_byte)) is None
    assert len(server.received) == 1


@pytest.mark.parametrize(("line", "expected"), [("451 4.7.1 later", Failure.TEMPORARY), ("550 5.7.1 spam", Failure.PERMANENT)])
def test_a_late_refusal_counts(line: str, expected: Failure, smtpd: SmtpServer, small_app: MakeApp) -> None:
    smtpd.script[DOT] = late(line)
    failure = attempt(small_app(smtpd))
    assert failure is not None
    assert (failure.failure, failure.reply) == (expected, line)


@pytest.mark.parametrize("step", ["EHLO", "MAIL", "RCPT", "DATA"])
def test_no_other_reply_is_waited_for(step: str, smtpd: SmtpServer, small_app: MakeApp) -> None:
    smtpd.script = {name: late("250 Ok") for name in {step, "HELO"}}
    failure = attempt(small_app(smtpd))
    assert failure is not None
    assert failure.failure is Failure.TEMPORARY
    assert "timed out" in failure.reply
    assert smtpd.received == []


def test_patience_ends_with_the_verdict(smtpd: SmtpServer, small_app: MakeApp) -> None:
    smtpd.script = {DOT: answer("550 5.7.1 spam"), "RSET": hang, "QUIT": hang}
    began = time.monotonic()
    failure = attempt(small_app(smtpd))
    assert failure is not None
    assert failure.failure is Failure.PERMANENT
    del smtpd.script[DOT]
    assert attempt(small_app(smtpd)) is None
    assert time.monotonic() - began < 1.5


def test_whoever_asks_how_the_server_is_waits_once_and_not_for_long(
    site: Flask, smtpd: SmtpServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mail_checks, "PATIENCE_SECONDS", 0.4)
    smtpd.script[CONNECT] = hang
    began = time.monotonic()
    with site.app_context():
        found = {finding.check: finding for finding in checks.outside("somebody@example.com")}
    assert found["mail server"].level is Level.FAIL
    assert "no answer within 0.4 seconds" in found["mail server"].what
    assert "test mail" not in found
    assert time.monotonic() - began < 2
