"""The owner has the filter unlearn the decisions of a period, in turns, and what was decided after it began stays."""

from datetime import timedelta
from functools import partial

import pytest
from sqlalchemy.orm import Session

from domain import audit, comments
from domain.audit import AuditEntry
from domain.comments import How, Status, teaching
from tests.conftest import NOON
from tests.domain.spam_texts import SPAM, texts
from tests.domain.test_spam_teaching import learned, move, table
from tests.factories import approved_comment, comment_draft, make_staff, submit_comment


def test_a_period_can_be_unlearned_as_a_whole(session: Session) -> None:
    owner = make_staff(session, NOON).id
    first = approved_comment(session, NOON)
    before = table(session)
    bad = [submit_comment(session, NOON, comment_draft(text=text)) for text in texts(SPAM, 4)]
    for comment in bad:
        comments.set_status(session, comment.id, Status.APPROVED, by=owner, how=How.WEB, now=NOON + timedelta(days=1))
    later = NOON + timedelta(days=2)
    period = comments.Period(NOON + timedelta(hours=1), later)
    done = comments.unlearn_next(session, period, 0, is_last=False, by=owner, now=later)
    assert (done, learned(session), table(session)) == ((4, True), (0, 1), before)
    assert {comment.status for comment in bad} == {Status.APPROVED}, "what readers see stays"
    assert first.learned_as_spam is False
    entry = audit.page(session, before=None, size=1)[0]
    assert (entry.action, entry.subject, entry.detail) == ("spam filter unlearned", "2026-11-23 to 2026-11-25", {"comments": 4})
    move(session, bad[0], Status.SPAM, owner)
    assert learned(session) == (1, 1), "a new decision teaches again"


def test_a_period_is_unlearned_in_turns_and_what_is_decided_meanwhile_stays(
    session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(teaching, "UNLEARNED_AT_ONCE", 2)
    owner = make_staff(session, NOON).id
    for _ in range(3):
        approved_comment(session, NOON)
    period = comments.Period(NOON, NOON + timedelta(days=1))
    unlearn = partial(comments.unlearn_next, session, period, by=owner, now=NOON)
    assert unlearn(0, is_last=False) == (2, False)
    (begun,) = entries(session)
    assert (begun.action, begun.detail) == ("spam filter unlearning begun", {})
    late = submit_comment(session, NOON)
    comments.set_status(session, late.id, Status.SPAM, by=owner, how=How.WEB, now=NOON + timedelta(seconds=1))
    assert comments.count_taught(session, period, NOON) == 1
    assert unlearn(2, is_last=False) == (3, True)
    assert late.learned_as_spam is True
    assert [(entry.action, entry.detail) for entry in entries(session)] == [
        ("spam filter unlearned", {"comments": 3}),
        ("spam filter unlearning begun", {}),
    ]


def test_turns_that_are_ended_early_are_in_the_audit_log_with_what_they_did(
    session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(teaching, "UNLEARNED_AT_ONCE", 2)
    owner = make_staff(session, NOON).id
    for _ in range(3):
        approved_comment(session, NOON)
    period = comments.Period(NOON, NOON + timedelta(days=1))
    assert comments.unlearn_next(session, period, 0, is_last=True, by=owner, now=NOON) == (2, True)
    assert [(entry.action, entry.detail) for entry in entries(session)] == [("spam filter unlearned", {"comments": 2})]


def entries(session: Session) -> list[AuditEntry]:
    """What the audit log has of unlearning, newest first."""
    return [entry for entry in audit.page(session, before=None, size=20) if entry.action.startswith("spam filter")]
