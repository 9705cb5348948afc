"""The clinic's facts: each wrong one is named, each unset one is known, and the owner's rows win."""

import tomllib
from dataclasses import fields
from datetime import time
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from flask import Flask
from sqlalchemy.orm import Session

import config
from domain import phones, settings, site_file
from domain.routing import Rule, When
from domain.settings import Reviewer, Site
from domain.site_file import InvalidSetting
from tests.conftest import NOON
from tests.domain.data import ROOT
from tests.factories import make_staff

SMALLEST = """
[clinic]
name = "Dynamic Clinic"
city = "Islamabad"
timezone = "Asia/Karachi"
[[treatments]]
slug = "unsure"
name = "Not sure yet"
"""
CLINIC = '[clinic]\nname = "A"\ncity = "B"\ntimezone = "Asia/Karachi"\n'
REVIEWER = '[[reviewers]]\nid = "a-khan"\nname = "Dr Test Khan"\ncredential = "PMDC 0"\nspecialty = "Neurology"\n'
TREATMENTS = '[[treatments]]\nslug = "a"\nname = "A"\n'


def read(text: str) -> Site:
    return site_file.read_site(tomllib.loads(text))


def with_clinic(line: str) -> str:
    return CLINIC + line + "\n" + TREATMENTS


@pytest.mark.parametrize(
    ("text", "key", "why"),
    [
        (TREATMENTS, "clinic.name", "no clinic at all"),
        (with_clinic("").replace('name = "A"\ncity', "city", 1), "clinic.name", "a name is needed"),
        (with_clinic("").replace('"B"', '" "'), "clinic.city", "white space is no city"),
        (with_clinic("").replace('"B"', "7"), "clinic.city", "a number is no text"),
        (with_clinic("").replace("Asia/Karachi", "Asia/Nowhere"), "clinic.timezone", "no such zone"),
        (with_clinic("").replace("Asia/Karachi", "../zone"), "clinic.timezone", "a path is no zone"),
        (with_clinic("").replace("Asia/Karachi", "Asia"), "clinic.timezone", "a continent is no zone"),
        (with_clinic("").replace('"Asia/Karachi"', "5"), "clinic.timezone", "an offset is no zone"),
        (with_clinic('phone = "12"'), "clinic.phone", "no number that anyone could call"),
        (with_clinic("phone = 512345678"), "clinic.phone", "a number without quotes loses its nought"),
        (with_clinic('whatsapp = "me"'), "clinic.whatsapp", "letters"),
        (with_clinic('email = "desk"'), "clinic.email", "no host"),
        (with_clinic('email = ["a@example.com"]'), "clinic.email", "a list is no text"),
        (with_clinic("emergency_number = 1122"), "clinic.emergency_number", "a number without quotes"),
        (with_clinic("licence = true"), "clinic.licence", "a switch is no text"),
        (with_clinic('fax = "1"'), "clinic.fax", "an unknown fact would be shown nowhere"),
        (with_clinic('address = "Main Road"'), "clinic.address", "an address has parts"),
        (with_clinic('[clinic.address]\ncity = "B"'), "clinic.address.street", "a street is needed"),
        (with_clinic('[clinic.address]\nstreet = "A"'), "clinic.address.city", "a city is needed"),
        (with_clinic('[clinic.address]\nstreet = "A"\ncity = "B"\npostal_code = 44000'), "clinic.address.postal_code", "no text"),
        (with_clinic('[clinic.address]\nstreet = "A"\ncity = "B"\ncountry = "PK"'), "clinic.address.country", "unknown"),
        (with_clinic('hours = "9 to 5"'), "clinic.hours", "hours are a table"),
        (with_clinic('[clinic.hours]\nmon = "09:00-17:00"'), "clinic.hours.mon", "an unknown day"),
        (with_clinic('[clinic.hours]\nmonday = "09:00"'), "clinic.hours.monday", "no end"),
        (with_clinic('[clinic.hours]\nmonday = "17:00-09:00"'), "clinic.hours.monday", "ends before it starts"),
        (with_clinic('[clinic.hours]\nmonday = "25:00-26:00"'), "clinic.hours.monday", "no such hour"),
        (with_clinic('[clinic.hours]\nmonday = "09:00Z-17:00"'), "clinic.hours.monday", "a zone of its own"),
        (with_clinic('[clinic.hours]\nmonday = "09:00-13:00, 12:00-17:00"'), "clinic.hours.monday", "two spans over each other"),
        (with_clinic('holidays = ["Eid"]'), "clinic.holidays", "no date"),
        (with_clinic('holidays = "2026-12-25 Quaid"'), "clinic.holidays", "a text is no list"),
        (with_clinic("[clinic.hours]\nmonday = 9"), "clinic.hours.monday", "a number"),
        (CLINIC, "treatments", "visitors ask about something"),
        (CLINIC.replace("[clinic]", "treatments = []\n[clinic]"), "treatments", "an empty list"),
        (CLINIC + '[[treatments]]\nslug = "a"\n', "treatments[0]", "no name"),
        (with_clinic("") + '[[treatments]]\nslug = "B b"\nname = "B"\n', "treatments[1].slug", "a slug is an address"),
        (with_clinic("") + "[[treatments]]\nslug = 1\nname = 2\n", "treatments[1]", "numbers"),
        (with_clinic("") + '[[treatments]]\nslug = "b"\nname = " "\n', "treatments[1]", "a choice nobody could read"),
        (with_clinic("") + TREATMENTS, "treatments", "the same slug twice"),
        (with_clinic("") + '[[reviewers]]\nid = "a-khan"\nname = "Dr Khan"\n', "reviewers[0]", "a name alone is no doctor"),
        (with_clinic("") + REVIEWER + "age = 40\n", "reviewers[0]", "unknown"),
        (with_clinic("") + REVIEWER.replace("a-khan", "A Khan"), "reviewers[0].id", "an id is a plain word"),
        (with_clinic("") + REVIEWER + 'url = "http://a.example"\n', "reviewers[0].url", "in the clear"),
        (with_clinic("") + REVIEWER + REVIEWER, "reviewers", "the same id twice"),
        (with_clinic("") + '[content]\ngeneric_names = "yes"\n', "content.generic_names", "a text is no switch"),
        (with_clinic("") + "[content]\nbrand = true\n", "content.brand", "unknown"),
        ("reviewers = 1\n" + with_clinic(""), "reviewers", "no table"),
        (with_clinic("") + '[comments]\nopen = "yes"\n', "comments.open", "a text is no switch"),
        (with_clinic("") + "[comments]\nwebsite_field = 1\n", "comments.website_field", "a number is no switch"),
        (with_clinic("") + "[comments]\nclosed = true\n", "comments.closed", "unknown"),
        (with_clinic("") + '[comments]\ntrust_authors = "yes"\n', "comments.trust_authors", "a text is no switch"),
        (with_clinic("") + "[comments]\nhold_links = 0\n", "comments.hold_links", "no link is no reason"),
        (with_clinic("") + "[comments]\nmail_minutes = -1\n", "comments.mail_minutes", "time does not run backwards"),
        (with_clinic("") + '[comments]\nquiet_hours = "at night"\n', "comments.quiet_hours", "no span"),
        (with_clinic("") + "[requests]\nremind_minutes = -1\n", "requests.remind_minutes", "before it arrives"),
        (with_clinic("") + "[requests]\nescalate_minutes = 30\n", "requests.escalate_minutes", "no later than the reminder"),
        (with_clinic("") + '[requests]\ndigest_at = "8 am"\n', "requests.digest_at", "no time"),
        (with_clinic("") + "[requests]\ndigest_at = 8\n", "requests.digest_at", "a number"),
        (with_clinic("") + '[requests]\nroutes = "any: a@b.example"\n', "requests.routes", "a text is no list"),
        (with_clinic("") + '[requests]\nroutes = ["b: a@b.example"]\n', "requests.routes", "no such treatment"),
        (with_clinic("") + '[requests]\nminimal_mail = "yes"\n', "requests.minimal_mail", "a text is no switch"),
        (with_clinic("") + "[requests]\nremind = 5\n", "requests.remind", "unknown"),
        ("comments = 1\n" + with_clinic(""), "comments", "no table"),
        ("clinic = 1\n", "clinic", "no table"),
        ("[clinics]\n" + with_clinic(""), "clinics", "a slip of the pen"),
    ],
)
def test_wrong_fact_is_named(text: str, key: str, why: str) -> None:
    with pytest.raises(InvalidSetting) as error:
        pytest.fail(f"{why}: {read(text)}")
    assert str(error.value).startswith(f"{key}: expected "), why
    assert "\n" not in str(error.value)


