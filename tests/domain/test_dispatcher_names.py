"""By the name of a dispatcher others on the same machine, and nobody else, can tell that it is gone."""

import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.faults.running import ROOT
from transport import dispatchers

ASK = "from transport import dispatchers; print(dispatchers.machine())"
AS_IN_THE_UNITS = 'mount -t proc -o subset=pid,hidepid=invisible proc /proc && [ ! -e /proc/sys ] && exec "$@"'


@pytest.fixture
def gone() -> str:
    """The id of a process that has ended, of this machine unless a test says otherwise."""
    process = subprocess.Popen([sys.executable, "-c", ""])
    process.wait()
    return f"/{process.pid}"


def hide(monkeypatch: pytest.MonkeyPatch, *names: str) -> None:
    """Nothing is where these are read from."""
    for name in names:
        monkeypatch.setattr(dispatchers, name, Path("/nowhere"))


def start_again(monkeypatch: pytest.MonkeyPatch, seconds: float) -> None:
    """The machine seems to have started so much later."""
    real = time.clock_gettime
    monkeypatch.setattr(time, "clock_gettime", lambda clock: real(clock) - seconds)


def test_dead_process_of_this_machine_has_ended(gone: str) -> None:
    assert dispatchers.has_ended(dispatchers.machine() + gone)


def test_living_process_has_not_ended() -> None:
    assert not dispatchers.has_ended(f"{dispatchers.machine()}/{os.getppid()}")
    assert not dispatchers.has_ended(dispatchers.own_name())


def test_process_behind_the_walls_of_a_unit_has_the_same_machine() -> None:
    if os.geteuid() or shutil.which("unshare") is None:
        pytest.skip("only root may hide a part of /proc")
    command = ["unshare", "--mount", "sh", "-c", AS_IN_THE_UNITS, "sh", sys.executable, "-c", ASK]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    if "mount:" in done.stderr or "unshare:" in done.stderr:
        pytest.skip(f"nothing can be mounted here: {done.stderr}")
    assert done.stdout.strip() == dispatchers.machine(), done.stderr


def test_two_machines_of_one_host_name_know_nothing_of_each_other(
    gone: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = tmp_path / "machine-id"
    other.write_text("0123456789abcdef0123456789abcdef\n")
    with monkeypatch.context() as elsewhere:
        elsewhere.setattr(dispatchers, "MACHINE_ID", other)
        name = dispatchers.machine() + gone
    assert "0123456789" not in name
    assert not dispatchers.has_ended(name)


def test_two_containers_without_an_id_know_nothing_of_each_other(gone: str, monkeypatch: pytest.MonkeyPatch) -> None:
    hide(monkeypatch, "MACHINE_ID")
    name = dispatchers.machine() + gone
    assert dispatchers.has_ended(name)
    start_again(monkeypatch, 2)
    assert not dispatchers.has_ended(name)


def test_machine_that_started_again_is_another(gone: str, monkeypatch: pytest.MonkeyPatch) -> None:
    name = dispatchers.machine() + gone
    start_again(monkeypatch, 60)
    assert not dispatchers.has_ended(name)


def test_rounding_tells_nobody_apart(gone: str, monkeypatch: pytest.MonkeyPatch) -> None:
    name = dispatchers.machine() + gone
    for seconds in (0.05, -0.1):
        start_again(monkeypatch, seconds)
        assert dispatchers.has_ended(name)


def test_part_that_cannot_be_read_takes_no_other_with_it(monkeypatch: pytest.MonkeyPatch) -> None:
    host, mark, namespace, started = dispatchers.machine().rsplit(".", 3)
    with monkeypatch.context() as hidden:
        hide(hidden, "MACHINE_ID")
        assert dispatchers.machine().rsplit(".", 3) == [host, "", namespace, started]
    hide(monkeypatch, "NAMESPACE")
    assert dispatchers.machine().rsplit(".", 3) == [host, mark, "", started]


def test_process_id_of_an_unknown_namespace_says_nothing(gone: str, monkeypatch: pytest.MonkeyPatch) -> None:
    hide(monkeypatch, "NAMESPACE")
    assert not dispatchers.has_ended(dispatchers.machine() + gone)


@pytest.mark.parametrize("where", ["desk", "desk.134de239.4026531836", "desk.clinic.example"])
def test_name_that_an_earlier_release_wrote_says_nothing(where: str, gone: str) -> None:
    assert not dispatchers.has_ended(where + gone)


def test_name_fits_into_its_column(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("socket.gethostname", lambda: "h" * 64)
    monkeypatch.setattr(os, "getpid", lambda: 4194304)
    assert len(dispatchers.own_name()) <= 120
