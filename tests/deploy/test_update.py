"""deploy/update.sh on a machine with two instances behind nginx, while people read and write."""

import http.client
import itertools
import signal
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.deploy.conftest import MakeFront
from tests.deploy.front import PUBLIC, Front
from tests.deploy.machine import Machine
from tests.faults.conftest import MakeSite
from tests.faults.conftest import make_site as make_site
from tests.faults.running import PATIENCE, Answer, Site, free_port, request_fields

pytestmark = pytest.mark.slow
PAGES = ("/", "/blog/", "/blog/botox-for-chronic-migraine", "/consultation", "/treatments/", "/nothing-here", "/staff/login")


PACE = 0.1
"""Seconds that each of them waits before a request: with two cores at their end an instance takes a minute to start."""


@pytest.fixture
def machine(tmp_path: Path, make_front: MakeFront) -> Iterator[Machine]:
    """Both instances run version "one"."""
    site = Site(tmp_path / "instance", **PUBLIC)
    made = Machine(tmp_path / "machine", site, make_front(free_port(), free_port()))
    try:
        made.start()
        yield made
    finally:
        site.kill_all()


class Load:
    """People who read and write through nginx until told to stop; each request has a connection of its own."""

    def __init__(self, front: Front) -> None:
        self.front = front
        self.statuses: Counter[tuple[str, int | str]] = Counter()
        self.acknowledged: list[int] = []
        self._stop = threading.Event()
        self._numbers = itertools.count(1)

    @contextmanager
    def going_on(self) -> Iterator[None]:
        """Two readers and two writers."""
        threads = [threading.Thread(target=work) for work in (self._read, self._write) * 2]
        for thread in threads:
            thread.start()
        try:
            yield
        finally:
            self._stop.set()
            for thread in threads:
                thread.join()

    def _read(self) -> None:
        for path in itertools.cycle(PAGES):
            if self._stop.is_set():
                return
            self._count("GET", lambda path=path: self.front.get(path).status)

    def _write(self) -> None:
        while not self._stop.is_set():
            number = next(self._numbers)
            source = f"127.{1 + number // 250}.{number % 250}.1"
            status = self._count(
                "POST", lambda n=number, s=source: self.front.post("/consultation", request_fields(n), source=s).status
            )
            if status == 303:
                self.acknowledged.append(number)

    def _count(self, method: str, send: object) -> int | str:
        time.sleep(PACE)
        try:
            status = send()  # type: ignore[operator]
        except (OSError, http.client.HTTPException) as error:
            status = type(error).__name__
        self.statuses[method, status] += 1
        return status


def test_both_instances_are_replaced_and_no_request_is_refused_or_lost(
    machine: Machine, capsys: pytest.CaptureFixture[str]
) -> None:
    machine.release("two")
    load = Load(machine.front)
    with load.going_on():
        time.sleep(1)
        done = machine.update("two")
        time.sleep(1)
    with capsys.disabled():
        sys.stdout.write(f"\n{done.stdout}{done.stderr}{dict(load.statuses)}\n")
    assert done.returncode == 0, done.stderr
    assert {machine.version(link) for link in ("a", "b", "current")} == {"two"}
    assert set(load.statuses) == {("GET", 200), ("GET", 404), ("POST", 303)}
    stored = Counter(phone for (phone,) in machine.site.rows("SELECT phone FROM consultation_request"))
    assert stored == Counter(f"+92300{1000000 + number}" for number in load.acknowledged)
    assert len(load.acknowledged) > 100
    assert "down" not in machine.front.upstream.read_text()


def test_spare_instance_serves_during_the_update_only(machine: Machine) -> None:
    machine.release("two")
    machine.environ["CLINIC_SPARE"] = "b"
    machine.environ["CLINIC_INSTANCES"] = " ".join(reversed(machine.environ["CLINIC_INSTANCES"].split()))
    load = Load(machine.front)
    with load.going_on():
        done = machine.update("two")
    assert done.returncode == 0, done.stderr
    assert set(load.statuses) == {("GET", 200), ("GET", 404), ("POST", 303)}
    told = (machine.folder / "systemctl.log").read_text().split("stop clinic@b", 1)[1]
    assert [line for line in told.splitlines() if "clinic" in line] == [
        "start clinic@b",
        "stop clinic@a",
        "start clinic@a",
        "stop clinic@b",
    ]


def test_version_that_does_not_start_is_taken_back(machine: Machine) -> None:
    broken = machine.release("broken")
    (broken / "server.py").write_text("raise SystemExit(1)\n")
    load = Load(machine.front)
    machine.environ["CLINIC_START_SECONDS"] = "1"  # too short for any version: the one before is waited for longer
    with load.going_on():
        done = machine.update("broken")
    assert done.returncode == 1
    assert "in service again, in the version before" in done.stderr
    assert {machine.version(link) for link in ("a", "b", "current")} == {"one"}
    assert "stop clinic@b" not in (machine.folder / "systemctl.log").read_text()
    assert set(load.statuses) == {("GET", 200), ("GET", 404), ("POST", 303)}


def test_version_that_answers_without_its_tables_is_taken_back(machine: Machine) -> None:
    broken = machine.release("broken")
    newest = max(path.stem[:4] for path in (broken / "migrations").glob("[0-9]*.py"))
    (broken / "migrations" / "9999_more.py").write_text(
        f'"""More."""\n\nrevision, down_revision, branch_labels, depends_on = "9999", "{newest}", None, None\n\n\n'
        "def upgrade() -> None:\n    pass\n"
    )
    server = broken / "server.py"
    server.write_text(server.read_text().replace("        _migrate()\n", ""))
    machine.environ["CLINIC_START_SECONDS"] = "20"
    done = machine.update("broken")
    assert done.returncode == 1
    assert '"migrations":"fail"' in done.stderr
    assert "in service again, in the version before" in done.stderr
    assert {machine.version(link) for link in ("a", "b", "current")} == {"one"}


def test_what_the_version_before_suffered_from_too_holds_up_no_update(machine: Machine) -> None:
    machine.release("two")
    assert machine.front.post("/consultation", request_fields(1)).status == 303
    machine.site.write("UPDATE outbox_mail SET next_at = '2020-01-01 00:00:00', state = 'failed'")
    done = machine.update("two")
    assert done.returncode == 0, done.stderr


def test_version_that_cannot_migrate_a_copy_touches_nothing(machine: Machine) -> None:
    broken = machine.release("broken")
    (broken / "migrations" / "9999_broken.py").write_text("raise RuntimeError('broken')\n")
    done = machine.update("broken")
    assert done.returncode != 0
    assert "stop" not in (machine.folder / "systemctl.log").read_text()
    assert {machine.version(link) for link in ("a", "b", "current")} == {"one"}


def test_what_is_in_flight_is_finished_before_a_stop(make_site: MakeSite) -> None:
    site = make_site().start()
    answers: list[Answer] = []
    with site.write_lock():
        writers = [
            threading.Thread(target=lambda n=n: answers.append(site.post("/consultation", request_fields(n)))) for n in range(3)
        ]
        for writer in writers:
            writer.start()
        time.sleep(1)
        assert site.supervisor is not None
        site.supervisor.send_signal(signal.SIGTERM)
        time.sleep(1.5)
    for writer in writers:
        writer.join()
    assert [answer.status for answer in answers] == [303] * 3
    assert site.supervisor.wait(PATIENCE) == 0
    assert site.rows("SELECT count(*) FROM consultation_request") == [(3,)]
