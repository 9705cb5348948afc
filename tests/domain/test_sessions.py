"""Sessions of the staff area: how long they last and what ends them."""

from datetime import timedelta

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from domain import staff
from domain.staff import ABSOLUTE, FRESH, IDLE, Role, Staff, StaffSession
from tests.conftest import NOON
from tests.factories import make_staff


@pytest.fixture
def owner(session: Session) -> Staff:
    """Somebody with an account."""
    return make_staff(session, NOON)


def begin(session: Session, person: Staff) -> str:
    key = staff.begin_session(session, person, "Firefox on Linux", NOON)
    session.flush()
    return key


def row_of(session: Session, key: str) -> StaffSession:
    found = staff.resume_session(session, key, NOON)
    assert found is not None
    return found[1]


def test_a_session_belongs_to_who_began_it(session: Session, owner: Staff) -> None:
    other = make_staff(session, NOON, Role.MODERATOR)
    key = begin(session, other)
    found = staff.resume_session(session, key, NOON)
    assert found is not None
    assert found[0] is other
    assert staff.open_sessions(session, owner, NOON) == []


@pytest.mark.parametrize("key", ["", "x", "None"])
def test_a_key_nobody_was_given_opens_nothing(session: Session, owner: Staff, key: str) -> None:
    begin(session, owner)
    assert staff.resume_session(session, key, NOON) is None


def test_the_key_itself_is_not_stored(session: Session, owner: Staff) -> None:
    key = begin(session, owner)
    assert key not in "".join(map(str, session.execute(sa.select(StaffSession.__table__)).one()))


def test_an_unused_session_ends_and_a_used_one_goes_on(session: Session, owner: Staff) -> None:
    key = begin(session, owner)
    assert staff.resume_session(session, key, NOON + IDLE) is None
    row = row_of(session, key)
    row.seen_at = NOON + IDLE - timedelta(minutes=1)
    session.flush()
    assert staff.resume_session(session, key, NOON + IDLE) is not None


def test_no_session_lasts_longer_than_the_absolute_limit(session: Session, owner: Staff) -> None:
    key = begin(session, owner)
    row_of(session, key).seen_at = NOON + ABSOLUTE
    session.flush()
    assert staff.resume_session(session, key, NOON + ABSOLUTE - timedelta(seconds=1)) is not None
    assert staff.resume_session(session, key, NOON + ABSOLUTE) is None


@pytest.mark.parametrize("change", ["password", "role", "deactivate", "end"])
def test_a_change_of_the_account_ends_every_session(session: Session, owner: Staff, change: str) -> None:
    person = make_staff(session, NOON, Role.MODERATOR)
    key = begin(session, person)
    if change == "password":
        staff.set_password_hash(person, "another hash")
    elif change == "role":
        staff.set_role(session, person, Role.FRONT_DESK)
    elif change == "deactivate":
        staff.deactivate(session, person)
    else:
        staff.end_sessions(person)
    session.flush()
    assert staff.resume_session(session, key, NOON) is None
    assert staff.open_sessions(session, person, NOON) == []


def test_ending_one_leaves_the_others_and_those_of_others(session: Session, owner: Staff) -> None:
    first, second = begin(session, owner), begin(session, owner)
    other = make_staff(session, NOON, Role.MODERATOR)
    assert not staff.end_session(session, other, row_of(session, first).id)
    assert staff.end_session(session, owner, row_of(session, first).id)
    assert staff.resume_session(session, first, NOON) is None
    third, kept = begin(session, owner), begin(session, other)
    staff.end_other_sessions(session, owner, row_of(session, second).id)
    assert staff.resume_session(session, third, NOON) is None
    assert staff.resume_session(session, second, NOON) is not None
    assert staff.resume_session(session, kept, NOON) is not None


def test_a_proof_of_identity_is_fresh_for_a_while(session: Session, owner: Staff) -> None:
    row = row_of(session, begin(session, owner))
    assert staff.is_fresh(row, NOON + FRESH - timedelta(seconds=1))
    assert not staff.is_fresh(row, NOON + FRESH)


def test_rows_of_sessions_that_are_over_are_deleted(session: Session, owner: Staff) -> None:
    begin(session, owner)
    staff.forget_over(session, NOON + timedelta(minutes=1))
    assert session.scalars(sa.select(StaffSession)).all()
    staff.forget_over(session, NOON + IDLE)
    assert session.scalars(sa.select(StaffSession)).all() == []
