"""A receipt is given only for what is on the disk: the system calls of a worker, as strace sees them."""

import os
import re
import shutil
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import groupby
from pathlib import Path

import pytest

from tests.faults.conftest import MakeSite
from tests.faults.running import request_fields

pytestmark = pytest.mark.slow
MISSING = "no strace here: apt-get install strace"
CALLS = "trace=write,pwrite64,writev,send,sendto,sendmsg,fsync,fdatasync"
CALL = re.compile(r"^(?P<thread>\d+) +(?:<\.\.\. )?(?P<name>\w+)(?P<rest>.*)$")


@pytest.fixture
def strace() -> str:
    """The program; without it the tests are skipped, but never where CI=true."""
    found = shutil.which("strace")
    if found is None:
        if os.environ.get("CI") == "true":
            pytest.fail(MISSING, pytrace=False)
        pytest.skip(MISSING)
    return found


@contextmanager
def traced(strace: str, pid: int, file: Path) -> Iterator[None]:
    """Writes down the calls of a process and of all its threads."""
    command = [strace, "-f", "-y", "-s", "64", "-e", CALLS, "-o", str(file), "-p", str(pid)]
    tracer = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
    try:
        assert tracer.stderr is not None
        assert "attached" in tracer.stderr.readline()
        yield
    finally:
        tracer.send_signal(signal.SIGINT)
        tracer.communicate(timeout=10)


def events(file: Path) -> list[str]:
    """What became of SQLite's log and of the answers: "on disk" once that call has ended, "answered" when it has begun."""
    found: list[str] = []
    syncing = set()
    for line in file.read_text().splitlines():
        call = CALL.match(line)
        if call is None:
            continue
        name, rest, thread = call["name"], call["rest"], call["thread"]
        if name == "pwrite64" and "site.db-wal>" in rest:
            found.append("written")
        elif name in {"fsync", "fdatasync"}:
            syncing |= {thread} if "site.db-wal>" in rest else set()
            if thread in syncing and rest.endswith("= 0"):
                syncing.discard(thread)
                found.append("on disk")
        elif "HTTP/1.1 303" in rest:
            found.append("answered")
    return found


def test_a_request_is_on_the_disk_before_its_receipt_is_sent(make_site: MakeSite, strace: str, tmp_path: Path) -> None:
    site = make_site(WEB_CONCURRENCY="1").start()
    (worker,) = site.workers()
    with traced(strace, worker, tmp_path / "trace"):
        for number in range(1, 4):
            assert site.post("/consultation", request_fields(number)).status == 303
    happened = [name for name, _ in groupby(events(tmp_path / "trace"))]
    assert happened == ["written", "on disk", "answered"] * 3
