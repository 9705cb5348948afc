"""Decisions of the queue: taken on what was shown, taken back where nothing has happened since."""

from datetime import timedelta

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from domain import audit, comments, site_version
from domain.comments import Comment, CommentEvent, How, Seen, Status
from tests.conftest import NOON
from tests.factories import make_staff, submit_comment

LATER = NOON + timedelta(minutes=5)
HELD = Seen(Status.HELD, 1)


def decide(session: Session, seen: dict[int, Seen | None], status: Status, by: int) -> comments.Outcome:
    return comments.decide(session, seen, status, by=by, how=How.WEB, now=NOON)


def undo(session: Session, events: list[int], by: int) -> comments.Outcome:
    return comments.undo(session, events, by=by, how=How.WEB, now=LATER)


@pytest.mark.parametrize("before", [Status.HELD, Status.APPROVED, Status.SPAM, Status.TRASH])
@pytest.mark.parametrize("after", [Status.HELD, Status.APPROVED, Status.SPAM, Status.TRASH])
def test_every_decision_is_undone_with_its_history_and_audit(session: Session, before: Status, after: Status) -> None:
    if before is after:
        return
    owner, comment = make_staff(session, NOON).id, submit_comment(session, NOON)
    if before is not Status.HELD:
        decide(session, {comment.id: None}, before, owner)
    done = decide(session, {comment.id: Seen(before, 1)}, after, owner).done
    assert len(done) == 1
    again = undo(session, done, owner)
    assert (comment.status, comment.status_since, comment.shown) == (before, LATER, before is Status.APPROVED)
    event = session.get_one(CommentEvent, again.done[0])
    assert (event.from_status, event.to_status, event.by_staff, event.detail) == (after, before, owner, {"undo": done[0]})
    entry = audit.page(session)[0]
    assert (entry.action, entry.detail) == (f"comment {before.value}", {"before": after.value, "undo": done[0]})


def test_the_second_moderator_overwrites_nothing(session: Session) -> None:
    first, second = make_staff(session, NOON).id, make_staff(session, NOON, email="b@example.com").id
    comment = submit_comment(session, NOON)
    done = decide(session, {comment.id: HELD}, Status.APPROVED, first).done
    outcome = decide(session, {comment.id: HELD}, Status.SPAM, second)
    assert outcome.done == []
    assert [(event.id, event.by_staff) for event in outcome.left] == [(done[0], first)]
    assert comment.status is Status.APPROVED


def test_what_its_author_changed_meanwhile_is_not_approved_unread(session: Session) -> None:
    owner, comment = make_staff(session, NOON).id, submit_comment(session, NOON)
    comments.edit(session, comment.id, "Something else", revision=1, notify=[], now=NOON)
    outcome = decide(session, {comment.id: HELD}, Status.APPROVED, owner)
    assert (outcome.done, outcome.left[0].how) == ([], How.AUTHOR)
    assert decide(session, {comment.id: Seen(Status.HELD, 2)}, Status.APPROVED, owner).done


def test_what_somebody_decided_since_is_not_undone(session: Session) -> None:
    first, second = make_staff(session, NOON).id, make_staff(session, NOON, email="b@example.com").id
    mine, taken, withdrawn = (submit_comment(session, NOON) for _ in range(3))
    done = decide(session, {mine.id: HELD, taken.id: HELD, withdrawn.id: HELD}, Status.SPAM, first).done
    decide(session, {taken.id: None}, Status.TRASH, second)
    comments.withdraw(session, withdrawn.id, NOON)
    outcome = undo(session, done, first)
    assert [row.status for row in (mine, taken, withdrawn)] == [Status.HELD, Status.TRASH, Status.WITHDRAWN]
    assert sorted((event.by_staff or 0, event.to_status) for event in outcome.left) == [
        (0, Status.WITHDRAWN), (second, Status.TRASH),
    ]  # fmt: skip
    assert undo(session, done, first).done == []


def test_nobody_undoes_what_somebody_else_decided(session: Session) -> None:
    first, second = make_staff(session, NOON).id, make_staff(session, NOON, email="b@example.com").id
    comment = submit_comment(session, NOON)
    done = decide(session, {comment.id: HELD}, Status.SPAM, first).done
    assert comments.decisions_between(session, 1, 2**31 - 1, by=second, limit=10) == []
    assert undo(session, done, second) == comments.Outcome()
    assert undo(session, [999, 1], second) == comments.Outcome()
    assert comment.status is Status.SPAM


def test_a_decision_on_what_is_not_there_is_nothing(session: Session) -> None:
    assert decide(session, {999: None}, Status.SPAM, 1) == comments.Outcome()
    assert session.scalars(sa.select(Comment)).all() == []


def test_many_decisions_take_few_statements(session: Session) -> None:
    owner = make_staff(session, NOON).id
    seen: dict[int, Seen | None] = {submit_comment(session, NOON).id: HELD for _ in range(100)}
    before, sent = site_version.current(session), []
    sa.event.listen(session.connection(), "before_cursor_execute", lambda *event: sent.append(event[2]))
    assert len(decide(session, seen, Status.APPROVED, owner).done) == 100
    # New rows may go one by one to the engine in this process; what is read and changed may not.
    assert len([statement for statement in sent if not statement.startswith("INSERT")]) < 8, sent
    assert site_version.current(session) == before + 1, "one change for readers"
    assert {row.shown for row in session.scalars(sa.select(Comment))} == {True}
