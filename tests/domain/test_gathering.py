"""Gathered mail: the first goes at once, what follows waits and goes together, and what is decided is left out."""

from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from domain import outbox
from domain.outbox import Kind, OutboxMail, Pace, State
from tests.conftest import NOON

EVERY = Pace(every=timedelta(minutes=15))
SANA = "sana@example.com"


def minutes(number: float) -> datetime:
    return NOON + timedelta(minutes=number)


def tell(session: Session, item: int, now: datetime, pace: Pace = EVERY, *to: str) -> None:
    outbox.gather(session, Kind.COMMENT_HELD, item, to or (SANA,), now, pace)
    session.flush()


def mails(session: Session) -> list[tuple[State, datetime, list[int]]]:
    rows = session.scalars(sa.select(OutboxMail).order_by(OutboxMail.id)).all()
    items = outbox.items(session, [row.id for row in rows])
    return [(row.state, row.next_at, items.get(row.id, [])) for row in rows]


def send(session: Session, now: datetime) -> None:
    row = outbox.claim(session, now)
    assert row is not None
    assert row.lease is not None
    session.flush()
    assert outbox.record_sent(session, row.id, row.lease, now)


def test_the_first_goes_at_once_and_what_follows_goes_together(session: Session) -> None:
    tell(session, 1, NOON)
    send(session, NOON)
    tell(session, 2, minutes(1))
    tell(session, 3, minutes(14))
    assert mails(session)[1:] == [(State.WAITING, minutes(15), [2, 3])]
    send(session, minutes(15))
    tell(session, 4, minutes(16))
    assert mails(session)[2:] == [(State.WAITING, minutes(30), [4])]


def test_after_a_quiet_while_the_next_one_goes_at_once_again(session: Session) -> None:
    tell(session, 1, NOON)
    send(session, NOON)
    tell(session, 2, minutes(15))
    assert mails(session)[1] == (State.WAITING, minutes(15), [2])


def test_each_person_has_a_pace_of_their_own(session: Session) -> None:
    tell(session, 1, NOON)
    send(session, NOON)
    tell(session, 2, minutes(1), EVERY, SANA, "omar@example.com")
    assert [due for _, due, _ in mails(session)[1:]] == [minutes(15), minutes(1)]


def test_nothing_goes_before_it_may(session: Session) -> None:
    morning = NOON + timedelta(hours=9)
    tell(session, 1, NOON, Pace(every=timedelta(minutes=15), not_before=morning))
    tell(session, 2, minutes(40), Pace(every=timedelta(minutes=15), not_before=morning))
    assert mails(session) == [(State.WAITING, morning, [1, 2])]


def test_without_a_pace_each_has_a_mail_of_its_own(session: Session) -> None:
    for item in (1, 2):
        tell(session, item, NOON, outbox.AT_ONCE)
    assert mails(session) == [(State.WAITING, NOON, [1]), (State.WAITING, NOON, [2])]


def test_what_somebody_has_begun_to_send_is_not_added_to(session: Session) -> None:
    tell(session, 1, NOON)
    row = outbox.claim(session, NOON)
    assert row is not None
    assert row.lease is not None
    outbox.record_failure(session, row.id, row.lease, outbox.Failure.TEMPORARY, "451 later", NOON)
    tell(session, 2, minutes(0.5))
    assert [items for _, _, items in mails(session)] == [[1], [2]]


def test_what_was_tried_in_vain_keeps_no_other_back(session: Session) -> None:
    tell(session, 1, NOON)
    row = outbox.claim(session, NOON)
    assert row is not None
    row.attempts, row.next_at, row.lease = 5, NOON + timedelta(hours=4), None
    tell(session, 2, minutes(1))
    assert mails(session)[1] == (State.WAITING, minutes(15), [2])


def test_several_items_come_in_one_mail(session: Session) -> None:
    outbox.gather_all(session, Kind.COMMENT_HELD, [3, 1, 2], [SANA], NOON, EVERY)
    session.flush()
    assert mails(session) == [(State.WAITING, NOON, [1, 2, 3])]
    (row,) = outbox.telling(session, [Kind.COMMENT_HELD], 2)
    assert (row.subject_id, outbox.telling(session, [Kind.COMMENT_REPLIED], 2)) == (3, [])


def test_a_dropped_item_is_left_out_and_an_empty_mail_is_cancelled(session: Session) -> None:
    tell(session, 1, NOON)
    send(session, NOON)
    tell(session, 2, minutes(1))
    tell(session, 3, minutes(2))
    outbox.drop(session, [Kind.COMMENT_HELD], [2])
    session.expire_all()
    assert mails(session)[1] == (State.WAITING, minutes(15), [3])
    outbox.drop(session, [Kind.COMMENT_HELD], [3])
    session.expire_all()
    assert mails(session)[1] == (State.CANCELLED, minutes(15), [])
    outbox.drop(session, [Kind.COMMENT_HELD], [1])
    assert mails(session)[0] == (State.SENT, NOON, [1]), "what was sent stays as it was"


def test_mail_that_waits_by_plan_is_not_hurried_by_a_retry(session: Session) -> None:
    tell(session, 1, NOON)
    send(session, NOON)
    tell(session, 2, minutes(1))
    assert outbox.retry(session, minutes(2)) == 0
    assert mails(session)[1] == (State.WAITING, minutes(15), [2])
