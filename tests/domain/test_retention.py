"""What people sent is let go of when its time is over, and never before."""

from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from domain import audit, comments, consultations, forgetting, outbox, retention, staff
from domain.audit import AuditEntry
from domain.comments import Comment, CommentEvent
from domain.consultations import ConsultationRequest, RequestEvent
from domain.outbox import OutboxMail, State
from domain.periods import PERIODS
from domain.staff import SignInFailure
from tests.conftest import NOON
from tests.factories import request_draft, run_retention, submit_comment, submit_request

DAYS = timedelta(days=1)
YEAR = timedelta(days=365.25)


def count(session: Session, model: type) -> int:
    return session.scalars(sa.select(sa.func.count()).select_from(model)).one()


@pytest.mark.parametrize(
    ("age", "kept", "why"),
    [(30 * DAYS, True, "30 days to the second"), (30 * DAYS + timedelta(seconds=1), False, "older")],
)
def test_network_fingerprints_are_emptied_after_30_days(session: Session, age: timedelta, kept: bool, why: str) -> None:
    comment, request = submit_comment(session, NOON, network="net"), submit_request(session, NOON, network="net")
    done = run_retention(session, NOON + age)
    session.expire_all()
    assert (comment.network, request.network) == (("net", "net") if kept else (None, None)), why
    assert (done.networks, done.comments, done.requests) == (0 if kept else 2, 0, 0)


@pytest.mark.parametrize("status", list(comments.Status))
@pytest.mark.parametrize("age", [15 * DAYS, 16 * DAYS, 30 * DAYS, 31 * DAYS, 400 * DAYS])
def test_spam_goes_after_15_days_other_rejected_comments_after_30_and_none_else(
    session: Session, status: comments.Status, age: timedelta
) -> None:
    comment = submit_comment(session, NOON, notify=["a@example.com"])
    comment.status = status
    session.flush()
    kept = {comments.Status.SPAM: 15 * DAYS, comments.Status.TRASH: 30 * DAYS, comments.Status.WITHDRAWN: 30 * DAYS}
    gone = status in kept and age > kept[status]
    assert run_retention(session, NOON + age).comments == int(gone)
    assert [count(session, model) for model in (Comment, CommentEvent, OutboxMail)] == [int(not gone)] * 3


def test_time_counts_from_the_rejection(session: Session) -> None:
    comment = submit_comment(session, NOON)
    comment.status, comment.status_since = comments.Status.TRASH, NOON + 40 * DAYS
    session.flush()
    assert run_retention(session, NOON + 60 * DAYS).comments == 0
    assert run_retention(session, NOON + 71 * DAYS).comments == 1


def test_rejected_parent_stays_as_an_empty_place_while_a_reply_stays(session: Session) -> None:
    parent, reply, alone = (submit_comment(session, NOON) for _ in range(3))
    parent.status = alone.status = comments.Status.TRASH
    reply.parent_id = parent.id
    session.flush()
    assert run_retention(session, NOON + 31 * DAYS).comments == 2
    session.expire_all()
    assert set(session.scalars(sa.select(Comment.id))) == {parent.id, reply.id}
    assert (parent.name, parent.email, parent.email_key, parent.text, parent.website) == ("", "", "", "", None)
    assert reply.email
    reply.status = comments.Status.TRASH
    session.flush()
    assert run_retention(session, NOON + 62 * DAYS).comments == 2, "the reply, and the place that was left for it only"


@pytest.mark.parametrize("status", list(consultations.Status))
@pytest.mark.parametrize("age", [364 * DAYS, YEAR + DAYS, 10 * YEAR])
def test_only_closed_requests_go_after_12_months(session: Session, status: consultations.Status, age: timedelta) -> None:
    request = submit_request(session, NOON, request_draft(email="a@example.com"))
    request.status = status
    session.flush()
    gone = status not in consultations.OPEN and age > YEAR
    assert run_retention(session, NOON + age).requests == int(gone)
    assert [count(session, model) for model in (ConsultationRequest, RequestEvent)] == [int(not gone)] * 2
    assert count(session, OutboxMail) == (0 if gone else 2)


def test_mail_of_other_subjects_with_the_same_number_stays(session: Session) -> None:
    comment, request = submit_comment(session, NOON, notify=["a@example.com"]), submit_request(session, NOON)
    assert comment.id == request.id
    comment.status = comments.Status.TRASH
    outbox.enqueue(session, outbox.Kind.STAFF_INVITED, comment.id, ["b@example.com"], NOON)
    session.flush()
    run_retention(session, NOON + 31 * DAYS)
    kinds = set(session.scalars(sa.select(OutboxMail.kind)))
    assert kinds == {outbox.Kind.REQUEST_RECEIVED, outbox.Kind.STAFF_INVITED}


