"""Requests that nobody answers: told once to the desk and once to the owners, by working time, never when somebody has."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from domain import consultations, outbox, spam, working_time
from domain.consultations import ContactBy, Move, Status, reminders
from domain.consultations.reminders import Audience, Patience, Taken
from domain.outbox import WEBHOOK, Kind, OutboxMail, State
from domain.working_time import WorkingTime
from tests.conftest import NOON
from tests.factories import ALWAYS, make_staff, submit_request

KARACHI = ZoneInfo("Asia/Karachi")
WALL = WorkingTime(KARACHI)
NINE_TO_FIVE = WorkingTime(KARACHI, working_time.read_week(["09:00-17:00"] * 5 + ["closed"] * 2))
OWNER_ID = 1
OWNER, GENERAL = "owner@example.com", "general@example.com"
ALL = Audience([OWNER], [GENERAL], has_webhook=True)
SUSPECTED = spam.Signals(honeypot_filled=True)


def after(minutes: float) -> datetime:
    return NOON + timedelta(minutes=minutes)


def run(session: Session, now: datetime, working: WorkingTime = WALL, audience: Audience = ALL, **minutes: int) -> Taken:
    patience = Patience(working, **{"remind_minutes": 30, "escalate_minutes": 120} | minutes)
    is_any = reminders.any_overdue(session, patience, now)
    taken = reminders.run(session, patience, audience, now)
    assert is_any == (taken != Taken(0, 0))
    session.flush()
    return taken


def mail(session: Session, *kinds: Kind) -> list[tuple[Kind, str, list[int]]]:
    rows = session.scalars(sa.select(OutboxMail).where(OutboxMail.kind.in_(kinds)).order_by(OutboxMail.id)).all()
    items = outbox.items(session, [row.id for row in rows])
    return [(row.kind, row.recipient, items[row.id]) for row in rows]


def reminded(session: Session) -> list[tuple[Kind, str, list[int]]]:
    return mail(session, *reminders.REMIND[1:], *reminders.ESCALATE[1:])


def test_the_desk_is_reminded_then_the_owners_are_told_each_once(session: Session) -> None:
    request = submit_request(session, NOON, recipients=["a@x.example", "b@x.example"])
    assert run(session, after(29)) == Taken(0, 0)
    assert run(session, after(30)) == Taken(1, 0)
    assert reminded(session) == [
        (Kind.REQUESTS_OVERDUE, "a@x.example", [request.id]),
        (Kind.REQUESTS_OVERDUE, "b@x.example", [request.id]),
        (Kind.HOOK_OVERDUE, WEBHOOK, [request.id]),
    ]
    assert [run(session, after(minutes)) for minutes in (31, 119)] == [Taken(0, 0)] * 2
    assert run(session, after(120)) == Taken(0, 1)
    assert reminded(session)[3:] == [
        (Kind.REQUESTS_ESCALATED, OWNER, [request.id]),
        (Kind.HOOK_ESCALATED, WEBHOOK, [request.id]),
    ]
    assert run(session, after(9999)) == Taken(0, 0)
    assert (request.reminded_at, request.escalated_at) == (after(30), after(120))


def test_without_a_webhook_only_mail_is_written(session: Session) -> None:
    submit_request(session, NOON)
    run(session, after(500), audience=Audience([OWNER], [GENERAL], has_webhook=False))
    assert [kind for kind, _, _ in reminded(session)] == [Kind.REQUESTS_OVERDUE, Kind.REQUESTS_ESCALATED]


def test_after_an_outage_both_steps_are_made_up_for(session: Session) -> None:
    submit_request(session, NOON)
    assert run(session, after(500)) == Taken(1, 1)


@pytest.mark.parametrize(
    ("status", "why"),
    [(status, "somebody has worked on it") for status in Status if status is not Status.NEW],
)
def test_request_that_somebody_worked_on_is_not_told(session: Session, status: Status, why: str) -> None:
    owner, request = make_staff(session, NOON), submit_request(session, NOON)
    consultations.move(session, request.id, Move(status), by=owner.id, working=ALWAYS, now=after(1))
    session.flush()
    assert run(session, after(500)) == Taken(0, 0), why


def test_a_call_is_a_first_contact_whatever_the_state(session: Session) -> None:
    owner, request = make_staff(session, NOON), submit_request(session, NOON)
    consultations.note_attempt(session, request.id, ContactBy.PHONE, by=owner.id, working=ALWAYS, now=after(1))
    session.flush()
    assert request.status is Status.NEW
    assert run(session, after(500)) == Taken(0, 0)


def test_suspected_requests_count_too(session: Session) -> None:
    request = submit_request(session, NOON, signals=SUSPECTED)
    assert request.suspected
    assert run(session, after(30)) == Taken(1, 0)


@pytest.mark.parametrize(("minutes", "expected"), [({"remind_minutes": 0}, Taken(0, 1)), ({"escalate_minutes": 0}, Taken(1, 0))])
def test_each_step_can_be_turned_off(session: Session, minutes: dict[str, int], expected: Taken) -> None:
    submit_request(session, NOON)
    assert run(session, after(500), **minutes) == expected
    assert run(session, after(501), **minutes) == Taken(0, 0)


def test_working_time_alone_counts(session: Session) -> None:
    friday_evening = datetime(2026, 11, 27, 11, 50, tzinfo=UTC)  # 16:50 in Karachi, ten minutes before closing
    submit_request(session, friday_evening)
    monday = datetime(2026, 11, 30, 4, 0, tzinfo=UTC)  # 09:00
    assert run(session, monday + timedelta(minutes=19), NINE_TO_FIVE) == Taken(0, 0)
    assert run(session, monday + timedelta(minutes=20), NINE_TO_FIVE) == Taken(1, 0)
    assert run(session, monday + timedelta(minutes=110), NINE_TO_FIVE) == Taken(0, 1)


def test_where_it_went_is_where_the_reminder_goes_else_to_the_general_addresses(session: Session) -> None:
    submit_request(session, NOON, recipients=[])
    run(session, after(30))
    assert reminded(session)[0][1] == GENERAL


def test_several_that_come_due_go_in_one_message(session: Session) -> None:
    ids = [submit_request(session, after(minute)).id for minute in range(3)]
    assert run(session, after(32)) == Taken(3, 0)
    assert reminded(session) == [(Kind.REQUESTS_OVERDUE, "desk@example.com", ids), (Kind.HOOK_OVERDUE, WEBHOOK, ids)]
    late = [submit_request(session, after(minute)).id for minute in (3, 4)]
    run(session, after(33))
    run(session, after(34))
    assert reminded(session)[2:] == [(Kind.REQUESTS_OVERDUE, "desk@example.com", late), (Kind.HOOK_OVERDUE, WEBHOOK, late)]


def test_a_flood_is_taken_in_parts(session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reminders, "BATCH", 2)
    for _ in range(5):
        submit_request(session, NOON)
    assert [run(session, after(60), escalate_minutes=0).reminded for _ in range(4)] == [2, 2, 1, 0]


def test_spam_takes_a_request_out_of_what_waits(session: Session) -> None:
    owner, request = make_staff(session, NOON), submit_request(session, NOON)
    run(session, after(30))
    consultations.move(session, request.id, Move(Status.SPAM), by=owner.id, working=ALWAYS, now=after(31))
    session.flush()
    session.expire_all()
    waiting = sa.select(OutboxMail.id).where(OutboxMail.state == State.WAITING)
    assert session.scalars(waiting).all() == []


def test_the_clock_reads_only_what_still_waits(session: Session) -> None:
    is_sqlite = session.get_bind().dialect.name == "sqlite"
    if not is_sqlite:
        session.execute(sa.text("SET LOCAL enable_seqscan = off"))
    asked: list[tuple[str, object]] = []
    sa.event.listen(session.get_bind(), "before_cursor_execute", lambda _c, _cursor, text, values, *_: asked.append((text, values)))
    reminders.any_overdue(session, Patience(WALL, 30, 120), after(60))
    statements = [statement for statement in asked if "FROM consultation_request" in statement[0]]
    assert len(statements) == 2
    for text, values in statements:
        explain = "EXPLAIN QUERY PLAN" if is_sqlite else "EXPLAIN"
        plan = session.connection().exec_driver_sql(f"{explain} {text}", values).all()
        assert "ix_consultation_request_unanswered" in str(plan)
        assert "TEMP B-TREE" not in str(plan), "in the order of the index"


def move(session: Session, number: int, status: Status, now: datetime) -> None:
    consultations.move(session, number, Move(status), by=OWNER_ID, working=WALL, now=now)
    session.flush()


def test_a_request_that_was_called_spam_by_mistake_is_told_again(session: Session) -> None:
    make_staff(session, NOON)
    request = submit_request(session, NOON)
    assert [run(session, after(120)), run(session, after(121))] == [Taken(1, 1), Taken(0, 0)]
    move(session, request.id, Status.SPAM, after(122))
    move(session, request.id, Status.NEW, after(123))
    assert run(session, after(123)) == Taken(1, 1)


def test_what_only_one_was_to_be_told_is_told_others_once_their_mail_is_cancelled(session: Session) -> None:
    alone, both = submit_request(session, NOON), submit_request(session, NOON)
    run(session, after(120), audience=Audience([OWNER], [], has_webhook=False))
    outbox.gather(session, Kind.REQUESTS_ESCALATED, both.id, ["second@example.com"], after(120), reminders.PACE)
    reminders.hand_over(session, OWNER)
    assert run(session, after(121), audience=Audience(["second@example.com"], [], has_webhook=False)) == Taken(0, 1)
    assert (alone.escalated_at, both.escalated_at) == (after(121), after(120))
