"""Two people at the same row at the same moment, on PostgreSQL: SQLite lets one write after the other anyway."""

import threading
from collections.abc import Callable
from contextlib import AbstractContextManager, contextmanager
from datetime import timedelta
from time import monotonic, sleep
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy.orm import Session

import database
from domain import comments, consultations, forgetting, orm, outbox, retention, settings, staff
from domain.comments import Comment, How
from domain.comments import Status as CommentStatus
from domain.consultations import CloseReason, ConsultationRequest, Forbidden, Move, Status, reminders
from domain.outbox import Kind
from domain.outbox import State as MailState
from domain.staff import Role, Staff, State, TotpSecret
from extensions import db
from tests.conftest import NOON, Clock, Store
from tests.factories import ALWAYS, make_staff, request_draft, submit_comment, submit_request
from tests.pages import Browser, Page, sign_in

WAITING = sa.text("SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'")
Meanwhile = Callable[[Callable[[], Any]], AbstractContextManager[Session]]


@pytest.fixture
def meanwhile(app: Flask) -> Meanwhile:
    """`with meanwhile(work) as session:` what the block does is not committed before `work`, in a thread, waits for it."""

    @contextmanager
    def both(work: Callable[[], Any]):
        faults: list[BaseException] = []

        def run() -> None:
            try:
                with app.app_context():
                    work()
            except BaseException as error:
                faults.append(error)

        thread = threading.Thread(target=run)
        with app.app_context():
            yield database.begin_write(db.session)
            db.session.flush()
            thread.start()
            until = monotonic() + 4
            while thread.is_alive() and monotonic() < until and not _somebody_waits():
                sleep(0.01)
            db.session.commit()
        thread.join(10)
        if faults:
            raise faults[0]

    return both


def _somebody_waits() -> bool:
    with db.engine.connect() as connection:
        return bool(connection.scalar(WAITING))


@pytest.fixture(autouse=True)
def _only_where_several_write(app: Flask) -> None:
    with app.app_context():
        if db.engine.dialect.name == "sqlite":
            pytest.skip("one writes at a time anyway")


@pytest.fixture
def request_id(store: Store, clock: Clock) -> int:
    """A request, and the owner, who has the number 1."""
    with store() as session:
        make_staff(session, clock())
        return submit_request(session, clock(), request_draft(name="Bilal Khan", phone_raw="0300-1234567")).id


@pytest.fixture
def owner(request_id: int, browser: Browser) -> Browser:
    """The owner, signed in."""
    sign_in(browser)
    return browser


def move(session: Session, number: int, status: Status, note: str = "", revision: int | None = 1) -> None:
    consultations.move(session, number, Move(status, note), by=1, working=ALWAYS, now=NOON, revision=revision)


def stored(store: Store, number: int) -> ConsultationRequest:
    with store() as session:
        row = session.get_one(ConsultationRequest, number)
        session.expunge(row)
        return row


def test_a_row_that_was_read_before_is_read_anew_when_it_is_locked(app: Flask, store: Store, request_id: int) -> None:
    with app.app_context():
        session = database.begin_write(db.session)
        row = session.get_one(ConsultationRequest, request_id)
        with store() as other:
            move(other, request_id, Status.CONTACTED)
        assert row.status is Status.NEW
        assert orm.locked(session, ConsultationRequest, request_id) is row
        assert row.status is Status.CONTACTED
        with pytest.raises(Forbidden):
            move(session, request_id, Status.SPAM)


def test_rows_that_were_read_before_are_read_anew_when_they_are_locked(app: Flask, store: Store, request_id: int) -> None:
    with store() as session:
        number = submit_comment(session, NOON).id
    with app.app_context():
        session = database.begin_write(db.session)
        row = session.get_one(Comment, number)
        with store() as other:
            comments.set_status(other, number, CommentStatus.SPAM, by=1, how=How.WEB, now=NOON)
        seen = {number: comments.Seen(CommentStatus.HELD)}
        done = comments.decide(session, seen, CommentStatus.APPROVED, by=1, how=How.WEB, now=NOON)
        assert not done.done
        assert row.status is CommentStatus.SPAM


