"""What is held about a person is found in every table, shown, erased, and erased again; others lose nothing."""

import re
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from domain import comments, consultations, outbox, phones, privacy, readers, site_version, staff
from domain.audit import AuditEntry
from domain.comments import Comment, CommentEvent, CommentVersion, How, Status, blocks
from domain.consultations import CloseReason, ConsultationRequest, Move, RequestEvent
from domain.orm import Base
from domain.outbox import Kind, OutboxMail
from domain.privacy import Counts, Mention, Person, Way
from domain.readers import MailRefusal, Reader
from tests.conftest import NOON
from tests.domain.data import ROOT
from tests.factories import ALWAYS, approved_comment, comment_draft, make_staff, request_draft, submit_comment, submit_request

EMAIL, PHONE = "xanthippe.q@mailbox.example", "+923335557788"
SHE = Person(privacy.Kind.EMAIL, EMAIL)
HER_PHONE = Person(privacy.Kind.PHONE, PHONE)
KEYS = ["an earlier key of the tests, long enough", "a key of the tests, long enough to be taken"]
WAY = Way(None, How.COMMAND, KEYS)
DAY = timedelta(days=1)


def rows(session: Session, model: type) -> list[Any]:
    session.expire_all()
    return list(session.scalars(sa.select(model).order_by(sa.inspect(model).primary_key[0])))


def her_comment(session: Session, **changes: Any) -> Comment:
    values = {"name": "Xanthippe Q.", "email": "Xanthippe.Q@mailbox.example"}
    return approved_comment(session, NOON, **(values | changes))


def her_request(session: Session, **changes: Any) -> ConsultationRequest:
    values = {"name": "Xanthippe Q.", "email": EMAIL, "phone": phones.parse("0333-5557788"), "phone_raw": "0333-5557788"}
    return submit_request(session, NOON, request_draft(**(values | changes)))


def everything(session: Session) -> None:
    """A row of hers in every table that can have one."""
    owner = make_staff(session, NOON)
    comment = her_comment(session, text="First wording")
    comments.amend(session, comment.id, "Second wording", revision=1, by=owner.id, how=How.WEB, now=NOON)
    readers.confirm(readers.keep(session, EMAIL, NOON), NOON)
    comments.set_wishes(session, comment, list(comments.Wish), NOON)
    readers.tell_of_publication(session, readers.keep(session, EMAIL, NOON), comment.id, NOON)
    approved_comment(session, NOON, parent=comment, name="Other")
    held = submit_comment(session, NOON, comment_draft(email=EMAIL), notify=["owner@example.com"], network="net")
    assert held.network
    request = her_request(session)
    consultations.move(
        session, request.id, Move(consultations.Status.CONTACTED, "Called, will come"), by=owner.id, working=ALWAYS, now=NOON
    )
    outbox.gather(session, Kind.REQUESTS_OVERDUE, request.id, ["desk@example.com"], NOON)
    blocks.add(session, blocks.Target.ADDRESS, EMAIL, lasts=DAY, note="", by=owner.id, now=NOON)
    staff.note_failure(session, EMAIL, None, NOON)
    session.flush()


@pytest.mark.parametrize(
    ("typed", "person"),
    [
        (" Xanthippe.Q@Mailbox.example ", SHE),
        ("0333-5557788", HER_PHONE),
        ("+92 333 555 77 88", HER_PHONE),
        ("۰۳۳۳۵۵۵۷۷۸۸", HER_PHONE),
    ],
)
def test_a_person_is_recognised_in_any_writing(typed: str, person: Person) -> None:
    assert privacy.recognise(typed) == person


@pytest.mark.parametrize("typed", ["", "Xanthippe", "x@", "12", "a@b@c.example"])
def test_what_is_neither_address_nor_number_is_refused(typed: str) -> None:
    with pytest.raises(privacy.Unrecognised):
        privacy.recognise(typed)


