"""How long things are kept is the owner's to set: the page, the consent and the daily run say and do the same."""

from datetime import timedelta

import pytest
import sqlalchemy as sa
from flask import Flask

from checks import running
from checks.finding import Level
from cli import jobs
from cli.retention import let_go_daily
from domain import consultations, retention, settings
from domain.audit import AuditEntry
from domain.comments import Comment, Status
from domain.consultations import ConsultationRequest
from domain.periods import BOUNDS, MONTH
from domain.retention import RetentionRun
from extensions import db
from tests.conftest import Clock, Store
from tests.factories import submit_comment, submit_request
from tests.pages import Browser

PAGE = "/staff/settings"
FORM = "/consultation"
TYPED = {"name": "Bilal", "phone": "0300-1234567", "contact_by": "phone", "consent": "y"}
HOUR = timedelta(hours=1)


def requests(app: Flask) -> list[ConsultationRequest]:
    with app.app_context():
        return list(db.session.scalars(sa.select(ConsultationRequest).order_by(ConsultationRequest.id)))


def privacy_page(browser: Browser) -> str:
    return browser.get("/privacy").text


def test_the_privacy_page_says_what_the_owner_set(owner: Browser) -> None:
    typed = {
        "keep_request_months": 18,
        "keep_comment_days": 20,
        "keep_spam_days": 3,
        "keep_network_days": 7,
        "keep_audit_months": 36,
    }
    owner.submit(owner.get(PAGE), PAGE, **{name: str(number) for name, number in typed.items()})
    text = privacy_page(owner)
    assert "erased 18 months after it is closed" in text
    assert "rejected, removed or withdrawn are erased after 20 days, what was taken for spam after 3 days" in text
    assert "It is erased after 7 days." in text
    assert "for a network 30 days at most" in text, "a block lasts as long as it did"
    assert "it is kept for 36 months" in text
    assert "deleted 18 months after the request is closed" in text
    assert "Consent text, version 2026-11-22/18." in text


@pytest.mark.parametrize("name", list(BOUNDS))
def test_a_period_keeps_its_bounds(owner: Browser, name: str) -> None:
    lowest, highest = BOUNDS[name]
    for number in (lowest - 1, highest + 1):
        page = owner.submit(owner.get(PAGE), PAGE, **{f"keep_{name}": str(number)})
        assert page.status == 422
        assert f"Enter a whole number from {lowest} to {highest}" in page.text
    assert owner.submit(owner.get(PAGE), PAGE, **{f"keep_{name}": str(highest)}).status == 200


def test_a_request_keeps_the_version_of_the_consent_that_was_shown(app: Flask, owner: Browser) -> None:
    open_page = owner.get(FORM)
    owner.submit(owner.get(PAGE), PAGE, keep_request_months="24")
    shown = owner.get(FORM)
    assert "24 months after the request is closed" in shown.form(FORM).get_text()
    owner.submit(open_page, FORM, **TYPED)
    owner.submit(shown, FORM, **(TYPED | {"phone": "0300-1234568"}))
    owner.post(FORM, TYPED | {"phone": "0300-1234569"})
    assert [row.consent_version for row in requests(app)] == ["2026-11-22", "2026-11-22/24", "2026-11-22/24"]


def test_a_page_that_comes_back_with_an_error_says_the_same_words(owner: Browser) -> None:
    open_page = owner.get(FORM)
    owner.submit(owner.get(PAGE), PAGE, keep_request_months="24")
    page = owner.submit(open_page, FORM, **(TYPED | {"phone": "12"}))
    assert page.status == 422
    assert "12 months after the request is closed" in page.form(FORM).get_text()


@pytest.mark.parametrize("version", ["2026-11-22/0", "2026-11-22/121", "<b>", "2026-11-22/x", "x" * 300])
def test_a_version_that_nobody_was_shown_counts_for_nothing(app: Flask, browser: Browser, version: str) -> None:
    browser.post(FORM, TYPED | {"consent_version": version})
    assert [row.consent_version for row in requests(app)] == ["2026-11-22"]


