"""flask probe: a test request through the whole site, and the step that fails."""

import http.client
import json
import ssl
import threading
from collections.abc import Callable

import pytest
import sqlalchemy as sa
from flask import Flask

import mailer
from cli import probe
from cli.visitor import Answer
from domain import outbox, tokens
from domain.consultations import Status
from domain.outbox import OutboxMail
from domain.tokens import Purpose
from tests.conftest import Clock, Store
from tests.web.probing import requests, sent
from web import probes

STEPS = ["page", "form", "sent", "stored", "receipt", "queued", "accepted", "cleaned"]


class Inside:
    """Stands for the network: asks the application at once. `changed` may put another answer in place of the site's."""

    changed: Callable[[str, str, Answer], Answer] = staticmethod(lambda _method, _path, answer: answer)
    delivers = True

    def __init__(self, app: Flask) -> None:
        self._app = app

    def get(self, path: str) -> Answer:
        """Opens a page."""
        return self._ask("GET", path, None)

    def post(self, path: str, fields: dict[str, str]) -> Answer:
        """Sends a form; the dispatcher is quick."""
        answer = self._ask("POST", path, fields)
        if self.delivers:
            thread = threading.Thread(target=self._deliver)
            thread.start()
            thread.join()
        return answer

    def _ask(self, method: str, path: str, fields: dict[str, str] | None) -> Answer:
        answers: list[Answer] = []

        def ask() -> None:
            came = self._app.test_client().open(path, method=method, data=fields)
            answers.append(Answer(came.status_code, came.headers.get("Location", ""), came.text, 0.01))

        # In a thread, as on a server: nothing of the command's context is shared with the request.
        thread = threading.Thread(target=ask)
        thread.start()
        thread.join()
        return self.changed(method, path, answers[0])

    def _deliver(self) -> None:
        with self._app.app_context():
            while mailer.deliver_next():
                pass


@pytest.fixture
def network(app: Flask, monkeypatch: pytest.MonkeyPatch) -> type[Inside]:
    """Leads the command to the application under test; its attributes are the test's to change."""

    class OfThisTest(Inside):
        pass

    monkeypatch.setattr(probe, "Visitor", lambda _url: OfThisTest(app))
    monkeypatch.setattr(probe, "POLL_SECONDS", 0.01)
    app.config["STAFF_RECIPIENTS"] = ["desk@clinic.example", "two@clinic.example"]
    return OfThisTest


def run(app: Flask, *arguments: str) -> tuple[int, list[dict[str, str]]]:
    """The exit code and the findings of the command."""
    result = app.test_cli_runner().invoke(args=["probe", "--json", *arguments])
    return result.exit_code, json.loads(result.output)["findings"]


def test_a_probe_goes_the_whole_way_and_leaves_nothing(app: Flask, store: Store, clock: Clock, network: type[Inside]) -> None:
    code, steps = run(app)
    assert [step["check"] for step in steps] == STEPS
    assert {step["level"] for step in steps} == {"ok"}
    assert code == 0
    assert "2 messages queued" in steps[5]["what"]
    assert requests(store) == []
    assert sent(store, clock) == 0
    with store() as session:
        assert session.scalars(sa.select(OutboxMail)).all() == []


def test_a_probe_prints_a_line_for_each_step(app: Flask, network: type[Inside]) -> None:
    result = app.test_cli_runner().invoke(args=["probe"])
    assert result.exit_code == 0, result.output
    assert [line.split()[:2] for line in result.output.splitlines()] == [["ok", step] for step in STEPS]


def test_the_mail_of_a_probe_goes_where_it_is_told(app: Flask, store: Store, network: type[Inside]) -> None:
    network.delivers = False
    code, steps = run(app, "--to", "me@clinic.example", "--timeout", "0")
    assert (code, steps[-1]["check"], steps[-1]["level"]) == (1, "accepted", "fail")
    assert "0 of 1 with the mail server" in steps[-1]["what"]
    assert "is a dispatcher running?" in steps[-1]["what"]
    with store() as session:
        assert session.scalars(sa.select(OutboxMail.recipient)).all() == ["me@clinic.example"]
    (request,) = requests(store)
    assert request.is_test


def replaced(on: tuple[str, str], status: int, body: str = "", location: str = "") -> Callable[[str, str, Answer], Answer]:
    """Another answer for one kind of request."""

    def change(method: str, path: str, answer: Answer) -> Answer:
        return Answer(status, location, body, 0.01) if (method, path.partition("received")[0]) == on else answer

    return staticmethod(change)


