"""Whatever is typed, a mail stays one mail: no header comes from a field, no line is too long, nothing is lost."""

import re

import pytest

from domain.text import MAX_TEXT, clean_line, clean_text
from tests.domain import data
from tests.faults.running import request_fields
from tests.mail.letters import Desk
from tests.mail.smtpd import Received

URDU = "مجھے دائمی درد شقیقہ ہے اور میں ڈاکٹر سے ملنا چاہتی ہوں۔ "
HEADERS = {
    "content-type",
    "mime-version",
    "subject",
    "from",
    "to",
    "date",
    "message-id",
    "reply-to",
    "auto-submitted",
    "x-auto-response-suppress",
}
INJECTIONS = [
    "Sana\r\nBcc: victim@example.org",
    "Sana\nBcc: victim@example.org\n\nA body",
    "Sana\rBcc: victim@example.org",
    "Sana\u2028Bcc: victim@example.org",
    "Sana\x85Bcc: victim@example.org",
    "Sana\x00\x0b\x0c\x1c\x1d\x1eBcc: victim@example.org",
    '"Sana" <victim@example.org>, other@example.org',
    "=?utf-8?q?Sana=0ABcc:_victim@example.org?=",
    "{{ config }} {% raw %} ${7*7} %0aBcc:victim@example.org",
    "<script>alert(1)</script><!-- --> ]]>",
]


def assert_one_sound_mail(received: Received, recipient: str) -> None:
    """It went to this recipient only, with our headers only, in lines that RFC 5321 allows."""
    assert received.recipients == [recipient]
    assert {name.lower() for name in received.message} <= HEADERS
    assert max(len(line) for line in received.content.split(b"\r\n")) <= 998
    assert b"\n" not in received.content.replace(b"\r\n", b"")
    assert b"\r" not in received.content.replace(b"\r\n", b"")
    for name in ("From", "To", "Reply-To"):
        for header in received.message.get_all(name, []):
            (address,) = header.addresses
            assert "victim" not in address.addr_spec
    headers = received.content.partition(b"\r\n\r\n")[0]
    assert headers.isascii(), "what is not ASCII is written as RFC 2047 words"
    assert max(map(len, re.findall(rb"=\?[^\s?]+\?[bqBQ]\?[^\s?]*\?=", headers)), default=0) <= 75, "RFC 2047, section 2"
    assert received.part("plain")
    assert received.part("html")


def flat(text: str) -> str:
    """A text with its white space folded, since line ends may be written differently on the way."""
    return " ".join(text.split())


@pytest.mark.parametrize("words", INJECTIONS)
@pytest.mark.parametrize("clean", [True, False], ids=["through the form", "straight from the database"])
def test_no_field_of_a_request_makes_a_header(words: str, clean: bool, desk: Desk) -> None:
    if desk.session.bind.dialect.name == "postgresql" and "\x00" in words and not clean:
        pytest.skip("PostgreSQL takes no NUL")
    name, message = (clean_line(words), clean_text(words)) if clean else (words, words)
    mails = desk.mail_of_request(name=name, message=message, email="sana@example.net")
    for recipient in ("desk@example.com", "sana@example.net"):
        assert_one_sound_mail(mails[recipient], recipient)
    if clean:
        assert flat(name) in flat(mails["desk@example.com"].part("plain"))
        assert flat(message) in flat(mails["desk@example.com"].part("plain"))


@pytest.mark.parametrize("words", INJECTIONS)
def test_no_field_of_a_comment_and_no_title_makes_a_header(words: str, desk: Desk) -> None:
    desk.title_the_article(words)
    received = desk.mail_of_comment(name=clean_line(words), text=clean_text(words))
    assert_one_sound_mail(received, "moderator@example.com")
    assert flat(clean_text(words)) in flat(received.part("plain"))


@pytest.mark.parametrize("words", INJECTIONS)
def test_no_name_of_a_colleague_or_of_the_clinic_makes_a_header(words: str, desk: Desk) -> None:
    desk.name_the_clinic(words)
    # No database of ours takes a NUL, and the form leaves none.
    received = desk.mail_of_invitation(name=words.replace("\0", " "))
    assert_one_sound_mail(received, "new@example.com")
    assert received.mail_from == "no-reply@clinic.example"


