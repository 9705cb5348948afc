"""flask probe: one test request through the running site, from the form to the mail server.

Whatever it leaves behind when it fails is closed, marked as a test, and deleted by the daily run.
"""

import time
from collections.abc import Iterator
from urllib.parse import urlsplit
from uuid import uuid4

import click
import sqlalchemy as sa
from flask import current_app
from flask.cli import with_appcontext

import clinic
import database
import mailer
from checks import Finding, Level, asking
from cli import report
from cli.group import Command
from cli.shown_form import ShownForm
from cli.visitor import UNREACHABLE, Answer, Visitor
from domain import outbox, retention
from domain.consultations import ConsultationRequest
from domain.outbox import Kind, OutboxMail, State
from domain.text import clean_line, is_email
from extensions import db
from web import probes

PHONE = "+44 20 7946 0958"
"""Of the numbers that are kept for invented stories (Ofcom): it rings nowhere."""
MESSAGE = "A test of the website, sent by flask probe. Nobody waits for an answer."
POLL_SECONDS = 0.25


class Failed(Exception):
    """A step went wrong, so that no other can follow."""

    def __init__(self, check: str, what: str, advice: str) -> None:
        super().__init__(what)
        self.finding = Finding(check, Level.FAIL, what, advice)


@click.command("probe", cls=Command)
@click.option("--url", metavar="URL", help="Where the running site is; default FLASK_SITE_URL.")
@click.option("--to", metavar="ADDRESS", help="Send the test mail there alone, not where every request goes.")
@click.option("--timeout", type=click.FloatRange(0), default=60, show_default=True, help="Seconds to wait for the mail server.")
@report.as_json
@with_appcontext
def command(url: str | None, to: str | None, timeout: float, as_json: bool) -> None:
    """Send a marked test request through the real form and follow it to the mail server. Ends with 1 when a step fails."""
    if to is not None and not is_email(to := clean_line(to)):
        raise click.ClickException("--to: expected an email address")
    if url is not None and (urlsplit(url).scheme not in {"http", "https"} or not urlsplit(url).hostname):
        raise click.ClickException("--url: expected an address such as https://clinic.example")
    findings = []
    for finding in _walk(Visitor(url or current_app.config["SITE_URL"]), to, timeout):
        findings.append(finding)
        if not as_json:
            report.show(finding)
    if as_json:
        report.show_json(findings)
    report.end(findings)


def _walk(visitor: Visitor, to: str | None, timeout: float) -> Iterator[Finding]:
    """The steps, one after the other, up to the first that fails."""
    try:
        yield from _steps(visitor, to, timeout)
    except Failed as failure:
        yield failure.finding
    except database.UNAVAILABLE as error:
        yield asking.unusable("database", error, "flask doctor says more.")
    finally:
        db.session.rollback()


def _steps(visitor: Visitor, to: str | None, timeout: float) -> Iterator[Finding]:
    path, submission = clinic.path("consultations.request_form"), str(uuid4())
    page = _ask(visitor, "page", path)
    yield _well("page", f"The page with the form answered in {page.seconds * 1000:,.0f} ms.")
    fields = _filled(page, path, submission, to)
    yield _well("form", f"The form is there, with {len(fields)} fields.")
    sent = _sent(visitor, path, fields)
    yield _well("sent", f"It was taken (303) in {sent.seconds * 1000:,.0f} ms.")
    row = _stored(submission)
    yield _well("stored", f"The request is stored as {row.reference}, marked as a test.")
    receipt = _ask(visitor, "receipt", urlsplit(sent.location).path)
    if row.reference not in receipt.body:
        raise Failed("receipt", "The receipt does not show the reference.", "Does a cache of the proxy answer for another page?")
    yield _well("receipt", "The receipt shows the reference.")
    number = len(_mail(row.id))
    if not number:
        raise Failed("queued", "No mail was queued.", "Set FLASK_STAFF_RECIPIENTS, and look at the routing under Settings.")
    yield _well("queued", f"{number} {'message' if number == 1 else 'messages'} queued.")
    yield from _accepted(row.id, timeout)
    yield _cleaned(row.id)


