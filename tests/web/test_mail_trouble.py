"""What /readyz, /metrics and the page for staff say of mail that fails for long: it is told between its tries, too."""

import re

import pytest
import sqlalchemy as sa
from flask import Flask

import checks
import clinic
from checks import Level
from domain import outbox
from domain.outbox import Failure, OutboxMail
from tests.conftest import Clock, Store
from tests.factories import make_staff, submit_request
from tests.pages import Browser, sign_in


def fail(store: Store, clock: Clock) -> None:
    """The fifth try of a mail to staff, 14 minutes after the request: the next one is a good while away."""
    with store() as session:
        submit_request(session, clock())
        row = session.scalars(sa.select(OutboxMail)).one()
        row.lease, row.attempts = "held", 5
        outbox.record_failure(session, row.id, "held", Failure.TEMPORARY, "connection refused", clock.forward(minutes=14))


def told(app: Flask) -> dict[str, tuple[Level, str]]:
    """What the two checks of the mail find."""
    with app.app_context():
        return {found.check: (found.level, found.what) for found in checks.ready(clinic.now()) if found.check in {"outbox", "mail"}}


def test_mail_that_fails_for_long_is_told_by_the_checks(app: Flask, store: Store, clock: Clock) -> None:
    fail(store, clock)
    assert [level for level, _ in told(app).values()] == [Level.OK, Level.OK]
    clock.forward(minutes=1)
    assert told(app) == {
        "outbox": (Level.WARN, "1 due to be sent, the oldest for 15 min."),
        "mail": (Level.WARN, "0 given up, 1 held up for 15 min or longer."),
    }


@pytest.mark.parametrize(("minutes", "age", "stuck"), [(14, 0, 0), (15, 900, 1), (20, 1200, 1)])
def test_mail_that_fails_for_long_is_told_by_the_metrics(
    app: Flask, store: Store, clock: Clock, minutes: int, age: int, stuck: int
) -> None:
    fail(store, clock)
    clock.forward(minutes=minutes - 14)
    text = app.test_client().get("/metrics").text
    for name, value in {
        'clinic_outbox_oldest_seconds{kind="request_received",state="waiting"}': age,
        "clinic_mail_stuck": stuck,
    }.items():
        assert re.findall(rf"^{re.escape(name)} (\S+)$", text, re.MULTILINE) == [f"{value:.1f}"], name


def test_mail_that_fails_for_long_is_told_on_the_dashboard(app: Flask, store: Store, clock: Clock, browser: Browser) -> None:
    with store() as session:
        make_staff(session, clock())
    fail(store, clock)
    sign_in(browser)
    assert "Some mail has not gone out" not in browser.get("/staff/").text
    clock.forward(minutes=1)
    page = browser.get("/staff/").text
    assert "Some mail has not gone out" in page
    assert "connection refused" in page