def test_what_site_toml_leaves_out_is_as_the_facts_have_it_by_themselves() -> None:
    (treatment,) = read(SMALLEST).treatments
    assert read(SMALLEST) == Site("Dynamic Clinic", "Islamabad", ZoneInfo("Asia/Karachi"), treatments=(treatment,))


def test_each_key_of_site_toml_fills_a_fact_of_its_own() -> None:
    filled = [fact.field for facts in site_file.FACTS.values() for fact in facts.values()]
    others = {"treatments", "reviewers", "comments_paused_until", "recipients", "notice"}
    assert sorted([*filled, *others]) == sorted(field.name for field in fields(Site))


def test_wrong_holidays_are_answered_with_holidays() -> None:
    for line in ('holidays = "x"', 'holidays = ["x"]', "holidays = [1]"):
        with pytest.raises(InvalidSetting, match="Quaid-e-Azam Day"):
            read(with_clinic(line))


def test_smallest_site_leaves_the_rest_unset() -> None:
    site = read(SMALLEST)
    assert (site.phone, site.whatsapp, site.email, site.address, site.licence, site.emergency_number) == (None,) * 6
    assert site.hours == []
    assert set(site.unset) == {
        "address", "phone", "WhatsApp number", "opening hours", "public email address", "emergency number", "licence number",
        "reviewing doctor",
    }  # fmt: skip
    assert (site.website_field, site.comments_open) == (False, True)


