"""What the speed benchmark asks: the site as it is shipped, alone and behind its nginx, and an nginx with the same bytes."""

import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from benchmarks import article
from tests.deploy.front import NAME, PUBLIC, Front, executable
from tests.faults import processes
from tests.faults.running import ROOT, Site, free_port

_FILL = "import os; from app import create_app; from benchmarks import article; article.fill(create_app({}, dict(os.environ)))"


class Servers:
    """All of them, running; ended by `close`."""

    def __init__(self, folder: Path) -> None:
        self._stack = ExitStack()
        self.site = Site(folder / "instance")
        # The servers are started from this process, and an application of its own would stay in it.
        subprocess.run([sys.executable, "-c", _FILL], cwd=ROOT, env=self.site.environ, check=True)
        self._stack.callback(self.site.kill_all)
        self.start_seconds = _seconds_to_start(self.site)
        second = Site(folder / "instance", **PUBLIC)
        self._stack.callback(second.kill_all)
        second.start()
        self._front = Front(folder / "front", second.port, second.port)
        _rename(self._front.folder / "conf")
        self._stack.callback(self._front.stop)
        self._front.start()
        self.body = _compressed(self.site, article.PATH)
        self._plain, self._tls = free_port(), free_port()
        self._stack.enter_context(self._static(folder / "static"))

    def close(self) -> None:
        """Ends them."""
        self._stack.close()

    @property
    def urls(self) -> dict[str, str]:
        """The article, by who answers."""
        return {
            "nginx, a file": f"http://127.0.0.1:{self._plain}/article",
            "the site alone": f"{self.site.url}{article.PATH}",
            "nginx, a file, by TLS": f"https://localhost:{self._tls}/article",
            "the site behind its nginx, by TLS": f"https://localhost:{self._front.https}{article.PATH}",
        }

    @contextmanager
    def _static(self, folder: Path) -> Iterator[None]:
        (folder / "files").mkdir(parents=True)
        (folder / "files" / "article").write_bytes(self.body)
        front = self._front.folder
        (folder / "nginx.conf").write_text(
            f"daemon off; worker_processes 2; pid {folder}/pid; error_log {folder}/error.log; user root;\n"
            "events { worker_connections 768; }\n"
            f"http {{ access_log off; sendfile on; tcp_nopush on; open_file_cache max=10;\n"
            "default_type 'text/html; charset=utf-8';\n"
            f"client_body_temp_path {folder}; proxy_temp_path {folder}; fastcgi_temp_path {folder};\n"
            f"uwsgi_temp_path {folder}; scgi_temp_path {folder}; keepalive_requests 1000000;\n"
            f"server {{ listen 127.0.0.1:{self._plain}; listen 127.0.0.1:{self._tls} ssl; include {front}/conf/tls.conf;\n"
            f"root {folder}/files; add_header Content-Encoding br; }} }}\n"
        )
        # In a session of its own, as the site is: the kernel shares the cores out by session (sched_autogroup).
        process = subprocess.Popen([executable(), "-p", str(folder), "-c", str(folder / "nginx.conf")], start_new_session=True)
        try:
            time.sleep(0.5)
            yield
        finally:
            process.terminate()
            process.wait(10)


def nginx_version() -> str:
    """Such as 1.22.1."""
    told = subprocess.run([executable(), "-v"], capture_output=True, text=True, check=True).stderr
    return told.strip().rpartition("/")[2]


def memory(site: Site) -> float:
    """MiB of all processes of a site, what they share counted once (proportional set size)."""
    assert site.supervisor is not None
    tree = [site.supervisor.pid]
    for pid in tree:
        tree += processes.children(pid)
    return float(sum(processes.memory(pid) for pid in tree)) / 2**20


def commits_a_second(folder: Path, seconds: float = 2.0) -> float:
    """What the disk takes: transactions of two rows, each on the disk before the next begins, as the site asks of SQLite."""
    connection = sqlite3.connect(folder / "commits.db", isolation_level=None)
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA synchronous=FULL")
    connection.execute("CREATE TABLE IF NOT EXISTS row (id INTEGER PRIMARY KEY, text TEXT)")
    count, began = 0, time.monotonic()
    while (passed := time.monotonic() - began) < seconds:
        connection.execute("BEGIN IMMEDIATE")
        connection.execute("INSERT INTO row (text) VALUES (?)", ["a" * 200])
        connection.execute("INSERT INTO row (text) VALUES (?)", ["b" * 200])
        connection.execute("COMMIT")
        count += 1
    connection.close()
    return count / passed


def _seconds_to_start(site: Site) -> float:
    site.start()
    site.stop()
    began = time.monotonic()
    site.start()
    return time.monotonic() - began


def _rename(conf: Path) -> None:
    """A name that the load generator finds without a name server."""
    for file in conf.iterdir():
        file.write_text(file.read_text().replace(NAME, "localhost"))


def _compressed(site: Site, path: str) -> bytes:
    done = subprocess.run(
        ["curl", "--silent", "--fail", "-H", "Accept-Encoding: br", f"{site.url}{path}"], capture_output=True, check=True
    )
    return done.stdout