def keep_for(app: Flask, store: Store, clock: Clock, **months: int) -> None:
    with store() as session:
        settings.change(session, app.config["SITE"], months, clock(), by=None)


@pytest.mark.parametrize(
    ("months_set", "version", "kept_months", "why"),
    [
        (24, "2026-11-22", 12, "twelve were promised"),
        (24, "2026-11-22/24", 24, "twenty-four were promised"),
        (6, "2026-11-22", 6, "less than was promised may be"),
        (6, "", 6, "no promise that is known"),
    ],
)
def test_nobody_is_kept_for_longer_than_was_promised(
    app: Flask, store: Store, clock: Clock, months_set: int, version: str, kept_months: int, why: str
) -> None:
    keep_for(app, store, clock, keep_request_months=months_set)
    with store() as session:
        request = submit_request(session, clock())
        request.status, request.consent_version = consultations.Status.CLOSED, version
    runner = app.test_cli_runner()
    clock.now += kept_months * MONTH - HOUR
    runner.invoke(args=["retention", "run"])
    assert len(requests(app)) == 1, why
    clock.now += 2 * HOUR
    assert "1 requests deleted" in runner.invoke(args=["retention", "run"]).output, why
    assert requests(app) == [], why


def test_the_audit_log_is_kept_for_as_long_as_is_set(app: Flask, store: Store, clock: Clock) -> None:
    keep_for(app, store, clock, keep_audit_months=36)
    # Further back than the least that the trigger keeps, by the database's own clock.
    with store() as session:
        for months in (35, 37):
            session.add(AuditEntry(at=clock() - months * MONTH, staff_id=None, action="a", subject=str(months), detail={}))
    app.test_cli_runner().invoke(args=["retention", "run"])
    with app.app_context():
        assert db.session.scalars(sa.select(AuditEntry.subject)).all() == ["35"]


def test_it_runs_by_itself_once_a_day_whatever_the_number_of_dispatchers(app: Flask, store: Store, clock: Clock) -> None:
    assert next(job for job in jobs.JOBS if job.name == "retention").run is let_go_daily
    with app.app_context():
        assert let_go_daily() == ""
        with store() as session:
            comment = submit_comment(session, clock() - timedelta(days=40))
            comment.status, comment.status_since = Status.TRASH, clock() - timedelta(days=40)
        clock.forward(hours=23)
        assert let_go_daily() == "", "another dispatcher has done it today"
        clock.forward(hours=1)
        assert let_go_daily() == "1 comments deleted"
        assert let_go_daily() == ""
        assert db.session.scalars(sa.select(Comment)).all() == []
        assert db.session.scalars(sa.select(RetentionRun.at)).one() == clock()


def old_thread(store: Store, clock: Clock, number: int) -> None:
    """So many comments whose time is over, each a reply to the one before."""
    with store() as session:
        parent = None
        for _ in range(number):
            comment = submit_comment(session, clock() - timedelta(days=40), network="net")
            comment.status, comment.status_since, comment.parent_id = Status.TRASH, clock() - timedelta(days=40), parent
            session.flush()
            parent = comment.id


