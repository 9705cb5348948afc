"""Treatments: what is offered has a page, says what it must, leads to the request, and has one address."""

import json
import xml.etree.ElementTree as ET
from dataclasses import replace
from datetime import timedelta

import pytest
from flask import Flask
from markupsafe import Markup

from domain.document_text import Text
from domain.documents import Library, Status
from domain.treatments import TreatmentPage
from tests.conftest import ALL_PUBLIC, Clock
from tests.factories import SLUG
from tests.pages import Browser

MIGRAINE = "botulinum-toxin-for-chronic-migraine"
LINES = "botulinum-toxin-for-facial-lines"


@pytest.fixture(autouse=True)
def everything_published(clock: Clock) -> None:
    clock.now = ALL_PUBLIC


def only(app: Flask, **changes: object) -> None:
    """Leaves one treatment page, with these changes."""
    page: TreatmentPage = app.config["TREATMENT_PAGES"].by_id("treatment-chronic-migraine")
    app.config["TREATMENT_PAGES"] = Library([replace(page, **changes)])  # type: ignore[arg-type]


def test_list_names_the_treatments_in_the_order_of_the_site_file(browser: Browser) -> None:
    links = [str(link["href"]) for link in browser.get("/treatments/").all("main h2 a")]
    assert links == [f"/treatments/{MIGRAINE}", f"/treatments/{LINES}"]


@pytest.mark.parametrize(("slug", "treatment"), [(MIGRAINE, "chronic-migraine"), (LINES, "facial-lines")])
def test_page_leads_to_a_request_that_names_the_treatment(browser: Browser, slug: str, treatment: str) -> None:
    [way] = browser.get(f"/treatments/{slug}").all(".request-card a")
    form = browser.get(str(way["href"]))
    assert form.one(f'input[name="treatment"][value="{treatment}"]').has_attr("checked")


@pytest.mark.parametrize("slug", [MIGRAINE, LINES])
def test_page_says_who_wrote_it_and_that_no_doctor_has_reviewed_it(browser: Browser, slug: str) -> None:
    page = browser.get(f"/treatments/{slug}")
    assert "not yet medically reviewed" in page.one(".byline").get_text()
    about = page.one('section[aria-labelledby="about-this-page"]').get_text()
    assert "This page has not yet been reviewed by a doctor." in about
    assert "in a reply below" not in about
    assert page.one("ol.references")


def test_page_is_described_as_a_procedure_and_not_as_an_article(browser: Browser) -> None:
    block = browser.get(f"/treatments/{MIGRAINE}").one('script[type="application/ld+json"]')
    nodes = {node["@type"]: node for node in json.loads(str(block.string))["@graph"]}
    assert set(nodes) == {"WebSite", "MedicalOrganization", "MedicalWebPage", "TherapeuticProcedure", "BreadcrumbList"}
    assert nodes["TherapeuticProcedure"]["name"] == "Botulinum toxin for chronic migraine"
    assert [crumb["name"] for crumb in nodes["BreadcrumbList"]["itemListElement"]][:2] == ["Home", "Treatments"]


def test_old_address_moves_for_good(app: Flask, browser: Browser) -> None:
    only(app, old_slugs=("old-name",))
    for typed in ("old-name", "Old-Name", MIGRAINE.title()):
        answer = browser.get(f"/treatments/{typed}", follow=False)
        assert (answer.status, answer.headers["Location"]) == (301, f"/treatments/{MIGRAINE}")


@pytest.mark.parametrize(("status", "code"), [(Status.REMOVED, 410), (Status.DRAFT, 404)])
def test_removed_treatment_is_gone_and_a_draft_is_unknown(app: Flask, browser: Browser, status: Status, code: int) -> None:
    only(app, status=status)
    assert browser.get(f"/treatments/{MIGRAINE}").status == code
    for url in ("/treatments/", "/", "/sitemap.xml"):
        assert MIGRAINE not in browser.get(url).html


def test_scheduled_treatment_goes_public_by_itself(app: Flask, browser: Browser, clock: Clock) -> None:
    only(app, published=clock() + timedelta(hours=1))
    assert browser.get(f"/treatments/{MIGRAINE}").status == 404
    assert "No treatment has a page yet." in browser.get("/treatments/").text
    assert browser.get("/").one('.treatments a[href="/consultation?treatment=chronic-migraine"]')
    clock.forward(hours=1)
    assert browser.get(f"/treatments/{MIGRAINE}").status == 200
    assert browser.get("/").one(f'.treatments a[href="/treatments/{MIGRAINE}"]')


def test_sitemap_lists_treatments_with_their_dates(app: Flask, browser: Browser) -> None:
    space = "{http://www.sitemaps.org/schemas/sitemap/0.9}"
    rows = {url.findtext(f"{space}loc"): url.findtext(f"{space}lastmod") for url in ET.fromstring(browser.get("/sitemap.xml").html)}
    for page in app.config["TREATMENT_PAGES"].all:
        assert rows[f"http://localhost/treatments/{page.slug}"] == page.updated.isoformat(timespec="seconds")
    assert rows["http://localhost/treatments/"]


def test_page_that_brings_no_card_gets_one(app: Flask, browser: Browser) -> None:
    assert len(browser.get(f"/treatments/{LINES}").all(".request-card")) == 1
    body = Markup("<p>No card.</p>")
    only(app, text=lambda: Text(summary=(), html=body, html_without_drawings=body, toc=(), references=()))
    [way] = browser.get(f"/treatments/{MIGRAINE}").all(".request-card a")
    assert way["href"] == "/consultation?treatment=chronic-migraine"


def test_feed_has_the_captions_of_figures_and_no_drawing(browser: Browser) -> None:
    feed = browser.get("/feed.xml").html
    assert "Figure 3." in feed
    assert "&lt;figcaption" in feed
    assert "svg" not in feed
    assert browser.get(f"/blog/{SLUG}").html.count("<svg xmlns") == 7
