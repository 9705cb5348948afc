"""The ways in which a mail server can fail, at each step of the conversation."""

import asyncio
from dataclasses import dataclass
from enum import StrEnum

from tests.mail.smtpd import CONNECT, DOT, Behaviour, ScriptedSMTP, answer, drop

STEPS = {
    CONNECT: "greeting",
    "EHLO": "EHLO",
    "STARTTLS": "STARTTLS",
    "AUTH": "AUTH",
    "MAIL": "MAIL FROM",
    "RCPT": "RCPT TO",
    "DATA": "DATA",
    DOT: "after the final dot",
}
"""In the order of the conversation, as the table of results calls them."""


class Manner(StrEnum):
    """How the server behaves at the step where it fails."""

    UP = "takes everything"
    DOWN = "is down"
    LATER = "refuses with 4xx"
    NEVER = "refuses with 5xx"
    DROPS = "drops the connection"
    GARBAGE = "answers garbage"
    HANGS = "hangs"
    LOSES = "drops the connection, having kept nothing"


@dataclass(frozen=True)
class Mood:
    """How the server behaves for a while; after the final dot, what neither refuses nor loses a message has kept it."""

    manner: Manner
    step: str = ""

    def __str__(self) -> str:
        return f"{self.manner.value}: {STEPS[self.step]}" if self.step else self.manner.value

    @property
    def behaviour(self) -> Behaviour:
        """What it does instead of the usual answer."""
        return _BEHAVIOURS[self.manner]

    @property
    def keeps(self) -> bool:
        """Whether a message that came in whole counts as taken."""
        return self.step != DOT or self.manner in {Manner.DROPS, Manner.GARBAGE, Manner.HANGS}


HANG_SECONDS = 15.0
"""Longer than a command may take. For the whole deadline of a send, each dispatcher would do nothing else in a fault run."""


async def _hang(conversation: ScriptedSMTP) -> None:
    await asyncio.sleep(HANG_SECONDS)
    await drop(conversation)


UP, DOWN = Mood(Manner.UP), Mood(Manner.DOWN)
MOODS = (
    DOWN,
    *(Mood(manner, step) for manner in (Manner.LATER, Manner.NEVER, Manner.DROPS, Manner.GARBAGE) for step in STEPS),
    *(Mood(Manner.HANGS, step) for step in (CONNECT, "DATA", DOT)),
    Mood(Manner.LOSES, DOT),
)
"""All but UP."""
_BEHAVIOURS = {
    Manner.LATER: answer("451 4.3.0 try again later"),
    Manner.NEVER: answer("554 5.7.1 not like this"),
    Manner.DROPS: drop,
    Manner.GARBAGE: answer(b"\x00\xff\xfe not smtp"),
    Manner.HANGS: _hang,
    Manner.LOSES: drop,
}
