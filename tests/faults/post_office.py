"""The mail server of a fault run: it fails as its mood says, and remembers what it took, from whom, when and how that ended."""

import socket
import ssl
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from email.parser import BytesHeaderParser
from pathlib import Path
from weakref import WeakKeyDictionary

import trustme

from tests.faults.moods import DOWN, UP, Mood
from tests.faults.running import free_port
from tests.mail.smtpd import DOT, Behaviour, Received, ScriptedSMTP, SmtpServer

STAFF = "desk@clinic.example"
PASSWORD = "the password of the mail server"
SLOWNESS = 0.01
"""Seconds for taking a message, so that a kill often hits a dispatcher while it sends."""


@dataclass(frozen=True)
class Holding:
    """Who held a row of the outbox, by the name that dispatchers give themselves, and under which lease."""

    holder: str | None = None
    lease: str | None = None

    @property
    def process(self) -> int | None:
        """The id of the process."""
        return int(self.holder.rpartition("/")[2]) if self.holder else None


@dataclass
class Accepted:
    """A message that the server has taken; from then on it is the server's to deliver."""

    message_id: str
    recipient: str
    subject: str
    at: float
    mood: Mood
    holding: Holding
    answered: bool = False
    cut: bool = False
    """The server went down in the same conversation, so the answer may not have arrived."""


def nobody(_: str) -> Holding:
    """For tests that do not ask who sent a message."""
    return Holding()


class PostOffice:
    """One address that outlives its servers: a mood other than DOWN listens there. Asks for TLS and a password."""

    def __init__(self, folder: Path, who_holds: Callable[[str], Holding] = nobody) -> None:
        authority, context = trustme.CA(), ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        authority.issue_cert("127.0.0.1").configure_cert(context)
        self._trust = folder / "mail-authority.pem"
        authority.cert_pem.write_to_path(self._trust)
        self._server = SmtpServer(tls=context, password=PASSWORD, port=free_port())
        self._server.on_message = lambda _: time.sleep(SLOWNESS)
        self._taken_in: WeakKeyDictionary[ScriptedSMTP, Accepted] = WeakKeyDictionary()
        self.who_holds = who_holds
        self.accepted: list[Accepted] = []
        self.met: Counter[Mood] = Counter()
        """How many times a dispatcher has met each mood; a server that is down sees nobody."""
        self.mood = DOWN

    @property
    def settings(self) -> dict[str, str]:
        """The environment that sends the site's mail here."""
        return {
            "FLASK_MAIL_SERVER": "127.0.0.1",
            "FLASK_MAIL_PORT": str(self._server.port),
            "FLASK_MAIL_USERNAME": "clinic",
            "FLASK_MAIL_PASSWORD": PASSWORD,
            "FLASK_MAIL_DEFAULT_SENDER": "no-reply@clinic.example",
            "FLASK_STAFF_RECIPIENTS": STAFF,
            "SSL_CERT_FILE": str(self._trust),
        }

    def set(self, mood: Mood) -> None:
        """Changes how the server behaves, in conversations that go on too."""
        before, self.mood = self.mood, mood
        self._server.script = self._script(mood)
        self._server.received.clear()
        if mood == DOWN and before != DOWN:
            self._server.stop()
            for conversation in self._server.cut:
                if conversation in self._taken_in:
                    self._taken_in[conversation].cut = True
        elif mood != DOWN and before == DOWN:
            self._server.start()

    def _script(self, mood: Mood) -> dict[str, Behaviour]:
        script: dict[str, Behaviour] = {}
        if mood.step:
            script[mood.step] = self._counted(mood)
        if mood.step == "EHLO":
            script["HELO"] = script["EHLO"]
        return script | {DOT: self._settle}

    def _counted(self, mood: Mood) -> Behaviour:
        async def behave(conversation: ScriptedSMTP) -> None:
            self.met[mood] += 1
            await mood.behaviour(conversation)

        return behave

    async def _settle(self, conversation: ScriptedSMTP) -> None:
        """Takes a message that came in whole, or not; the mood is looked at once, so that the book is right."""
        mood, letter = self.mood, conversation.letter
        assert letter is not None
        if mood.keeps:
            self._taken_in[conversation] = self._book(letter, mood)
        if mood.step == DOT:
            await self._counted(mood)(conversation)
            return
        self.met[UP] += 1
        await conversation.say(b"250 2.0.0 Ok: queued")
        self._taken_in[conversation].answered = True

    def _book(self, letter: Received, mood: Mood) -> Accepted:
        headers = BytesHeaderParser().parsebytes(letter.content)
        message_id = headers["Message-ID"].strip("<> ")
        (recipient,) = letter.recipients
        holding = self.who_holds(message_id.partition("@")[0])
        self.accepted.append(Accepted(message_id, recipient, headers["Subject"], time.monotonic(), mood, holding))
        return self.accepted[-1]


@contextmanager
def silent_server() -> Iterator[int]:
    """A port where connections are made and then never answered."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen(50)
        yield listener.getsockname()[1]
