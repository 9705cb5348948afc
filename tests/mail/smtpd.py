"""A real SMTP server (aiosmtpd) on a loopback port that does as a test tells it, at any step of the conversation."""

import asyncio
import socket
import ssl
import threading
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from email import policy
from email.message import EmailMessage
from email.parser import BytesParser
from typing import Any

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, Session

CONNECT, DOT = "connect", "dot"
STEPS = ("EHLO", "HELO", "STARTTLS", "AUTH", "MAIL", "RCPT", "DATA", "RSET", "QUIT")
"""Besides CONNECT (the greeting) and DOT (the answer to the whole message)."""
Behaviour = Callable[["ScriptedSMTP"], Awaitable[None]]


@dataclass(frozen=True)
class Received:
    """A message that came in whole, whether or not we have said so."""

    mail_from: str
    recipients: list[str]
    options: list[str]
    content: bytes

    @property
    def message(self) -> EmailMessage:
        """The message as a mail program reads it."""
        parsed = BytesParser(policy=policy.SMTP.clone(utf8=True)).parsebytes(self.content)
        assert isinstance(parsed, EmailMessage)
        return parsed

    @property
    def message_id(self) -> str:
        """By which a receiver tells a duplicate."""
        return str(self.message["Message-ID"])

    def part(self, kind: str) -> str:
        """The decoded text of the plain or html part."""
        body = self.message.get_body((kind,))
        assert body is not None
        return str(body.get_content())


def answer(line: str | bytes) -> Behaviour:
    """Says this line instead of what is usual."""

    async def behave(smtp: "ScriptedSMTP") -> None:
        await smtp.say(line.encode() if isinstance(line, str) else line)

    return behave


async def hang(smtp: "ScriptedSMTP") -> None:
    """Says nothing and keeps the connection."""
    await asyncio.sleep(3600)


async def drop(smtp: "ScriptedSMTP") -> None:
    """Cuts the connection without a word."""
    smtp.transport.abort()


async def close(smtp: "ScriptedSMTP") -> None:
    """Ends the connection in order, without a word."""
    smtp.transport.close()


async def dribble(smtp: "ScriptedSMTP") -> None:
    """A byte now and then, each one within any time-out, but never a whole line."""
    while True:
        await smtp.say(b"2", end=b"")
        await asyncio.sleep(0.05)


class ScriptedSMTP(SMTP):
    """aiosmtpd's server, which asks the script before every reply; `letter` is the last message that came in whole."""

    def __init__(self, server: "SmtpServer", **options: Any) -> None:
        self._server, self._step = server, CONNECT
        self.letter: Received | None = None
        super().__init__(server, hostname="mail.test", **options)

    def __getattribute__(self, name: str) -> Any:
        """Each command, smtp_MAIL and so on, first looks into the script."""
        usual = super().__getattribute__(name)
        step = name.removeprefix("smtp_")
        if step not in STEPS or step == name:
            return usual

        async def scripted(argument: str | None) -> None:
            self._step = step
            self._server.steps.append(step)
            behaviour = self._server.script.get(step)
            await (usual(argument) if behaviour is None else behaviour(self))

        return scripted

    def connection_lost(self, error: Exception | None) -> None:
        """Over, from whichever side."""
        super().connection_lost(error)
        self._server.open_conversations.discard(self)

    async def push(self, status: Any) -> None:
        """Sends a reply, unless the script has another for the greeting or for a message that came in whole."""
        text = status if isinstance(status, str) else status.decode()
        step = DOT if self._step == "DATA" and not text.startswith("354") else self._step
        behaviour = self._server.script.get(step) if step in {CONNECT, DOT} else None
        self._step = "" if step == CONNECT else self._step
        await (super().push(status) if behaviour is None else behaviour(self))

    async def say(self, line: bytes, end: bytes = b"\r\n") -> None:
        """Sends bytes as they are."""
        self._writer.write(line + end)
        await self._writer.drain()


class SmtpServer:
    """Starts and stops on one port; `script` maps a step to a behaviour, `received` holds what came in.

    `cut` are the conversations that the last stop has ended.
    """

    def __init__(
        self, tls: ssl.SSLContext | None = None, password: str | None = None, from_first_byte: bool = False, port: int = 0
    ) -> None:
        self.script: dict[str, Behaviour] = {}
        self.received: list[Received] = []
        self.steps: list[str] = []
        self.on_message: Callable[[Received], None] = lambda received: None
        self.takes_utf8 = True
        self._tls, self._password, self._from_first_byte = tls, password, from_first_byte
        self.open_conversations: set[ScriptedSMTP] = set()
        self.cut: list[ScriptedSMTP] = []
        self._thread: threading.Thread | None = None
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", port))
            self.port = probe.getsockname()[1]

    def once(self, step: str, behaviour: Behaviour) -> None:
        """Behaves so the first time a step is reached, and as usual afterwards."""

        async def behave(smtp: ScriptedSMTP) -> None:
            del self.script[step]
            await behaviour(smtp)

        self.script[step] = behave

    def start(self) -> None:
        """Opens the port, the same one every time."""
        up = threading.Event()
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._run, args=(up,), daemon=True)
        self._thread.start()
        assert up.wait(5)

    def stop(self) -> None:
        """Closes the port and cuts every conversation; nothing happens when that was done."""
        if self._thread is not None:
            self._loop.call_soon_threadsafe(self._loop.stop)
            self._thread.join()
            self._thread = None

    def _run(self, up: threading.Event) -> None:
        loop = self._loop
        tls = self._tls if self._from_first_byte else None
        port = loop.run_until_complete(loop.create_server(self._converse, "127.0.0.1", self.port, ssl=tls))
        loop.call_soon(up.set)
        loop.run_forever()
        port.close()
        # A connection that came in at the last moment gets its transport first, so that it can be cut too.
        loop.run_until_complete(asyncio.sleep(0.01))
        self.cut = list(self.open_conversations)
        for conversation in self.cut:
            if conversation.transport is not None:
                conversation.transport.abort()
        for task in asyncio.all_tasks(loop):
            task.cancel()
        loop.run_until_complete(asyncio.sleep(0.01))
        loop.run_until_complete(loop.shutdown_default_executor())
        loop.close()

    def _converse(self) -> ScriptedSMTP:
        signing_in: dict[str, Any] = {"authenticator": self._check, "auth_require_tls": False} if self._password else {}
        tls = None if self._from_first_byte else self._tls
        options = {"loop": self._loop, "tls_context": tls, "enable_SMTPUTF8": self.takes_utf8}
        conversation = ScriptedSMTP(self, **options, **signing_in)
        self.open_conversations.add(conversation)
        return conversation

    def _check(self, server: SMTP, session: Session, envelope: Envelope, mechanism: str, login: Any) -> AuthResult:
        return AuthResult(success=login.password.decode() == self._password, handled=False)

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        """Keeps what came in; the test's own hook runs before the answer."""
        content = envelope.original_content
        assert content is not None
        received = Received(envelope.mail_from or "", list(envelope.rcpt_tos), list(envelope.mail_options), content)
        self.received.append(received)
        assert isinstance(server, ScriptedSMTP)
        server.letter = received
        await asyncio.get_running_loop().run_in_executor(None, self.on_message, received)
        return "250 2.0.0 Ok: queued"
