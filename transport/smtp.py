"""Mail on the wire: Flask-Mail's message and connection with what 0.10 lacks, and what a failure means for the next try."""

import re
import smtplib
import ssl
from contextlib import ExitStack
from email import charset, policy
from email.header import Header
from email.mime.base import MIMEBase
from email.mime.text import MIMEText
from email.utils import parseaddr
from types import TracebackType
from typing import Any

import idna
from flask import current_app
from flask_mail import Connection, Mail, Message

from domain.outbox import Failure
from transport.delivery import Deadline, DeliveryFailed, is_setup

STEP_SECONDS = 10.0
"""Time-out of connecting and of each exchange with the mail server, but for the two that a PatientSMTP waits for."""
SEND_SECONDS = 120.0
"""Deadline of a whole send, connecting included; with mailer.RECORD_SECONDS shorter than outbox.LEASE."""
QUIT_SECONDS = 2.0
"""How long the farewell of a server that has taken the message may keep us from recording that."""
TROUBLE = (OSError, ValueError)
"""What smtplib raises: its own errors are OSErrors, a host, password or address it cannot write is a ValueError."""


def envelope(address: str) -> str:
    """The address with its domain in ASCII; what stands before the @ may need SMTPUTF8.

    Raises ValueError for what would arrive as another address, and for a domain that cannot be.
    """
    if parseaddr(address)[1] != address or "@" not in address:
        raise ValueError("there can be no such address")
    local, _, domain = address.rpartition("@")
    # Of IDNA 2008 (RFC 5891), as browsers have it: by Python's own codec, of 2003, "faß.de" is "fass.de", which is somebody else's.
    ascii_domain = domain.encode("idna") if domain.isascii() else idna.encode(domain, uts46=True)
    return f"{local}@{ascii_domain.decode('ascii')}"


def our_domain() -> str:
    """The domain we write from."""
    return envelope(current_app.config["MAIL_DEFAULT_SENDER"]).rpartition("@")[2]


class OutboxMessage(Message):
    """A Flask-Mail message for one recipient, no line longer than RFC 5321 allows, to any address that RFC 6531 knows."""

    sender_name = ""

    @property
    def address(self) -> str:
        """The one address it goes to, as mail servers write it. Raises DeliveryFailed when there can be no such address."""
        (recipient,) = self.recipients
        try:
            return envelope(str(recipient))
        except ValueError as error:
            raise DeliveryFailed(Failure.PERMANENT, str(error)) from error

    def _mimetext(self, text: str | None, subtype: str = "plain") -> MIMEText:
        encoding = charset.Charset("utf-8")
        encoding.body_encoding = charset.QP
        # MIMEText takes a Charset object too; typeshed only knows names.
        return MIMEText(text or "", subtype, encoding)  # type: ignore[arg-type]

    def _message(self) -> MIMEBase:
        address = self.address
        recipients, self.recipients = self.recipients, []
        try:
            built = super()._message()
        finally:
            self.recipients = recipients
        # Flask-Mail writes no address that is not ASCII, and leaves what is long to a folding that takes names apart.
        built.policy = policy.compat32
        built.replace_header("To", address)
        built.replace_header("From", f"{_encoded('From', self.sender_name)}\n <{self.sender}>")
        built.replace_header("Subject", _encoded("Subject", self.subject))
        built.policy = policy.SMTP if address.isascii() else policy.SMTPUTF8
        return built


PLAIN = {"From": re.compile(r"[A-Za-z0-9 ]*"), "Subject": re.compile(r"(?!.*=\?)[ -~]*")}
"""What a header may hold as it is; all else is written as RFC 2047 words."""
ENCODED_LINE = 76
"""Longest line with encoded words, each then at most 75 long (RFC 2047, section 2); Python's own default is 78."""


def _encoded(header: str, text: str) -> str:
    """Text for a header, in lines that need no further folding; on one line, whatever an article's title holds."""
    words = text.split()
    as_it_is = PLAIN[header].fullmatch(" ".join(words)) and max(map(len, words), default=0) < 60
    charset_name = "us-ascii" if as_it_is else "utf-8"
    return Header(" ".join(words), charset_name, maxlinelen=ENCODED_LINE, header_name=header).encode()


class PatientSMTP(smtplib.SMTP):
    """smtplib's conversation, in which the deadline of the send alone ends the two waits for which RFC 5321 grants minutes.

    Its section 4.5.3.2 has five for the greeting, which some servers hold back against spam, and ten for the reply to a whole
    message, which scanners read first: whoever hangs up on that has a message taken which it then sends again.
    """

    _may_take_long = True

    def send(self, s: Any) -> None:
        """Notes what the next reply is for: smtplib writes commands as text and the message as bytes."""
        self._may_take_long = not isinstance(s, str)
        super().send(s)

    def getreply(self) -> tuple[int, bytes]:
        """The next reply, the first of which is the greeting."""
        if self.sock is not None:
            self.sock.settimeout(SEND_SECONDS if self._may_take_long else self.timeout)
        return super().getreply()


