"""The second channel: signed so that its receiver can tell, tried again like mail, never waited for long, never quoted."""

import hashlib
import hmac
import json
import socket
import ssl
import time
from collections.abc import Callable, Iterator, Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy.orm import Session

import database
import mailer
from domain import consultations, outbox
from domain.consultations import Move, Status
from domain.outbox import WEBHOOK, Failure, Kind, OutboxMail, State
from tests import factories
from tests.conftest import NOON, Clock
from tests.mail.hooks import SECRET, Behaviour, HookServer, answer, dribble, free_port, hang, raw, slow
from transport import webhook
from transport.delivery import DeliveryFailed
from transport.webhook import Notice

TEMPORARY, PERMANENT, SETUP = Failure.TEMPORARY, Failure.PERMANENT, Failure.SETUP
NOTICE = Notice("7d0c", "requests.overdue", NOON, {"count": 1, "references": ["DC-7F3K"], "url": "https://clinic.example/staff/"})


@pytest.fixture
def start_hooks() -> Iterator[Callable[..., HookServer]]:
    """Starts servers that the test's end stops."""
    running: list[HookServer] = []

    def start(context: ssl.SSLContext | None = None) -> HookServer:
        running.append(HookServer(context))
        return running[-1]

    yield start
    for server in running:
        server.stop()


@pytest.fixture
def hooks(start_hooks: Callable[..., HookServer]) -> HookServer:
    """One server that is up."""
    return start_hooks()


@pytest.fixture
def quick_hooks(monkeypatch: pytest.MonkeyPatch) -> None:
    """Time-outs short enough to wait for."""
    monkeypatch.setattr(webhook, "STEP_SECONDS", 0.4)
    monkeypatch.setattr(webhook, "SEND_SECONDS", 0.8)


def failure_of(url: str) -> DeliveryFailed:
    with pytest.raises(DeliveryFailed) as caught:
        webhook.post(NOTICE, url, SECRET, NOON)
    return caught.value


def test_receiver_can_tell_who_when_and_that_nothing_was_changed(hooks: HookServer) -> None:
    webhook.post(NOTICE, hooks.url, SECRET, NOON)
    (posted,) = hooks.received
    timestamp = posted.headers["X-Clinic-Timestamp"]
    expected = hmac.new(SECRET.encode(), timestamp.encode() + b"." + posted.body, hashlib.sha256).hexdigest()
    assert posted.headers["X-Clinic-Signature"] == f"sha256={expected}"
    assert int(timestamp) == NOON.timestamp()
    assert posted.headers["X-Clinic-Event"] == "requests.overdue"
    assert posted.headers["X-Clinic-Id"] == "7d0c"
    assert posted.path == "/alerts?channel=7"
    assert json.loads(posted.body) == {
        "event": "requests.overdue",
        "id": "7d0c",
        "created_at": "2026-11-23T07:00:00+00:00",
        "count": 1,
        "references": ["DC-7F3K"],
        "url": "https://clinic.example/staff/",
    }


def test_the_check_in_the_documentation_takes_what_is_ours_and_nothing_else() -> None:
    text = (Path(__file__).parents[2] / "docs" / "operations.md").read_text()
    example = text.split("```python\n")[1].split("```")[0]
    names: dict[str, Any] = {"hashlib": hashlib, "hmac": hmac, "time": time, "Mapping": Mapping}
    exec(example, names)
    check, stamp = names["is_from_the_clinic"], str(int(time.time()))
    headers = {"X-Clinic-Timestamp": stamp, "X-Clinic-Signature": f"sha256={webhook.sign(SECRET, stamp, NOTICE.body)}"}
    assert check(SECRET, headers, NOTICE.body)
    assert not check(SECRET, headers, NOTICE.body + b" ")
    assert not check("another secret", headers, NOTICE.body)
    old = str(int(time.time()) - 600)
    headers = {"X-Clinic-Timestamp": old, "X-Clinic-Signature": f"sha256={webhook.sign(SECRET, old, NOTICE.body)}"}
    assert not check(SECRET, headers, NOTICE.body)


