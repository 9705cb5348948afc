"""A disk that turns read-only, a database file that is damaged, a writer that dies in the middle of a commit."""

import os
import signal
import subprocess
import threading
import time
from collections.abc import Iterator
from http.client import HTTPException
from itertools import count
from pathlib import Path

import pytest

from tests.factories import SLUG
from tests.faults.conftest import MakeSite
from tests.faults.running import PATIENCE, Site, poll, request_fields

pytestmark = pytest.mark.slow
KILLS = 8


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of its own, which can be made read-only."""
    folder = tmp_path / "disk"
    folder.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", "size=32m,mode=0700", "tmpfs", folder]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        pytest.skip(f"a file system cannot be mounted here: {done.stderr.strip()}")
    yield folder
    subprocess.run(["umount", "--lazy", folder], check=True)


def remount(disk: Path, mode: str) -> None:
    """Makes it "ro" or "rw"; no file may be open for writing."""
    subprocess.run(["mount", "-o", f"remount,{mode}", disk], check=True)


def test_a_site_does_not_start_on_a_read_only_disk_and_says_why(make_site: MakeSite, disk: Path) -> None:
    site = make_site(disk / "instance", FLASK_SITE_CONFIG="").start()
    assert site.post("/consultation", request_fields(1)).status == 303
    assert site.stop() == 0
    site.log = disk.with_name("server.log")
    remount(disk, "ro")
    site.start(wait=False)
    assert site.supervisor is not None
    assert site.supervisor.wait(PATIENCE) == 2
    assert site.output.count("\n") == 1
    assert "expected a folder that can be written" in site.output
    remount(disk, "rw")
    site.start()
    assert site.rows("SELECT count(*) FROM consultation_request") == [(1,)]


@pytest.mark.parametrize("kind", ["overwritten in the middle", "cut in half", "not a database"])
def test_a_damaged_database_stops_the_start_and_says_how_to_restore(site: Site, tmp_path: Path, kind: str) -> None:
    for number in range(30):
        assert site.post("/consultation", request_fields(number, message="A diary. " * 400)).status == 303
    backup = tmp_path / "whole.tar.gz"
    site.flask("backup", "create", str(backup))
    assert site.stop() == 0
    file = site.instance / "site.db"
    whole = file.read_bytes()
    middle = len(whole) // 2
    damaged = {
        "overwritten in the middle": whole[:middle] + os.urandom(40_000) + whole[middle + 40_000 :],
        "cut in half": whole[:middle],
        "not a database": b"Once this was a database.\n" * 500,
    }
    file.write_bytes(damaged[kind])
    site.log.unlink()
    site.start(wait=False)
    assert site.supervisor is not None
    assert site.supervisor.wait(PATIENCE) == 2
    assert site.output.count("\n") == 1
    assert "flask backup restore" in site.output
    assert file.read_bytes() == damaged[kind], "the file is left as it was found"
    elsewhere = Site(tmp_path / "elsewhere")
    elsewhere.flask("backup", "restore", str(backup))
    try:
        elsewhere.start()
        assert elsewhere.rows("SELECT count(*) FROM consultation_request") == [(30,)]
        assert elsewhere.get(f"/blog/{SLUG}").status == 200
    finally:
        elsewhere.kill_all()


class Writers:
    """Visitors who send requests all the time, and know which of them were acknowledged."""

    def __init__(self, site: Site) -> None:
        self._site, self._stop = site, threading.Event()
        self.acknowledged: set[int] = set()
        self._threads = [threading.Thread(target=self._write, args=(first,)) for first in range(4)]

    def _write(self, first: int) -> None:
        for number in count(first, 4):
            if self._stop.is_set():
                return
            try:
                answer = self._site.post("/consultation", request_fields(number), source=f"127.0.0.{2 + number % 200}")
            except (OSError, HTTPException):
                time.sleep(0.05)
                continue
            if answer.status == 303:
                self.acknowledged.add(number)

    def __enter__(self) -> "Writers":
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        for thread in self._threads:
            thread.join()


def test_a_writer_killed_in_the_middle_of_a_commit_leaves_all_or_nothing(site: Site) -> None:
    with Writers(site) as writers:
        for _ in range(KILLS):
            before = len(writers.acknowledged)
            poll(lambda before=before: len(writers.acknowledged) > before + 3, "nothing is taken any more")
            for pid in site.workers():
                os.kill(pid, signal.SIGKILL)
    assert site.rows("PRAGMA integrity_check") == [("ok",)]
    stored = {int(phone[-7:]) - 1_000_000 for (phone,) in site.rows("SELECT phone FROM consultation_request")}
    assert writers.acknowledged <= stored
    half = "SELECT count(*) FROM consultation_request r WHERE NOT EXISTS (SELECT 1 FROM {} WHERE {} = r.id)"
    assert site.rows(half.format("request_event", "request_id")) == [(0,)]
    # Many from one network are suspected, and share a message.
    assert site.rows(f"{half.format('outbox_mail', 'subject_id')} AND NOT suspected") == [(0,)]