@pytest.mark.parametrize("field", [*request_fields(1), "email", "best_day", "source", "submission_id"])
def test_no_field_of_the_form_makes_a_header(field: str, desk: Desk) -> None:
    for number, words in enumerate(INJECTIONS):
        desk.clock.forward(minutes=1)
        for hostile in (words, f"{request_fields(number).get(field, 'sana@example.net')}{words}"):
            mails = desk.mail_of_form(request_fields(number, email="sana@example.net") | {field: hostile})
            for recipient, received in mails.items():
                assert_one_sound_mail(received, recipient)
                assert recipient in {"desk@clinic.example", "sana@example.net"}


@pytest.mark.parametrize(
    "address",
    [
        "sana@example.net\r\nBcc: victim@example.org",
        "sana@example.net\nBcc: victim@example.org",
        "sana@example.net, victim@example.org",
        "victim@example.org <sana@example.net>",
        "sana(victim@example.org)@example.net",
        "sana@example.net>\r\nRCPT TO:<victim@example.org",
        "sana@exa mple.net",
        "سنا@example.net",
        f"sana@{'ا' * 64}.example",
    ],
)
def test_an_address_that_is_none_goes_nowhere_and_the_staff_mail_still_arrives(address: str, desk: Desk) -> None:
    desk.server.takes_utf8 = False
    mails = desk.mail_of_request(email=address)
    assert list(mails) == ["desk@example.com"]
    assert_one_sound_mail(mails["desk@example.com"], "desk@example.com")
    assert mails["desk@example.com"].message["Reply-To"] is None


@pytest.mark.parametrize(
    "text",
    [
        (URDU * 100)[:MAX_TEXT],
        "ا" * MAX_TEXT,
        "x" * MAX_TEXT,
        "😀" * MAX_TEXT,
        "=" * MAX_TEXT,
        ".\n..\n.\r\n.QUIT\n" + "." * 2000,
        "From me\n\nFrom you\n>From them",
        "a \nb\t\nc  ",
        "\u2028\u2029\x85\x1c end",
        "--===============0123456789==--\nContent-Type: text/html\n\n<b>x</b>",
    ],
    ids=["Urdu", "one Urdu word", "one word", "emoji", "equals", "dots", "From", "trailing blanks", "separators", "boundary"],
)
def test_a_message_of_any_kind_and_length_arrives_whole(text: str, desk: Desk) -> None:
    received = desk.mail_of_request(message=text)["desk@example.com"]
    assert_one_sound_mail(received, "desk@example.com")
    plain = received.part("plain").replace("\r\n", "\n")
    assert flat(text) in flat(plain)
    if "\r" not in text and "\u2028" not in text:
        assert text in plain


@pytest.mark.parametrize("title", [URDU * 3, "ا" * 200, "x" * 1200, "😀 " * 60, "Botox, “Migraine” & you: 50% (really) <now>"])
def test_a_title_of_any_kind_and_length_makes_a_sound_subject(title: str, desk: Desk) -> None:
    desk.title_the_article(title)
    received = desk.mail_of_comment()
    assert_one_sound_mail(received, "moderator@example.com")
    assert flat(received.message["Subject"]) == flat(f"A comment is waiting: {title}")


def test_the_hostile_collections_arrive_as_text(desk: Desk) -> None:
    collection = [str(text) for text in data.load_json("hostile/blns.json")]
    for name in ("html5sec-injections.txt", "xss-polyglot-fuzzdb.txt", "xss-rsnake-fuzzdb.txt"):
        collection += data.lines(f"hostile/{name}")
    for number in range(0, len(collection), 60):
        text = clean_text("\n".join(collection[number : number + 60]))[:MAX_TEXT]
        name = clean_line(collection[number])[:100] or "x"
        # Many suspected ones within an hour would share a mail.
        desk.clock.forward(hours=1)
        received = desk.mail_of_request(name=name, message=text)["desk@example.com"]
        assert_one_sound_mail(received, "desk@example.com")
        assert flat(text) in flat(received.part("plain"))
        assert not re.search(r"<(script|img|iframe|svg)", received.part("html"), re.IGNORECASE)