def test_every_table_is_accounted_for() -> None:
    assert set(privacy.COVERED) == set(Base.metadata.tables), "say how a new table is searched for a person, or why it need not be"


def test_the_document_holds_each_thing_of_hers(session: Session) -> None:
    everything(session)
    shown = privacy.document(session, SHE, NOON)
    assert shown["about"] == {"kind": "email", "value": EMAIL}
    assert shown["comments"][0]["text"] == "Second wording"
    assert shown["comments"][0]["earlier_texts"][0]["text"] == "First wording"
    assert [event["to_status"] for event in shown["comments"][0]["history"]] == ["held", "approved", "approved"]
    assert [comment["network_mark_kept"] for comment in shown["comments"]] == [False, True]
    [request] = shown["requests"]
    assert (request["phone_raw"], request["consent_version"]) == ("0333-5557788", consultations.CONSENT_VERSION)
    assert "Called, will come" in [event["note"] for event in request["history"]]
    assert shown["reader"][0]["confirmed_at"] == NOON.isoformat()
    assert {mail["kind"] for mail in shown["mail"]} == {"comment_published", "comment_replied", "request_acknowledged"}
    assert {mail["recipient"] for mail in shown["mail"]} == {EMAIL}
    assert len(shown["blocks"]) == len(shown["refused_sign_ins"]) == 1


def test_the_shape_of_the_document_is_described(session: Session) -> None:
    everything(session)
    described = (ROOT / "docs" / "operations.md").read_text().split("**The export**")[1].split("**The erasure**")[0]
    assert set(keys_of(privacy.document(session, SHE, NOON))) == set(re.findall(r"`([a-z_]+)`", described))


def keys_of(part: Any) -> list[str]:
    if isinstance(part, list):
        return [key for item in part for key in keys_of(item)]
    return [*part, *(key for value in part.values() for key in keys_of(value))] if isinstance(part, dict) else []


def test_a_number_finds_requests_and_the_mail_to_their_sender(session: Session) -> None:
    everything(session)
    shown = privacy.document(session, HER_PHONE, NOON)
    assert [len(shown[part]) for part in ("comments", "requests", "reader", "mail")] == [0, 1, 0, 1]
    assert privacy.named_beside(session, HER_PHONE) == [SHE]
    assert privacy.named_beside(session, SHE) == [HER_PHONE]


def test_erasing_leaves_nothing_of_hers_in_any_column(session: Session) -> None:
    everything(session)
    erased = privacy.erase(session, SHE, WAY, NOON)
    assert erased.rows == Counts(comments=2, requests=1, mails=6, readers=1, blocks=1, sign_ins=1)
    assert erased.places == 1
    session.flush()
    for table in Base.metadata.sorted_tables:
        for row in session.execute(sa.select(table)):
            written = repr(tuple(row)).lower()
            for word in ("xanthippe", "mailbox.example", "5557788", "first wording", "second wording", "will come"):
                assert word not in written, f"{word} in {table.name}"
    assert privacy.counts(session, SHE) == privacy.counts(session, HER_PHONE) == Counts(0, 0, 0, 0, 0, 0)


def test_others_lose_nothing(session: Session) -> None:
    make_staff(session, NOON)
    parent = approved_comment(session, NOON, text="The parent")
    her_comment(session, parent=parent)
    submit_request(session, NOON, request_draft(email="other@example.com"))
    her_request(session)
    for item in rows(session, ConsultationRequest):
        outbox.gather(session, Kind.REQUESTS_OVERDUE, item.id, ["desk@example.com"], NOON, outbox.Pace(DAY, NOON + DAY))
    session.flush()
    privacy.erase(session, SHE, WAY, NOON)
    assert [row.text for row in rows(session, Comment)] == ["The parent"]
    [left] = rows(session, ConsultationRequest)
    assert left.email == "other@example.com"
    kinds = [mail.kind for mail in rows(session, OutboxMail)]
    assert sorted(kinds) == [Kind.REQUEST_ACKNOWLEDGED, Kind.REQUEST_RECEIVED, Kind.REQUESTS_OVERDUE]
    [waiting] = [mail for mail in rows(session, OutboxMail) if mail.kind is Kind.REQUESTS_OVERDUE]
    assert outbox.items(session, [waiting.id]) == {waiting.id: [left.id]}


