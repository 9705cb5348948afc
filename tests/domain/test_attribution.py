"""The first touch: what is kept of what a browser tells, under which word it is counted, and what is never kept."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.attribution import FIELDS, MAX_SOURCE, MAX_VALUE, FirstTouch

OWN = "https://clinic.example"


def touch(landing: str = "/", **told: str) -> FirstTouch:
    return FirstTouch.of(told, landing=landing, own_host=OWN)


def test_what_a_link_says_is_kept() -> None:
    found = touch("/blog/x", referrer="https://news.example/a?b#c", utm_source="Newsletter", utm_campaign="spring 2026")
    assert found == FirstTouch("/blog/x", "news.example", "Newsletter", utm_campaign="spring 2026")


@pytest.mark.parametrize(
    ("told", "source"),
    [
        ({}, "direct"),
        ({"referrer": "www.google.com.pk"}, "google"),
        ({"referrer": "https://www.google.com/"}, "google"),
        ({"referrer": "lm.facebook.com"}, "facebook"),
        ({"referrer": "t.co"}, "x"),
        ({"referrer": "not.co"}, "not.co"),
        ({"referrer": "notfacebook.com"}, "notfacebook.com"),
        ({"referrer": "blog.neurology.example"}, "blog.neurology.example"),
        ({"referrer": "clinic.example"}, "direct"),
        ({"referrer": "www.clinic.example"}, "direct"),
        ({"utm_source": "Leaflet", "referrer": "google.com"}, "leaflet"),
        ({"utm_source": "<b>"}, "b"),
        ({"utm_source": "‮"}, "direct"),
        ({"referrer": "localhost"}, "direct"),
        ({"referrer": "//[x"}, "direct"),
    ],
)
def test_each_visit_is_counted_under_one_word(told: dict[str, str], source: str) -> None:
    assert touch(**told).source == source


@pytest.mark.parametrize(
    "value",
    [
        "sana@example.com",
        "sana%40example.com",
        "0300 1234567",
        "call-00923001234567",
        "Cj0KCQiA4feBBhC9ARIsAB",
        "a" * 19 + "1",
    ],
)
@pytest.mark.parametrize("name", ["utm_source", "utm_campaign", "utm_content"])
def test_what_could_be_a_person_is_not_kept(name: str, value: str) -> None:
    found = touch(**{name: value})
    assert getattr(found, name) == ""
    assert found.source == "direct"


@pytest.mark.parametrize("value", ["2026-11-28", "spring_sale_2026_migraine", "chronic-migraine-spring-2026", "کلینک", "Ad 7"])
def test_names_of_campaigns_are_kept(value: str) -> None:
    assert touch(utm_campaign=value).utm_campaign == value


@given(st.dictionaries(st.sampled_from([*FIELDS, "other"]), st.text(max_size=400)), st.text(max_size=400))
def test_whatever_is_told_fits_its_column(told: dict[str, str], landing: str) -> None:
    found = FirstTouch.of(told, landing=landing, own_host=OWN)
    assert all(len(getattr(found, name)) <= MAX_VALUE for name in FIELDS)
    assert 0 < len(found.source) <= MAX_SOURCE
    assert "@" not in found.referrer + found.utm_source
