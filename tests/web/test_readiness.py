"""/readyz and /metrics: what everybody may know of the site's state, and what only insiders."""

import re
from collections import namedtuple
from collections.abc import Iterator
from datetime import timedelta

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.exc import OperationalError
from werkzeug.test import TestResponse

import checks
import clinic
import database
from blueprints.health import figures
from checks import Finding, Level, machine, running
from domain import backups, comments, consultations, outbox
from domain.outbox import Failure, OutboxMail
from extensions import db
from tests.conftest import Clock, Store
from tests.factories import ALWAYS, make_staff, submit_comment, submit_request

TOKEN = "a token that a monitor sends, long enough"
BEARER = {"Authorization": f"Bearer {TOKEN}"}
Usage = namedtuple("Usage", "total used free")


@pytest.fixture
def client(app: Flask, store: Store, clock: Clock, monkeypatch: pytest.MonkeyPatch) -> Iterator[FlaskClient]:
    """Asks a site that is well: a dispatcher was there just now, the disk has room, and there is a whole backup."""
    app.extensions.pop("looked", None)
    monkeypatch.setattr(machine.shutil, "disk_usage", lambda _place: Usage(2**40, 0, 2**40))
    with store() as session:
        outbox.beat(session, "one/1", clock())
        backups.note_made(session, "a" * 64, 1000, clock())
        backups.note_verified(session, "a" * 64, clock())
    yield app.test_client()
    app.extensions.pop("looked", None)


def finding(app: Flask, name: str) -> Finding:
    """What one of the checks says now."""
    with app.app_context():
        (found,) = [finding for finding in checks.ready(clinic.now()) if finding.check == name]
        return found


def unavailable(*_: object, **__: object) -> None:
    """Stands for a database that does not answer."""
    raise OperationalError("SELECT name FROM people", {}, Exception("somebody@example.com"))


def test_a_well_site_is_ready_and_names_its_checks(client: FlaskClient) -> None:
    answer = client.get("/readyz", headers={"X-Forwarded-For": "203.0.113.9"})
    assert answer.status_code == 200
    assert answer.json == {"status": "ok", "checks": {check.name: "ok" for check in running.RUNNING}}
    assert answer.headers["Cache-Control"] == "no-store"


def test_a_warning_leaves_the_site_ready(client: FlaskClient, clock: Clock) -> None:
    clock.forward(minutes=10)
    answer = client.get("/readyz")
    assert (answer.status_code, answer.json["status"], answer.json["checks"]["dispatcher"]) == (200, "warn", "warn")


