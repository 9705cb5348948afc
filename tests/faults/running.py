"""The real server in a process of its own, as `make run` starts it, and a look at the processes that belong to it."""

import http.client
import os
import random
import re
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import config
from tests.faults import processes

ROOT = Path(__file__).parents[2]
PATIENCE = 60.0
"""Seconds after which something that should have happened did not happen."""
LENDERS: list[Path] = []
"""Where the sites that this process has started keep their pictures."""
SETUP_LINK = re.compile(r"http://\S+/staff/setup/\S+")


@dataclass(frozen=True)
class Answer:
    """What the server said to one request."""

    status: int
    body: str
    headers: dict[str, str]
    seconds: float

    @property
    def location(self) -> str:
        """Where a redirect leads."""
        return self.headers["location"]


def _patient_site(path: Path) -> Path:
    """The shipped site.toml, but without the limits that one machine playing many readers would meet."""
    shipped = (ROOT / "site.toml").read_text()
    patient = shipped.replace("pause_seconds = 15", "pause_seconds = 0").replace("per_network = 10", "per_network = 10000")
    assert patient != shipped
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(patient)
    return path


class Site:
    """One server on a free port of 127.0.0.1 with an instance folder of its own; may be started again and again."""

    def __init__(self, instance: Path, **settings: str) -> None:
        self.instance, self.port = instance, free_port()
        self.log = instance.with_name(f"{instance.name}.log")
        self.url = f"http://127.0.0.1:{self.port}"
        # Every setting is given, so that neither the developer's environment nor a .env file takes part.
        ours = {"FLASK_INSTANCE_PATH": str(instance), "PORT": str(self.port), "PYTHONUNBUFFERED": "1"}
        ours["FLASK_SITE_CONFIG"] = str(_patient_site(instance.with_name(f"{instance.name}.toml")))
        self.environ = os.environ | {setting.name: "" for setting in config.SETTINGS} | ours | settings
        self.supervisor: subprocess.Popen[bytes] | None = None

    def start(self, wait: bool = True) -> "Site":
        """Starts the supervisor and waits until a page comes back."""
        self.lend_pictures()
        with self.log.open("ab") as log:
            self.supervisor = subprocess.Popen(
                [sys.executable, "server.py"], cwd=ROOT, env=self.environ, stdout=log, stderr=log, start_new_session=True
            )
        if wait:
            poll(self._is_up, f"the server does not answer:\n{self.output}")
        return self

    def lend_pictures(self) -> None:
        """Those of shared links that an earlier site of this process has drawn, which takes some seconds of a processor."""
        own = self.instance / "social"
        lender = next((each for each in LENDERS if each != own and each.is_dir()), None)
        if lender is not None and not own.exists():
            with suppress(OSError):  # a disk that takes nothing is what some tests are about
                self.instance.mkdir(mode=0o700, exist_ok=True)
                shutil.copytree(lender, own)
        LENDERS.append(own)

    def _is_up(self) -> bool:
        assert self.supervisor is not None
        assert self.supervisor.poll() is None, f"the server ended:\n{self.output}"
        return self.answers()

    def stop(self) -> int:
        """Ctrl-C; returns the exit code."""
        assert self.supervisor is not None
        self.supervisor.send_signal(signal.SIGINT)
        return self.supervisor.wait(PATIENCE)

    def kill(self, pid: int) -> None:
        """SIGKILL to one of our processes."""
        assert pid in self.processes()
        os.kill(pid, signal.SIGKILL)

    def kill_all(self) -> None:
        """SIGKILL to every process of this site, so fast that none sees another die."""
        while pids := self.processes():
            for pid in pids:
                os.kill(pid, signal.SIGSTOP)
            for pid in pids:
                os.kill(pid, signal.SIGKILL)
            if self.supervisor is not None:
                self.supervisor.wait(PATIENCE)
            poll(lambda pids=pids: not set(pids) & set(self.processes()), "SIGKILL did not end a process")

    def processes(self) -> list[int]:
        """Every living process that was started with our instance folder, whoever its parent is now."""
        return processes.marked(f"FLASK_INSTANCE_PATH={self.instance}")

    def role(self, role: str) -> int | None:
        """The child that has this role ("web" or "dispatcher")."""
        assert self.supervisor is not None
        return next((pid for pid in processes.children(self.supervisor.pid) if processes.name(pid) == role), None)

    def workers(self) -> list[int]:
        """Granian's worker processes."""
        web = self.role("web")
        return processes.children(web) if web else []

    def answers(self) -> bool:
        """Whether a page comes back."""
        try:
            return self.get("/healthz", timeout=1).status == 200
        except (OSError, http.client.HTTPException):
            return False

    @property
    def output(self) -> str:
        """All it has printed so far."""
        return self.log.read_text() if self.log.exists() else ""

    @property
    def setup_link(self) -> str:
        """The one-time link for the first owner."""
        found = SETUP_LINK.findall(self.output)
        assert found, f"no link was printed:\n{self.output}"
        return str(found[-1])

    def get(self, path: str, **options: Any) -> Answer:
        """One GET on a connection of its own."""
        return self.request("GET", path, **options)

    def post(self, path: str, fields: dict[str, str], **options: Any) -> Answer:
        """A form, sent as a browser sends it."""
        return self.request("POST", path, body=urlencode(fields), **options)

    def request(
        self, method: str, path: str, *, body: str | None = None, timeout: float = PATIENCE, source: str = "127.0.0.1"
    ) -> Answer:
        """One request; `source` is the loopback address it comes from."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=timeout, source_address=(source, 0))
        headers = {"Content-Type": "application/x-www-form-urlencoded"} if body is not None else {}
        began = time.monotonic()
        try:
            connection.request(method, path, body, headers)
            response = connection.getresponse()
            text = response.read().decode()
            found = {name.lower(): value for name, value in response.getheaders()}
            return Answer(response.status, text, found, time.monotonic() - began)
        finally:
            connection.close()

    def rows(self, query: str, *values: object) -> list[tuple[Any, ...]]:
        """Reads the database file, past the site."""
        connection = sqlite3.connect(self.instance / "site.db", timeout=PATIENCE)
        try:
            return connection.execute(query, values).fetchall()
        finally:
            connection.close()

    def write(self, statement: str, *values: object) -> None:
        """Changes the database file, past the site."""
        connection = sqlite3.connect(self.instance / "site.db", timeout=PATIENCE)
        try:
            with connection:
                connection.execute(statement, values)
        finally:
            connection.close()

    @contextmanager
    def write_lock(self) -> Iterator[None]:
        """Another program holds the database's write lock."""
        connection = sqlite3.connect(self.instance / "site.db", timeout=PATIENCE, isolation_level=None)
        try:
            connection.execute("BEGIN IMMEDIATE")
            yield
            connection.execute("ROLLBACK")
        finally:
            connection.close()

    def start_dispatcher(self) -> subprocess.Popen[bytes]:
        """One dispatcher more than the supervisor's own, which nobody restarts."""
        command = [sys.executable, "-m", "flask", "--app", "app", "outbox", "run"]
        with self.log.open("ab") as log:
            return subprocess.Popen(command, cwd=ROOT, env=self.environ, stdout=log, stderr=log, start_new_session=True)

    def flask(self, *arguments: str, typed: str = "") -> str:
        """Runs a flask command with the environment of this site; returns what it printed."""
        command = [sys.executable, "-m", "flask", "--app", "app", *arguments]
        done = subprocess.run(
            command, cwd=ROOT, env=self.environ, input=typed, text=True, capture_output=True, timeout=60, check=False
        )
        assert done.returncode == 0, f"{' '.join(arguments)}: {done.stdout}{done.stderr}"
        return done.stdout


