"""What a failure means for the next try (rule 9 of the design): the table of steps and answers, time-outs, the deadline."""

import smtplib
import socket
import ssl
import threading
import time
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask

import mailer
from domain.outbox import LEASE, Failure
from tests.mail.smtpd import CONNECT, DOT, Behaviour, SmtpServer, answer, close, dribble, drop, hang
from transport import smtp
from transport.delivery import DeliveryFailed
from transport.smtp import OutboxConnection, OutboxMessage

MakeApp = Callable[..., Flask]
LONGEST = f"{'a' * 64}@{'b' * 60}.{'c' * 60}.{'d' * 59}.example"
TEMPORARY, PERMANENT, SETUP = Failure.TEMPORARY, Failure.PERMANENT, Failure.SETUP


def attempt(app: Flask, recipient: str = "desk@clinic.example") -> DeliveryFailed | None:
    """What came of sending one letter; None is success. Leaves no thread and no socket behind."""
    threads = set(threading.enumerate())
    connection = OutboxConnection(app.extensions["mail"])
    message = OutboxMessage(subject="A letter", recipients=[recipient], body="Text", html="<p>Text</p>")
    try:
        with connection:
            connection.send(message)
    except DeliveryFailed as failure:
        outcome: DeliveryFailed | None = failure
    else:
        outcome = None
    for thread in threading.enumerate():
        if thread.name == "delivery deadline" and thread not in threads:
            thread.join(1)
            assert not thread.is_alive()
    assert connection.host is None or connection.host.sock is None
    return outcome


@pytest.mark.parametrize(
    ("step", "line", "expected"),
    [
        (CONNECT, "421 4.3.2 too many of you", TEMPORARY),
        (CONNECT, "554 5.7.1 your address is on a list", SETUP),
        ("MAIL", "451 4.3.0 try again later", TEMPORARY),
        ("MAIL", "452 4.3.1 disk full", TEMPORARY),
        ("MAIL", "530 5.7.0 sign in first", SETUP),
        ("MAIL", "553 5.7.1 not your sender address", SETUP),
        ("RCPT", "450 4.2.1 greylisted", TEMPORARY),
        ("RCPT", "421 4.7.0 slow down", TEMPORARY),
        ("RCPT", "550 5.1.1 no such user", PERMANENT),
        ("RCPT", "552 5.2.2 mailbox full", PERMANENT),
        ("DATA", "451 4.3.0 not now", TEMPORARY),
        ("DATA", "554 5.5.1 no valid recipients", PERMANENT),
        (DOT, "451 4.3.0 queue file write error", TEMPORARY),
        (DOT, "421 4.4.2 time-out", TEMPORARY),
        (DOT, "550 5.7.1 looks like spam", PERMANENT),
        (DOT, "552 5.3.4 too big", PERMANENT),
    ],
)
def test_an_answer_tells_whether_to_try_again(
    step: str, line: str, expected: Failure, smtpd: SmtpServer, small_app: MakeApp
) -> None:
    smtpd.script[step] = answer(line)
    failure = attempt(small_app(smtpd))
    assert failure is not None
    assert (failure.failure, failure.reply) == (expected, line)


@pytest.mark.parametrize(("code", "expected"), [("450", TEMPORARY), ("501", SETUP)])
def test_a_server_that_takes_neither_greeting(code: str, expected: Failure, smtpd: SmtpServer, small_app: MakeApp) -> None:
    smtpd.script = {"EHLO": answer(f"{code} who?"), "HELO": answer(f"{code} who?")}
    failure = attempt(small_app(smtpd))
    assert failure is not None
    assert failure.failure is expected


