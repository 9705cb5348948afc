"""Mail to staff about several requests, and what the owner keeps out of mail: read from what the mail server got."""

from dataclasses import replace
from datetime import timedelta

import pytest

import database
from domain import consultations, outbox, phones, spam
from domain.consultations import Move, Status
from domain.outbox import Kind, State
from tests import factories
from tests.mail.letters import Desk, rows

LISTS = (Kind.REQUESTS_SUSPECTED, Kind.REQUESTS_OVERDUE, Kind.REQUESTS_ESCALATED)
PRIVATE = {"message": "My head hurts.", "treatment": "chronic-migraine", "name": 'Bilal "B" Khan & Sons'}


def reference(desk: Desk, number: int) -> str:
    request = consultations.get(desk.session, number)
    assert request is not None
    return request.reference


def move(desk: Desk, number: int, to: Move) -> None:
    session = database.begin_write(desk.session)
    owner = factories.make_staff(session, desk.clock.now)
    consultations.move(session, number, to, by=owner.id, working=factories.ALWAYS, now=desk.clock.now)
    session.commit()


@pytest.mark.parametrize("kind", LISTS)
def test_a_list_says_whom_to_call_and_nothing_of_what_was_written(desk: Desk, kind: Kind) -> None:
    number = desk.request(**PRIVATE)
    desk.clock.forward(minutes=45)
    received = desk.mail_of_list(kind, number)
    assert received is not None
    for part in (received.part("plain"), received.part("html")):
        for words in (reference(desk, number), "45 minutes", "Phone call", f"http://localhost/staff/requests/{number}"):
            assert words in part, words
        assert "tel:+92300" in part
        assert (
            f"?text=Assalam-o-Alaikum%2C%20this%20is%20Dynamic%20Clinic%20about%20your%20request%20{reference(desk, number)}."
            in part
        )
        assert "hurts" not in part
        assert "Botulinum" not in part
    assert 'Bilal "B" Khan & Sons' in received.part("plain")
    assert "Bilal &#34;B&#34; Khan &amp; Sons" in received.part("html")


def test_a_list_says_which_message_is_to_be_read_before_a_call(desk: Desk) -> None:
    for message, times in (("Please let a woman call.", 1), ("", 0)):
        received = desk.mail_of_list(Kind.REQUESTS_OVERDUE, desk.request(message=message))
        assert received is not None
        for part in (received.part("plain"), received.part("html")):
            assert part.lower().count("read it in the request before you call") == times
            assert "woman" not in part


@pytest.mark.parametrize(
    ("kind", "one", "two"),
    [
        (
            Kind.REQUESTS_SUSPECTED,
            "[check] 1 request that a machine may have sent",
            "[check] 2 requests that a machine may have sent",
        ),
        (Kind.REQUESTS_OVERDUE, "Not answered yet: request {}", "2 requests are not answered yet"),
        (Kind.REQUESTS_ESCALATED, "Nobody has answered request {}", "Nobody has answered 2 requests"),
    ],
)
def test_subject_counts_and_names_nobody(desk: Desk, kind: Kind, one: str, two: str) -> None:
    first, second = desk.request(**PRIVATE), desk.request(**PRIVATE | {"message": "Another."})
    alone, both = desk.mail_of_list(kind, first), desk.mail_of_list(kind, first, second)
    assert alone is not None
    assert both is not None
    assert alone.message["Subject"] == one.format(reference(desk, first))
    assert both.message["Subject"] == two


def test_a_long_list_is_cut_and_says_so(desk: Desk) -> None:
    numbers = [desk.request(message=f"{number}") for number in range(23)]
    received = desk.mail_of_list(Kind.REQUESTS_OVERDUE, *numbers)
    assert received is not None
    assert received.message["Subject"] == "23 requests are not answered yet"
    assert "And 3 more" in received.part("plain")
    assert received.part("html").count("Open DC-") == 20


@pytest.mark.parametrize("kind", [Kind.REQUESTS_OVERDUE, Kind.REQUESTS_ESCALATED])
def test_what_was_answered_meanwhile_is_left_out(desk: Desk, kind: Kind) -> None:
    answered, waiting = desk.request(), desk.request()
    move(desk, answered, Move(Status.CONTACTED))
    received = desk.mail_of_list(kind, answered, waiting)
    assert received is not None
    assert reference(desk, answered) not in received.part("plain")
    assert desk.mail_of_list(kind, answered) is None
    assert rows(desk.session)[-1].state is State.CANCELLED


