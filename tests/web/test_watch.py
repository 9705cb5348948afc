"""What the dispatcher does by the clock on the whole site: with the owner's settings, to the right people, once."""

import threading
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
import sqlalchemy as sa
from flask import Flask

import clinic
import mailer
from cli import watch
from cli.jobs import JOBS
from domain import consultations, outbox, settings, staff
from domain.documents import Library, Status
from domain.outbox import WEBHOOK, Kind, OutboxMail, State
from domain.sign_offs import SignOff
from domain.staff import Role
from extensions import db
from tests.conftest import NOON, Clock, Store
from tests.factories import ARTICLE, make_staff, submit_request
from tests.pages import Browser, sign_in

EIGHT = datetime(2026, 11, 23, 3, 0, tzinfo=UTC)
"""08:00 in Karachi on the day of NOON."""
HOOK = {"WEBHOOK_URL": "http://127.0.0.1:9/", "WEBHOOK_SECRET": "s" * 32}


def queued(store: Store) -> list[tuple[Kind, str]]:
    with store() as session:
        rows = session.scalars(sa.select(OutboxMail).where(OutboxMail.kind != Kind.REQUEST_RECEIVED).order_by(OutboxMail.id))
        return [(row.kind, row.recipient) for row in rows]


def ask(store: Store, now: datetime = NOON) -> int:
    with store() as session:
        return submit_request(session, now).id


def everyone(store: Store) -> None:
    with store() as session:
        make_staff(session, NOON)
        make_staff(session, NOON, Role.FRONT_DESK)
        gone = make_staff(session, NOON, Role.OWNER, "gone@example.com")
        staff.deactivate(session, gone)
        staff.invite(session, "invited@example.com", "Nadia", Role.OWNER, NOON)


def change(app: Flask, store: Store, **values: settings.Value) -> None:
    with store() as session:
        owner = staff.by_email(session, "owner@example.com") or make_staff(session, NOON)
        settings.change(session, app.config["SITE"], values, NOON, owner.id)


def test_the_timetable_has_these_jobs_every_minute() -> None:
    every = {job.run: job.every for job in JOBS}
    assert every[watch.tell_of_reviews] == 600
    assert [every[job] for job in (watch.follow_clock, watch.remind, watch.send_digest, watch.alarm)] == [60, 60, 60, 60]


def test_mail_does_not_wait_for_the_hour_from_which_the_clock_was_set_back(app: Flask, store: Store) -> None:
    with store() as session:
        submit_request(session, NOON + timedelta(hours=2))
    with app.app_context():
        assert not mailer.deliver_next()
        assert watch.follow_clock() == "1 messages and 1 requests were waiting for a time from which the clock was set back"
        assert mailer.deliver_next()
        assert watch.follow_clock() == ""


def test_a_request_from_a_clock_that_was_ahead_is_to_be_done_and_reminded_of(app: Flask, store: Store, clock: Clock) -> None:
    ask(store, NOON + timedelta(days=400))
    with app.app_context():
        watch.follow_clock()
        assert consultations.count_due(db.session, NOON) == 1
        clock.forward(minutes=30)
        assert watch.remind() == "1 reminded, 0 escalated"
        clock.now = EIGHT + timedelta(days=1)
        assert watch.send_digest() == "2026-11-24"


def test_reminder_goes_to_the_desk_and_escalation_to_the_owners(app: Flask, store: Store, clock: Clock) -> None:
    everyone(store)
    ask(store)
    with app.app_context():
        assert watch.remind() == ""
        clock.forward(minutes=30)
        assert watch.remind() == "1 reminded, 0 escalated"
        clock.forward(minutes=90)
        assert watch.remind() == "0 reminded, 1 escalated"
        assert watch.remind() == ""
    assert queued(store) == [(Kind.REQUESTS_OVERDUE, "desk@example.com"), (Kind.REQUESTS_ESCALATED, "owner@example.com")]


def test_without_an_owner_the_general_addresses_hear_of_it(app: Flask, store: Store, clock: Clock) -> None:
    ask(store)
    clock.forward(minutes=120)
    with app.app_context():
        watch.remind()
    assert queued(store)[-1] == (Kind.REQUESTS_ESCALATED, "front-desk@localhost")


