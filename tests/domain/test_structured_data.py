"""The JSON-LD graph says what is known, in words that schema.org has, and cannot break out of its element."""

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date, time
from functools import cache
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from domain import articles, phones, treatments
from domain import structured_data as sd
from domain.settings import Address, Reviewer, Site, Treatment
from domain.sign_offs import SignOff
from domain.working_time import Holiday
from tests.domain.data import ROOT, load_json
from tests.factories import SLUG

HOME = "https://clinic.example/"
URL = f"{HOME}blog/{SLUG}"
BARE = Site(name="Dynamic Clinic", city="Islamabad", timezone=ZoneInfo("Asia/Karachi"))
FULL = replace(
    BARE,
    email="desk@clinic.example",
    phone=phones.parse("051-2345678"),
    address=Address("1 Main Road", "Islamabad", "F-8", "44000"),
    opening={"monday": ((time(9), time(13)), (time(14), time(17))), "saturday": ((time(10), time(13, 30)),)},
    holidays=(Holiday(date(2026, 12, 25), date(2026, 12, 25), "Quaid-e-Azam Day"),),
)
CRUMBS = [sd.Crumb("Home", HOME), sd.Crumb("Articles", f"{HOME}blog"), sd.Crumb("Botox", URL)]
PAGE = {"url", "name", "description", "inLanguage", "isPartOf", "breadcrumb", "about"}
DOCTOR = Reviewer("a-khan", "Dr Test Khan", "PMDC 0", "Neurology", "https://clinic.example/khan")
SIGN_OFF = SignOff("a-khan", date(2026, 11, 23), date(2027, 11, 23), is_current=True)
OWN_VOCABULARY = {
    "MedicalOrganization": {"name", "url", "email", "telephone", "logo"},
    "MedicalClinic": {
        "name", "url", "logo", "email", "telephone", "address", "openingHoursSpecification", "specialOpeningHoursSpecification",
    },
    "PostalAddress": {"streetAddress", "addressLocality", "postalCode", "addressCountry"},
    "OpeningHoursSpecification": {"dayOfWeek", "opens", "closes", "name", "validFrom", "validThrough"},
    "WebSite": {"name", "url", "publisher", "inLanguage"},
    "WebPage": PAGE,
    "AboutPage": PAGE,
    "CollectionPage": PAGE,
    "ContactPage": PAGE,
    "BreadcrumbList": {"itemListElement"},
    "ListItem": {"position", "name", "item"},
    "MedicalWebPage": {
        "url", "name", "description", "inLanguage", "datePublished", "dateModified", "isPartOf", "breadcrumb", "mainEntity",
        "audience", "about", "reviewedBy", "lastReviewed", "author", "publisher", "citation",
    },
    "Person": {"name", "jobTitle", "hasCredential", "url"},
    "EducationalOccupationalCredential": {"name"},
    "TherapeuticProcedure": {"name", "mainEntityOfPage"},
    "MedicalAudience": {"audienceType"},
    "MedicalCondition": {"name"},
    "BlogPosting": {
        "mainEntityOfPage", "headline", "description", "inLanguage", "datePublished", "dateModified", "wordCount", "author",
        "publisher", "commentCount", "citation", "image",
    },
    "Organization": {"name", "url"},
    "CreativeWork": {"name", "url"},
}  # fmt: skip


@cache
def item() -> articles.Article:
    return articles.read(ROOT / "content" / "articles" / f"{SLUG}.md")


@cache
def treatment() -> treatments.TreatmentPage:
    return treatments.read(ROOT / "content" / "treatments" / "botulinum-toxin-for-chronic-migraine.md")


def treatment_graph(site: Site) -> dict[str, Any]:
    about = [
        sd.organisation(site, HOME),
        sd.website(site, HOME),
        sd.breadcrumbs(CRUMBS),
        *sd.treatment(site, HOME, URL, treatment()),
    ]
    return json.loads(sd.graph(about))


def graph(site: Site) -> dict[str, Any]:
    nodes = [
        sd.organisation(site, HOME, f"{HOME}logo.png"),
        sd.website(site, HOME),
        sd.breadcrumbs(CRUMBS),
        *sd.article(site, HOME, URL, item(), 3, pictures=[f"{HOME}one.png", f"{HOME}two.png"]),
        sd.page(HOME, CRUMBS[0], "The way in."),
    ]
    return json.loads(sd.graph(nodes))