def test_a_comment_with_replies_stays_as_an_empty_place_and_readers_see_it_at_once(session: Session) -> None:
    comment = her_comment(session, text="Gone")
    reply = approved_comment(session, NOON, parent=comment)
    her_comment(session, parent=reply)
    rows(session, CommentEvent)[0].detail = {"reasons": [f"word:{EMAIL}"]}
    before = site_version.current(session)
    assert privacy.erase(session, SHE, WAY, NOON).places == 1
    assert EMAIL not in str([event.detail for event in rows(session, CommentEvent)])
    assert [row.id for row in rows(session, Comment)] == [comment.id, reply.id]
    assert (comment.is_emptied, comment.shown, comment.status, comment.reasons) == (True, True, Status.WITHDRAWN, [])
    assert site_version.current(session) > before
    assert rows(session, CommentVersion) == []


def test_a_thread_of_hers_alone_goes_whole(session: Session) -> None:
    comment = her_comment(session)
    her_comment(session, parent=her_comment(session, parent=comment))
    assert privacy.erase(session, SHE, WAY, NOON).places == 0
    assert rows(session, Comment) == rows(session, CommentEvent) == []


@pytest.mark.parametrize("status", [Status.HELD, Status.SPAM, Status.TRASH, Status.WITHDRAWN])
def test_a_comment_goes_whatever_its_state(session: Session, status: Status) -> None:
    comment = submit_comment(session, NOON, comment_draft(email=EMAIL))
    comment.status = status
    session.flush()
    privacy.erase(session, SHE, WAY, NOON)
    assert rows(session, Comment) == []


@pytest.mark.parametrize("status", list(consultations.Status))
def test_a_request_goes_with_its_notes_whatever_its_state(session: Session, status: consultations.Status) -> None:
    request = her_request(session)
    request.status = status
    request.close_reason = CloseReason.CAME
    session.flush()
    privacy.erase(session, HER_PHONE, WAY, NOON)
    assert rows(session, ConsultationRequest) == rows(session, RequestEvent) == rows(session, OutboxMail) == []


def test_answers_of_staff_under_the_same_address_are_the_clinics(session: Session) -> None:
    she = make_staff(session, NOON, email=EMAIL)
    comments.reply(session, approved_comment(session, NOON).id, "From the clinic", by=she, now=NOON)
    outbox.enqueue(session, Kind.COMMENT_HELD, 1, [EMAIL], NOON)
    staff.note_failure(session, EMAIL, None, NOON)
    session.flush()
    assert not any(privacy.erase(session, SHE, WAY, NOON).rows)
    assert "From the clinic" in [row.text for row in rows(session, Comment)]
    assert staff.by_email(session, EMAIL)


def test_the_audit_entry_says_how_much_and_not_who(session: Session) -> None:
    her_request(session)
    privacy.erase(session, HER_PHONE, WAY, NOON)
    session.flush()
    entry = session.scalars(sa.select(AuditEntry).order_by(AuditEntry.id.desc())).first()
    assert entry is not None
    assert (entry.action, entry.subject) == ("person erased", "person known by phone")
    assert entry.detail == {"requests": 1, "mails": 2}


def test_a_wish_for_no_mail_outlives_the_erasure_without_the_address(session: Session) -> None:
    readers.refuse(session, readers.keep(session, EMAIL, NOON), NOON)
    assert privacy.erase(session, SHE, WAY, NOON).keeps_refusal
    assert rows(session, Reader) == []
    [kept] = rows(session, MailRefusal)
    assert EMAIL not in kept.mark
    for writing in (EMAIL, "xanthippe.q+news@mailbox.example"):
        assert readers.has_refused_for_good(session, KEYS, writing)
        assert readers.has_refused_for_good(session, [*KEYS, "a later key, also long enough to be taken"], writing)
    assert not readers.has_refused_for_good(session, KEYS, "other@mailbox.example")
    assert not privacy.erase(session, SHE, WAY._replace(forget_refusal=True), NOON).keeps_refusal
    assert rows(session, MailRefusal) == []