def test_whoever_sends_something_meanwhile_waits_for_one_turn(
    app: Flask, store: Store, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    old_thread(store, clock, 7)
    monkeypatch.setattr(retention, "TURN", 2)
    monkeypatch.setattr(retention, "LOOK", 4)
    left: list[int] = []

    def between(_seconds: float) -> None:
        # Who writes now must not wait: nothing of the run holds the database.
        with store() as session:
            submit_comment(session, clock())
            left.append(session.scalars(sa.select(sa.func.count()).where(Comment.status == Status.TRASH)).one())

    monkeypatch.setattr("cli.retention.time.sleep", between)
    output = app.test_cli_runner().invoke(args=["retention", "run"]).output
    assert "7 marks of networks emptied\n7 comments deleted" in output
    assert left == [7, 7, 7, 7, 5, 3, 1, 0]


def test_mail_waits_for_a_long_run_no_longer_than_a_short_one(
    app: Flask, store: Store, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    old_thread(store, clock, 5)
    with app.app_context():
        let_go_daily()
        first, now = clock(), clock.forward(days=1)
        monkeypatch.setattr("cli.retention.SECONDS", 0.0)
        assert let_go_daily() == "", "the time was up"
        assert db.session.scalars(sa.select(RetentionRun.at)).one() == first, "so it has not ended"
        monkeypatch.undo()
        assert let_go_daily() == "5 marks of networks emptied, 5 comments deleted"
        assert db.session.scalars(sa.select(RetentionRun.at)).one() == now


DOUBT = "nothing is let go of for a day: the clock has jumped since the last run, or the site was off for days"


def closed_request(app: Flask, store: Store, clock: Clock) -> None:
    """A request that was closed just now, on a site that has been running."""
    with store() as session:
        submit_request(session, clock()).status = consultations.Status.CLOSED
    with app.app_context():
        let_go_daily()


def test_a_clock_that_is_ahead_deletes_nothing(app: Flask, store: Store, clock: Clock) -> None:
    closed_request(app, store, clock)
    begun = clock()
    clock.forward(days=400)
    with app.app_context():
        assert let_go_daily() == DOUBT
        clock.forward(hours=23)
        assert let_go_daily() == ""
        clock.now = begun + timedelta(days=1)
        assert let_go_daily() == DOUBT, "set right, which is another jump"
        clock.forward(days=1)
        assert let_go_daily() == ""
    assert len(requests(app)) == 1


def test_a_site_that_was_off_for_long_lets_go_again_on_its_second_day(app: Flask, store: Store, clock: Clock) -> None:
    closed_request(app, store, clock)
    clock.forward(days=400)
    with app.app_context():
        assert let_go_daily() == DOUBT
        clock.forward(hours=24)
        assert let_go_daily() == "1 requests deleted"


def test_the_first_run_of_all_lets_go_of_nothing_by_itself(app: Flask, store: Store, clock: Clock) -> None:
    with store() as session:
        submit_request(session, clock()).status = consultations.Status.CLOSED
    clock.forward(days=400)
    with app.app_context():
        assert let_go_daily() == ""
        assert retention.doubted_until(db.session, clock()) is None
    assert len(requests(app)) == 1


@pytest.mark.parametrize("has_looked", [False, True])
def test_by_hand_it_lets_go_and_says_by_which_clock(app: Flask, store: Store, clock: Clock, has_looked: bool) -> None:
    closed_request(app, store, clock)
    clock.forward(days=400)
    if has_looked:
        with app.app_context():
            let_go_daily()
    runner = app.test_cli_runner()
    assert "It is 2027-12-28 07:00 UTC by this clock" in runner.invoke(args=["comments", "purge"]).stderr
    done = runner.invoke(args=["retention", "run"])
    assert "1 requests deleted" in done.stdout
    assert "It is 2027-12-28 07:00 UTC by this clock" in done.stderr
    assert runner.invoke(args=["retention", "run"]).stderr == "", "it has just run, by this clock"


def test_doctor_and_readiness_tell_of_a_clock_that_is_not_believed(app: Flask, store: Store, clock: Clock) -> None:
    closed_request(app, store, clock)
    with app.app_context():
        assert running.clock(clock()).level is Level.OK
        clock.forward(days=9)
        finding = running.clock(clock())
        assert (finding.level, "2026-12-03 07:00 UTC" in finding.what) == (Level.WARN, True)
        let_go_daily()
        assert running.clock(clock()).level is Level.WARN
        clock.forward(days=1)
        assert running.clock(clock()).level is Level.OK


def test_a_clock_that_was_set_back_does_not_stop_it(app: Flask, store: Store, clock: Clock) -> None:
    with store() as session:
        old = submit_request(session, clock() - timedelta(days=1000))
        old.status, old.status_since = consultations.Status.CLOSED, clock() - timedelta(days=1000)
    with app.app_context():
        let_go_daily()
        clock.forward(days=-400)
        assert let_go_daily() == DOUBT, "which of the two was right, nobody knows"
        assert db.session.scalars(sa.select(RetentionRun.at)).one() == clock()
        clock.forward(days=1)
        assert let_go_daily() == "1 requests deleted"
