"""Stopping, starting again, and what happens when a process is killed."""

import os
import signal
import socket
import subprocess
import time
from pathlib import Path

import pytest

from tests.faults.conftest import MakeSite
from tests.faults.running import PATIENCE, Site, poll, request_fields

pytestmark = pytest.mark.slow


def port_is_free(site: Site) -> bool:
    """Whether somebody could start a server there now."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        return probe.connect_ex(("127.0.0.1", site.port)) != 0


def phones(site: Site) -> list[str]:
    """The stored requests, as the numbers to call."""
    return [phone for (phone,) in site.rows("SELECT phone FROM consultation_request ORDER BY id")]


def mails(site: Site) -> list[Path]:
    """The messages kept as files."""
    return sorted((site.instance / "mail").glob("*.eml"))


def nothing_goes_on(site: Site) -> None:
    """What has begun a picture finishes that one."""
    poll(lambda: site.processes() == [], lambda: f"left behind: {site.processes()}")


def test_second_start_is_quick_and_keeps_all_data(site: Site) -> None:
    assert site.post("/consultation", request_fields(1)).status == 303
    key = (site.instance / "secret_key").read_bytes()
    assert site.stop() == 0
    began = time.monotonic()
    site.start()
    assert time.monotonic() - began < 10
    assert phones(site) == ["+923001000001"]
    assert (site.instance / "secret_key").read_bytes() == key


def test_link_for_the_owner_is_printed_until_there_is_one(site: Site) -> None:
    assert site.get(site.setup_link.removeprefix(site.url)).status == 200
    site.stop()
    site.log.unlink()
    site.flask("staff", "create", "owner@clinic.example", "--role", "owner", "--password-stdin", typed="violet harbour 27 lamps\n")
    site.start()
    assert "/staff/setup/" not in site.output


def test_output_says_where_the_site_and_its_mail_are(site: Site) -> None:
    assert f"{site.url}/" in site.output
    assert str(site.instance / "mail") in site.output


def test_secret_files_are_the_owners_alone(site: Site) -> None:
    assert (site.instance / "secret_key").stat().st_mode & 0o777 == 0o600
    assert site.instance.stat().st_mode & 0o077 == 0


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM], ids=lambda number: number.name)
def test_signal_stops_everything_and_frees_the_port(site: Site, number: signal.Signals) -> None:
    assert site.supervisor is not None
    site.supervisor.send_signal(number)
    assert site.supervisor.wait(PATIENCE) == 0
    nothing_goes_on(site)
    assert port_is_free(site)
    assert "Traceback" not in site.output
    assert [path.name for path in site.instance.glob("site.db*")] == ["site.db"]


def test_open_connections_do_not_hold_up_the_stop(site: Site) -> None:
    with socket.create_connection(("127.0.0.1", site.port)) as idle, socket.create_connection(("127.0.0.1", site.port)) as slow:
        idle.sendall(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n")
        assert b"200" in idle.recv(64)
        slow.sendall(b"POST /consultation HTTP/1.1\r\nHost: localhost\r\nContent-Length: 400\r\n\r\nname=")
        assert site.stop() == 0
    nothing_goes_on(site)


@pytest.mark.parametrize("workers", [0, 2], ids=["before the workers", "while the workers load"])
def test_signal_during_the_start_is_heard(make_site: MakeSite, workers: int) -> None:
    site = make_site().start(wait=False)
    poll(lambda: site.role("web") is not None, lambda: f"no child was started:\n{site.output}")
    poll(lambda: len(site.workers()) >= workers, lambda: f"no worker was started:\n{site.output}")
    began = time.monotonic()
    assert site.stop() == 0
    assert time.monotonic() - began < 5
    nothing_goes_on(site)


def test_killed_worker_is_replaced(site: Site) -> None:
    before = set(site.workers())
    victim = min(before)
    site.kill(victim)
    poll(lambda: len(now := set(site.workers())) == len(before) and victim not in now, lambda: f"not replaced:\n{site.output}")
    poll(site.answers, "no answer after a worker died")
    assert site.post("/consultation", request_fields(2)).status == 303


def test_killed_main_process_of_the_web_server_is_replaced(site: Site) -> None:
    victim, orphans = site.role("web"), set(site.workers())
    assert victim is not None
    site.kill(victim)
    poll(lambda: site.role("web") not in {None, victim}, lambda: f"not replaced:\n{site.output}")
    poll(lambda: not orphans & set(site.processes()), "the workers of the dead process live on")
    poll(site.answers, "no answer after the main process died")
    assert site.post("/consultation", request_fields(3)).status == 303


def test_killed_dispatcher_is_replaced_and_mail_goes_out(site: Site) -> None:
    victim = site.role("dispatcher")
    assert victim is not None
    site.kill(victim)
    assert site.post("/consultation", request_fields(4)).status == 303
    poll(lambda: len(mails(site)) == 1, lambda: f"no mail:\n{site.output}")
    assert site.role("dispatcher") not in {None, victim}


def test_killed_supervisor_takes_everything_with_it(site: Site) -> None:
    assert site.post("/consultation", request_fields(5)).status == 303
    assert site.supervisor is not None
    site.kill(site.supervisor.pid)
    site.supervisor.wait()
    poll(lambda: site.processes() == [], lambda: f"left behind: {site.processes()}", within=8)
    site.start()
    assert phones(site) == ["+923001000005"]


def test_supervisor_killed_while_its_children_start_leaves_nothing_behind(make_site: MakeSite) -> None:
    site = make_site().start(wait=False)
    assert site.supervisor is not None
    poll(lambda: site.role("dispatcher") is not None, lambda: f"no child was started:\n{site.output}")
    site.kill(site.supervisor.pid)
    site.supervisor.wait()
    poll(lambda: site.processes() == [], lambda: f"left behind: {site.processes()}", within=8)


def test_next_start_need_not_wait_until_the_killed_one_is_gone(site: Site) -> None:
    assert site.supervisor is not None
    site.kill(site.supervisor.pid)
    site.supervisor.wait()
    site.start(wait=False)
    # Until then it is the killed one's workers that answer.
    poll(lambda: site.output.count("Ctrl-C stops it.") == 2, lambda: f"no second start:\n{site.output}")
    poll(site.answers, lambda: f"the server does not answer:\n{site.output}")
    assert site.post("/consultation", request_fields(6)).status == 303


def test_everything_killed_after_the_answer_keeps_the_request_and_its_mail(site: Site) -> None:
    answer = site.post("/consultation", request_fields(7, contact_by="email", email="visitor@example.com"))
    site.kill_all()
    assert answer.status == 303
    assert site.processes() == []
    site.start()
    assert phones(site) == ["+923001000007"]
    assert site.rows("SELECT kind, recipient FROM outbox_mail ORDER BY id") == [
        ("request_received", "front-desk@localhost"),
        ("request_acknowledged", "visitor@example.com"),
    ]
    assert site.rows("PRAGMA integrity_check") == [("ok",)]
    assert site.get(answer.location).status == 200


def failed_start(site: Site) -> str:
    """What a start that must not succeed prints."""
    site.start(wait=False)
    assert site.supervisor is not None
    assert site.supervisor.wait(PATIENCE) not in {0, None}
    assert site.processes() == []
    return site.output.strip()


def test_taken_port_ends_the_start_with_one_line(make_site: MakeSite) -> None:
    site = make_site()
    with socket.socket() as other:
        other.bind(("127.0.0.1", site.port))
        other.listen()
        output = failed_start(site)
    assert len(output.splitlines()) == 1
    assert "PORT" in output
    assert str(site.port) in output


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("PORT", "eighty"),
        ("FLASK_MAIL_SERVER", "mail.example"),
        ("FLASK_SITE_URL", "clinic.example"),
        ("FLASK_SECRET_KEY", "short"),
        ("HOST", "0.0.0.0"),
        ("HOST", "clinic"),
    ],
    ids=["no number", "no recipients", "no scheme", "short key", "production without its settings", "no address"],
)
def test_wrong_setting_ends_the_start_with_one_line(make_site: MakeSite, name: str, value: str) -> None:
    output = failed_start(make_site(**{name: value}))
    assert len(output.splitlines()) == 1, output
    assert output.startswith("Error: environment: ")


@pytest.mark.parametrize(
    ("url", "kind"),
    [
        ("sqlite:////nonexistent/site.db", "OperationalError"),
        ("postgresql+psycopg://127.0.0.1:1/site", "OperationalError"),
    ],
    ids=["no folder", "nobody there"],
)
def test_database_that_does_not_answer_ends_the_start_with_one_line(make_site: MakeSite, url: str, kind: str) -> None:
    output = failed_start(make_site(FLASK_DATABASE_URL=url))
    assert output == f"Error: environment: FLASK_DATABASE_URL: expected a database that answers ({kind})"


def test_file_that_is_no_database_ends_the_start_with_one_line(make_site: MakeSite) -> None:
    output = failed_start(make_site(FLASK_DATABASE_URL=f"sqlite:///{__file__}"))
    assert len(output.splitlines()) == 1
    assert output.startswith(f"Error: {__file__}: the database is damaged")


def test_site_that_listens_on_localhost_answers(make_site: MakeSite) -> None:
    site = make_site(HOST="localhost").start()
    assert f"Site:  {site.url}/" in site.output


def test_wrong_site_toml_ends_the_start_with_one_line(make_site: MakeSite, tmp_path: Path) -> None:
    facts = tmp_path / "site.toml"
    facts.write_text('[clinic]\nname = "Dynamic Clinic"\ncity = 7\n')
    output = failed_start(make_site(FLASK_SITE_CONFIG=str(facts)))
    assert len(output.splitlines()) == 1, output
    assert str(facts) in output
    assert "city" in output


def test_folder_that_cannot_be_written_ends_the_start_with_one_line(make_site: MakeSite, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    output = failed_start(make_site(FLASK_INSTANCE_PATH=str(tmp_path / "file" / "instance")))
    assert len(output.splitlines()) == 1, output
    assert "FLASK_INSTANCE_PATH" in output


def test_children_do_not_inherit_ctrl_c_of_the_terminal(site: Site) -> None:
    """Ctrl-C reaches the whole group in the foreground; the supervisor alone decides in which order its children end."""
    assert site.supervisor is not None
    groups = {os.getpgid(pid) for pid in site.processes() if pid != site.supervisor.pid}
    assert os.getpgid(site.supervisor.pid) not in groups
    os.killpg(site.supervisor.pid, signal.SIGINT)
    try:
        assert site.supervisor.wait(PATIENCE) == 0
    except subprocess.TimeoutExpired:
        pytest.fail("Ctrl-C did not end the server")
