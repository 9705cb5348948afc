"""The audit log only grows: the database itself refuses to change or to forget what is young."""

from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from domain import audit
from domain.audit import AuditEntry
from domain.periods import PERIODS
from tests.conftest import NOON

TODAY = datetime.now(UTC)
"""The trigger asks the database for the time, so these tests cannot stand at NOON."""
KEPT = timedelta(days=730)


def test_entry_names_who_did_what_to_which_row(session: Session) -> None:
    audit.record(session, NOON, None, "comment approved", "comment 7", before="held", count=2)
    session.flush()
    [entry] = audit.page(session)
    assert (entry.at, entry.staff_id, entry.action, entry.subject) == (NOON, None, "comment approved", "comment 7")
    assert entry.detail == {"before": "held", "count": 2}


def test_log_is_paged_newest_first(session: Session) -> None:
    for number in range(5):
        audit.record(session, NOON, None, "a", f"comment {number}")
    session.flush()
    first = audit.page(session, size=2)
    assert [entry.subject for entry in first] == ["comment 4", "comment 3"]
    assert [entry.subject for entry in audit.page(session, before=first[-1].id)] == ["comment 2", "comment 1", "comment 0"]


@pytest.mark.parametrize("age", [timedelta(0), KEPT - timedelta(hours=1), KEPT + timedelta(days=1)])
def test_entry_is_never_changed(session: Session, age: timedelta) -> None:
    audit.record(session, TODAY - age, None, "a", "comment 1")
    session.flush()
    with pytest.raises(DBAPIError, match="append-only"), session.begin_nested():
        session.execute(sa.update(AuditEntry).values(action="b"))
    assert session.scalars(sa.select(AuditEntry.action)).one() == "a"


@pytest.mark.parametrize("age", [timedelta(0), timedelta(days=365), KEPT - timedelta(hours=1)])
def test_young_entry_is_not_deleted(session: Session, age: timedelta) -> None:
    audit.record(session, TODAY - age, None, "a", "comment 1")
    session.flush()
    with pytest.raises(DBAPIError, match="append-only"), session.begin_nested():
        session.execute(sa.delete(AuditEntry))
    assert len(audit.page(session)) == 1


def test_entry_older_than_the_retention_may_go(session: Session) -> None:
    audit.record(session, TODAY - KEPT - timedelta(hours=1), None, "a", "comment 1")
    session.flush()
    session.execute(sa.delete(AuditEntry))
    assert audit.page(session) == []


def test_trigger_keeps_no_longer_than_the_privacy_page_says() -> None:
    assert timedelta(days=365.25 / 12 * PERIODS.audit_months) >= KEPT
