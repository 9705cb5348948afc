"""A scripted mail server, certificates, and the application set to use them."""

import ssl
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import trustme
from flask import Flask
from flask_mail import Mail
from sqlalchemy.orm import Session

from tests.conftest import Clock
from tests.mail.letters import Desk
from tests.mail.smtpd import SmtpServer
from transport import smtp

SENDER = "no-reply@clinic.example"


@pytest.fixture
def start_smtpd() -> Iterator[Callable[..., SmtpServer]]:
    """Starts servers that the test's end stops."""
    running: list[SmtpServer] = []

    def start(**options: object) -> SmtpServer:
        server = SmtpServer(**options)  # type: ignore[arg-type]
        server.start()
        running.append(server)
        return server

    yield start
    for server in running:
        server.stop()


@pytest.fixture
def smtpd(start_smtpd: Callable[..., SmtpServer]) -> SmtpServer:
    """One server that is up."""
    return start_smtpd()


@pytest.fixture(scope="session")
def authority() -> trustme.CA:
    """Who signs the certificates of our mail servers."""
    return trustme.CA()


@pytest.fixture
def trusted(authority: trustme.CA, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """This machine trusts the authority."""
    authority.cert_pem.write_to_path(tmp_path / "ca.pem")
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "ca.pem"))


@pytest.fixture
def certificate(authority: trustme.CA) -> Callable[[str], ssl.SSLContext]:
    """A server's TLS settings with a certificate for this name."""

    def issue(name: str) -> ssl.SSLContext:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        authority.issue_cert(name).configure_cert(context)
        return context

    return issue


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Time-outs short enough to wait for."""
    monkeypatch.setattr(smtp, "STEP_SECONDS", 0.4)
    monkeypatch.setattr(smtp, "SEND_SECONDS", 1.2)
    monkeypatch.setattr(smtp, "QUIT_SECONDS", 0.2)


def mail_settings(server: SmtpServer, **changes: object) -> dict[str, object]:
    """Settings that lead to this server, without TLS unless asked for."""
    values = {"SERVER": "127.0.0.1", "PORT": server.port, "USE_TLS": False, "USE_SSL": False, "USERNAME": "", "PASSWORD": ""}
    values |= {"DEFAULT_SENDER": SENDER, "SUPPRESS_SEND": False}
    return {f"MAIL_{name}": value for name, value in (values | changes).items()}


@pytest.fixture
def small_app() -> Iterator[Callable[..., Flask]]:
    """A Flask application with nothing but mail, in whose context the test then runs: no database is needed for these rules."""
    contexts = []

    def make(server: SmtpServer, **changes: object) -> Flask:
        app = Flask("small")
        app.config.from_mapping(mail_settings(server, **changes))
        Mail(app)
        contexts.append(app.app_context())
        contexts[-1].push()
        return app

    yield make
    for context in reversed(contexts):
        context.pop()


@pytest.fixture
def site(app: Flask, smtpd: SmtpServer) -> Iterator[Flask]:
    """The whole site, sending through the scripted server."""
    before = app.extensions["mail"]
    app.config.update(mail_settings(smtpd), STAFF_RECIPIENTS=["desk@clinic.example"])
    Mail().init_app(app)
    yield app
    app.extensions["mail"] = before


@pytest.fixture
def desk(site: Flask, session: Session, clock: Clock, smtpd: SmtpServer) -> Desk:
    """Reads the mail that things on the site cause."""
    return Desk(site, session, clock, smtpd)
