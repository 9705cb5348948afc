"""How fast comments may come."""

from datetime import datetime, timedelta

import pytest
from sqlalchemy.orm import Session

from domain.comments import Limits, TooFast
from domain.comments.limits import check
from tests.conftest import NOON
from tests.factories import comment_draft, submit_comment

LIMITS = Limits(timedelta(seconds=15), per_network=3)


def until(session: Session, email: str, network: str | None, now: datetime) -> datetime | None:
    """When a comment may come; None for at once."""
    try:
        check(session, email, network, LIMITS, now)
    except TooFast as refusal:
        return refusal.until
    return None


@pytest.mark.parametrize(
    ("email", "seconds", "waits", "why"),
    [
        ("sana@example.com", 0, True, "the same moment"),
        ("sana@example.com", 14, True, "within the pause"),
        ("sana@example.com", 15, False, "the pause is over"),
        ("huma@example.com", 0, False, "another address"),
    ],
)
def test_one_address_pauses_between_comments(session: Session, email: str, seconds: int, waits: bool, why: str) -> None:
    submit_comment(session, NOON, comment_draft(email="sana@example.com"))
    found = until(session, email, None, NOON + timedelta(seconds=seconds))
    assert found == (NOON + timedelta(seconds=15) if waits else None), why


@pytest.mark.parametrize(("network", "waits"), [("one", True), ("two", False), (None, False)])
def test_one_network_has_so_many_an_hour(session: Session, network: str | None, waits: bool) -> None:
    for minute in range(3):
        submit_comment(session, NOON + timedelta(minutes=minute), network="one")
    assert until(session, "new@example.com", network, NOON + timedelta(minutes=30)) == (
        NOON + timedelta(hours=1) if waits else None
    )
    assert until(session, "new@example.com", network, NOON + timedelta(hours=1)) is None


def test_a_clock_that_was_set_back_locks_nobody_out(session: Session) -> None:
    submit_comment(session, NOON + timedelta(days=400), comment_draft(email="sana@example.com"))
    assert until(session, "sana@example.com", None, NOON) is None
