"""flask probe and flask doctor beside the real server, its dispatcher and a mail server."""

import json
import subprocess
import sys
from collections.abc import Iterator

import pytest

from tests.faults.conftest import MakeSite
from tests.faults.running import ROOT, Site
from tests.mail.smtpd import SmtpServer

pytestmark = pytest.mark.slow


@pytest.fixture
def smtpd() -> Iterator[SmtpServer]:
    """A mail server that takes everything."""
    server = SmtpServer()
    server.start()
    yield server
    server.stop()


@pytest.fixture
def mailing(make_site: MakeSite, smtpd: SmtpServer) -> Site:
    """A running site that sends through it."""
    settings = {
        "FLASK_MAIL_SERVER": "127.0.0.1",
        "FLASK_MAIL_PORT": str(smtpd.port),
        "FLASK_MAIL_USE_TLS": "false",
        "FLASK_STAFF_RECIPIENTS": "desk@clinic.example",
    }
    return make_site(**settings).start()


def flask(site: Site, *arguments: str) -> tuple[int, dict[str, dict[str, str]]]:
    """Exit code and findings, by name, of a command that speaks JSON."""
    command = [sys.executable, "-m", "flask", "--app", "app", *arguments, "--json"]
    done = subprocess.run(command, cwd=ROOT, env=site.environ, text=True, capture_output=True, timeout=90, check=False)
    assert done.stdout, done.stderr
    return done.returncode, {finding["check"]: finding for finding in json.loads(done.stdout)["findings"]}


def test_a_probe_reaches_the_mail_server_and_leaves_nothing(mailing: Site, smtpd: SmtpServer) -> None:
    code, found = flask(mailing, "probe")
    assert code == 0, found
    assert found["accepted"]["what"].startswith("The mail is with the mail server")
    (letter,) = smtpd.received
    assert letter.recipients == ["desk@clinic.example"]
    assert str(letter.message["Subject"]).startswith("[test] Consultation request DC-")
    for table in ("consultation_request", "request_event", "outbox_mail", "daily_traffic"):
        assert mailing.rows(f"SELECT count(*) FROM {table}") == [(0,)], table


def test_a_probe_of_a_site_without_a_mail_server_ends_in_a_file_that_is_taken_away(site: Site) -> None:
    code, found = flask(site, "probe", "--to", "me@clinic.example")
    assert code == 0, found
    assert "a file in instance/mail" in found["accepted"]["what"]
    assert list((site.instance / "mail").glob("*.eml")) == []


def test_a_probe_says_that_the_mail_server_is_down(mailing: Site, smtpd: SmtpServer) -> None:
    smtpd.stop()
    code, found = flask(mailing, "probe", "--timeout", "3")
    assert code == 1
    assert "temporary failure" in found["accepted"]["what"]
    assert mailing.rows("SELECT status, close_reason, due_at FROM consultation_request") == [("closed", "test", None)]


def test_a_probe_of_a_site_that_is_down_fails_at_once(site: Site) -> None:
    site.stop()
    code, found = flask(site, "probe")
    assert (code, list(found)) == (1, ["page"])


def test_the_doctor_sees_the_dispatcher_and_sends_a_test_mail(mailing: Site, smtpd: SmtpServer) -> None:
    code, found = flask(mailing, "doctor", "--send-to", "me@clinic.example")
    assert code == 0, found
    assert found["dispatcher"]["level"] == found["test mail"]["level"] == "ok"
    assert [letter.recipients for letter in smtpd.received] == [["me@clinic.example"]]
    smtpd.stop()
    code, found = flask(mailing, "doctor")
    assert (code, found["mail server"]["level"]) == (1, "fail")