@pytest.mark.parametrize("status", [200, 201, 202, 204])
def test_every_success_counts(hooks: HookServer, status: int) -> None:
    hooks.behaviour = answer(status)
    webhook.post(NOTICE, hooks.url, SECRET, NOON)


@pytest.mark.parametrize(
    ("status", "meaning", "why"),
    [
        (301, SETUP, "the address has moved, and the new one is for a person to enter"),
        (307, SETUP, "a redirect is not followed, whatever kind it is"),
        (304, SETUP, "no answer to a POST"),
        (400, PERMANENT, "this message is refused"),
        (413, PERMANENT, "too long for them"),
        (422, PERMANENT, "they do not want what it says"),
        (401, SETUP, "another secret"),
        (403, SETUP, "not allowed"),
        (404, SETUP, "no such address"),
        (410, SETUP, "taken down"),
        (408, TEMPORARY, "too slow for them"),
        (429, TEMPORARY, "too many"),
        (500, TEMPORARY, "their trouble"),
        (503, TEMPORARY, "down for a while"),
    ],
)
def test_an_answer_tells_whether_trying_again_helps(hooks: HookServer, status: int, meaning: Failure, why: str) -> None:
    hooks.behaviour = answer(status, ("Location", hooks.url))
    failed = failure_of(hooks.url)
    assert (failed.failure, failed.reply) == (meaning, f"HTTP {status}"), why
    assert len(hooks.received) == 1


@pytest.mark.parametrize(
    ("behaviour", "why"),
    [
        (hang, "says nothing"),
        (dribble, "never comes to an end"),
        (raw(b""), "closes without a word"),
        (raw(b"220 smtp.example ESMTP\r\n"), "another protocol"),
        (raw(b"HTTP/1.1 200 OK\r\n" + b"X-A: b\r\n" * 200 + b"\r\n"), "headers without end"),
        (raw(b"HTTP/1.1 100 Continue\r\n\r\n" * 3), "promises and goes away"),
    ],
)
def test_a_server_that_does_not_answer_is_tried_again(hooks: HookServer, quick_hooks: None, behaviour: Behaviour, why: str) -> None:
    hooks.behaviour = behaviour
    began = time.monotonic()
    assert failure_of(hooks.url).failure is TEMPORARY, why
    assert time.monotonic() - began < 2, why


def test_a_slow_server_is_waited_for(hooks: HookServer, quick_hooks: None) -> None:
    hooks.behaviour = slow(0.2)
    webhook.post(NOTICE, hooks.url, SECRET, NOON)


def test_a_server_that_is_down_is_tried_again() -> None:
    assert failure_of(f"http://127.0.0.1:{free_port()}/").failure is TEMPORARY


@pytest.mark.parametrize(("code", "meaning"), [(socket.EAI_NONAME, SETUP), (socket.EAI_AGAIN, TEMPORARY)])
def test_a_name_that_does_not_exist_is_ours_to_mend(monkeypatch: pytest.MonkeyPatch, code: int, meaning: Failure) -> None:
    def look_up(*_: object) -> None:
        raise socket.gaierror(code, "no address")

    monkeypatch.setattr(socket, "getaddrinfo", look_up)
    assert failure_of("https://alerts.example/").failure is meaning


def test_https_needs_a_certificate_we_trust(
    start_hooks: Callable[..., HookServer], certificate: Callable[[str], ssl.SSLContext]
) -> None:
    hooks = start_hooks(certificate("localhost"))
    assert failure_of(hooks.url).failure is SETUP
    assert hooks.received == []


def test_https_with_a_certificate_we_trust(
    start_hooks: Callable[..., HookServer], certificate: Callable[[str], ssl.SSLContext], trusted: None
) -> None:
    hooks = start_hooks(certificate("localhost"))
    webhook.post(NOTICE, hooks.url, SECRET, NOON)
    assert len(hooks.received) == 1


