"""People who work here: what each role may do, who stays owner, passwords, and how guessing is slowed."""

from datetime import timedelta

import pytest
import sqlalchemy as sa
from argon2 import PasswordHasher
from argon2.exceptions import VerifyMismatchError
from sqlalchemy.orm import Session

from domain import staff
from domain.staff import (
    FAILURE_WINDOW,
    FAILURES_PER_ACCOUNT,
    FAILURES_PER_ACCOUNT_AND_NETWORK,
    FAILURES_PER_NETWORK,
    MAX_PASSWORD,
    Area,
    LastOwner,
    Role,
    SignInFailure,
    Staff,
    State,
)
from tests.conftest import NOON
from tests.factories import PASSWORD, make_staff

MAY = {
    Role.OWNER: set(Area),
    Role.MODERATOR: {Area.DASHBOARD, Area.ACCOUNT, Area.COMMENTS, Area.CONTENT},
    Role.FRONT_DESK: {Area.DASHBOARD, Area.ACCOUNT, Area.REQUESTS, Area.MAIL},
}


def failures(session: Session, count: int, email: str, network: str | None = None, at=NOON) -> None:
    for _ in range(count):
        session.add(SignInFailure(at=at, email=email, network=network))
    session.flush()


@pytest.mark.parametrize("role", list(Role))
@pytest.mark.parametrize("area", list(Area))
def test_role_may_enter_its_areas_and_no_other(role: Role, area: Area) -> None:
    assert staff.may(role, area) is (area in MAY[role])


def test_invited_person_has_no_password_and_one_address(session: Session) -> None:
    person = staff.invite(session, " Sana@Example.com ", "Sana", Role.MODERATOR, NOON)
    assert (person.email, person.state, person.password_hash) == ("sana@example.com", State.INVITED, None)
    assert staff.by_email(session, "SANA@example.COM") is person
    with pytest.raises(staff.AlreadyThere):
        staff.invite(session, "sana@EXAMPLE.com", "Other", Role.OWNER, NOON)


def test_nobody_is_there_until_the_first_is_invited(session: Session) -> None:
    assert staff.nobody_yet(session)
    staff.invite(session, "a@example.com", "A", Role.OWNER, NOON)
    assert not staff.nobody_yet(session)


@pytest.mark.parametrize(
    ("other", "why"),
    [
        (None, "nobody else"),
        ("moderator", "no owner"),
        ("invited", "an invited owner has no password yet"),
        ("deactivated", "a deactivated owner cannot come in"),
    ],
)
def test_last_owner_cannot_be_removed(session: Session, other: str | None, why: str) -> None:
    owner = make_staff(session, NOON)
    if other == "moderator":
        make_staff(session, NOON, Role.MODERATOR)
    elif other == "invited":
        staff.invite(session, "b@example.com", "B", Role.OWNER, NOON)
    elif other == "deactivated":
        staff.deactivate(session, make_staff(session, NOON, email="b@example.com"))
        session.flush()
    with pytest.raises(LastOwner):
        staff.deactivate(session, owner)
    with pytest.raises(LastOwner):
        staff.set_role(session, owner, Role.MODERATOR)
    assert (owner.active, owner.role) == (True, Role.OWNER), why


def test_one_of_two_owners_can_go(session: Session) -> None:
    first, second = make_staff(session, NOON), make_staff(session, NOON, email="b@example.com")
    staff.set_role(session, first, Role.FRONT_DESK)
    session.flush()
    assert first.role is Role.FRONT_DESK
    with pytest.raises(LastOwner):
        staff.deactivate(session, second)


def test_invited_owner_can_be_taken_back(session: Session) -> None:
    make_staff(session, NOON)
    invited = staff.invite(session, "b@example.com", "B", Role.OWNER, NOON)
    staff.deactivate(session, invited)
    assert invited.state is State.DEACTIVATED


@pytest.mark.parametrize("change", ["password", "role", "deactivate", "reactivate"])
def test_every_change_of_standing_ends_the_sessions_before(session: Session, change: str) -> None:
    make_staff(session, NOON)
    person = make_staff(session, NOON, Role.MODERATOR)
    before = person.session_epoch
    if change == "password":
        staff.set_password_hash(person, "another hash")
    elif change == "role":
        staff.set_role(session, person, Role.FRONT_DESK)
    elif change == "deactivate":
        staff.deactivate(session, person)
    else:
        staff.reactivate(person)
    assert person.session_epoch == before + 1


