"""A real nginx with the shipped configuration, moved to ports and folders of its own, and a client that comes through TLS."""

import http.client
import os
import re
import shutil
import socket
import ssl
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Self
from urllib.parse import urlencode

import pytest
import trustme

from tests.faults.running import ROOT, Answer, Site, free_port, poll

SHIPPED = ROOT / "deploy" / "nginx"
NAME = "clinic.example"
ARTICLE = "/blog/botox-for-chronic-migraine"
FORM = "application/x-www-form-urlencoded"
PUBLIC = {
    "FLASK_SITE_URL": f"https://{NAME}",
    "FLASK_TRUSTED_PROXIES": "1",
    "FLASK_MAIL_SERVER": "127.0.0.1",
    "FLASK_MAIL_PORT": "1",
    "FLASK_STAFF_RECIPIENTS": f"desk@{NAME}",
    "WEB_CONCURRENCY": "1",
}
"""The settings of a site behind nginx; its mail server is never there."""


def executable() -> str:
    """Where nginx is; skips the test where it is missing, unless the project is built and tested for good."""
    found = shutil.which("nginx", path=f"{os.environ.get('PATH', '')}:/usr/sbin")
    if found is None:
        (pytest.fail if os.environ.get("CI") == "true" else pytest.skip)("no nginx here: apt-get install nginx-light")
    return str(found)


@dataclass(frozen=True)
class Reply(Answer):
    """An answer with every header as often as it came."""

    every: tuple[tuple[str, str], ...] = ()

    def count(self, name: str) -> int:
        """How many times a header was sent."""
        return sum(key.lower() == name for key, _ in self.every)


