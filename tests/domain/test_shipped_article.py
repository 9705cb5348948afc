"""The article as it ships keeps to what the owner asked of it and to the fact sheet."""

import re

import pytest
from bs4 import BeautifulSoup

from domain import markdown
from domain.documents import Document
from tests.domain import shipped as shipped_texts
from tests.domain.data import ROOT
from tests.factories import ARTICLE, SLUG
from tests.pages import Browser


def shipped() -> Document:
    return shipped_texts.documents()[SLUG]


def body() -> BeautifulSoup:
    return shipped_texts.body(SLUG)


def text() -> str:
    return shipped_texts.text(SLUG)


def section(heading: str) -> list[str]:
    return shipped_texts.section(SLUG, heading)


def test_it_has_its_immutable_id() -> None:
    assert shipped().id == ARTICLE


def test_reference_15_is_cited_without_its_doi() -> None:
    wear_off = next(reference for reference in shipped().references if "wear-off" in reference.label)
    assert wear_off.url is None
    assert "doi" not in wear_off.html


def test_gain_over_placebo_is_cited_wherever_it_is_said() -> None:
    lines = [*shipped().summary, *(str(tag) for tag in body()("p"))]
    said = [BeautifulSoup(line, "html.parser") for line in lines if "about two days" in line]
    assert len(said) == 2
    for line in said:
        words = re.split(r"about two days(?: a month)?\.", line.get_text())[1]
        numbers = [int(number) for number in re.findall(r"\d+", re.split(r"[A-Z]", words)[0])]
        assert ["PREEMPT" in label(number) or "Botulinum toxins for" in label(number) for number in numbers] == [True, True]


def label(number: int) -> str:
    return shipped().references[number - 1].label


def test_who_it_does_not_suit_is_said_where_readers_look_for_it() -> None:
    assert any("not for children, nor for headache on 14 or fewer days a month" in line for line in section("Who it may suit"))


def test_figures_for_the_reviewer_are_listed_with_their_number_on_the_page() -> None:
    table = (ROOT / "docs" / "go-live.md").read_text().split("### 2.1")[1].split("### 2.2")[0]
    rows = [[cell.strip() for cell in line.split("|")[1:-1]] for line in table.splitlines() if line.startswith("| ")][1:]
    assert len(rows) == 8
    source = ""
    for figure, _where, _against, number, address in rows:
        source = source if address == "the same" else address.removeprefix("DailyMed, set id ").split(" ")[0]
        assert source in str(shipped().references[int(number) - 1].url), figure


def test_title_tag_names_the_place_within_65_characters() -> None:
    assert len(shipped().seo_title) <= 65
    assert "Islamabad" in shipped().seo_title
    assert "Botox" in shipped().seo_title


def test_phrase_patients_search_for_stands_once_each() -> None:
    assert shipped().description.count("Botox injection in Islamabad") == 1
    assert text().count("Botox injection in Islamabad") == 1


@pytest.mark.parametrize(
    "fact",
    [
        "155 units, given as 31 injections",
        "every 12 weeks",
        "PREEMPT 1 did not meet its primary endpoint",
        "Neck pain 9% 3%",
        "not interchangeable",
        "It is not a cure",
        "boxed warning",
    ],
)
def test_what_a_patient_must_know_is_said(fact: str) -> None:
    assert fact in text()


def test_first_headache_after_50_is_cited_to_nice() -> None:
    row = next(item for item in body()("li") if "after the age of 50" in item.get_text())
    numbers = [int(link.get_text()) for link in row.select("sup.cite a")]
    assert ["Headaches in over 12s" in shipped().references[number - 1].label for number in numbers] == [True]


def test_propranolol_comes_with_its_cautions_and_their_source() -> None:
    caution = next(item for item in section("Other treatments") if "Propranolol does not suit" in item)
    assert re.search(r"asthma.* overdose .*depression\. \d+$", caution)


def test_nothing_is_said_of_trials_that_the_fact_sheet_does_not_hold() -> None:
    assert not re.search(r"missing data|known outcome", text())


def test_anchors_of_the_page_itself_are_refused_in_articles(browser: Browser) -> None:
    page = browser.get(f"/blog/{SLUG}")
    others = {str(tag["id"]) for tag in page.all("[id]")} - {str(tag["id"]) for tag in body().select("[id]")}
    assert len(others) > 10
    for name in others:
        with pytest.raises(markdown.InvalidBody):
            pytest.fail(f"{name}: {markdown.render(f'## One {{#{name}}}', markdown.Citations(frozenset()))}")


def test_page_says_that_no_doctor_has_reviewed_the_article_yet(browser: Browser) -> None:
    about = browser.get(f"/blog/{SLUG}").one('section[aria-labelledby="about-this-page"]').get_text()
    assert f"Author: {shipped().author}. This article has not yet been reviewed by a doctor." in about


def test_every_number_of_a_drawing_stands_in_a_table_or_a_caption_too() -> None:
    spelled = {"seven": "7", "eight": "8", "three": "3"}
    beside = " ".join(tag.get_text(" ") for tag in body().select("figcaption, td, th"))
    read = {spelled.get(word, word) for word in re.findall(r"\d+(?:\.\d+)?|[a-z]+", beside)}
    drawn = " ".join(tag.get_text(" ") for tag in body().select("figure svg text"))
    assert set(re.findall(r"\d+(?:\.\d+)?", drawn)) - read == set()
