"""A clinic's machine in a folder: releases, links, and stand-ins for systemctl and the clinic command that update.sh calls."""

import os
import shlex
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from tests.deploy.front import Front, executable
from tests.faults.running import ROOT, Site, poll

SYSTEMCTL = """#!{python}
import os, pathlib, signal, subprocess, sys, time
action, unit = sys.argv[1:]
with open("{folder}/systemctl.log", "a") as log:
    print(action, unit, file=log)
if unit == "nginx":
    sys.exit(subprocess.call({reload}))
name = unit.removeprefix("clinic@")
pid = pathlib.Path("{folder}", name + ".pid")
if action == "start":
    environ = dict(os.environ, PORT={ports}[name])
    with open("{folder}/" + name + ".log", "ab") as log:
        child = subprocess.Popen([".venv/bin/python", "server.py"], cwd=os.path.realpath("{folder}/" + name), env=environ,
                                 stdout=log, stderr=log, stdin=subprocess.DEVNULL, start_new_session=True)
    pid.write_text(str(child.pid))
elif pid.exists():
    number = pid.read_text()
    def lives():
        try:
            return pathlib.Path("/proc", number, "stat").read_text().rpartition(")")[2].split()[0] != "Z"
        except OSError:
            return False
    if lives():
        os.kill(int(number), signal.SIGTERM)
    end = time.monotonic() + 20
    while lives():
        assert time.monotonic() < end, "does not stop"
        time.sleep(0.02)
    pid.unlink()
"""
CLINIC = """#!/bin/sh
cd "${{CLINIC_RELEASE:-{folder}/current}}" && exec .venv/bin/python -m flask --app app "$@"
"""


class Machine:
    """Two instances, a and b, of version "one", not started yet."""

    def __init__(self, folder: Path, site: Site, front: Front) -> None:
        self.folder, self.site, self.front = folder, site, front
        for part in ("bin", "backups", "releases"):
            (folder / part).mkdir(parents=True)
        self.release("one")
        for link in ("a", "b", "current"):
            (folder / link).symlink_to(folder / "releases" / "one")
        reload = [executable(), "-p", str(front.folder), "-c", str(front.folder / "nginx.conf"), "-s", "reload"]
        ports = {"a": str(front.ports[0]), "b": str(front.ports[1])}
        self._tool("systemctl", SYSTEMCTL.format(python=sys.executable, folder=folder, reload=reload, ports=ports))
        self._tool("clinic", CLINIC.format(folder=shlex.quote(str(folder))))
        self.environ = site.environ | {
            "PATH": f"{folder / 'bin'}:{os.environ['PATH']}",
            "CLINIC_ROOT": str(folder),
            "CLINIC_UPSTREAM": str(front.upstream),
            "CLINIC_BACKUPS": str(folder / "backups"),
            "CLINIC_INSTANCES": " ".join(f"{name}:{port}" for name, port in ports.items()),
        }

    def _tool(self, name: str, text: str) -> None:
        path = self.folder / "bin" / name
        path.write_text(text)
        path.chmod(0o755)

    def release(self, name: str) -> Path:
        """A version in a folder of its own, with all that git knows of, compiled as far as this one is."""
        target = self.folder / "releases" / name
        listed = subprocess.run(["git", "ls-files", "--deduplicate"], cwd=ROOT, capture_output=True, text=True, check=True)
        for path in listed.stdout.splitlines():
            if not path.startswith(("tests/", "docs/")) and (ROOT / path).is_file():
                (target / path).parent.mkdir(parents=True, exist_ok=True)
                shutil.copy2(ROOT / path, target / path)
        for compiled in {(ROOT / path).parent / "__pycache__" for path in listed.stdout.splitlines() if path.endswith(".py")}:
            if compiled.is_dir() and (target / compiled.relative_to(ROOT)).parent.is_dir():
                # Not what somebody is just writing there.
                kept = shutil.ignore_patterns("*.pyc.*")
                shutil.copytree(compiled, target / compiled.relative_to(ROOT), ignore=kept)
        (target / ".venv").symlink_to(Path(sys.prefix))
        return target

    def start(self) -> None:
        """Both instances, one after the other."""
        self.site.lend_pictures()
        for name, port in zip(("a", "b"), self.front.ports, strict=True):
            subprocess.run([self.folder / "bin" / "systemctl", "start", f"clinic@{name}"], env=self.environ, check=True)
            self.site.port = port
            poll(self.site.answers, lambda name=name: f"{name} does not answer: {self.log(name)}")

    def update(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Runs deploy/update.sh."""
        command: Sequence[str | Path] = [ROOT / "deploy" / "update.sh", *arguments]
        return subprocess.run(command, env=self.environ, capture_output=True, text=True, timeout=480, check=False)

    def log(self, name: str) -> str:
        """What an instance has printed."""
        path = self.folder / f"{name}.log"
        return path.read_text() if path.exists() else ""

    def version(self, link: str) -> str:
        """The version to which a link leads."""
        return (self.folder / link).resolve().name