@pytest.mark.usefixtures("quick")
@pytest.mark.parametrize("step", [CONNECT, "EHLO", "MAIL", "RCPT", "DATA", DOT])
@pytest.mark.parametrize(
    "behaviour",
    [hang, drop, close, dribble, answer(b"\x00\xff\xfe not smtp"), answer(b""), answer(b"2" * 9000)],
    ids=["hang", "drop", "close", "dribble", "garbage", "empty line", "endless line"],
)
def test_silence_and_garbage_are_temporary(step: str, behaviour: Behaviour, smtpd: SmtpServer, small_app: MakeApp) -> None:
    smtpd.script = {step: behaviour} | ({"HELO": behaviour} if step == "EHLO" else {})
    began = time.monotonic()
    failure = attempt(small_app(smtpd))
    assert failure is not None
    assert failure.failure is TEMPORARY
    assert "\x00" not in failure.reply
    assert time.monotonic() - began < 4


def test_a_server_that_is_down_is_temporary(smtpd: SmtpServer, small_app: MakeApp) -> None:
    smtpd.stop()
    failure = attempt(small_app(smtpd))
    assert failure is not None
    assert failure.failure is TEMPORARY


def test_a_refusal_counts_even_when_the_server_hangs_after_it(
    smtpd: SmtpServer, small_app: MakeApp, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(smtp, "SEND_SECONDS", 0.3)
    smtpd.script = {"RCPT": answer("550 5.1.1 no such user"), "RSET": hang}
    failure = attempt(small_app(smtpd))
    assert failure is not None
    assert failure.failure is PERMANENT


@pytest.mark.usefixtures("quick", "trusted")
@pytest.mark.parametrize("from_first_byte", [False, True], ids=["STARTTLS", "TLS"])
def test_the_deadline_holds_inside_tls(
    from_first_byte: bool,
    start_smtpd: Callable[..., SmtpServer],
    certificate: Callable[[str], ssl.SSLContext],
    small_app: MakeApp,
) -> None:
    server = start_smtpd(tls=certificate("127.0.0.1"), from_first_byte=from_first_byte)
    app = small_app(server, USE_TLS=not from_first_byte, USE_SSL=from_first_byte)
    assert attempt(app) is None
    server.script[DOT] = dribble
    failure = attempt(app)
    assert failure is not None
    assert (failure.failure, failure.reply) == (TEMPORARY, "no answer within 1.2 seconds")


def test_a_deadline_that_passes_before_there_is_a_socket_still_holds(
    smtpd: SmtpServer, small_app: MakeApp, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(smtp, "SEND_SECONDS", 0.1)
    resolve = socket.getaddrinfo

    def slowly(*args: Any, **kwargs: Any) -> Any:
        time.sleep(0.3)
        return resolve(*args, **kwargs)

    monkeypatch.setattr(socket, "getaddrinfo", slowly)
    smtpd.script[CONNECT] = dribble
    failure = attempt(small_app(smtpd))
    assert failure is not None
    assert failure.reply == "no answer within 0.1 seconds"


def test_a_try_with_its_record_is_shorter_than_the_lease() -> None:
    assert LEASE.total_seconds() > smtp.SEND_SECONDS + smtp.STEP_SECONDS + smtp.QUIT_SECONDS + mailer.RECORD_SECONDS


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"USE_TLS": True}, "STARTTLS extension not supported"),
        ({"USE_SSL": True}, "WRONG_VERSION_NUMBER"),
        ({"USERNAME": "clinic", "PASSWORD": "secret"}, "AUTH extension not supported"),
        ({"SERVER": f"{'a' * 64}.example"}, "idna"),
    ],
    ids=["no STARTTLS", "no TLS", "no sign-in", "no such name"],
)
def test_what_cannot_work_with_our_settings_is_our_set_up(
    settings: dict[str, object], words: str, smtpd: SmtpServer, small_app: MakeApp
) -> None:
    failure = attempt(small_app(smtpd, **settings))
    assert failure is not None
    assert failure.failure is SETUP
    assert words.lower() in failure.reply.lower()