@pytest.fixture
def linked(site: Flask, hooks: HookServer) -> HookServer:
    """The site with this webhook."""
    site.config.update(WEBHOOK_URL=hooks.url, WEBHOOK_SECRET=SECRET)
    return hooks


def queue_notice(session: Session, clock: Clock) -> int:
    """A request of which the webhook is told; its number."""
    draft = factories.request_draft(name="Bilal Khan", message="My head hurts.", treatment="chronic-migraine")
    request = factories.submit_request(database.begin_write(session), clock.now, draft, recipients=[])
    outbox.gather(session, Kind.HOOK_OVERDUE, request.id, [WEBHOOK], clock.now)
    session.commit()
    return request.id


def notices(session: Session) -> list[OutboxMail]:
    session.rollback()
    return list(session.scalars(sa.select(OutboxMail).where(OutboxMail.kind.in_(outbox.HOOK_KINDS)).order_by(OutboxMail.id)))


def test_the_outbox_delivers_it_without_anything_that_was_typed(session: Session, clock: Clock, linked: HookServer) -> None:
    queue_notice(session, clock)
    assert mailer.deliver_next()
    assert [row.state for row in notices(session)] == [State.SENT]
    (posted,) = linked.received
    facts = json.loads(posted.body)
    assert set(facts) == {"event", "id", "created_at", "count", "references", "url"}
    assert facts["url"] == "http://localhost/staff/requests"
    for typed in ("Bilal", "hurts", "migraine", "0300", "+92300"):
        assert typed not in posted.body.decode()


def test_it_is_tried_again_under_the_same_id(session: Session, clock: Clock, linked: HookServer) -> None:
    queue_notice(session, clock)
    linked.behaviour = answer(503)
    assert mailer.deliver_next()
    (row,) = notices(session)
    assert (row.state, row.failure, row.last_reply) == (State.WAITING, TEMPORARY, "HTTP 503")
    assert not mailer.deliver_next()
    linked.behaviour = answer(204)
    clock.forward(minutes=1)
    assert mailer.deliver_next()
    first, second = linked.received
    assert first.body == second.body
    assert first.headers["X-Clinic-Id"] == second.headers["X-Clinic-Id"] == row.message_key
    assert first.headers["X-Clinic-Timestamp"] != second.headers["X-Clinic-Timestamp"]
    assert [row.state for row in notices(session)] == [State.SENT]


def test_what_was_answered_meanwhile_is_not_told(session: Session, clock: Clock, linked: HookServer) -> None:
    number = queue_notice(session, clock)
    owner = factories.make_staff(database.begin_write(session), clock.now)
    consultations.move(session, number, Move(Status.CONTACTED), by=owner.id, working=factories.ALWAYS, now=clock.now)
    session.commit()
    assert mailer.deliver_next()
    assert [row.state for row in notices(session)] == [State.CANCELLED]
    assert linked.received == []


def test_a_webhook_that_was_taken_away_gets_nothing(site: Flask, session: Session, clock: Clock, linked: HookServer) -> None:
    queue_notice(session, clock)
    site.config["WEBHOOK_URL"] = ""
    assert mailer.deliver_next()
    assert [row.state for row in notices(session)] == [State.CANCELLED]


def test_nothing_of_an_answer_is_logged(
    session: Session, clock: Clock, linked: HookServer, caplog: pytest.LogCaptureFixture
) -> None:
    queue_notice(session, clock)
    linked.behaviour = answer(500)
    mailer.deliver_next()
    assert "temporary failure" in caplog.text
    assert "secret of the other side" not in caplog.text
    assert "secret of the other side" not in (notices(session)[0].last_reply or "")


def test_a_try_is_over_before_another_dispatcher_may_take_it() -> None:
    assert timedelta(seconds=webhook.SEND_SECONDS) < outbox.LEASE