def test_rules_for_comments_are_read() -> None:
    site = read(
        with_clinic("") + '[comments]\ntrust_authors = true\nhold_links = 4\nmail_minutes = 0\nquiet_hours = "21:00-08:00"\n'
    )
    assert (site.trust_authors, site.comment_hold_links, site.comment_mail_minutes) == (True, 4, 0)
    assert str(site.quiet_hours) == "21:00-08:00"


def test_rules_for_requests_are_read() -> None:
    site = read(
        with_clinic("") + "[requests]\nremind_minutes = 0\nescalate_minutes = 5\nminimal_mail = true\n"
        'digest_at = ""\nroutes = ["a, open: desk@clinic.example"]\n'
    )
    assert (site.remind_minutes, site.escalate_minutes, site.digest_at, site.minimal_mail) == (0, 5, None, True)
    assert site.routes == (Rule("a", When.OPEN, ("desk@clinic.example",)),)
    assert read(SMALLEST).digest_at == time(8)


def test_every_value_of_the_owner_comes_back_from_its_row(app: Flask, session: Session) -> None:
    for key, kept in settings.RUNTIME.items():
        value = getattr(app.config["SITE"], key)
        assert kept.read(kept.write(value)) == value, key


def test_full_site_has_nothing_unset() -> None:
    facts = 'email = "a@b.example"\nphone = "051-2345678"\nwhatsapp = "0300-1234567"\nemergency_number = "1122"\nlicence = "R-1"\n'
    address = '[clinic.address]\nstreet = "1 Main Road"\narea = "F-8"\ncity = "Islamabad"\npostal_code = "44000"\n'
    hours = '[clinic.hours]\nmonday = "09:00-17:00"\ntuesday = "closed"\nsunday = ""\n'
    site = read(with_clinic(facts + address + hours) + REVIEWER)
    assert site.unset == []
    assert site.reviewers == (Reviewer("a-khan", "Dr Test Khan", "PMDC 0", "Neurology"),)
    assert site.phone == phones.parse("051-2345678")
    assert site.address is not None
    assert site.address.lines == ["1 Main Road", "F-8", "Islamabad 44000"]
    assert site.opening == {"monday": ((time(9), time(17)),)}
    assert site.hours == [("Monday", "09:00-17:00"), ("Tuesday to Sunday", "closed")]