@pytest.mark.parametrize(("code", "expected"), [(socket.EAI_NONAME, SETUP), (socket.EAI_AGAIN, TEMPORARY)])
def test_a_name_nobody_knows_is_our_set_up_and_a_silent_resolver_is_not(
    code: int, expected: Failure, smtpd: SmtpServer, small_app: MakeApp, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*args: object, **kwargs: object) -> None:
        raise socket.gaierror(code, "resolver says no")

    app = small_app(smtpd)
    monkeypatch.setattr(socket, "getaddrinfo", fail)
    failure = attempt(app)
    assert failure is not None
    assert failure.failure is expected


@pytest.mark.parametrize(
    ("password", "script", "expected"),
    [
        ("right", {}, None),
        ("wrong", {}, SETUP),
        ("pässword", {}, SETUP),
        ("right", {"AUTH": answer("454 4.7.0 directory is down")}, TEMPORARY),
        ("right", {"EHLO": answer(b"250-mail.test\r\n250 AUTH GSSAPI")}, SETUP),
        ("right", {"STARTTLS": answer("454 4.7.0 TLS not available now")}, TEMPORARY),
        ("right", {"STARTTLS": answer("501 5.5.4 no")}, SETUP),
        ("right", {"STARTTLS": answer("220 go ahead")}, SETUP),
    ],
    ids=["right", "wrong", "not ASCII", "454", "no way in common", "no TLS now", "no TLS", "no TLS after all"],
)
@pytest.mark.usefixtures("trusted", "quick")
def test_signing_in_over_starttls(
    password: str,
    script: dict[str, Behaviour],
    expected: Failure | None,
    start_smtpd: Callable[..., SmtpServer],
    certificate: Callable[[str], ssl.SSLContext],
    small_app: MakeApp,
) -> None:
    server = start_smtpd(tls=certificate("127.0.0.1"), password="right")
    server.script = script
    failure = attempt(small_app(server, USE_TLS="EHLO" not in script, USERNAME="clinic", PASSWORD=password))
    assert (failure and failure.failure) == expected
    assert failure is None or ("ä" not in failure.reply and password not in failure.reply)


@pytest.mark.parametrize(
    ("recipient", "on_the_wire"),
    [
        ("desk@clinic.example", "desk@clinic.example"),
        ("o'neil+a/b@clinic.example", "o'neil+a/b@clinic.example"),
        ("desk@کلینک.example", "desk@xn--ghbe90ac7o.example"),
        ("sana@straße.example", "sana@xn--strae-oqa.example"),
        ("مریم@clinic.example", "مریم@clinic.example"),
        (LONGEST, LONGEST),
    ],
)
def test_any_address_reaches_a_server_that_takes_it(
    recipient: str, on_the_wire: str, smtpd: SmtpServer, small_app: MakeApp
) -> None:
    assert attempt(small_app(smtpd), recipient) is None
    (received,) = smtpd.received
    assert received.recipients == [on_the_wire]
    assert f"\r\nTo: {on_the_wire}\r\n".encode() in received.content
    assert ("SMTPUTF8" in received.options) is (not on_the_wire.isascii())


@pytest.mark.parametrize(
    "recipient", ["مریم@clinic.example", "😀@clinic.example", f"desk@{'ا' * 64}.example", "a\nb@x.example", ""]
)
def test_an_address_that_cannot_be_written_is_permanent(recipient: str, smtpd: SmtpServer, small_app: MakeApp) -> None:
    smtpd.takes_utf8 = False
    failure = attempt(small_app(smtpd), recipient)
    assert failure is not None
    assert failure.failure is PERMANENT
    assert smtpd.received == []


def test_smtplib_still_puts_its_own_words_as_text() -> None:
    """By which transport/smtp.py tells them from a server's answer."""
    with pytest.raises(smtplib.SMTPResponseException) as caught:
        _read(b"2" * 9000)
    assert isinstance(caught.value.smtp_error, str)


def _read(line: bytes) -> None:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        host = smtplib.SMTP(local_hostname="localhost")
        host.sock = ours
        theirs.sendall(line)
        try:
            host.getreply()
        finally:
            host.close()
