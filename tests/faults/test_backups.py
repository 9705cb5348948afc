"""A backup taken while the site is written to holds all that was acknowledged before it began."""

import re
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from storage import backup
from tests.faults.conftest import MakeSite
from tests.faults.running import ROOT, Site, request_fields

pytestmark = pytest.mark.slow
BACKUPS = 4
PACE = 0.05
"""Seconds that each writer waits before a request, so that the backup has a processor, too."""


def flask(site: Site, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "flask", "--app", "app", *arguments]
    return subprocess.run(command, cwd=ROOT, env=site.environ, capture_output=True, text=True, check=False)


def test_a_backup_under_write_load_misses_nothing_that_was_acknowledged(make_site: MakeSite, tmp_path: Path) -> None:
    site = make_site().start()
    acknowledged: list[int] = []
    stop = threading.Event()

    def write(first: int) -> None:
        number = first
        while not stop.wait(PACE):
            if site.post("/consultation", request_fields(number)).status == 303:
                acknowledged.append(number)
            number += 2

    writers = [threading.Thread(target=write, args=(first,)) for first in (1, 2)]
    for writer in writers:
        writer.start()
    try:
        for number in range(BACKUPS):
            path = tmp_path / f"{number}.tar.gz"
            before = len(acknowledged)
            made = flask(site, "backup", "create", str(path))
            assert made.returncode == 0, made.stderr
            with backup.unpacked(path) as (manifest, _):
                assert manifest.tables["consultation_request"].rows >= before
            checked = flask(site, "backup", "verify", str(path))
            assert (checked.returncode, re.findall("whole", checked.stdout)) == (0, ["whole"]), checked.stderr
    finally:
        stop.set()
        for writer in writers:
            writer.join()
    assert len(acknowledged) > BACKUPS, "the site was written to meanwhile"
