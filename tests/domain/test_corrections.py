"""A request that is sent again with other details: the newest hold, staff hear of it, and nothing is overwritten behind them."""

from datetime import date

import pytest
from sqlalchemy.orm import Session

from domain import consultations, outbox, phones, spam
from domain.consultations import ConsultationRequest, ContactBy, Status
from domain.outbox import Kind
from tests.conftest import NOON
from tests.factories import ALWAYS, make_staff, request_draft

PHONE = phones.parse("0300-1234567")


def send(session: Session, draft: consultations.Draft, network: str | None = "net") -> consultations.Submitted:
    desk, no_signals = ["desk@example.com"], spam.Signals()
    done = consultations.submit(
        session, draft, signals=no_signals, network=network, lang="en", recipients=desk, working=ALWAYS, now=NOON
    )
    session.flush()
    return done


def test_changed_details_of_a_repeat_replace_the_old_ones_and_staff_are_told(session: Session) -> None:
    one = send(session, request_draft(phone=PHONE, message="Call me"))
    changed = request_draft(
        phone=PHONE,
        name="Bilal K.",
        contact_by=ContactBy.EMAIL,
        email="b@example.com",
        best_day=date(2026, 11, 30),
        message="Call me",
    )
    assert send(session, changed) == consultations.Submitted(one.request_id, is_repeat=True)
    row = session.get_one(ConsultationRequest, one.request_id)
    assert (row.name, row.email, row.contact_by, row.best_day) == ("Bilal K.", "b@example.com", "email", date(2026, 11, 30))
    note = consultations.history(session, one.request_id)[-1].note
    assert note == "Before: name: Bilal Khan, contact by: phone, email: -, best day: -"
    kinds = [mail.kind for mail in outbox.about(session, list(Kind), one.request_id)]
    assert kinds == [Kind.REQUEST_RECEIVED, Kind.REQUEST_RECEIVED, Kind.REQUEST_ACKNOWLEDGED]
    assert consultations.before_corrections(session, one.request_id) == [note]


def test_a_repeat_that_changes_nothing_tells_nobody_anything(session: Session) -> None:
    draft = request_draft(phone=PHONE)
    one = send(session, draft)
    send(session, draft)
    assert len(outbox.about(session, list(Kind), one.request_id)) == 1
    assert consultations.before_corrections(session, one.request_id) == []


def test_what_comes_again_after_it_was_closed_is_a_request_that_somebody_answers(session: Session) -> None:
    make_staff(session, NOON)
    draft = request_draft(phone=PHONE, submission_id="s1")
    one = send(session, draft)
    gone = consultations.Move(Status.CLOSED, reason=consultations.CloseReason.UNREACHABLE)
    consultations.move(session, one.request_id, gone, by=1, working=ALWAYS, now=NOON)
    two = send(session, draft)
    assert not two.is_repeat
    assert [mail.kind for mail in outbox.about(session, list(Kind), two.request_id)] == [Kind.REQUEST_RECEIVED]


def test_the_same_form_corrects_the_name_without_a_text_too(session: Session) -> None:
    one = send(session, request_draft(phone=PHONE, submission_id="s1"))
    two = send(session, request_draft(phone=PHONE, submission_id="s1", name="Bilal Ahmed Khan"))
    assert two == consultations.Submitted(one.request_id, is_repeat=True)
    assert consultations.before_corrections(session, one.request_id) == ["Before: name: Bilal Khan"]


@pytest.mark.parametrize("network", ["other", None])
def test_who_knows_a_number_does_not_take_over_what_was_asked_under_it(session: Session, network: str | None) -> None:
    one = send(session, request_draft(phone=PHONE, message="Call me", submission_id="s1"))
    taken = request_draft(phone=PHONE, message="Call me", name="Mallory", email="m@example.com", contact_by=ContactBy.EMAIL)
    two = send(session, taken, network)
    assert not two.is_repeat
    assert session.get_one(ConsultationRequest, one.request_id).name == "Bilal Khan"
    mine = request_draft(phone=PHONE, message="Call me", submission_id="s1", name="Bilal K.")
    assert send(session, mine, network) == consultations.Submitted(one.request_id, is_repeat=True), "the same form"
    same = request_draft(phone=PHONE, message="Call me", name="Bilal K.")
    assert send(session, same, network) == consultations.Submitted(one.request_id, is_repeat=True), "nothing is changed"


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"name": "Sara Khan", "treatment": "facial-lines"}, "Before: name: Bilal Khan"),
        ({"treatment": "facial-lines"}, ""),
        ({"name": "Sara Khan"}, "Before: name: Bilal Khan"),
    ],
)
def test_what_was_before_is_told_without_the_treatment_where_that_is_wanted(
    session: Session, changes: dict[str, str], told: str
) -> None:
    one = send(session, request_draft(phone=PHONE, treatment="chronic-migraine", message="Call me"))
    send(session, request_draft(**({"phone": PHONE, "treatment": "chronic-migraine", "message": "Call me"} | changes)))
    assert consultations.before_corrections(session, one.request_id, with_treatment=False) == [told]


@pytest.mark.parametrize("status", [Status.CONTACTED, Status.BOOKED, Status.CLOSED, Status.SPAM])
def test_what_staff_have_worked_on_is_not_changed_by_a_repeat(session: Session, status: Status) -> None:
    one = send(session, request_draft(phone=PHONE))
    owner = make_staff(session, NOON)
    consultations.move(session, one.request_id, consultations.Move(status, ""), by=owner.id, working=ALWAYS, now=NOON)
    two = send(session, request_draft(phone=PHONE, best_day=date(2026, 11, 30)))
    assert two.request_id != one.request_id
    assert session.get_one(ConsultationRequest, one.request_id).best_day is None


def test_a_repeat_that_changes_without_end_is_a_request_of_its_own(session: Session) -> None:
    drafts = [request_draft(phone=PHONE, name=f"Name {n}", message="Call me") for n in range(consultations.MAX_CORRECTIONS + 2)]
    assert len({send(session, draft).request_id for draft in drafts}) == 2
