"""The shipped units: systemd can read them, they are closed tightly, and their secrets are settings that the site knows."""

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

import config
from serving import gateway
from tests.faults.running import ROOT

UNITS = ROOT / "deploy" / "systemd"
SERVICES = sorted(UNITS.glob("*.service"))
EXPOSED_AT_MOST = 2.5


@pytest.fixture(scope="module")
def analyze() -> str:
    """systemd-analyze; skips where it is missing, unless the project is built and tested for good."""
    found = shutil.which("systemd-analyze")
    if found is None:
        (pytest.fail if os.environ.get("CI") == "true" else pytest.skip)("no systemd-analyze here: apt-get install systemd")
    return str(found)


@pytest.mark.slow
def test_systemd_finds_no_fault_but_that_nothing_is_installed_here(analyze: str) -> None:
    done = subprocess.run([analyze, "verify", *UNITS.iterdir()], capture_output=True, text=True, check=False)
    told = [line for line in done.stderr.splitlines() if not re.search(r"Command /opt/clinic/\S+ is not executable", line)]
    assert told == []


@pytest.mark.slow
@pytest.mark.parametrize("path", SERVICES, ids=lambda path: path.name)
def test_service_is_closed_tightly(analyze: str, path: Path) -> None:
    done = subprocess.run([analyze, "security", "--offline=true", path], capture_output=True, text=True, check=False)
    level = re.search(r"exposure level for \S+: ([\d.]+)", done.stdout)
    assert level, done.stdout + done.stderr
    assert float(level[1]) < EXPOSED_AT_MOST


@pytest.mark.parametrize("path", [*SERVICES, ROOT / "deploy" / "clinic"], ids=lambda path: path.name)
def test_every_setting_in_a_unit_is_one_of_the_code(path: Path) -> None:
    named = set(re.findall(r"\b(FLASK_[A-Z_]+)=", path.read_text()))
    assert named >= {"FLASK_INSTANCE_PATH", "FLASK_MAIL_PASSWORD_FILE", "FLASK_WEBHOOK_SECRET_FILE"}
    assert named <= {setting.name for setting in config.SETTINGS}


def test_a_service_has_room_for_all_threads_that_wait() -> None:
    unit = (UNITS / "clinic@.service").read_text()
    tasks, workers = (int(re.findall(rf"{name}=(\d+)", unit)[0]) for name in ("TasksMax", "WEB_CONCURRENCY"))
    others = 64  # supervisor, dispatcher, Granian's own, and what one of them starts for a moment
    assert tasks >= workers * gateway.THREADS + others


def test_timers_start_services_that_are_there() -> None:
    timers = sorted(UNITS.glob("*.timer"))
    assert [timer.name for timer in timers] == ["clinic-backup.timer", "clinic-verify.timer"]
    assert all(timer.with_suffix(".service") in SERVICES for timer in timers)


def test_clinic_command_runs_with_its_secrets_and_hands_on_every_word(tmp_path: Path) -> None:
    release, tools = tmp_path / "release", tmp_path / "bin"
    (release / ".venv" / "bin").mkdir(parents=True)
    tools.mkdir()
    # As systemd-run does it, which knows no %d: the options, the folder of the credentials, the command.
    programs = {
        tools / "systemd-run": 'case "$*" in *%*) exit 9;; esac\nwhile [ "${1#--}" != "$1" ]; do shift; done\n'
        'CREDENTIALS_DIRECTORY=/run/credentials/it exec "$@"\n',
        release / ".venv" / "bin" / "python": 'printf "%s\\n" "$FLASK_MAIL_PASSWORD_FILE" "$FLASK_WEBHOOK_SECRET_FILE" "$@"\n',
    }
    for path, text in programs.items():
        path.write_text(f"#!/bin/sh\n{text}")
        path.chmod(0o755)
    environ = {"PATH": f"{tools}:{os.environ['PATH']}", "CLINIC_RELEASE": str(release)}
    command = [ROOT / "deploy" / "clinic", "privacy", "export", "a b@clinic.example"]
    done = subprocess.run(command, env=environ, capture_output=True, text=True, check=False)
    assert done.stdout.splitlines() == [
        "/run/credentials/it/mail_password",
        "/run/credentials/it/webhook_secret",
        *("-m", "flask", "--app", "app", "privacy", "export", "a b@clinic.example"),
    ], done.stderr
