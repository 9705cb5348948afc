"""What stands for an instance of the site behind nginx, and notes what it is asked."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager


def answer(status: str) -> bytes:
    """What an instance says; may be kept for a second."""
    return f"HTTP/1.1 {status}\r\nCache-Control: public, max-age=1\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok".encode()


@contextmanager
def instance(reply: object, port: int = 0) -> Iterator[tuple[int, list[bytes]]]:
    """Something that listens in place of an instance: takes a request, notes it, answers and closes."""
    seen: list[bytes] = []
    listener = socket.create_server(("127.0.0.1", port))
    stop = threading.Event()

    def serve() -> None:
        listener.settimeout(0.1)
        while not stop.is_set():
            try:
                connection, _ = listener.accept()
            except TimeoutError:
                continue
            with connection:
                connection.settimeout(5)
                seen.append(connection.recv(65536))
                connection.sendall(reply(seen[-1]))  # type: ignore[operator]

    thread = threading.Thread(target=serve)
    thread.start()
    try:
        yield listener.getsockname()[1], seen
    finally:
        stop.set()
        thread.join()
        listener.close()
