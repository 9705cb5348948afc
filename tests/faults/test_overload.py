"""Ten times as many readers as can be answered: what people sent is stored, kept pages go on, and it is over at once."""

import asyncio
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest

from tests.factories import SLUG
from tests.faults.running import Site, request_fields

pytestmark = pytest.mark.slow
CROWD = 400
"""Connections that ask again as soon as they are answered; two workers take 64 readers each, and answer 8 at a time."""
SECONDS = 5.0
ARTICLE = f"/blog/{SLUG}"


async def ask(port: int, number: int, until: float, answers: Counter[bytes]) -> None:
    """One reader who asks for pages that nobody keeps, as long as it lasts."""
    while time.monotonic() < until:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        try:
            writer.write(f"GET {ARTICLE}?reply_to={number} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n".encode())
            await writer.drain()
            answers[(await reader.readline())[9:12]] += 1
            await reader.read()
        except OSError:
            answers[b"broken"] += 1
        finally:
            writer.close()


@contextmanager
def crowd(port: int) -> Iterator[Counter[bytes]]:
    """Readers without end in the background, counted by the status they get."""
    answers: Counter[bytes] = Counter()

    async def all_of_them() -> None:
        until = time.monotonic() + SECONDS
        await asyncio.gather(*(ask(port, number, until, answers) for number in range(CROWD)))

    thread = threading.Thread(target=lambda: asyncio.run(all_of_them()))
    thread.start()
    time.sleep(1)
    try:
        yield answers
    finally:
        thread.join()


def repeat(seconds: float, what: Callable[[int], object], first: int) -> threading.Thread:
    """Does something with a number that rises, in the background."""

    def work() -> None:
        until, number = time.monotonic() + seconds, first
        while time.monotonic() < until:
            what(number)
            number += 1

    thread = threading.Thread(target=work)
    thread.start()
    return thread


def test_a_crowd_of_readers_keeps_nobody_from_sending_and_is_over_at_once(site: Site) -> None:
    for _ in range(30):
        assert site.get(ARTICLE).status == 200, "so that each worker keeps it"
    sent, kept, told = list[tuple[int, int]](), Counter[int](), Counter[int]()

    def send(number: int) -> None:
        answer = site.post("/consultation", request_fields(number))
        sent.append((number, answer.status))
        told.update([site.get(answer.location).status])

    with crowd(site.port) as answers:
        threads = [repeat(SECONDS - 2, send, 1000 * writer) for writer in (1, 2)]
        threads.append(repeat(SECONDS - 2, lambda _: kept.update([site.get(ARTICLE).status]), 0))
        for thread in threads:
            thread.join()
    assert set(answers) <= {b"200", b"503"}
    assert answers[b"503"] > answers[b"200"] > 0, "most find no room"
    assert {status for _, status in sent} == {303}
    assert set(told) == {200}, "the receipt comes too"
    assert {1001, 2001} <= {number for number, _ in sent}, "each of the two who send gets through again and again"
    stored = {phone for (phone,) in site.rows("SELECT phone FROM consultation_request")}
    assert stored == {f"+92300{1000000 + number}" for number, _ in sent}
    assert set(kept) == {200}
    assert kept[200] > 10
    began = time.monotonic()
    assert site.get(f"{ARTICLE}?reply_to=1").status == 200
    assert time.monotonic() - began < 2