def everything(site: Site) -> list[dict[str, Any]]:
    """The nodes of every kind of page, also of one that a doctor has reviewed."""
    reviewed = replace(item(), sign_off=SIGN_OFF)
    rest = [sd.medical_page(replace(site, reviewers=(DOCTOR,)), HOME, URL, reviewed)]
    rest += sd.treatment(site, HOME, URL, treatment())
    rest += [sd.page(HOME, CRUMBS[1], "Told.", kind) for kind in ("AboutPage", "CollectionPage", "ContactPage")]
    return [*nodes(graph(site)), *nodes(rest)]


def nodes(value: Any) -> Iterator[dict[str, Any]]:
    """Every object of a graph that has a type, at any depth."""
    if isinstance(value, list):
        for entry in value:
            yield from nodes(entry)
    elif isinstance(value, dict):
        if "@type" in value:
            yield value
        for entry in value.values():
            yield from nodes(entry)


def by_type(site: Site, kind: str) -> list[dict[str, Any]]:
    return [node for node in nodes(graph(site)) if node["@type"] == kind]


@pytest.mark.parametrize("site", [BARE, FULL], ids=["bare", "full"])
def test_types_and_properties_are_those_we_mean(site: Site) -> None:
    for node in everything(site):
        assert {key for key in node if not key.startswith("@")} <= OWN_VOCABULARY[node["@type"]]


@pytest.mark.parametrize("site", [BARE, FULL], ids=["bare", "full"])
def test_types_and_properties_are_in_the_vocabulary(site: Site) -> None:
    entries = {entry["@id"]: entry for entry in load_json("schemaorg-current-https.jsonld")["@graph"]}

    def many(value: Any) -> list[str]:
        return [row["@id"] for row in (value if isinstance(value, list) else [value])] if value else []

    def ancestors(kind: str) -> set[str]:
        return {kind}.union(*(ancestors(parent) for parent in many(entries[kind].get("rdfs:subClassOf")) if parent in entries))

    for node in everything(site):
        kind = f"schema:{node['@type']}"
        assert kind in entries
        for key in (key for key in node if not key.startswith("@")):
            domains = many(entries[f"schema:{key}"].get("schema:domainIncludes"))
            assert ancestors(kind) & set(domains), f"{key} does not belong to {kind}"


def test_clinic_without_an_address_is_an_organisation() -> None:
    [clinic] = by_type(BARE, "MedicalOrganization")
    assert clinic == {
        "@type": "MedicalOrganization",
        "@id": f"{HOME}#clinic",
        "name": "Dynamic Clinic",
        "url": HOME,
        "logo": f"{HOME}logo.png",
    }
    assert not by_type(BARE, "MedicalClinic")


def test_hours_without_an_address_make_no_local_business() -> None:
    site = replace(FULL, address=None)
    assert not by_type(site, "MedicalClinic")
    assert not by_type(site, "OpeningHoursSpecification")
    assert by_type(site, "MedicalOrganization")[0]["telephone"] == "+92512345678"


def test_clinic_with_an_address_says_where_and_when() -> None:
    [clinic] = by_type(FULL, "MedicalClinic")
    assert clinic["address"] == {
        "@type": "PostalAddress",
        "streetAddress": "1 Main Road, F-8",
        "addressLocality": "Islamabad",
        "postalCode": "44000",
        "addressCountry": "PK",
    }
    spans = [(row["dayOfWeek"], row["opens"], row["closes"]) for row in clinic["openingHoursSpecification"]]
    assert spans == [
        ("https://schema.org/Monday", "09:00", "13:00"),
        ("https://schema.org/Monday", "14:00", "17:00"),
        ("https://schema.org/Saturday", "10:00", "13:30"),
    ]
    [holiday] = clinic["specialOpeningHoursSpecification"]
    assert (holiday["validFrom"], holiday["validThrough"]) == ("2026-12-25", "2026-12-25")
    assert (holiday["opens"], holiday["closes"]) == ("00:00", "00:00"), "closed for the whole day"


def test_what_is_unset_is_not_said() -> None:
    [clinic] = by_type(replace(FULL, opening={}, address=Address("1 Main Road", "Islamabad")), "MedicalClinic")
    assert "openingHoursSpecification" not in clinic
    assert "postalCode" not in clinic["address"]
    assert clinic["address"]["streetAddress"] == "1 Main Road"


