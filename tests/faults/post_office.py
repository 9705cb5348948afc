"""A mail server on loopback that can be away, refuse, or lose the connection, and remembers what it has accepted."""

import asyncio
import email
import email.policy
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from email.message import EmailMessage
from enum import StrEnum
from typing import cast

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from tests.faults.running import free_port

STAFF = "desk@clinic.example"
SLOWNESS = 0.05
"""Seconds for taking a message, so that a kill often hits a dispatcher while it sends."""


class Mood(StrEnum):
    """How the server behaves now."""

    UP = "up"
    DOWN = "down"
    REFUSES = "refuses for now"
    DROPS = "drops the connection instead of taking a message"
    DROPS_LATE = "takes the message, then drops the connection without saying so"


class PostOffice:
    """One address that outlives its servers: a mood other than DOWN listens there."""

    def __init__(self) -> None:
        self.port = free_port()
        self.accepted: list[EmailMessage] = []
        self.mood = Mood.DOWN
        self._controller: Controller | None = None

    @property
    def settings(self) -> dict[str, str]:
        """The environment that sends the site's mail here."""
        return {
            "FLASK_MAIL_SERVER": "127.0.0.1",
            "FLASK_MAIL_PORT": str(self.port),
            "FLASK_MAIL_USE_TLS": "false",
            "FLASK_STAFF_RECIPIENTS": STAFF,
        }

    def set(self, mood: Mood) -> None:
        """Changes how the server behaves."""
        self.mood = mood
        if mood is Mood.DOWN and self._controller is not None:
            self._controller.stop()
            self._controller = None
        elif mood is not Mood.DOWN and self._controller is None:
            self._controller = Controller(self, hostname="127.0.0.1", port=self.port)
            self._controller.start()

    async def handle_RCPT(  # noqa: N802 (the name aiosmtpd asks for)
        self, server: SMTP, session: Session, envelope: Envelope, address: str, rcpt_options: list[str]
    ) -> str:
        """Takes every recipient, or none for now."""
        if self.mood is Mood.REFUSES:
            return "451 4.3.0 try again later"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        """Keeps a message, and may lose the connection before or after."""
        await asyncio.sleep(SLOWNESS)
        if self.mood is Mood.DROPS:
            server.transport.abort()
            return "421 dropped"
        assert isinstance(envelope.content, bytes)
        self.accepted.append(cast(EmailMessage, email.message_from_bytes(envelope.content, policy=email.policy.default)))
        if self.mood is Mood.DROPS_LATE:
            server.transport.abort()
        return "250 accepted"


@contextmanager
def silent_server() -> Iterator[int]:
    """A port where connections are made and then never answered."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen(50)
        yield listener.getsockname()[1]