def test_of_two_decisions_about_a_request_the_second_is_refused(
    store: Store, owner: Browser, request_id: int, meanwhile: Meanwhile
) -> None:
    url, answers = f"/staff/requests/{request_id}", list[Page]()
    shown = owner.get(url)
    with meanwhile(lambda: answers.append(owner.submit(shown, url, button=("status", "spam")))) as other:
        move(other, request_id, Status.CONTACTED, "Reached her")
    assert answers[0].status == 409
    assert "Amina moved this to contacted" in answers[0].text
    row = stored(store, request_id)
    assert (row.status, row.revision) == (Status.CONTACTED, 2)


def test_a_note_leaves_a_request_where_somebody_else_has_put_it(
    store: Store, owner: Browser, request_id: int, meanwhile: Meanwhile
) -> None:
    url = f"/staff/requests/{request_id}"
    shown = owner.get(url)
    with meanwhile(lambda: owner.submit(shown, url, note="Prefers Urdu", button=("status", ""))) as other:
        move(other, request_id, Status.CONTACTED)
    assert stored(store, request_id).status is Status.CONTACTED
    assert "Prefers Urdu" in owner.get(url).text


def test_of_two_who_hand_a_request_over_the_second_is_refused(
    store: Store, owner: Browser, request_id: int, meanwhile: Meanwhile
) -> None:
    with store() as session:
        colleague = make_staff(session, NOON, email="hina@example.com", name="Hina").id
    url, answers = f"/staff/requests/{request_id}", list[Page]()
    shown = owner.get(url)
    with meanwhile(lambda: answers.append(owner.submit(shown, url, formaction=f"{url}/assign", to="1"))) as other:
        consultations.assign(other, request_id, colleague, by=1, now=NOON, revision=1)
    assert answers[0].status == 409
    assert stored(store, request_id).assigned_to == colleague


def test_a_request_is_not_given_to_somebody_whose_account_closes_at_this_moment(
    store: Store, owner: Browser, request_id: int, meanwhile: Meanwhile
) -> None:
    with store() as session:
        colleague = make_staff(session, NOON, email="hina@example.com", name="Hina").id
    url, answers = f"/staff/requests/{request_id}", list[Page]()
    shown = owner.get(url)
    with meanwhile(lambda: answers.append(owner.submit(shown, url, formaction=f"{url}/assign", to=str(colleague)))) as other:
        person = staff.to_change(other, colleague)
        assert person is not None
        staff.deactivate(other, person)
        consultations.unassign_all(other, colleague, by=1, now=NOON)
    assert answers[0].status == 409
    assert stored(store, request_id).assigned_to is None


def test_who_works_does_not_wait_for_a_change_of_the_own_account(app: Flask, store: Store, request_id: int) -> None:
    with app.app_context():
        staff.to_change(database.begin_write(db.session), 1)
        with store() as other:
            other.execute(sa.text("SET LOCAL lock_timeout = '100ms'"))
            move(other, request_id, Status.CONTACTED)
            other.flush()


def test_a_new_secret_does_not_replace_one_that_is_put_in_force_at_this_moment(
    store: Store, owner: Browser, meanwhile: Meanwhile
) -> None:
    shown = owner.get("/staff/account/second-factor")
    owner.submit(shown, f"{shown.url}/start")
    with meanwhile(lambda: owner.submit(shown, f"{shown.url}/start", follow=False)) as other:
        staff.to_change(other, 1)
        row = other.get_one(TotpSecret, 1)
        row.on_since, secret = NOON, row.secret
    with store() as session:
        assert session.get_one(TotpSecret, 1).secret == secret, "the one that the app has"