def test_a_database_that_does_not_answer_is_not_ready(client: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(database, "begin_write", unavailable)
    answer = client.get("/readyz", headers={"X-Forwarded-For": "203.0.113.9"})
    assert (answer.status_code, answer.json["status"]) == (503, "fail")
    assert answer.json["checks"]["database"] == "fail"
    assert answer.json["checks"]["requests"] == "note"
    assert "example.com" not in answer.text


def test_tables_of_another_version_are_not_ready(app: Flask, client: FlaskClient) -> None:
    with app.app_context(), db.engine.begin() as connection:
        before = connection.scalar(sa.text("SELECT version_num FROM alembic_version"))
        connection.execute(sa.text("UPDATE alembic_version SET version_num = '0001'"))
    try:
        answer = client.get("/readyz")
        assert (answer.status_code, answer.json["checks"]["migrations"]) == (503, "fail")
        assert "0001" in answer.json["details"]["migrations"]["what"]
    finally:
        with app.app_context(), db.engine.begin() as connection:
            connection.execute(sa.text("UPDATE alembic_version SET version_num = :before"), {"before": before})


def test_a_database_that_takes_no_write_is_not_ready(app: Flask, client: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(database, "takes_writes", lambda _session: False)
    assert finding(app, "database").level is Level.FAIL


def test_the_check_of_a_write_leaves_no_transaction_behind(app: Flask, client: FlaskClient) -> None:
    with app.app_context():
        assert database.takes_writes(db.session)
        assert not db.session.in_transaction()


def test_mail_that_is_due_for_long_is_told(app: Flask, client: FlaskClient, store: Store, clock: Clock) -> None:
    with store() as session:
        submit_request(session, clock())
    assert finding(app, "outbox") == Finding("outbox", Level.OK, "1 due to be sent.")
    clock.forward(minutes=5)
    assert finding(app, "outbox").level is Level.WARN


def test_mail_that_was_given_up_is_told(app: Flask, client: FlaskClient, store: Store, clock: Clock) -> None:
    with store() as session:
        submit_request(session, clock())
        row = session.scalars(sa.select(OutboxMail)).one()
        row.lease = "held"
        outbox.record_failure(session, row.id, "held", Failure.PERMANENT, "550 no such desk@example.com", clock())
    found = finding(app, "mail")
    assert found.level is Level.WARN
    assert found.what.startswith("1 given up")
    assert "example.com" not in f"{found}"


def test_a_request_that_waits_beyond_the_owners_patience_is_told(
    app: Flask, client: FlaskClient, store: Store, clock: Clock
) -> None:
    with store() as session:
        number = submit_request(session, clock()).id
    assert finding(app, "requests").level is Level.OK
    clock.forward(days=3)
    assert finding(app, "requests").level is Level.WARN
    with store() as session:
        owner = make_staff(session, clock())
        consultations.note_attempt(
            session, number, consultations.ContactBy.PHONE, by=owner.id, working=ALWAYS, now=clock.forward(minutes=1)
        )
    assert finding(app, "requests").level is Level.OK


def test_a_backup_that_is_old_or_was_never_found_whole_is_told(app: Flask, client: FlaskClient, store: Store, clock: Clock) -> None:
    assert finding(app, "backup").level is Level.OK
    clock.forward(hours=37)
    assert finding(app, "backup") == Finding("backup", Level.WARN, "The newest is 37 h old.", finding(app, "backup").advice)
    clock.forward(days=34)
    with store() as session:
        backups.note_made(session, "b" * 64, 1000, clock())
    assert "none was found whole" in finding(app, "backup").what
    with store() as session:
        backups.note_verified(session, "b" * 64, clock())
    assert finding(app, "backup").level is Level.OK


def test_a_site_without_a_backup_is_told(app: Flask, clock: Clock) -> None:
    told = finding(app, "backup")
    assert (told.level, told.what) == (Level.WARN, "No backup was ever made.")


@pytest.mark.parametrize(
    ("free", "level"), [(machine.SCARCE, Level.OK), (machine.SCARCE - 1, Level.WARN), (machine.FULL - 1, Level.FAIL)]
)
def test_a_disk_that_fills_up_is_told_in_time(
    app: Flask, client: FlaskClient, monkeypatch: pytest.MonkeyPatch, free: int, level: Level
) -> None:
    monkeypatch.setattr(machine.shutil, "disk_usage", lambda _place: Usage(2**40, 0, free))
    assert finding(app, "disk").level is level


def test_a_folder_that_cannot_be_written_is_not_ready(app: Flask, client: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(_place: object) -> float:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(machine, "_write", refuse)
    assert finding(app, "disk").level is Level.FAIL


def test_a_clock_is_compared_with_rows_server_and_disk(clock: Clock, client: FlaskClient, app: Flask) -> None:
    now = clock()
    with app.app_context():
        assert machine.clock(now, now, None).level is Level.OK
        assert machine.clock(now, now + timedelta(minutes=2), None).level is Level.WARN
        assert machine.clock(now, now, now.replace(year=2020)).level is Level.WARN
        assert machine.clock(now.replace(year=2020), None, None).level is Level.FAIL


def test_however_often_somebody_asks_the_checks_run_once(client: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    times: list[int] = []
    monkeypatch.setattr(checks, "ready", lambda _now: times.append(1) or [])
    for _ in range(5):
        client.get("/readyz")
    assert len(times) == 1


def details(answer: TestResponse) -> bool:
    """Whether the answer holds more than the names."""
    assert answer.json is not None
    return "details" in answer.json


@pytest.mark.parametrize(
    ("settings", "headers", "peer", "sees"),
    [
        ({}, {}, "127.0.0.1", True),
        ({}, {}, "203.0.113.9", False),
        ({}, {"X-Forwarded-For": "127.0.0.1"}, "127.0.0.1", False),
        ({}, {"Forwarded": "for=127.0.0.1"}, "127.0.0.1", False),
        ({"SITE_URL": "https://clinic.example"}, {}, "127.0.0.1", False),
        ({"SITE_URL": "https://clinic.example", "TRUSTED_PROXIES": 1}, {}, "127.0.0.1", True),
        ({"SITE_URL": "https://clinic.example", "TRUSTED_PROXIES": 1}, {"X-Forwarded-For": "127.0.0.1"}, "127.0.0.1", False),
        ({"HEALTH_TOKEN": TOKEN}, BEARER, "203.0.113.9", True),
        ({"HEALTH_TOKEN": TOKEN}, BEARER | {"X-Forwarded-For": "203.0.113.9"}, "127.0.0.1", True),
        ({"HEALTH_TOKEN": TOKEN}, {"Authorization": "Bearer wrong"}, "203.0.113.9", False),
        ({"HEALTH_TOKEN": TOKEN}, {"Authorization": TOKEN}, "203.0.113.9", False),
        ({"HEALTH_TOKEN": TOKEN}, {"Authorization": "Bearer \xe9"}, "203.0.113.9", False),
        ({"HEALTH_TOKEN": ""}, {"Authorization": "Bearer "}, "203.0.113.9", False),
    ],
    ids=[
        "at the machine",
        "from elsewhere",
        "through an unknown proxy",
        "through another unknown proxy",
        "a public site behind a proxy that says nothing",
        "past the known proxy",
        "through the known proxy, claiming to be local",
        "with the token",
        "with the token through a proxy",
        "with another token",
        "with a token of another scheme",
        "with a token that is no ASCII",
        "with an empty token where none is set",
    ],
)
def test_details_and_metrics_are_for_insiders(
    app: Flask, client: FlaskClient, settings: dict[str, object], headers: dict[str, str], peer: str, sees: bool
) -> None:
    app.config.update(settings)
    asked = {"headers": headers, "environ_base": {"REMOTE_ADDR": peer}}
    assert details(client.get("/readyz", **asked)) is sees
    answer = client.get("/metrics", **asked)
    assert answer.status_code == (200 if sees else 401)
    assert ("clinic_request_seconds" in answer.text) is sees


def sample(text: str, name: str) -> float:
    """The value of one line of /metrics."""
    (found,) = re.findall(rf"^{re.escape(name)} (\S+)$", text, re.MULTILINE)
    return float(found)


def test_metrics_tell_what_waits_and_for_how_long(client: FlaskClient, store: Store, clock: Clock) -> None:
    with store() as session:
        submit_request(session, clock())
        submit_comment(session, clock())
    clock.forward(minutes=2)
    text = client.get("/metrics").text
    line = '{kind="request_received",state="waiting"}'
    assert sample(text, f"clinic_outbox_messages{line}") == 1
    assert sample(text, f"clinic_outbox_oldest_seconds{line}") == 120
    assert sample(text, 'clinic_outbox_messages{kind="request_received",state="failed"}') == 0
    assert sample(text, "clinic_comments_held") == 1
    assert sample(text, "clinic_requests_waiting") == 1
    assert sample(text, "clinic_requests_oldest_seconds") == 120
    assert sample(text, "clinic_dispatchers") == 1
    assert sample(text, "clinic_dispatcher_seen_timestamp_seconds") == clock().timestamp() - 120
    assert sample(text, "clinic_backup_timestamp_seconds") == clock().timestamp() - 120
    assert sample(text, "clinic_database_up") == 1


def test_metrics_of_an_empty_site_are_zeros(client: FlaskClient) -> None:
    text = client.get("/metrics").text
    assert sample(text, "clinic_requests_oldest_seconds") == 0
    assert len(re.findall(r"^clinic_outbox_messages{.* 0\.0$", text, re.MULTILINE)) == 2 * len(outbox.Kind)


def test_metrics_come_also_while_the_database_does_not_answer(client: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(figures.outbox, "depth", unavailable)
    text = client.get("/metrics").text
    assert sample(text, "clinic_database_up") == 0
    assert "clinic_requests_waiting" not in text
    assert "clinic_request_seconds_bucket" in text


def test_the_labels_of_a_request_hold_no_path_no_token_and_no_invented_method(client: FlaskClient) -> None:
    for path in ("/consultation/received/abc.def.ghi", "/no-such-page/somebody@example.com", "/blog/no-such-article"):
        client.get(path)
    client.open("/about", method="SOMEBODY")
    text = client.get("/metrics").text
    assert 'route="/consultation/received/<token>"' in text
    assert 'route="(none)"' in text
    for secret in ("abc.def.ghi", "somebody", "no-such", "SOMEBODY"):
        assert secret not in text
    routes = {rule.rule for rule in client.application.url_map.iter_rules()} | {"(none)"}
    assert set(re.findall(r'route="([^"]*)"', text)) <= routes


def test_held_comments_that_are_decided_leave_the_metrics(client: FlaskClient, store: Store, clock: Clock) -> None:
    with store() as session:
        comment = submit_comment(session, clock())
        comments.set_status(session, comment.id, comments.Status.SPAM, by=None, how=comments.How.COMMAND, now=clock())
    assert sample(client.get("/metrics").text, "clinic_comments_held") == 0