class Front:
    """nginx in front of what listens on the given ports."""

    def __init__(self, folder: Path, *ports: int) -> None:
        self.folder, self.ports = folder, ports
        self.http, self.https = free_port(), free_port()
        authority = trustme.CA()
        self._trust = ssl.create_default_context()
        authority.configure_trust(self._trust)
        for part in ("conf", "log", "cache", "acme", "temp"):
            (folder / part).mkdir(parents=True)
        certificate = authority.issue_cert(NAME, f"www.{NAME}")
        certificate.private_key_pem.write_to_path(folder / "key.pem")
        for blob in certificate.cert_chain_pems:
            blob.write_to_path(folder / "chain.pem", append=True)
        self.upstream = folder / "conf" / "upstream.conf"
        self._render()
        self._nginx = [executable(), "-p", str(folder), "-e", str(folder / "log" / "main.log"), "-c", str(folder / "nginx.conf")]
        self._process: subprocess.Popen[bytes] | None = None

    def _render(self) -> None:
        moves = {
            "listen [::]": "# listen [::]",
            "listen 80": f"listen 127.0.0.1:{self.http}",
            "listen 443": f"listen 127.0.0.1:{self.https}",
            "/etc/nginx/clinic": str(self.folder / "conf"),
            "/var/log/nginx": str(self.folder / "log"),
            "flush=1s": "flush=10ms",
            "/var/cache/nginx/clinic": str(self.folder / "cache"),
            "/var/www/html": str(self.folder / "acme"),
            f"/etc/letsencrypt/live/{NAME}/fullchain.pem": str(self.folder / "chain.pem"),
            f"/etc/letsencrypt/live/{NAME}/privkey.pem": str(self.folder / "key.pem"),
        }
        moves |= {f"127.0.0.1:{shipped}": f"127.0.0.1:{ours}" for shipped, ours in zip((8001, 8002), self.ports, strict=True)}
        shipped = {path.name: path.read_text() for path in SHIPPED.iterdir()}
        assert [each for each in moves if not any(each in text for text in shipped.values())] == []
        for name, text in shipped.items():
            for old, new in moves.items():
                text = text.replace(old, new)
            (self.folder / "conf" / name).write_text(text)
        temp = "\n".join(
            f"{kind}_temp_path {self.folder}/temp/{kind};" for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
        )
        (self.folder / "nginx.conf").write_text(
            f"daemon off; worker_processes 2; pid {self.folder}/pid; error_log {self.folder}/log/main.log;\n"
            f"{'user root;' if os.getuid() == 0 else ''}\n"
            f"events {{ worker_connections 768; }}\n"
            f"http {{ include /etc/nginx/mime.types; access_log {self.folder}/log/default.log; {temp}\n"
            f"ssl_protocols TLSv1 TLSv1.2; gzip on; include {self.folder}/conf/clinic.conf; }}\n"
        )

    def start(self) -> Self:
        """Checks the configuration, starts nginx, waits until it answers."""
        checked = subprocess.run([*self._nginx, "-t"], capture_output=True, text=True, check=False)
        assert checked.returncode == 0, checked.stderr
        assert "[warn]" not in checked.stderr, checked.stderr
        self._process = subprocess.Popen(self._nginx, start_new_session=True)
        poll(self._is_up, lambda: f"nginx does not answer: {self.log('main')}")
        return self

    def _is_up(self) -> bool:
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", self.https)) == 0

    def reload(self) -> None:
        """What `systemctl reload nginx` does."""
        subprocess.run([*self._nginx, "-s", "reload"], check=True)

    def stop(self) -> None:
        """Ends it, if it runs."""
        if self._process is not None:
            self._process.terminate()
            self._process.wait(10)

    def log(self, name: str = "clinic") -> str:
        """One of its logs."""
        path = self.folder / "log" / f"{name}.log"
        return path.read_text() if path.exists() else ""

    def _written(self) -> int:
        path = self.folder / "log" / "clinic.log"
        return path.stat().st_size if path.exists() else 0

    def last_cache_status(self) -> str:
        """HIT, MISS, STALE ... of the newest request; "-" where the cache had no part in it."""
        return self.log().splitlines()[-1].split()[-1]

    def connect(self, source: str = "127.0.0.1", name: str = NAME, protocols: tuple[str, ...] = ("http/1.1",)) -> ssl.SSLSocket:
        """A TLS connection to a host of this name."""
        self._trust.set_alpn_protocols(list(protocols))
        plain = socket.create_connection(("127.0.0.1", self.https), timeout=20, source_address=(source, 0))
        return self._trust.wrap_socket(plain, server_hostname=name)

    def request(
        self,
        method: str,
        path: str,
        body: str | None = None,
        headers: dict[str, str] | None = None,
        source: str = "127.0.0.1",
        name: str = NAME,
    ) -> Reply:
        """One request on a connection of its own, which is closed after it."""
        written = self._written()
        connection = http.client.HTTPConnection(name)
        connection.sock = self.connect(source, name)
        try:
            sent = ({"Content-Type": FORM} if body is not None else {}) | {"Connection": "close"} | (headers or {})
            connection.request(method, path, body, sent)
            response = connection.getresponse()
            content, every = response.read(), tuple(response.getheaders())
        finally:
            connection.close()
        # nginx writes the line after the answer, and the next request's is to be the one after it.
        poll(lambda: self._written() > written, "the request was not written down")
        text = content.decode(errors="replace")
        return Reply(response.status, text, {key.lower(): value for key, value in every}, 0, every)

    def get(self, path: str, **options: object) -> Reply:
        """A GET."""
        return self.request("GET", path, **options)  # type: ignore[arg-type]

    def post(self, path: str, fields: dict[str, str], **options: object) -> Reply:
        """A form, as a browser of this site sends it."""
        return self.request("POST", path, urlencode(fields), **options)  # type: ignore[arg-type]

    def plain(self, path: str, host: str = NAME) -> Answer:
        """A GET without TLS."""
        connection = http.client.HTTPConnection("127.0.0.1", self.http, timeout=20)
        try:
            connection.request("GET", path, headers={"Host": host})
            response = connection.getresponse()
            return Answer(response.status, response.read().decode(), {k.lower(): v for k, v in response.getheaders()}, 0)
        finally:
            connection.close()


class StaffBrowser:
    """Somebody of the staff, who keeps the cookie."""

    def __init__(self, front: Front) -> None:
        self.front, self.cookie = front, ""

    def get(self, path: str) -> Reply:
        """A page as this person sees it."""
        return self._kept(self.front.get(path, headers={"Cookie": self.cookie} if self.cookie else {}))

    def post(self, path: str, page: str, fields: dict[str, str]) -> Reply:
        """A form of the page, with its token."""
        found = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', self.get(page).body)
        assert found
        headers = {"Cookie": self.cookie, "Referer": f"https://{NAME}{page}"}
        return self._kept(self.front.post(path, fields | {"csrf_token": found[1]}, headers=headers))

    def _kept(self, reply: Reply) -> Reply:
        if "set-cookie" in reply.headers:
            self.cookie = reply.headers["set-cookie"].split(";")[0]
        return reply


def sign_in(front: Front, site: Site) -> StaffBrowser:
    """The owner, signed in."""
    site.flask("staff", "create", f"owner@{NAME}", "--role", "owner", "--password-stdin", typed="violet harbour 27 lamps\n")
    browser = StaffBrowser(front)
    fields = {"email": f"owner@{NAME}", "password": "violet harbour 27 lamps"}
    assert browser.post("/staff/login", "/staff/login", fields).status == 303
    return browser