def test_two_owners_who_take_each_others_role_leave_one(store: Store, owner: Browser, meanwhile: Meanwhile) -> None:
    with store() as session:
        colleague = make_staff(session, NOON, email="hina@example.com", name="Hina").id
    shown, answers = owner.get("/staff/people"), list[Page]()
    with meanwhile(lambda: answers.append(owner.submit(shown, f"/staff/people/{colleague}/deactivate", follow=False))) as other:
        database.begin_write(other, "staff-people")
        staff.set_role(other, other.get_one(Staff, 1), Role.MODERATOR)
    assert (answers[0].status, answers[0].headers["Location"].split("?")[0]) == (307, "/staff/login")
    with store() as session:
        assert session.get_one(Staff, colleague).state is State.ACTIVE


def test_of_two_who_change_the_settings_at_once_none_is_lost(
    app: Flask, store: Store, owner: Browser, meanwhile: Meanwhile
) -> None:
    shown = owner.get("/staff/settings")
    answers = list[Page]()
    with meanwhile(lambda: answers.append(owner.submit(shown, "/staff/settings", comment_depth="5"))) as other:
        database.begin_write(other, settings.SETTINGS)
        settings.change(other, app.config["SITE"], {"notice": "Closed on Friday"}, NOON, 1)
    assert answers[0].status == 409
    with store() as session:
        assert settings.effective(session, app.config["SITE"]).notice == "Closed on Friday"


def test_a_correction_does_not_change_what_staff_work_on_at_this_moment(
    store: Store, request_id: int, meanwhile: Meanwhile
) -> None:
    row = stored(store, request_id)
    draft = request_draft(name="Bilal K.", phone=row.callable_phone)

    def send() -> None:
        submit_request(database.begin_write(db.session, *draft.serialise_on), NOON, draft)
        db.session.commit()

    with meanwhile(send) as other:
        move(other, request_id, Status.CONTACTED)
    with store() as session:
        both = session.scalars(sa.select(ConsultationRequest).order_by(ConsultationRequest.id)).all()
        assert [(row.name, row.status, row.revision) for row in both] == [
            ("Bilal Khan", Status.CONTACTED, 2),
            ("Bilal K.", Status.NEW, 1),
        ]


def test_a_request_is_erased_while_its_mail_is_stopped(store: Store, request_id: int, meanwhile: Meanwhile) -> None:
    def erase() -> None:
        forgetting.requests(database.begin_write(db.session), [request_id])
        db.session.commit()

    with meanwhile(erase) as other:
        move(other, request_id, Status.SPAM)
    with store() as session:
        assert session.get(ConsultationRequest, request_id) is None


def test_a_request_that_is_opened_again_at_this_moment_is_not_let_go_of(
    store: Store, request_id: int, meanwhile: Meanwhile
) -> None:
    years_later = NOON + timedelta(days=3000)
    with store() as session:
        closed = Move(Status.CLOSED, reason=CloseReason.DECLINED)
        consultations.move(session, request_id, closed, by=1, working=ALWAYS, now=NOON)
    part = next(part for part in retention.PARTS if part.name == "requests")

    def let_go() -> None:
        retention.let_go(database.begin_write(db.session, comments.MODERATION), part, [request_id], years_later)
        db.session.commit()

    with meanwhile(let_go) as other:
        again = Move(Status.BOOKED, at=years_later + timedelta(days=2))
        consultations.move(other, request_id, again, by=1, working=ALWAYS, now=years_later)
    assert stored(store, request_id).status is Status.BOOKED


def test_an_owner_leaves_while_a_request_they_were_to_be_told_of_is_called_spam(
    store: Store, request_id: int, meanwhile: Meanwhile
) -> None:
    with store() as session:
        outbox.gather(session, Kind.REQUESTS_ESCALATED, request_id, ["owner@example.com"], NOON, reminders.PACE)

    def leave() -> None:
        reminders.hand_over(database.begin_write(db.session), "owner@example.com")
        db.session.commit()

    with meanwhile(leave) as other:
        consultations.to_change(other, request_id)
        move(other, request_id, Status.SPAM)
    with store() as session:
        assert [mail.state for mail in consultations.mail_about(session, request_id)][-1] is MailState.CANCELLED
