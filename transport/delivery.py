"""What every way of delivering shares: the verdict on a try that failed, and one deadline for the whole of a try."""

import socket
import ssl
import threading
from collections.abc import Callable
from contextlib import suppress

from domain.outbox import Failure
from domain.text import clean_line


class DeliveryFailed(Exception):
    """A try failed; `failure` says whether trying again helps, `reply` is for staff's eyes only."""

    def __init__(self, failure: Failure, reply: str) -> None:
        super().__init__(failure.value)
        # A server may say anything, and PostgreSQL takes no NUL.
        self.failure, self.reply = failure, clean_line(reply)


class Deadline:
    """Past it whatever waits for the other side fails: its socket is shut down, be it one that opens later still."""

    def __init__(self, seconds: float, socket_of: Callable[[], socket.socket | None]) -> None:
        self.seconds, self.expired = seconds, False
        self._socket_of, self._over = socket_of, threading.Event()

    def start(self) -> None:
        """The time runs from now on, until `stop`."""
        threading.Thread(target=self._watch, name="delivery deadline", daemon=True).start()

    def stop(self) -> None:
        """Whatever comes now is in time."""
        self._over.set()

    def _watch(self) -> None:
        if self._over.wait(self.seconds):
            return
        self.expired = True
        while True:
            sock = self._socket_of()
            if sock is not None:
                with suppress(OSError):
                    # Not the TLS socket's own method, which pulls its state away from under the thread that reads.
                    socket.socket.shutdown(sock, socket.SHUT_RDWR)
            if self._over.wait(0.2):
                return


def is_setup(error: Exception) -> bool:
    """Whether a failed connection speaks of a wrong name or certificate, which trying again does not mend."""
    if isinstance(error, socket.gaierror):
        return error.errno in {socket.EAI_NONAME, socket.EAI_NODATA, socket.EAI_SERVICE}
    if isinstance(error, ssl.SSLError):
        return not isinstance(error, ssl.SSLEOFError | ssl.SSLZeroReturnError)
    return False