@pytest.mark.parametrize("make", [graph, treatment_graph])
def test_every_reference_inside_the_graph_leads_somewhere(make: Callable[[Site], dict[str, Any]]) -> None:
    made = make(FULL)
    ids = {node["@id"] for node in nodes(made) if "@id" in node}
    pointers = [
        value["@id"] for node in nodes(made) for value in node.values() if isinstance(value, dict) and value.keys() == {"@id"}
    ]
    assert pointers
    assert set(pointers) <= ids


def test_article_names_its_citations_and_no_reviewer() -> None:
    [posting] = by_type(BARE, "BlogPosting")
    assert len(posting["citation"]) == len(item().references)
    assert posting["commentCount"] == 3
    assert posting["wordCount"] == item().words
    text = json.dumps(graph(BARE))
    assert "reviewedBy" not in text
    assert "lastReviewed" not in text


def test_reviewer_is_named_while_the_text_is_the_one_that_was_signed() -> None:
    page, _ = sd.article(replace(BARE, reviewers=(DOCTOR,)), HOME, URL, replace(item(), sign_off=SIGN_OFF), 0)
    assert page["lastReviewed"] == "2026-11-23"
    assert page["reviewedBy"] == {
        "@type": "Person",
        "name": "Dr Test Khan",
        "jobTitle": "Neurology",
        "hasCredential": {"@type": "EducationalOccupationalCredential", "name": "PMDC 0"},
        "url": "https://clinic.example/khan",
    }
    for site, current in ((BARE, True), (replace(BARE, reviewers=(DOCTOR,)), False)):
        page, _ = sd.article(site, HOME, URL, replace(item(), sign_off=replace(SIGN_OFF, is_current=current)), 0)
        assert not {"reviewedBy", "lastReviewed"} & page.keys()


GOOGLE = {
    "BlogPosting": {"headline", "image", "datePublished", "dateModified", "author"},
    "MedicalClinic": {"name", "address", "telephone", "openingHoursSpecification", "url"},
    "MedicalOrganization": {"name", "url", "logo"},
    "WebSite": {"name", "url"},
    "BreadcrumbList": {"itemListElement"},
    "ListItem": {"position", "name", "item"},
}
"""What developers.google.com/search/docs/appearance/structured-data names as required or recommended, as far as it is known."""


@pytest.mark.parametrize("site", [BARE, FULL], ids=["bare", "full"])
def test_what_google_names_is_there(site: Site) -> None:
    for node in nodes(graph(site)):
        assert GOOGLE.get(node["@type"], set()) <= set(node), node["@type"]
    [posting] = by_type(site, "BlogPosting")
    assert {"name", "url"} <= set(posting["author"])
    assert len(posting["headline"]) <= 110
    assert all(url.startswith("https://") for url in posting["image"])


def test_no_rating_and_no_questions_are_marked_up() -> None:
    text = json.dumps(graph(FULL))
    assert "FAQPage" not in text, "the questions are shown; the mark-up has brought nothing since May 2026"
    assert "aggregateRating" not in text


def test_treatment_is_named_as_in_the_clinics_own_list() -> None:
    site = replace(BARE, treatments=(Treatment("chronic-migraine", "Botulinum toxin for chronic migraine"),))
    page, procedure = sd.treatment(site, HOME, URL, treatment())
    assert (procedure["@type"], procedure["name"]) == ("TherapeuticProcedure", "Botulinum toxin for chronic migraine")
    assert page["mainEntity"] == {"@id": procedure["@id"]}
    assert page["about"] == {"@type": "MedicalCondition", "name": "Chronic migraine"}


def test_article_without_a_condition_is_about_nothing() -> None:
    page, _ = sd.article(BARE, HOME, URL, replace(item(), condition=None), 0)
    assert "about" not in page


def test_times_carry_the_zone_of_the_clinic() -> None:
    [page] = by_type(BARE, "MedicalWebPage")
    assert page["datePublished"].endswith("+05:00")


def test_crumbs_are_counted_from_one() -> None:
    assert [(row["position"], row["name"]) for row in sd.breadcrumbs(CRUMBS)["itemListElement"]] == [
        (1, "Home"),
        (2, "Articles"),
        (3, "Botox"),
    ]


@pytest.mark.parametrize(
    "text", ["</script><script>alert(1)</script>", "<!--<script>", "]]>", "&lt;/script&gt;", '"}', "\u2028ثنا"]
)
def test_text_cannot_break_out_of_the_script_element(text: str) -> None:
    made = sd.graph([sd.organisation(replace(BARE, name=text), HOME)])
    assert not {"<", ">", "&"} & set(made)
    assert json.loads(made)["@graph"][0]["name"] == text
