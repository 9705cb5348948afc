"""How flask probe reads a page and asks for one."""

import socket
import threading
from collections.abc import Iterator

import pytest

from cli import visitor
from cli.shown_form import ShownForm


def test_a_form_is_read_as_a_browser_reads_it() -> None:
    page = """<form action="/other" method="post"><input name="not"></form>
    <form action="/here" method="post"><input name="a" value="1"><input type="hidden" name="b">
    <input type="submit" name="c" value="x">
    <input type="radio" name="d" value="one"><input type="radio" name="d" value="two" checked>
    <input type="checkbox" name="e" value="y">
    <select name="f"><option value="p">P</option><option value="q" selected>Q</option></select>
    <select name="g"><option value="r">R</option><option value="s">S</option></select>
    <textarea name="h">
 typed &amp; kept</textarea></form><input name="outside">"""
    form = ShownForm(page, "/here")
    assert form.fields == {"a": "1", "b": "", "d": "two", "f": "q", "g": "r", "h": " typed & kept"}
    assert form.fill(a="free", d="one", e="y", f="p", h="words") == []
    assert form.fill(d="three", z="1") == ["d", "z"]
    assert ShownForm(page, "/nowhere").fields is None


@pytest.fixture
def listener() -> Iterator[int]:
    """A port on loopback where a server says one thing and hangs up."""
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        server.listen()

        def serve() -> None:
            connection, _ = server.accept()
            with connection:
                connection.recv(4096)
                connection.sendall(b"HTTP/1.1 303 See Other\r\nLocation: /there\r\nContent-Length: 2\r\n\r\nok")

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield server.getsockname()[1]
        thread.join(5)


def test_a_visitor_follows_nothing_by_itself(listener: int) -> None:
    answer = visitor.Visitor(f"http://127.0.0.1:{listener}").post("/consultation", {"name": "ü"})
    assert (answer.status, answer.location, answer.body) == (303, "/there", "ok")