def test_same_role_again_ends_nothing(session: Session) -> None:
    owner = make_staff(session, NOON)
    before = owner.session_epoch
    staff.set_role(session, owner, Role.OWNER)
    assert owner.session_epoch == before


def test_returning_person_needs_a_new_password(session: Session) -> None:
    make_staff(session, NOON)
    person = make_staff(session, NOON, Role.MODERATOR)
    staff.deactivate(session, person)
    staff.reactivate(person)
    session.flush()
    assert person.state is State.INVITED
    assert staff.authenticate(session, person.email, PASSWORD, None, NOON) is None


@pytest.mark.parametrize(
    ("password", "fault", "why"),
    [
        ("a1!b2?c3", "short", "eleven characters are too few"),
        ("violet harb", "short", "eleven"),
        ("violet harbo", None, "twelve"),
        ("x y z " * 50, "long", "hashing must end"),
        ("ab" * 20, "guessable", "two letters"),
        ("aaaaaaaaaaaaaaaa", "guessable", "one letter"),
        ("DynamicClinic", "guessable", "a word of the place"),
        ("dynamicclinic123", "guessable", "a word of the place and a number"),
        ("dynamicclinic is where I work", None, "a sentence"),
        ("ایک لمبا اور اچھا جملہ", None, "any alphabet"),
    ],
)
def test_password_fault_is_named(password: str, fault: str | None, why: str) -> None:
    assert staff.password_fault(password, ["DynamicClinic", "Ali"]) == fault, why


def test_longest_password_is_taken() -> None:
    assert staff.password_fault(("violet harbour " * 20)[:MAX_PASSWORD], []) is None


@pytest.mark.usefixtures("real_hashes")
def test_hash_is_argon2id_and_salted() -> None:
    one, two = staff.hash_password(PASSWORD), staff.hash_password(PASSWORD)
    assert one.startswith("$argon2id$v=19$m=65536,t=3,p=1$")
    assert one != two


@pytest.mark.parametrize(
    ("email", "password", "welcome", "why"),
    [
        ("owner@example.com", PASSWORD, True, "right"),
        (" OWNER@example.com", PASSWORD, True, "the address in another writing"),
        ("owner@example.com", PASSWORD + " ", False, "wrong password"),
        ("owner@example.com", "", False, "no password"),
        ("nobody@example.com", PASSWORD, False, "unknown"),
        ("invited@example.com", PASSWORD, False, "no password set yet"),
        ("invited@example.com", "nobody has this password", False, "the stand-in for unknown accounts opens none"),
        ("gone@example.com", PASSWORD, False, "deactivated"),
        ("a" * 5000, "b" * 5000, False, "too long to be anybody"),
        ("\x01", "\x00", False, "control characters"),
    ],
)
def test_only_an_active_account_with_its_password_signs_in(
    session: Session, email: str, password: str, welcome: bool, why: str
) -> None:
    owner = make_staff(session, NOON)
    staff.invite(session, "invited@example.com", "I", Role.OWNER, NOON)
    staff.deactivate(session, make_staff(session, NOON, Role.MODERATOR, "gone@example.com"))
    session.flush()
    assert staff.authenticate(session, email, password, None, NOON) is (owner if welcome else None), why


@pytest.mark.usefixtures("real_hashes")
@pytest.mark.parametrize("email", ["nobody@example.com", "invited@example.com", "owner@example.com"])
def test_refusal_takes_the_same_work_for_every_address(session: Session, monkeypatch: pytest.MonkeyPatch, email: str) -> None:
    make_staff(session, NOON)
    staff.invite(session, "invited@example.com", "I", Role.OWNER, NOON)
    verified: list[str] = []

    def verify(hasher: PasswordHasher, stored: str, password: str) -> bool:
        verified.append(stored)
        raise VerifyMismatchError

    monkeypatch.setattr(PasswordHasher, "verify", verify)
    assert staff.authenticate(session, email, "a wrong password", None, NOON) is None
    assert [stored.split("$")[1:4] for stored in verified] == [["argon2id", "v=19", "m=65536,t=3,p=1"]]


def test_account_whose_hash_is_damaged_signs_nobody_in(session: Session) -> None:
    owner = make_staff(session, NOON)
    owner.password_hash = "not a hash"
    session.flush()
    assert staff.authenticate(session, owner.email, "not a hash", None, NOON) is None
    assert staff.authenticate(session, owner.email, PASSWORD, None, NOON) is None


