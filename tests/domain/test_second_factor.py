"""The second factor: codes of an app and recovery codes, each taken once."""

from datetime import timedelta

import pyotp
import pytest
from sqlalchemy.orm import Session

from domain import staff
from domain.staff import Staff, TotpSecret
from tests.conftest import NOON
from tests.factories import make_staff


@pytest.fixture
def owner(session: Session) -> Staff:
    """Somebody with a password and an app."""
    person = make_staff(session, NOON)
    staff.begin_second_factor(session, person)
    return person


def app_code(session: Session, person: Staff, seconds: int = 0) -> str:
    """What the phone shows at NOON plus some seconds."""
    return pyotp.TOTP(session.get_one(TotpSecret, person.id).secret).at(NOON + timedelta(seconds=seconds))


def turned_on(session: Session, person: Staff) -> list[str]:
    codes = staff.turn_on(session, person, app_code(session, person), NOON)
    assert codes is not None
    return codes


def test_a_new_app_is_in_force_only_after_its_first_code(session: Session, owner: Staff) -> None:
    assert not staff.has_second_factor(session, owner)
    assert staff.turn_on(session, owner, "000000", NOON) is None
    assert not staff.has_second_factor(session, owner)
    assert staff.with_second_factor(session) == set()
    assert len(turned_on(session, owner)) == 10
    assert staff.has_second_factor(session, owner)
    assert staff.with_second_factor(session) == {owner.id}
    assert staff.pending_secret(session, owner) is None


def test_beginning_again_leaves_an_app_in_force_alone(session: Session, owner: Staff) -> None:
    turned_on(session, owner)
    secret = session.get_one(TotpSecret, owner.id).secret
    staff.begin_second_factor(session, owner)
    assert session.get_one(TotpSecret, owner.id).secret == secret
    assert staff.turn_on(session, owner, app_code(session, owner, 60), NOON + timedelta(seconds=60)) is None


@pytest.mark.parametrize(
    ("seconds", "taken", "why"),
    [
        (30, True, "the next step"),
        (60, True, "a phone one step ahead of the step before it"),
        (0, False, "the code that turned it on was used"),
        (120, False, "too far ahead"),
        (-60, False, "too old"),
    ],
)
def test_a_code_holds_for_a_step_to_either_side_and_once(
    session: Session, owner: Staff, seconds: int, taken: bool, why: str
) -> None:
    turned_on(session, owner)
    now = NOON + timedelta(seconds=30)
    assert staff.take_code(session, owner, app_code(session, owner, seconds), now) is taken, why
    assert not staff.take_code(session, owner, app_code(session, owner, seconds), now)


def test_an_older_code_is_not_taken_after_a_newer_one(session: Session, owner: Staff) -> None:
    turned_on(session, owner)
    now = NOON + timedelta(seconds=90)
    assert staff.take_code(session, owner, app_code(session, owner, 90), now)
    assert not staff.take_code(session, owner, app_code(session, owner, 60), now)


def test_a_recovery_code_opens_once_in_any_writing(session: Session, owner: Staff) -> None:
    first, second, *_ = turned_on(session, owner)
    assert staff.take_code(session, owner, f" {first.upper().replace('-', ' ')} ", NOON)
    assert not staff.take_code(session, owner, first, NOON)
    assert staff.recovery_codes_left(session, owner) == 9
    staff.new_recovery_codes(session, owner)
    assert not staff.take_code(session, owner, second, NOON)
    assert staff.recovery_codes_left(session, owner) == 10


def test_codes_of_one_person_are_nothing_to_another(session: Session, owner: Staff) -> None:
    code, *_ = turned_on(session, owner)
    other = make_staff(session, NOON, email="other@example.com")
    staff.begin_second_factor(session, other)
    turned_on(session, other)
    assert not staff.take_code(session, other, code, NOON)


@pytest.mark.parametrize("typed", ["", "-", "12345", "1234567", "٣٤٥٦٧٨", "x" * 40, "\u0000"])
def test_what_is_no_code_is_refused(session: Session, owner: Staff, typed: str) -> None:
    turned_on(session, owner)
    assert not staff.take_code(session, owner, typed, NOON)


def test_turned_off_nothing_is_left(session: Session, owner: Staff) -> None:
    code, *_ = turned_on(session, owner)
    staff.turn_off(session, owner)
    assert not staff.has_second_factor(session, owner)
    assert not staff.take_code(session, owner, code, NOON)
    assert staff.recovery_codes_left(session, owner) == 0
