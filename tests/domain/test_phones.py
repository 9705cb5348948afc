"""Phone numbers in every form that people in Pakistan type, kept as one."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain import phones
from tests.domain.data import load_json

MOBILE = "+923001234567"


@pytest.mark.parametrize(
    ("typed", "e164", "why"),
    [
        ("0300-1234567", MOBILE, "as printed on cards"),
        ("0300 1234567", MOBILE, "a space"),
        ("03001234567", MOBILE, "nothing between"),
        ("300 1234567", MOBILE, "without the leading nought"),
        ("+92 300 1234567", MOBILE, "international"),
        ("+92 (0) 300 1234567", MOBILE, "both prefixes"),
        ("00923001234567", MOBILE, "0092"),
        ("0092 300 1234567", MOBILE, "0092 and spaces"),
        ("923001234567", MOBILE, "the plus was lost, as WhatsApp shows it"),
        ("۰۳۰۰-۱۲۳۴۵۶۷", MOBILE, "Urdu digits"),
        ("٠٣٠٠١٢٣٤٥٦٧", MOBILE, "Arabic digits"),
        ("0300–1234567", MOBILE, "a dash from a word processor"),
        ("0300.1234567", MOBILE, "full stops"),
        ("\u200e+92 300 1234567\u202c", MOBILE, "invisible marks of a copied contact"),
        ("0399-1234567", "+923991234567", "a mobile range newer than the metadata"),
        ("051-2345678", "+92512345678", "a landline of Islamabad"),
        ("(051) 2345678", "+92512345678", "area code in brackets"),
        ("92512345678", "+92512345678", "a landline without its plus"),
        ("021 111 825 888", "+9221111825888", "a UAN with its area code"),
        ("0800-12345", "+9280012345", "toll-free"),
        ("0900-12345", "+9290012345", "premium: staff see it and need not call"),
        ("+44 20 7946 0958", "+442079460958", "foreign"),
        ("0044 20 7946 0958", "+442079460958", "foreign with 00"),
        ("+971 50 123 4567", "+971501234567", "from the Gulf"),
    ],
)
def test_number_is_read(typed: str, e164: str, why: str) -> None:
    assert phones.parse(typed).e164 == e164, why


@pytest.mark.parametrize(
    ("typed", "why"),
    [
        ("", "nothing"),
        ("   ", "white space"),
        ("+", "a plus alone"),
        ("0300-123", "too short"),
        ("0300-12345678901", "too long"),
        ("0" * 40, "noughts"),
        ("0300-CALLNOW", "letters"),
        ("0300-1234567 ext 5", "an extension"),
        ("0300-1234567;ext=5", "an extension as in a link"),
        ("0300-1234567 #5", "an extension without letters"),
        ("0300 1234567, 0301 1234567", "two numbers"),
        ("111-222-333", "a UAN cannot be called without its area code"),
        ("15", "the police"),
        ("1122", "the rescue service"),
        ("+99 123456789", "no such country"),
        ("051-2345", "a landline too short"),
        ("<script>", "no number"),
        ("\x00", "NUL"),
        ("\ud800", "a lone surrogate"),
        ("tel:+923001234567", "a link"),
    ],
)
def test_what_nobody_could_call_is_refused(typed: str, why: str) -> None:
    with pytest.raises(phones.BadPhone):
        pytest.fail(f"{why}: {phones.parse(typed)}")


@settings(max_examples=200, deadline=None, database=None, derandomize=True)
@given(st.one_of(st.text(max_size=phones.MAX_PHONE), st.text(alphabet="0123456789+- ()/۰۳;=x", max_size=phones.MAX_PHONE)))
def test_any_text_is_a_number_or_refused(typed: str) -> None:
    try:
        phone = phones.parse(typed)
    except phones.BadPhone:
        return
    assert phone.e164.startswith("+")
    assert phone.e164[1:].isascii()
    assert phone.e164[1:].isdigit()
    assert len(phone.e164) <= 20
    assert phones.parse(phone.display) == phone
    assert phones.from_e164(phone.e164) == phone


def test_number_is_shown_in_international_form_and_linked_both_ways() -> None:
    phone = phones.parse("0300-1234567")
    assert phone.display == "+92 300 1234567"
    assert phone.tel == "tel:+923001234567"
    assert phone.chat("Hello, 5 & 6/7?") == "https://wa.me/923001234567?text=Hello%2C%205%20%26%206%2F7%3F"


@pytest.mark.parametrize("kind", ["fixedLine", "mobile", "tollFree", "premiumRate", "personalNumber", "uan"])
@pytest.mark.parametrize("prefix", ["0", "+92", "0092"])
def test_every_published_example_is_read(kind: str, prefix: str) -> None:
    example = load_json("identity/PK-examples.json")["types"][kind]
    assert phones.parse(prefix + example["example"]).e164 == example["e164"]
