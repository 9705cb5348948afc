"""How the owner sets who hears of requests, when and how much; what is wrong is named with its line and stays typed."""

from datetime import time

import pytest
from flask import Flask

import clinic
from tests.pages import Browser

PAGE = "/staff/settings"
RULES = "chronic-migraine, open: desk@clinic.example, doctor@clinic.example\nany, closed: night@clinic.example"


def test_owner_sets_all_of_it_and_sees_it_again(app: Flask, owner: Browser) -> None:
    typed = {"remind_minutes": "20", "escalate_minutes": "60", "digest_at": "07:30", "minimal_mail": "y", "routes": RULES}
    page = owner.submit(owner.get(PAGE), PAGE, **typed)
    assert page.one("#routes").get_text().removeprefix("\n").startswith("chronic-migraine, open: desk@clinic.example")
    assert page.one("#digest_at")["value"] == "07:30"
    assert "facial-lines" in page.text, "the words that rules may use are listed"
    with app.test_request_context():
        site = clinic.site()
        assert (site.remind_minutes, site.escalate_minutes, site.digest_at, site.minimal_mail) == (20, 60, time(7, 30), True)
        assert len(site.routes) == 2
    assert "Nothing was changed." in owner.submit(owner.get(PAGE), PAGE).text


def test_owner_can_turn_each_off(app: Flask, owner: Browser) -> None:
    owner.submit(owner.get(PAGE), PAGE, remind_minutes="0", escalate_minutes="0", digest_at="", routes="")
    with app.test_request_context():
        site = clinic.site()
        assert (site.remind_minutes, site.escalate_minutes, site.digest_at, site.routes) == (0, 0, None, ())


@pytest.mark.parametrize(
    ("field", "typed", "words"),
    [
        ("remind_minutes", "soon", "Enter a whole number from 0 to 1440"),
        ("escalate_minutes", "30", "Enter more minutes than for the reminder"),
        ("digest_at", "8 am", "Enter a time such as 08:00"),
        ("routes", f"{RULES}\nbotox: a@b.example", "Line 3: “botox” is no treatment"),
        ("routes", "any, sometimes: a@b.example", "Line 1: “sometimes” is no time"),
        ("routes", "any, open: <b>", "Line 1: “<b>” is no email address"),
        ("routes", "desk@clinic.example", "Line 1: write what it is about"),
        ("routes", "\n".join(f"any: a{number}@b.example" for number in range(51)), "Use at most 50 lines"),
    ],
)
def test_wrong_value_stays_typed_with_the_error_beside_it(owner: Browser, field: str, typed: str, words: str) -> None:
    page = owner.submit(owner.get(PAGE), PAGE, **{field: typed})
    assert page.status == 422
    assert words in page.one(f"#{field}-error").get_text()
    kept = page.one(f"#{field}")
    assert (kept.get("value") or kept.get_text().removeprefix("\n")) == typed
    assert page.all(f'.error-summary a[href="#{field}"]')


def test_the_owners_general_addresses_win_over_the_machines(app: Flask, owner: Browser) -> None:
    with app.test_request_context():
        machines = clinic.general_recipients()
    owner.submit(owner.get(PAGE), PAGE, recipients="desk@clinic.example\n\ndoctor@clinic.example")
    with app.test_request_context():
        assert clinic.general_recipients() == ["desk@clinic.example", "doctor@clinic.example"]
        assert clinic.request_recipients(None) == clinic.general_recipients()
    owner.submit(owner.get(PAGE), PAGE, recipients="")
    with app.test_request_context():
        assert clinic.general_recipients() == machines


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ("desk@clinic.example\nnobody", "Line 2: “nobody” is no email address"),
        ("\n".join(f"a{n}@x.example" for n in range(11)), "at most 10"),
    ],
)
def test_a_wrong_general_address_is_named_with_its_line(owner: Browser, typed: str, words: str) -> None:
    page = owner.submit(owner.get(PAGE), PAGE, recipients=typed)
    assert page.status == 422
    assert words in page.text
    assert page.one("#recipients").get_text().strip() == typed