def test_the_webhook_hears_of_both(app: Flask, store: Store, clock: Clock) -> None:
    app.config.update(HOOK)
    ask(store)
    clock.forward(minutes=120)
    with app.app_context():
        watch.remind()
    assert [kind for kind, to in queued(store) if to == WEBHOOK] == [Kind.HOOK_OVERDUE, Kind.HOOK_ESCALATED]


def test_the_owners_numbers_hold_without_a_restart(app: Flask, store: Store, clock: Clock) -> None:
    ask(store)
    clock.forward(minutes=10)
    with app.app_context():
        assert watch.remind() == ""
        change(app, store, remind_minutes=5, escalate_minutes=0)
        assert watch.remind() == "1 reminded, 0 escalated"


def test_several_dispatchers_remind_once(app: Flask, store: Store, clock: Clock) -> None:
    for _ in range(3):
        ask(store)
    done: list[str] = []

    def dispatch() -> None:
        with app.app_context():
            done.extend((watch.remind(), watch.send_digest()))

    clock.now = EIGHT + timedelta(days=1)
    threads = [threading.Thread(target=dispatch) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(done) == 8
    kinds = [kind for kind, _ in queued(store)]
    assert sorted(kinds) == [Kind.DESK_DIGEST, Kind.REQUESTS_ESCALATED, Kind.REQUESTS_OVERDUE]


def test_digest_goes_to_the_front_desk_once_a_day(app: Flask, store: Store, clock: Clock) -> None:
    everyone(store)
    ask(store, EIGHT - timedelta(hours=1))
    with app.app_context():
        clock.now = EIGHT - timedelta(minutes=1)
        assert watch.send_digest() == ""
        clock.now = EIGHT
        assert watch.send_digest() == "2026-11-23"
        clock.forward(minutes=1)
        assert watch.send_digest() == ""
        clock.now = EIGHT + timedelta(days=1)
        assert watch.send_digest() == "2026-11-24"
    assert queued(store) == [(Kind.DESK_DIGEST, "front-desk@example.com")] * 2


@pytest.mark.parametrize(
    ("values", "why"),
    [
        ({"digest_at": ""}, "turned off"),
        ({"digest_at": "09:00"}, "later"),
        ({"opening": ["closed"] * 6 + ["09:00-12:00"]}, "closed on this Monday"),
        ({"opening": ["09:00-17:00"] * 7, "holidays": ["2026-11-23 A holiday"]}, "a holiday"),
    ],
)
def test_no_digest_when_the_owner_wants_none(
    app: Flask, store: Store, clock: Clock, values: dict[str, settings.Value], why: str
) -> None:
    change(app, store, **values)
    ask(store, EIGHT - timedelta(hours=1))
    clock.now = EIGHT
    with app.app_context():
        assert watch.send_digest() == "", why


def fail_one(store: Store) -> None:
    with store() as session:
        (row,) = outbox.enqueue(session, Kind.REQUEST_RECEIVED, 1, ["nobody@example.com"], NOON)
        row.state, row.failure, row.last_reply = State.FAILED, outbox.Failure.PERMANENT, "550 no such user"


def test_alarm_needs_a_webhook_and_is_raised_once(app: Flask, store: Store) -> None:
    fail_one(store)
    with app.app_context():
        assert watch.alarm() == ""
        app.config.update(HOOK)
        assert watch.alarm() == "raised"
        assert watch.alarm() == ""
    assert queued(store) == [(Kind.HOOK_MAIL_ALARM, WEBHOOK)]


def test_the_dashboard_says_what_was_given_up_and_that_the_channel_fails(store: Store, browser: Browser, clock: Clock) -> None:
    everyone(store)
    fail_one(store)
    with store() as session:
        (row,) = outbox.enqueue(session, Kind.HOOK_MAIL_ALARM, 1, [WEBHOOK], NOON)
        row.state, row.attempts, row.failure, row.last_reply = State.FAILED, 1, outbox.Failure.PERMANENT, "HTTP 400"
    sign_in(browser, "front-desk@example.com")
    for page in (browser.get("/staff/"), browser.get("/staff/mail")):
        assert "2 messages were given up" in page.one("#failed-alarm").get_text()
        assert "HTTP 400" in page.one('[aria-labelledby="hook-alarm"]').get_text()
    assert "Alarm about mail, to the webhook" in page.text


def test_request_goes_where_the_owners_rules_say(app: Flask, store: Store, browser: Browser, clock: Clock) -> None:
    hours = ["09:00-17:00"] * 5 + ["closed"] * 2
    rules = ["chronic-migraine, open: doctor@clinic.example", "any, closed: night@clinic.example"]
    change(app, store, opening=hours, routes=rules)
    with app.test_request_context():
        assert clinic.request_recipients("chronic-migraine") == ["doctor@clinic.example"]
        assert clinic.request_recipients("unsure") == ["front-desk@localhost"]
        clock.forward(hours=12)
        assert clinic.request_recipients("chronic-migraine") == ["night@clinic.example"]
    form = {"name": "Bilal", "phone": "0300-1234567", "contact_by": "phone", "treatment": "unsure", "consent": "y"}
    browser.submit(browser.get("/consultation"), "/consultation", **form)
    with store() as session:
        assert [row.recipient for row in session.scalars(sa.select(OutboxMail))] == ["night@clinic.example"]


def test_a_dispatcher_is_heard_of_by_its_job(app: Flask, store: Store, clock: Clock) -> None:
    (beat,) = [job for job in JOBS if job.name == "heartbeat"]
    with app.app_context():
        assert not beat.run()
        clock.forward(seconds=beat.every)
        beat.run()
    with store() as session:
        assert outbox.last_beat(session) == clock()
        assert outbox.count_living(session, clock()) == 1


def text(app: Flask, **changes: object) -> None:
    """The article as it stands, but for these."""
    item = app.config["LIBRARY"].by_id(ARTICLE)
    app.config["LIBRARY"] = Library([replace(item, **changes)])


def test_owners_hear_of_reviews_once_a_month(app: Flask, store: Store, clock: Clock) -> None:
    everyone(store)
    with app.app_context():
        assert watch.tell_of_reviews() == "", "an article that was never signed waits for nobody"
        text(app, review_due=date(2026, 12, 24))
        assert watch.tell_of_reviews() == "", "31 days before"
        clock.forward(days=1)
        assert watch.tell_of_reviews() == "1 queued"
        assert watch.tell_of_reviews() == ""
        clock.forward(days=6)
        assert watch.tell_of_reviews() == "", "still the same month"
        clock.forward(days=1)
        assert watch.tell_of_reviews() == "1 queued", "the first of December"
        text(app, review_due=None)
        clock.forward(days=40)
        assert watch.tell_of_reviews() == ""
    assert queued(store) == [(Kind.REVIEWS_DUE, "owner@example.com")] * 2


def test_owners_hear_once_of_each_change_after_a_sign_off(app: Flask, store: Store, clock: Clock) -> None:
    everyone(store)
    ended = SignOff("a-khan", date(2026, 11, 1), date(2027, 11, 1), is_current=False)
    with app.app_context():
        text(app, sign_off=ended, text_hash="one")
        assert watch.tell_of_reviews() == "2 queued", "with this month's list"
        assert watch.tell_of_reviews() == ""
        clock.forward(days=3)
        text(app, text_hash="two")
        assert watch.tell_of_reviews() == "1 queued"
        clock.forward(days=300)
        assert watch.tell_of_reviews() == "1 queued", "the month's list alone, whatever the outbox has let go"
        text(app, status=Status.DRAFT, text_hash="three")
        assert watch.tell_of_reviews() == ""
    kinds = [kind for kind, _ in queued(store)]
    assert [kinds.count(kind) for kind in (Kind.SIGN_OFF_ENDED, Kind.REVIEWS_DUE)] == [2, 2]


def test_dashboard_shows_the_texts_to_be_reviewed(app: Flask, owner: Browser) -> None:
    assert "Texts to be reviewed" not in owner.get("/staff/").text
    text(app, review_due=date(2026, 11, 1))
    page = owner.get("/staff/")
    assert "review overdue due by 1 November 2026" in page.text
    assert page.one(f'a[href="/staff/content/{ARTICLE}/preview"]')