def request_fields(number: int, **changes: str) -> dict[str, str]:
    """A consultation request like no other: its phone and its message carry the number."""
    fields = {
        "name": f"Visitor {number}",
        "phone": f"0300-{1000000 + number}",
        "contact_by": "phone",
        "best_time": "any",
        "treatment": "",
        "message": f"Please call me about visit {number}.",
        "consent": "y",
    }
    return fields | changes


def comment_fields(**changes: str) -> dict[str, str]:
    """A comment nobody could object to."""
    return {"name": "Sana A.", "email": "sana@example.com", "body": "The diary helped me to explain it."} | changes


def poll(happened: Callable[[], bool], otherwise: str | Callable[[], str], within: float = PATIENCE) -> float:
    """Waits until something holds; returns the seconds it took, and fails the test when they are over."""
    began = time.monotonic()
    if not comes(happened, within):
        raise AssertionError(otherwise if isinstance(otherwise, str) else otherwise())
    return time.monotonic() - began


def comes(happened: Callable[[], bool], within: float) -> bool:
    """Waits until something holds; whether it did within so many seconds."""
    give_up = time.monotonic() + within
    while not happened():
        if time.monotonic() > give_up:
            return False
        time.sleep(0.02)
    return True


def free_port() -> int:
    """A port nobody listens on, below those the kernel gives to outgoing connections, so that it stays free."""
    for port in random.sample(range(20000, 30000), 200):
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
    raise AssertionError("no free port between 20000 and 30000")