@pytest.mark.parametrize(
    ("count", "age", "refused", "why"),
    [
        (FAILURES_PER_ACCOUNT_AND_NETWORK - 1, timedelta(0), False, "one more try"),
        (FAILURES_PER_ACCOUNT_AND_NETWORK, timedelta(0), True, "enough"),
        (FAILURES_PER_ACCOUNT_AND_NETWORK, FAILURE_WINDOW, True, "the end of the window"),
        (FAILURES_PER_ACCOUNT_AND_NETWORK, FAILURE_WINDOW + timedelta(seconds=1), False, "after the window"),
    ],
)
def test_account_is_closed_for_a_while_after_failures(
    session: Session, count: int, age: timedelta, refused: bool, why: str
) -> None:
    owner = make_staff(session, NOON)
    failures(session, count, owner.email, "net")
    if refused:
        with pytest.raises(staff.TooManyFailures):
            staff.authenticate(session, owner.email.upper(), PASSWORD, "net", NOON + age)
    else:
        assert staff.authenticate(session, owner.email, PASSWORD, "net", NOON + age) is owner, why


def test_unknown_network_closes_no_account_before_the_limit_of_all_networks(session: Session) -> None:
    owner = make_staff(session, NOON)
    failures(session, FAILURES_PER_ACCOUNT - 1, owner.email)
    assert staff.authenticate(session, owner.email, PASSWORD, None, NOON) is owner
    failures(session, 1, owner.email)
    with pytest.raises(staff.TooManyFailures):
        staff.authenticate(session, owner.email, PASSWORD, None, NOON)


@pytest.mark.parametrize(
    ("network", "refused", "why"),
    [("net", True, "the network that guesses"), ("other", False, "another network"), (None, False, "off where it is unknown")],
)
def test_network_is_closed_for_a_while_after_many_failures(session: Session, network: str | None, refused: bool, why: str) -> None:
    owner = make_staff(session, NOON)
    for number in range(FAILURES_PER_NETWORK):
        failures(session, 1, f"a{number}@example.com", "net")
    if refused:
        with pytest.raises(staff.TooManyFailures):
            staff.authenticate(session, owner.email, PASSWORD, network, NOON)
    else:
        assert staff.authenticate(session, owner.email, PASSWORD, network, NOON) is owner, why


def test_sign_in_forgets_the_failures_before(session: Session) -> None:
    owner = make_staff(session, NOON)
    failures(session, 3, owner.email)
    failures(session, 1, "other@example.com")
    staff.note_sign_in(session, owner, NOON)
    assert owner.signed_in_at == NOON
    assert list(session.scalars(sa.select(SignInFailure.email))) == ["other@example.com"]


def test_failure_is_counted_and_old_ones_are_dropped(session: Session) -> None:
    failures(session, 2, "a@example.com", at=NOON - FAILURE_WINDOW - timedelta(seconds=1))
    staff.note_failure(session, " A@Example.com", "net", NOON)
    session.flush()
    assert [(row.email, row.network) for row in session.scalars(sa.select(SignInFailure))] == [("a@example.com", "net")]


def test_news_of_comments_goes_to_those_who_may_moderate(session: Session) -> None:
    make_staff(session, NOON)
    make_staff(session, NOON, Role.MODERATOR)
    make_staff(session, NOON, Role.FRONT_DESK)
    staff.invite(session, "invited@example.com", "I", Role.MODERATOR, NOON)
    staff.deactivate(session, make_staff(session, NOON, Role.MODERATOR, "gone@example.com"))
    session.flush()
    assert staff.moderator_addresses(session) == ["owner@example.com", "moderator@example.com"]


def test_names_of_a_history_pass_over_what_no_person_did(session: Session) -> None:
    owner = make_staff(session, NOON, name="Amina")
    assert staff.names(session, [owner.id, None, 999]) == {owner.id: "Amina"}


def test_everyone_is_listed_the_active_first(session: Session) -> None:
    make_staff(session, NOON, name="Zara")
    gone = make_staff(session, NOON, Role.MODERATOR, name="Amina")
    staff.deactivate(session, gone)
    session.flush()
    people: list[Staff] = staff.everyone(session)
    assert [person.name for person in people] == ["Zara", "Amina"]