def test_lists_that_told_of_a_request_go_with_it(session: Session) -> None:
    gone, kept = submit_request(session, NOON, recipients=[]), submit_request(session, NOON, recipients=[])
    gone.status = consultations.Status.CLOSED
    outbox.gather_all(session, outbox.Kind.REQUESTS_OVERDUE, [gone.id, kept.id], ["a@example.com"], NOON)
    outbox.gather(session, outbox.Kind.REQUESTS_ESCALATED, gone.id, ["b@example.com"], NOON)
    session.flush()
    assert run_retention(session, NOON + YEAR + DAYS).requests == 1
    (left,) = session.scalars(sa.select(OutboxMail))
    assert outbox.items(session, [left.id]) == {left.id: [kept.id]}


@pytest.mark.parametrize(
    ("state", "stays"),
    [(State.WAITING, True), (State.FAILED, True), (State.SENT, False), (State.CANCELLED, False)],
)
def test_a_list_that_tells_of_others_stays_until_it_was_sent(session: Session, state: State, stays: bool) -> None:
    gone, kept = (submit_request(session, NOON, recipients=[]).id for _ in range(2))
    outbox.gather_all(session, outbox.Kind.REQUESTS_SUSPECTED, [gone, kept], ["a@example.com"], NOON)
    session.scalars(sa.select(OutboxMail)).one().state = state
    session.flush()
    forgetting.requests(session, [gone])
    session.expire_all()
    left = session.scalars(sa.select(OutboxMail)).all()
    assert [(mail.state, outbox.items(session, [mail.id])[mail.id]) for mail in left] == [(state, [kept])] * stays


def test_items_of_comments_and_requests_with_the_same_number_are_told_apart(session: Session) -> None:
    comment, request = submit_comment(session, NOON, notify=["a@example.com"]), submit_request(session, NOON, recipients=[])
    assert comment.id == request.id
    outbox.gather(session, outbox.Kind.REQUESTS_OVERDUE, request.id, ["b@example.com"], NOON)
    comment.status = comments.Status.TRASH
    session.flush()
    run_retention(session, NOON + 31 * DAYS)
    (left,) = session.scalars(sa.select(OutboxMail))
    assert (left.kind, outbox.items(session, [left.id])) == (outbox.Kind.REQUESTS_OVERDUE, {left.id: [request.id]})


def test_notices_that_name_nobody_go_after_a_month(session: Session) -> None:
    for kind in (outbox.Kind.DESK_DIGEST, outbox.Kind.HOOK_MAIL_ALARM):
        outbox.enqueue(session, kind, 1, ["a@example.com"], NOON)
    session.flush()
    run_retention(session, NOON + 29 * DAYS)
    assert count(session, OutboxMail) == 2
    run_retention(session, NOON + 31 * DAYS)
    assert count(session, OutboxMail) == 0


def test_second_run_finds_nothing_to_do(session: Session) -> None:
    comment = submit_comment(session, NOON, network="net")
    comment.status = comments.Status.SPAM
    session.flush()
    assert run_retention(session, NOON + 31 * DAYS) == retention.Done(1, 1, 0, 0, 0, 0)
    assert run_retention(session, NOON + 31 * DAYS) == retention.Done(0, 0, 0, 0, 0, 0)


def test_refused_sign_ins_and_their_networks_go_too(session: Session) -> None:
    # Rule 5 of the design: a network is kept for 30 days at most, also where nobody signs in again.
    staff.note_failure(session, "a@example.com", "net", NOON)
    session.flush()
    run_retention(session, NOON + 31 * DAYS)
    assert list(session.scalars(sa.select(SignInFailure.network).where(SignInFailure.network.is_not(None)))) == []


def test_audit_entries_go_after_the_time_the_privacy_page_says(session: Session) -> None:
    # The trigger asks the database for the time, so this test cannot stand at NOON.
    now = datetime.now(UTC)
    month = timedelta(days=30.4375)
    audit.record(session, now - (PERIODS.audit_months + 1) * month, None, "a", "old")
    audit.record(session, now - (PERIODS.audit_months - 1) * month, None, "a", "young")
    session.flush()
    run_retention(session, now)
    assert list(session.scalars(sa.select(AuditEntry.subject))) == ["young"]


def test_consent_names_the_same_time() -> None:
    assert "They are deleted 12 months after the request is closed" in consultations.consent_text(PERIODS.request_months)