def test_spam_is_left_out_of_what_is_to_be_checked(desk: Desk) -> None:
    number = desk.request()
    move(desk, number, Move(Status.SPAM))
    assert desk.mail_of_list(Kind.REQUESTS_SUSPECTED, number) is None


def test_the_morning_digest_names_references_not_people(desk: Desk) -> None:
    new, booked = desk.request(**PRIVATE), desk.request(**PRIVATE | {"message": "Another."})
    move(desk, booked, Move(Status.BOOKED, at=desk.clock.now + timedelta(hours=2)))
    received = desk.mail_of_morning()
    assert received is not None
    assert received.message["Subject"] == "Today: 1 new, 1 booked"
    for part in (received.part("plain"), received.part("html")):
        assert "23 November 2026" in part
        assert reference(desk, new) in part
        assert "14:00" in part
        assert "To try again" not in part
        for private in ("Bilal", "hurts", "Botulinum", "+92300"):
            assert private not in part


def test_the_morning_digest_counts_failed_mail(desk: Desk) -> None:
    session = database.begin_write(desk.session)
    (row,) = outbox.enqueue(session, Kind.REQUEST_RECEIVED, 1, ["nobody@example.com"], desk.clock.now)
    row.state = State.FAILED
    session.commit()
    received = desk.mail_of_morning()
    assert received is not None
    assert received.message["Subject"] == "Today: 1 mail failed"
    assert "1 message could not be delivered" in received.part("plain")


def test_nothing_is_sent_on_a_morning_on_which_nothing_is_open(desk: Desk) -> None:
    assert desk.mail_of_morning() is None
    assert [row.state for row in rows(desk.session)] == [State.CANCELLED]


def test_suspected_request_says_check_in_its_subject(desk: Desk) -> None:
    session = database.begin_write(desk.session)
    signals = spam.Signals(honeypot_filled=True)
    request = factories.submit_request(session, desk.clock.now, signals=signals, recipients=[])
    subject = f"[check] Consultation request {request.reference}"
    session.commit()
    received = desk.mail_of_list(Kind.REQUEST_RECEIVED, request.id)
    assert received is not None
    assert received.message["Subject"] == subject


def test_what_is_private_can_stay_out_of_mail(desk: Desk) -> None:
    desk.site.config["SITE"] = replace(desk.site.config["SITE"], minimal_mail=True)
    received = desk.mail_of_request(**PRIVATE, email="bilal@example.net")["desk@example.com"]
    for part in (received.part("plain"), received.part("html")):
        assert "hurts" not in part
        assert "Botulinum" not in part
        assert "tel:+92300" in part
        assert "stays out of this mail. Open the request and read it before you call." in part
        assert "http://localhost/staff/requests/" in part
    assert 'Bilal "B" Khan' in received.part("plain")
    assert received.message["Reply-To"].addresses[0].addr_spec == "bilal@example.net"


@pytest.mark.parametrize("is_minimal", [False, True])
def test_mail_of_a_correction_says_what_was_before(desk: Desk, is_minimal: bool) -> None:
    desk.site.config["SITE"] = replace(desk.site.config["SITE"], minimal_mail=is_minimal)
    same = {"phone": phones.parse("0300-1234567"), "message": "Please call."}
    desk.mail_of_request(**same, name="Ali Raza", treatment="chronic-migraine")
    received = desk.mail_of_request(**same, name="Sara Raza", treatment="facial-lines")["desk@example.com"]
    before = "Before: name: Ali Raza" + ("" if is_minimal else ", treatment: chronic-migraine")
    assert before in received.part("plain").splitlines()
    assert f">{before}</p>" in received.part("html")


def test_nothing_is_said_to_be_left_out_where_nothing_was_written(desk: Desk) -> None:
    desk.site.config["SITE"] = replace(desk.site.config["SITE"], minimal_mail=True)
    assert "stays out" not in desk.mail_of_request()["desk@example.com"].part("plain")
