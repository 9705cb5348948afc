"""What our mails say and how they are written, read from what the mail server got."""

from dataclasses import replace
from datetime import date
from email import message_from_bytes
from email.header import decode_header, make_header
from email.utils import parsedate_to_datetime

import pytest

from domain import outbox, phones, tokens
from domain.consultations import BestTime, ConsultationRequest, ContactBy
from domain.outbox import Kind
from tests.factories import ARTICLE
from tests.mail.letters import Desk
from tests.mail.smtpd import Received

VISITOR = "bilal.khan@example.net"


def every_kind(desk: Desk) -> dict[Kind, Received]:
    """One message of each kind there is."""
    request = desk.mail_of_request(email=VISITOR)
    found = {Kind.REQUEST_RECEIVED: request["desk@example.com"], Kind.REQUEST_ACKNOWLEDGED: request[VISITOR]}
    found |= {Kind.COMMENT_HELD: desk.mail_of_comment(), Kind.STAFF_INVITED: desk.mail_of_invitation()}
    found |= desk.mail_to_reader()
    for kind in (Kind.REQUESTS_SUSPECTED, Kind.REQUESTS_OVERDUE, Kind.REQUESTS_ESCALATED):
        found[kind] = desk.mail_of_list(kind, 1)
    found[Kind.DESK_DIGEST] = desk.mail_of_morning()
    found |= desk.mail_about_texts()
    assert set(found) == set(Kind) - set(outbox.HOOK_KINDS)
    return found


def test_every_message_is_from_us_dated_named_and_marked_as_automatic(desk: Desk) -> None:
    for kind, received in every_kind(desk).items():
        message = received.message
        (sender,) = message["From"].addresses
        assert (sender.display_name, sender.addr_spec) == ("Dynamic Clinic", "no-reply@clinic.example")
        assert received.mail_from == sender.addr_spec
        assert message["To"].addresses[0].addr_spec == received.recipients[0]
        assert parsedate_to_datetime(message["Date"]) == desk.clock.now
        assert received.message_id.endswith("@clinic.example>")
        expected = "auto-replied" if kind is Kind.REQUEST_ACKNOWLEDGED else "auto-generated"
        assert message["Auto-Submitted"] == expected
        for name in ("From", "To", "Subject", "Date", "Message-ID", "MIME-Version", "Auto-Submitted"):
            assert len(message.get_all(name)) == 1, f"{kind}: {name}"


def test_every_message_has_a_text_and_an_html_part_that_say_the_same(desk: Desk) -> None:
    for kind, received in every_kind(desk).items():
        assert not received.message.defects
        plain, html = received.part("plain"), received.part("html")
        assert "Dynamic Clinic" in plain
        assert "Dynamic Clinic" in html
        assert "<" not in plain.replace("<http", ""), kind
        assert "{{" not in plain + html
        assert "{%" not in plain + html
        assert "None" not in plain
        assert html.lstrip().startswith("<!doctype html>")
        assert "http://localhost/static" not in html, "nothing is loaded from anywhere"
        assert [part.get_content_type() for part in received.message.walk() if not part.is_multipart()] == [
            "text/plain",
            "text/html",
        ]


def test_every_message_is_seven_bit_with_crlf_line_ends(desk: Desk) -> None:
    for received in every_kind(desk).values():
        assert received.content.isascii()
        assert b"\n" not in received.content.replace(b"\r\n", b"")
        assert b"\r" not in received.content.replace(b"\r\n", b"")
        assert received.content.endswith(b"\r\n")


def test_staff_read_all_they_need_to_answer(desk: Desk) -> None:
    received = desk.mail_of_request(
        email=VISITOR,
        contact_by=ContactBy.WHATSAPP,
        best_time=BestTime.EVENING,
        best_day=date(2026, 12, 1),
        treatment="chronic-migraine",
        message='Call my wife "Sana" & me: 5 > 4.\n\nThank you.',
        name="Bilal O'Khan & Sons",
    )["desk@example.com"]
    request = outbox_request(desk)
    message, plain, html = received.message, received.part("plain"), received.part("html")
    greeting = f"Assalam-o-Alaikum, this is Dynamic Clinic about your request {request.reference}. When may we call you?"
    assert message["Subject"] == f"Consultation request {request.reference}"
    assert message["Reply-To"].addresses[0].addr_spec == VISITOR
    for words in (
        request.reference,
        "Bilal O'Khan & Sons",
        request.callable_phone.display,
        request.callable_phone.tel,
        request.callable_phone.chat(greeting),
        VISITOR,
        "WhatsApp",
        "Evening",
        "1 December 2026",
        "Botulinum toxin for chronic migraine",
        'Call my wife "Sana" & me: 5 > 4.',
        f"http://localhost/staff/requests/{request.id}",
    ):
        assert words in plain, words
    assert f'href="{request.callable_phone.tel}"' in html
    assert f'href="{request.callable_phone.chat(greeting)}"' in html
    assert f'href="mailto:{VISITOR}"' in html
    assert "Bilal O&#39;Khan &amp; Sons" in html


def outbox_request(desk: Desk) -> ConsultationRequest:
    """The last request."""
    (row, *_) = outbox.page(desk.session, [Kind.REQUEST_RECEIVED])
    request = desk.session.get(ConsultationRequest, row.subject_id)
    assert request is not None
    return request