def test_days_with_equal_hours_are_said_once() -> None:
    week = 'monday = "09:00-17:00"\ntuesday = "09:00-17:00"\nwednesday = "09:00-17:00"\nfriday = "09:00-12:00"\n'
    hours = read(with_clinic(f"[clinic.hours]\n{week}")).hours
    assert hours == [
        ("Monday to Wednesday", "09:00-17:00"),
        ("Thursday", "closed"),
        ("Friday", "09:00-12:00"),
        ("Saturday and Sunday", "closed"),
    ]
    assert read(with_clinic("")).hours == []


def test_shipped_site_invents_nothing() -> None:
    site = site_file.read_site(config.read_toml(ROOT / "site.toml"))
    assert len(site.unset) == 8
    assert site.reviewers == ()
    assert site.treatment_name("chronic-migraine")
    assert site.treatment_name("nothing of the kind") is None
    assert site.treatment_name(None) is None


@pytest.mark.parametrize(
    ("text", "why"),
    [("[clinic", "no TOML"), ('[clinic]\nname = "A"\nname = "B"', "a key twice")],
)
def test_file_that_is_no_toml_is_named_in_one_line(tmp_path: Any, text: str, why: str) -> None:
    file = tmp_path / "site.toml"
    file.write_text(text)
    with pytest.raises(config.ConfigError) as error:
        config.read_toml(file)
    assert str(file) in error.value.message, why
    assert "\n" not in error.value.message


def test_owners_rows_win_over_the_file(app: Flask, session: Session) -> None:
    owner, site = make_staff(session, NOON), app.config["SITE"]
    changed = settings.change(
        session,
        site,
        {"phone": "+92512345678", "whatsapp": None, "website_field": True, "comments_open": True},
        NOON,
        owner.id,
    )
    session.commit()
    in_force = settings.effective(session, site)
    assert set(changed) == {"phone", "website_field"}
    assert in_force.phone == phones.parse("051-2345678")
    assert in_force.website_field
    assert in_force.name == site.name


def test_owner_can_take_a_number_away_again(app: Flask, session: Session) -> None:
    owner = make_staff(session, NOON)
    with_phone = settings.replace(app.config["SITE"], phone=phones.parse("051-2345678"))
    assert settings.change(session, with_phone, {"phone": None}, NOON, owner.id) == ["phone"]
    session.flush()
    assert settings.effective(session, with_phone).phone is None


def test_change_back_is_a_change(app: Flask, session: Session) -> None:
    owner, site = make_staff(session, NOON), app.config["SITE"]
    settings.change(session, site, {"comments_open": False}, NOON, owner.id)
    session.flush()
    now = settings.effective(session, site)
    assert not now.comments_open
    assert settings.change(session, now, {"comments_open": True}, NOON, owner.id) == ["comments_open"]
    session.flush()
    assert settings.effective(session, site).comments_open


def test_rows_of_unknown_keys_are_passed_over(app: Flask, session: Session) -> None:
    session.add(settings.Setting(key="banner", value="old", changed_at=NOON, changed_by=None))
    session.flush()
    assert settings.effective(session, app.config["SITE"]) == app.config["SITE"]