def _well(check: str, what: str) -> Finding:
    return Finding(check, Level.OK, what)


def _ask(visitor: Visitor, check: str, path: str) -> Answer:
    try:
        answer = visitor.get(path)
    except UNREACHABLE as error:
        raise _unreachable(check, error) from error
    if answer.status != 200:
        raise Failed(check, f"It answered {answer.status} instead of 200.", "Is --url or FLASK_SITE_URL the address of this site?")
    return answer


def _unreachable(check: str, error: Exception) -> Failed:
    advice = "Is the site running, and is --url or FLASK_SITE_URL its address? Is its certificate valid?"
    return Failed(check, f"The site does not answer ({type(error).__name__}).", advice)


def _filled(page: Answer, path: str, submission: str, to: str | None) -> dict[str, str]:
    """The form as shown, filled in as a visitor does, with the mark beside it."""
    form = ShownForm(page.body, path)
    if form.fields is None:
        raise Failed("form", "The page holds no such form.", "Does another page answer in its place, an old copy in a cache?")
    consent = next(iter(form.values.get("consent", [])), "")
    typed = {"name": "Test by flask probe", "phone": PHONE, "contact_by": "phone", "message": MESSAGE, "consent": consent}
    if strange := form.fill(**typed, submission_id=submission):
        raise Failed("form", f"The form does not take {', '.join(strange)}.", "Is an old copy of the page in a cache?")
    return form.fields | {probes.FIELD: probes.mark(submission, to)}


def _sent(visitor: Visitor, path: str, fields: dict[str, str]) -> Answer:
    try:
        sent = visitor.post(path, fields)
    except UNREACHABLE as error:
        raise _unreachable("sent", error) from error
    if sent.status != 303:
        advice = "503: the database takes no write. 422: the form has changed, flask probe has not. The log says more."
        raise Failed("sent", f"It was answered with {sent.status} instead of 303.", advice)
    return sent


def _stored(submission: str) -> ConsultationRequest:
    query = sa.select(ConsultationRequest).where(ConsultationRequest.submission_id == submission)
    row = db.session.scalars(query).first()
    if row is None:
        advice = "Run it on the machine of the site, with the settings of the site; another database was asked."
        raise Failed("stored", "The site has taken it, but it is not in our database.", advice)
    if not row.is_test:
        advice = "The site has another FLASK_SECRET_KEY than this command. Close the request by hand."
        raise Failed("stored", f"It is stored as {row.reference}, but as a real request.", advice)
    return row


def _mail(request_id: int) -> list[OutboxMail]:
    return outbox.about(db.session, [Kind.REQUEST_RECEIVED], request_id)


def _accepted(request_id: int, timeout: float) -> Iterator[Finding]:
    """Waits until every message is with the mail server."""
    began = time.monotonic()
    while True:
        # What the dispatcher has written since is seen by a new transaction only.
        db.session.rollback()
        rows = _mail(request_id)
        waited = time.monotonic() - began
        if all(row.state is State.SENT for row in rows):
            where = (
                "with the mail server" if current_app.config["MAIL_SERVER"] else "a file in instance/mail: no mail server is set"
            )
            yield _well("accepted", f"The mail is {where}, after {waited:,.1f} s.")
            return
        if any(row.state in {State.FAILED, State.CANCELLED} for row in rows) or waited >= timeout:
            raise Failed("accepted", _told(rows, waited), "flask doctor asks the mail server; the page Mail has its words.")
        time.sleep(POLL_SECONDS)


def _told(rows: list[OutboxMail], waited: float) -> str:
    sent = sum(row.state is State.SENT for row in rows)
    kinds = sorted({row.failure.value for row in rows if row.failure is not None})
    tried = f"the last try: {', '.join(kinds)} failure" if kinds else "it was not tried yet: is a dispatcher running?"
    return f"{sent} of {len(rows)} with the mail server after {waited:,.1f} s; {tried}"


def _cleaned(request_id: int) -> Finding:
    session = database.begin_write(db.session)
    retention.forget_test(session, request_id)
    session.commit()
    mailer.forget_files()
    return _well("cleaned", "The test request and its mail are deleted here.")