@pytest.mark.parametrize(
    ("person", "text", "found"),
    [
        (SHE, f"Write to {EMAIL.upper()}!", True),
        (SHE, "xanthippe at mailbox.example", False),
        (HER_PHONE, "call 0333-5557788", True),
        (HER_PHONE, "+92 (333) 555 77 88", True),
        (HER_PHONE, "۰۳۳۳ ۵۵۵۷۷۸۸", True),
        (HER_PHONE, "call 0333-5557789", False),
    ],
)
def test_texts_of_others_that_name_her_are_listed_for_staff(session: Session, person: Person, text: str, found: bool) -> None:
    owner = make_staff(session, NOON)
    comment = submit_comment(session, NOON, comment_draft(text=text))
    request = submit_request(session, NOON, request_draft(message=text))
    consultations.move(session, request.id, Move(consultations.Status.CONTACTED, text), by=owner.id, working=ALWAYS, now=NOON)
    her_request(session, message=text)
    session.flush()
    expected = [Mention("comment", comment.id), Mention("request", request.id), Mention("note on request", request.id)]
    assert privacy.mentions(session, person) == (expected if found else [])


def test_her_own_texts_are_not_counted_as_those_of_others(session: Session) -> None:
    her_request(session, message=f"Mail me: {EMAIL}")
    her_comment(session, text=f"I am {EMAIL}")
    assert privacy.mentions(session, SHE) == []


def test_a_restored_backup_forgets_her_again_and_keeps_what_she_wrote_later(session: Session) -> None:
    lines = [privacy.erasure_of(SHE, KEYS[0], NOON + DAY), privacy.erasure_of(HER_PHONE, KEYS[1], NOON + DAY)]
    lines = privacy.read("\n".join(privacy.written(line) for line in lines))
    everything(session)
    later = submit_comment(session, NOON + 2 * DAY, comment_draft(email=EMAIL))
    other = submit_request(session, NOON)
    replayed = privacy.replay(session, lines, WAY, NOON + 3 * DAY)
    assert replayed == privacy.Replayed(persons=1, without_key=0), "the request went with the address already"
    assert [row.id for row in rows(session, Comment) if row.email_key == EMAIL] == [later.id]
    assert [row.id for row in rows(session, ConsultationRequest)] == [other.id]
    assert privacy.replay(session, lines, WAY, NOON + 3 * DAY).persons == 0


def test_an_erasure_under_a_key_that_is_gone_is_told(session: Session) -> None:
    her_request(session)
    line = privacy.erasure_of(HER_PHONE, "a key that nobody has any more, sadly", NOON + DAY)
    assert privacy.replay(session, [line], WAY, NOON + DAY) == privacy.Replayed(0, 1)


def test_the_list_holds_nothing_that_can_be_read_or_guessed_without_the_key() -> None:
    line = privacy.written(privacy.erasure_of(SHE, KEYS[1], NOON))
    assert line.split()[:2] == [NOON.isoformat(), "email"]
    assert "xanthippe" not in line
    assert line != privacy.written(privacy.erasure_of(SHE, KEYS[0], NOON))
    assert privacy.erasure_of(SHE, KEYS[1], NOON).mark != readers.refusal_mark(KEYS[1], EMAIL)


@pytest.mark.parametrize(
    "text", ["x", "2026-11-23T07:00:00 email " + "a" * 64 + " " + "b" * 12, "2026-11-23T07:00:00+00:00 fax a b"]
)
def test_a_broken_list_is_refused(text: str) -> None:
    with pytest.raises(privacy.BadList):
        privacy.read(text)