def test_a_request_without_an_address_has_no_reply_to_and_no_empty_lines_of_facts(desk: Desk) -> None:
    mails = desk.mail_of_request()
    assert list(mails) == ["desk@example.com"]
    received = mails["desk@example.com"]
    assert received.message["Reply-To"] is None
    for label in ("Email:", "Day:", "About:", "Message:"):
        assert label not in received.part("plain")
    assert "mailto:" not in received.part("html")


@pytest.mark.parametrize("address", [f"{'a' * 64}@{'b' * 60}.{'c' * 60}.{'d' * 55}.example", "o'neil+a/b={x}@example.net"])
def test_a_reply_reaches_any_address_the_form_takes(address: str, desk: Desk) -> None:
    raw = message_from_bytes(desk.mail_of_request(email=address)["desk@example.com"].content)
    assert str(raw["Reply-To"]).strip() == address


def test_no_subject_holds_what_somebody_typed_or_asked_about(desk: Desk) -> None:
    for received in desk.mail_of_request(
        email=VISITOR, name="Bilal Khan", treatment="chronic-migraine", message="migraine and botox"
    ).values():
        subject = received.message["Subject"].lower()
        assert "dc-" in subject
        assert not {"bilal", "khan", "migraine", "botox", "botulinum", "example"} & set(subject.replace("-", " ").split())


def test_the_acknowledgement_leads_to_a_chat_about_the_request(desk: Desk) -> None:
    clinic = phones.parse("0300-7654321")
    desk.site.config["SITE"] = replace(desk.site.config["SITE"], whatsapp=clinic)
    received = desk.mail_of_request(email=VISITOR)[VISITOR]
    link = clinic.chat(f"Hello, I am writing about my request {outbox_request(desk).reference}.")
    assert link in received.part("plain")
    assert f'href="{link}"' in received.part("html")


def test_the_acknowledgement_never_echoes_what_was_typed(desk: Desk) -> None:
    typed = {"name": "Zubeda Spamword", "message": "Buy cheap pills", "treatment": "facial-lines"}
    received = desk.mail_of_request(email=VISITOR, best_day=date(2026, 12, 1), **typed)[VISITOR]
    request = outbox_request(desk)
    whole = received.part("plain") + received.part("html") + received.content.decode()
    for words in ("Zubeda", "Spamword", "pills", "facial", "1 December", request.callable_phone.display, request.phone):
        assert words not in whole, words
    assert request.reference in received.part("plain")
    assert received.message["Reply-To"] is None
    assert received.message["X-Auto-Response-Suppress"] == "All"


def test_moderators_read_the_comment_and_why_it_is_held(desk: Desk) -> None:
    received = desk.mail_of_comment(name="Sana & Co", text='I said "ouch" & <b>left</b>.', email="sana@example.net", website=None)
    plain = received.part("plain")
    assert 'I said "ouch" & <b>left</b>.' in plain
    assert "Sana & Co" in plain
    assert "23 November 2026, 12:00" in plain
    assert "http://localhost/staff/comments" in plain
    assert "&lt;b&gt;left&lt;/b&gt;" in received.part("html")
    assert received.message["Subject"].startswith("A comment is waiting: Botox for Chronic Migraine")
    assert received.message["Reply-To"] is None
    assert "sana@example.net" not in received.content.decode()


def test_an_invitation_holds_a_link_and_no_password(desk: Desk) -> None:
    received = desk.mail_of_invitation()
    assert "http://localhost/staff/setup/" in received.part("plain")
    assert f"for {int(tokens.LIFETIME[tokens.Purpose.STAFF_SETUP].total_seconds() // 3600)} hours" in received.part("plain")
    assert "Nadia" in received.part("plain")


@pytest.mark.parametrize(
    "name",
    [
        "ڈائنامک کلینک",
        "Clinic 😀 & Söhne",
        'Khan, Sons "Skin" (Islamabad) \\ <x@y.example>',
        "کلینک برائے دائمی درد شقیقہ اور جلد کے امراض، اسلام آباد، پاکستان، سیکٹر ایف سات مرکز",
        "A Clinic With a Name of More Than Seventy-Eight Characters, So That Its Header Needs Several Lines",
    ],
)
def test_any_name_of_the_clinic_arrives_as_it_is(name: str, desk: Desk) -> None:
    desk.name_the_clinic(name)
    received = desk.mail_of_comment()
    # The parser of email.policy puts blanks between the words of a long name; the older one reads RFC 2047 as it is.
    words, _, address = str(message_from_bytes(received.content)["From"]).rpartition(" <")
    assert str(make_header(decode_header(words.replace("\n", "").replace("\r", "")))) == name
    assert address == "no-reply@clinic.example>"
    assert received.mail_from == "no-reply@clinic.example"
    assert received.part("plain").startswith(name)


def test_owners_read_which_text_a_doctor_must_see(desk: Desk) -> None:
    found = desk.mail_about_texts()
    listed, changed = found[Kind.REVIEWS_DUE], found[Kind.SIGN_OFF_ENDED]
    assert listed.message["Subject"] == "1 text to be reviewed"
    assert changed.message["Subject"].startswith("Changed after its review: Botox for Chronic Migraine")
    for message in (listed, changed):
        for part in (message.part("plain"), message.part("html")):
            assert f"/staff/content/{ARTICLE}/preview" in part
    assert "flask content sign botox-for-chronic-migraine" in changed.part("plain")
    assert "changed since it was signed, due by 1 November 2027" in listed.part("plain")


def test_nothing_is_sent_of_a_text_that_was_signed_meanwhile(desk: Desk) -> None:
    assert desk.mail_about_texts(is_signed_again=True) == {}