class PatientTLS(PatientSMTP, smtplib.SMTP_SSL):
    """The same with TLS from the first byte."""


class OutboxConnection(Connection):
    """Flask-Mail's connection with time-outs, verified TLS, one deadline, and an honest verdict.

    Success is the server's reply to DATA: a failing QUIT afterwards is not a failed mail. Raises DeliveryFailed. `seconds` is a
    deadline for somebody who waits for the outcome.
    """

    def __init__(self, mail: Mail, seconds: float | None = None) -> None:
        super().__init__(mail)
        self._seconds = seconds

    def __enter__(self) -> "OutboxConnection":
        self._deadline = Deadline(self._seconds or SEND_SECONDS, lambda: getattr(self.host, "sock", None))
        self._deadline.start()
        with ExitStack() as unless_connected:
            unless_connected.callback(self._close)
            try:
                super().__enter__()
            except TROUBLE as error:
                raise self._verdict(error, Failure.SETUP) from error
            unless_connected.pop_all()
        return self

    def __exit__(self, exc_type: type[BaseException] | None, exc_value: BaseException | None, tb: TracebackType | None) -> None:
        try:
            if exc_type is None and self.host is not None and self.host.sock is not None:
                self.host.timeout = QUIT_SECONDS
                self.host.sock.settimeout(QUIT_SECONDS)
                self.host.quit()
        except TROUBLE:
            # The message was accepted before; how the conversation ends changes nothing.
            pass
        finally:
            self._close()

    def configure_host(self) -> smtplib.SMTP | smtplib.SMTP_SSL:
        """Connects, secures and signs in; every step has a time-out and TLS checks the server's certificate and name."""
        context = ssl.create_default_context() if self.mail.use_tls or self.mail.use_ssl else None
        host: smtplib.SMTP
        # Our own name is given, since smtplib would ask the resolver for it, without a time-out.
        if self.mail.use_ssl:
            host = PatientTLS(local_hostname=our_domain(), timeout=STEP_SECONDS, context=context)
        else:
            host = PatientSMTP(local_hostname=our_domain(), timeout=STEP_SECONDS)
        self.host = host
        # The name TLS compares the certificate with; smtplib sets it only when the constructor connects.
        host._host = self.mail.server  # type: ignore[attr-defined]
        code, reply = host.connect(self.mail.server, self.mail.port or 0)
        if code != 220:
            raise smtplib.SMTPConnectError(code, reply)
        if self.mail.use_tls:
            host.starttls(context=context)
        if self.mail.username and self.mail.password:
            host.login(self.mail.username, self.mail.password)
        return host

    def send(self, message: Message, envelope_from: str | tuple[str, str] | None = None) -> None:
        """Hands an OutboxMessage to the server. Raises DeliveryFailed, also for a refused recipient."""
        assert self.host is not None
        assert isinstance(message, OutboxMessage)
        assert envelope_from is None
        content = message.as_bytes()
        options = [] if message.address.isascii() else ["SMTPUTF8", "BODY=8BITMIME"]
        try:
            self.host.sendmail(envelope(current_app.config["MAIL_DEFAULT_SENDER"]), [message.address], content, options)
        except TROUBLE as error:
            raise self._verdict(error, Failure.PERMANENT) from error

    def _close(self) -> None:
        self._deadline.stop()
        if self.host is not None:
            self.host.close()

    def _verdict(self, error: Exception, ours: Failure) -> DeliveryFailed:
        """Rule 9 of the design: what the server said, and at which step, tells whether trying again makes sense.

        `ours` is what it means at this step that smtplib could not even ask the server.
        """
        code, words = _answer(error)
        if 400 <= code < 600:
            of_message = isinstance(error, smtplib.SMTPRecipientsRefused | smtplib.SMTPDataError)
            refused = Failure.PERMANENT if of_message else Failure.SETUP
            return DeliveryFailed(refused if code >= 500 else Failure.TEMPORARY, f"{code} {words}")
        if self._deadline.expired:
            return DeliveryFailed(Failure.TEMPORARY, f"no answer within {self._deadline.seconds:g} seconds")
        text = str(error) or type(error).__name__
        if isinstance(error, ValueError | smtplib.SMTPNotSupportedError):
            return DeliveryFailed(ours, text)
        # The bare class stands for one thing only: the server knows none of our ways to sign in.
        is_ours = is_setup(error) or type(error) is smtplib.SMTPException
        return DeliveryFailed(Failure.SETUP if is_ours else Failure.TEMPORARY, text)


def _answer(error: Exception) -> tuple[int, str]:
    """Code and words of the server; the code is -1 when it gave none."""
    code, reply = -1, b""
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        code, reply = next(iter(error.recipients.values()))
    # Words of smtplib's own, for an answer it could not read, are a str.
    elif isinstance(error, smtplib.SMTPResponseException) and isinstance(error.smtp_error, bytes):
        code, reply = error.smtp_code, error.smtp_error
    return code, reply.decode("utf-8", "replace")
