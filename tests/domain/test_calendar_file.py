"""The calendar file keeps to RFC 5545 whatever a visitor is called."""

from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from domain import calendar_file
from domain.calendar_file import Appointment
from tests.conftest import NOON


def made(name: str) -> str:
    return calendar_file.event(Appointment("DC-2345@clinic.example", 3, NOON + timedelta(days=1), name, "+92 300 1234567"), NOON)


def unfolded(text: str) -> list[str]:
    """Lines as a calendar reads them (3.1)."""
    return text.replace("\r\n ", "").split("\r\n")[:-1]


def test_times_are_utc_and_the_rest_is_there() -> None:
    lines = unfolded(made("Sana; Khan, F-8"))
    assert (lines[0], lines[-1]) == ("BEGIN:VCALENDAR", "END:VCALENDAR")
    assert {"UID:DC-2345@clinic.example", "SEQUENCE:3", "DTSTAMP:20261123T070000Z"} <= set(lines)
    assert {"DTSTART:20261124T070000Z", "DTEND:20261124T073000Z", "SUMMARY:Sana\\; Khan\\, F-8"} <= set(lines)


@given(st.text(alphabet=st.characters(codec="utf-8"), max_size=200))
def test_no_name_makes_a_line_of_its_own_or_one_that_is_too_long(name: str) -> None:
    text = made(name)
    for line in text.split("\r\n"):
        assert len(line.encode()) <= 75
        assert not any(c < " " for c in line)
    assert len(unfolded(text)) == len(unfolded(made("Sana")))
