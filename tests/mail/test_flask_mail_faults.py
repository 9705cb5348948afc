"""The four faults of Flask-Mail 0.10 that our connection mends; each test also tells when the library has mended its own."""

import smtplib
import socket
import ssl
import time
from collections.abc import Callable
from contextlib import suppress
from threading import Timer

import pytest
from flask import Flask
from flask_mail import Connection, Message

from domain.outbox import Failure
from tests.mail.smtpd import CONNECT, SmtpServer, answer, close, drop, hang
from transport import smtp
from transport.delivery import DeliveryFailed
from transport.smtp import OutboxConnection, OutboxMessage

MakeApp = Callable[..., Flask]
Start = Callable[..., SmtpServer]


def letter(*recipients: str) -> OutboxMessage:
    return OutboxMessage(subject="A letter", recipients=list(recipients or ["desk@clinic.example"]), body="Text", html="<p>Text")


def send(app: Flask, message: Message, connection: type[Connection] = OutboxConnection) -> None:
    with connection(app.extensions["mail"]) as open_connection:
        open_connection.send(message)


@pytest.mark.parametrize("settings", [{}, {"USE_SSL": True}], ids=["plain", "TLS"])
def test_a_server_that_hangs_is_given_up_after_a_time_out(
    settings: dict[str, object], small_app: MakeApp, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(smtp, "STEP_SECONDS", 0.3)
    monkeypatch.setattr(smtp, "SEND_SECONDS", 0.6)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        app, began = small_app(SmtpServer(), PORT=silent.getsockname()[1], **settings), time.monotonic()
        with pytest.raises(DeliveryFailed) as caught:
            send(app, letter())
    assert caught.value.failure is Failure.TEMPORARY
    assert time.monotonic() - began < 5


def test_flask_mail_sets_no_time_out(smtpd: SmtpServer, small_app: MakeApp) -> None:
    app = small_app(smtpd)
    with Connection(app.extensions["mail"]) as connection:
        assert connection.host.sock.gettimeout() is None


def test_flask_mail_waits_for_as_long_as_a_server_hangs(smtpd: SmtpServer, small_app: MakeApp) -> None:
    smtpd.script[CONNECT] = hang
    app, began = small_app(smtpd), time.monotonic()
    rescue = Timer(1.0, smtpd.stop)
    rescue.start()
    with suppress(smtplib.SMTPServerDisconnected, ConnectionResetError):
        send(app, letter(), Connection)
    assert time.monotonic() - began > 0.9
    rescue.join()


def test_a_certificate_nobody_vouches_for_gets_no_mail(
    start_smtpd: Start, certificate: Callable[[str], ssl.SSLContext], small_app: MakeApp
) -> None:
    server = start_smtpd(tls=certificate("127.0.0.1"))
    app = small_app(server, USE_TLS=True)
    with pytest.raises(DeliveryFailed) as caught:
        send(app, letter())
    assert caught.value.failure is Failure.SETUP
    assert "certificate verify failed" in caught.value.reply
    assert server.received == []


def test_flask_mail_trusts_any_certificate(
    start_smtpd: Start, certificate: Callable[[str], ssl.SSLContext], small_app: MakeApp
) -> None:
    server = start_smtpd(tls=certificate("127.0.0.1"))
    send(small_app(server, USE_TLS=True), letter(), Connection)
    assert len(server.received) == 1


@pytest.mark.usefixtures("trusted")
@pytest.mark.parametrize("from_first_byte", [False, True], ids=["STARTTLS", "TLS"])
def test_a_certificate_must_bear_the_servers_name(
    from_first_byte: bool, start_smtpd: Start, certificate: Callable[[str], ssl.SSLContext], small_app: MakeApp
) -> None:
    switches = {"USE_SSL": True} if from_first_byte else {"USE_TLS": True}
    right = start_smtpd(tls=certificate("127.0.0.1"), from_first_byte=from_first_byte)
    wrong = start_smtpd(tls=certificate("mail.elsewhere.example"), from_first_byte=from_first_byte)
    send(small_app(right, **switches), letter())
    assert len(right.received) == 1
    with pytest.raises(DeliveryFailed) as caught:
        send(small_app(wrong, **switches), letter())
    assert caught.value.failure is Failure.SETUP
    assert wrong.received == []


def test_a_refused_recipient_is_a_failure(smtpd: SmtpServer, small_app: MakeApp) -> None:
    smtpd.script["RCPT"] = answer("550 5.1.1 no such user here")
    with pytest.raises(DeliveryFailed) as caught:
        send(small_app(smtpd), letter())
    assert caught.value.failure is Failure.PERMANENT
    assert caught.value.reply == "550 5.1.1 no such user here"


def test_flask_mail_says_nothing_of_a_refused_recipient(smtpd: SmtpServer, small_app: MakeApp) -> None:
    smtpd.once("RCPT", answer("550 5.1.1 no such user here"))
    app = small_app(smtpd)
    send(app, Message("A letter", ["desk@clinic.example", "gone@clinic.example"], "Text"), Connection)
    assert len(smtpd.received[0].recipients) == 1


@pytest.mark.parametrize(
    "farewell", [answer("421 4.3.2 overloaded"), answer(b"\x00\xff"), drop, hang], ids=["421", "garbage", "drops", "hangs"]
)
def test_a_failing_quit_is_not_a_failed_mail(
    farewell: object, smtpd: SmtpServer, small_app: MakeApp, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(smtp, "QUIT_SECONDS", 0.2)
    smtpd.script["QUIT"] = farewell
    app, began = small_app(smtpd), time.monotonic()
    send(app, letter())
    assert len(smtpd.received) == 1
    assert time.monotonic() - began < 5, "the record of a mail that was taken waits for no farewell"


def test_flask_mail_takes_a_failing_quit_for_a_failed_mail(smtpd: SmtpServer, small_app: MakeApp) -> None:
    smtpd.script["QUIT"] = close
    app = small_app(smtpd)
    with pytest.raises(smtplib.SMTPServerDisconnected):
        send(app, letter(), Connection)
    send(app, letter())
    assert len(smtpd.received) == 2