@pytest.mark.parametrize(
    ("change", "step", "words"),
    [
        (replaced(("GET", "/consultation"), 502), "page", "502 instead of 200"),
        (replaced(("GET", "/consultation"), 200, "<h1>It works!</h1>"), "form", "no such form"),
        (
            replaced(("GET", "/consultation"), 200, '<form method="post" action="/consultation"></form>'),
            "form",
            "does not take name",
        ),
        (replaced(("POST", "/consultation"), 503), "sent", "503 instead of 303"),
        (replaced(("POST", "/consultation"), 422), "sent", "422 instead of 303"),
        (replaced(("GET", "/consultation/"), 404), "receipt", "404 instead of 200"),
        (replaced(("GET", "/consultation/"), 200, "another page"), "receipt", "does not show the reference"),
    ],
    ids=["no page", "another page", "another form", "no write", "a refusal", "no receipt", "another receipt"],
)
def test_a_probe_names_the_step_that_fails(
    app: Flask, network: type[Inside], change: Callable[[str, str, Answer], Answer], step: str, words: str
) -> None:
    network.changed = change
    code, steps = run(app)
    assert code == 1
    assert (steps[-1]["check"], steps[-1]["level"]) == (step, "fail")
    assert words in steps[-1]["what"]
    assert steps[-1]["advice"]
    assert [found["check"] for found in steps] == STEPS[: STEPS.index(step) + 1]


@pytest.mark.parametrize("error", [ConnectionRefusedError(), ssl.SSLError(), http.client.BadStatusLine("x"), TimeoutError()])
@pytest.mark.parametrize("step", ["page", "sent"])
def test_a_site_that_does_not_answer_is_a_failed_step(
    app: Flask, network: type[Inside], monkeypatch: pytest.MonkeyPatch, error: Exception, step: str
) -> None:
    def fail(*_: object) -> Answer:
        raise error

    monkeypatch.setattr(network, {"page": "get", "sent": "post"}[step], fail)
    code, steps = run(app)
    assert (code, steps[-1]["check"]) == (1, step)
    assert f"The site does not answer ({type(error).__name__})." == steps[-1]["what"]


def test_a_site_with_another_key_stores_a_real_request_and_the_probe_says_so(
    app: Flask, store: Store, network: type[Inside], monkeypatch: pytest.MonkeyPatch
) -> None:
    def mark(submission: str, to: str | None) -> str:
        return tokens.sign(["y" * 40], Purpose.PROBE, {"submission": submission, "to": to})

    monkeypatch.setattr(probes, "mark", mark)
    code, steps = run(app)
    assert (code, steps[-1]["check"]) == (1, "stored")
    (request,) = requests(store)
    assert (request.status, request.message) == (Status.NEW, probe.MESSAGE)
    assert request.reference in steps[-1]["what"]


def test_a_site_that_stores_elsewhere_is_told(app: Flask, network: type[Inside]) -> None:
    network.post = lambda _self, _path, _fields: Answer(303, "/consultation/received/x", "", 0.01)  # type: ignore[method-assign,assignment]
    code, steps = run(app)
    assert code == 1
    assert steps[-1]["check"] == "stored"


def test_a_site_without_recipients_queues_nothing(app: Flask, network: type[Inside]) -> None:
    app.config["STAFF_RECIPIENTS"] = []
    code, steps = run(app)
    assert (code, steps[-1]["check"]) == (1, "queued")


def test_mail_that_is_refused_fails_the_probe(app: Flask, store: Store, network: type[Inside], clock: Clock) -> None:
    network.delivers = False

    def refuse(method: str, _path: str, answer: Answer) -> Answer:
        if method == "POST":
            with store() as session:
                for row in session.scalars(sa.select(OutboxMail)):
                    row.lease = "held"
                    session.flush()
                    outbox.record_failure(session, row.id, "held", outbox.Failure.PERMANENT, "550 desk@clinic.example", clock())
        return answer

    network.changed = staticmethod(refuse)
    code, steps = run(app)
    assert (code, steps[-1]["check"]) == (1, "accepted")
    assert "the last try: permanent failure" in steps[-1]["what"]
    assert "550" not in f"{steps}"


@pytest.mark.parametrize("arguments", [("--to", "nobody"), ("--url", "clinic.example"), ("--url", "ftp://clinic.example")])
def test_wrong_arguments_end_with_one_line(app: Flask, arguments: tuple[str, str]) -> None:
    result = app.test_cli_runner().invoke(args=["probe", *arguments])
    assert result.exit_code == 1
    assert result.output.startswith(f"Error: {arguments[0]}: expected ")
    assert len(result.output.splitlines()) == 1
