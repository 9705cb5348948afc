"""Every article and treatment as it ships keeps to the rules for medical text, whatever it is about."""

import re
from itertools import combinations

import pytest
from bs4 import Tag

from domain.articles import Article
from domain.treatments import TreatmentPage
from tests.domain.data import ROOT
from tests.domain.shipped import body, documents, passages, section, text
from tests.factories import SLUG

ALL = sorted(documents())
ARTICLES = [slug for slug in ALL if isinstance(documents()[slug], Article)]
TREATMENTS = [slug for slug in ALL if isinstance(documents()[slug], TreatmentPage)]
DIARY, PREPARING = "keeping-a-headache-diary", "preparing-for-a-chronic-migraine-consultation"
WORDS = {SLUG: (1400, 1900), DIARY: (700, 1100), PREPARING: (700, 1100)}
DESCRIPTIONS = {
    DIARY: "A headache diary turns memory into numbers. What to note each day, for how long, "
    "and how a doctor uses it to tell migraine types apart.",
    PREPARING: "What to bring, what you may be asked, and questions worth asking about preventive treatment, "
    "its benefits, risks, follow-up and cost.",
}
TITLES = {
    DIARY: "Keeping a Headache Diary: What to Write Down and Why",
    PREPARING: "Preparing for a Consultation About Chronic Migraine",
}
NAMES = re.compile(r"(?:Figure|Table) \d+|PREEMPT \d|SNAP-25|from 0 \(none\) to 10 \(the worst|\b\d to \d forehead|^\d+\. ")
"""Digits that state nothing."""


def test_all_documents_are_here() -> None:
    assert {*WORDS, "botulinum-toxin-for-chronic-migraine", "botulinum-toxin-for-facial-lines"} == set(ALL)


@pytest.mark.parametrize("slug", ALL)
def test_document_has_the_length_that_its_brief_asks_for(slug: str) -> None:
    seen = [word for word in text(slug).split() if re.search(r"\w", word)]
    least, most = WORDS.get(slug, (500, 1100))
    assert least <= len(seen) <= most
    assert least <= documents()[slug].words <= most
    assert abs(documents()[slug].words - len(seen)) < 0.02 * len(seen)


@pytest.mark.parametrize("slug", TITLES)
def test_title_and_description_are_those_of_the_brief(slug: str) -> None:
    assert (documents()[slug].title, documents()[slug].description) == (TITLES[slug], DESCRIPTIONS[slug])


@pytest.mark.parametrize("slug", ALL)
def test_search_engines_get_a_title_and_a_description_that_they_show_whole(slug: str) -> None:
    assert len(documents()[slug].seo_title) <= 65
    assert 70 <= len(documents()[slug].description) <= 160


@pytest.mark.parametrize("part", ["id", "title", "seo_title", "description", "excerpt"])
def test_no_two_documents_say_the_same_of_themselves(part: str) -> None:
    assert len({getattr(document, part) for document in documents().values()}) == len(ALL)


@pytest.mark.parametrize("slug", ALL)
def test_every_reference_is_cited_and_linked_back(slug: str) -> None:
    ids = {str(tag["id"]) for line in passages(slug) for tag in line.select("[id]")}
    ids |= {str(tag["id"]) for tag in body(slug).select("[id]")}
    assert documents()[slug].references
    for reference in documents()[slug].references:
        assert reference.backlinks
        assert set(reference.backlinks) <= ids


@pytest.mark.parametrize("slug", ALL)
def test_every_number_has_its_reference(slug: str) -> None:
    for passage in passages(slug):
        said = " ".join(part for part in passage.find_all(string=True) if not part.find_parent("sup"))
        if re.search(r"\d", NAMES.sub("", said.strip())):
            assert is_cited(passage), said


def is_cited(passage: Tag) -> bool:
    """Whether it has a reference, or stands in a list or a table under a line that has one."""
    if passage.select("sup.cite"):
        return True
    block = passage.find_parent(["ul", "ol"]) or passage.find_parent("div", class_="table-wrap")
    above = block.find_previous_sibling() if block else None
    return above is not None and bool(above.select("sup.cite"))


@pytest.mark.parametrize("slug", ALL)
def test_figures_are_numbered_in_order_and_cite_a_source(slug: str) -> None:
    captions = body(slug).select("figure.figure > figcaption")
    assert [re.match(r"\s*Figure (\d+)\. ", caption.get_text()) is not None for caption in captions] == [True] * len(captions)
    assert [int(re.findall(r"\d+", caption.get_text())[0]) for caption in captions] == list(range(1, len(captions) + 1))
    assert all(caption.select("sup.cite") for caption in captions)


def test_the_article_has_its_four_figures() -> None:
    assert len(body(SLUG).select("figure")) == 4


@pytest.mark.parametrize("slug", ALL)
def test_warning_signs_stand_in_a_box_of_their_own_without_a_way_to_ask_for_a_visit(slug: str) -> None:
    boxes = body(slug).select("aside.urgent")
    assert len(boxes) == 1
    assert "emergency department now" in boxes[0].get_text()
    assert not boxes[0].select("a[href^='/']")
    following = boxes[0].find_next_sibling()
    assert following is None or "request-card" not in following.get("class", [])


@pytest.mark.parametrize("slug", [SLUG, *TREATMENTS])
def test_boxed_warning_comes_first_among_the_risks(slug: str) -> None:
    risks = section(slug, "Is it safe?" if slug == SLUG else "Risks")
    assert risks[0].startswith("The boxed warning")
    for word in ("spread", "swallowing", "breathing", "life-threatening", "deaths"):
        assert word in risks[0]


@pytest.mark.parametrize("slug", TREATMENTS)
def test_treatment_says_what_its_brief_asks_for_in_this_order(slug: str) -> None:
    parts = ["What it is", "Who should not have it", "What a visit is like", "Aftercare", "Risks"]
    headings = [heading for _, heading in documents()[slug].toc]
    assert [heading for heading in headings if heading in parts] == parts
    assert "Islamabad" in documents()[slug].title
    assert "Islamabad" in documents()[slug].seo_title
    assert "Islamabad" in documents()[slug].description


def test_facial_lines_page_gives_no_figure_of_a_dose_a_result_or_a_duration() -> None:
    slug = "botulinum-toxin-for-facial-lines"
    assert re.findall(r"\d+", text(slug)) == ["1989"]
    assert "We have not yet done so for the results in facial lines" in text(slug)


@pytest.mark.parametrize("slug", ALL)
@pytest.mark.parametrize(
    ("pattern", "why"),
    [
        (r"activat\w+ (the )?pain receptors", "acetylcholine does not"),
        (r"\bnew (treatment|therapy|option)", "approved in 2010"),
        (r"highly effective", "an overclaim"),
        (r"\beliminat\w+", "an overclaim"),
        (r"\bburden\b", "an overclaim"),
        (r"\bbruis\w+", "not the commonest unwanted effect"),
        (r"\brare(ly)?\b", "a drooping lid happens to about 4 in 100"),
        (r"where (the|your) trigger", "the sites are fixed"),
        (r"more frequent(ly)? inject\w+|inject\w+ more (often|frequently)", "never sooner than 12 weeks"),
        (r"miracle|guarantee\w*|painless|permanent relief|\bsafe and effective\b", "an overclaim"),
        (r"\b(the best|leading|number one|most (effective|advanced)|younger|rejuvenat\w+)\b", "no superlative, no promise"),
        (r"medically reviewed|reviewed by", "no reviewer is named unless there is one"),
        (r"\b(discount|offer|price|Rs\.?|PKR)\b", "no advertising of medicines"),
        (r"\bget Botox\b|\bbook (your )?Botox\b", "ask for a consultation, never get Botox"),
        (r"effects? (in|on) the brain(?! is indirect)", "the wrong place"),
        (r"\b(HIT-6|MIDAS|MSQ)\b", "licensed instruments"),
    ],
)
def test_what_must_not_be_said_is_not(slug: str, pattern: str, why: str) -> None:
    said = documents()[slug]
    everything = " ".join([text(slug), said.title, said.seo_title, said.description, said.excerpt])
    assert re.search(pattern, everything, re.IGNORECASE) is None, why


@pytest.mark.parametrize("slug", ALL)
def test_calls_to_action_lead_to_the_form_and_say_where_from(slug: str) -> None:
    links = {str(link["href"]) for link in body(slug).select("aside.request-card a")}
    said = documents()[slug]
    origin = f"treatment={said.treatment}" if isinstance(said, TreatmentPage) else f"from={slug}"
    assert links == {f"/consultation?{origin}"}


@pytest.mark.parametrize("slug", ALL)
def test_dates_are_in_order(slug: str) -> None:
    assert documents()[slug].published <= documents()[slug].updated


def test_articles_lead_to_each_other_and_to_the_self_check() -> None:
    for one, other in combinations(ARTICLES, 2):
        assert body(one).select(f"a[href^='/blog/{other}']"), (one, other)
        assert body(other).select(f"a[href^='/blog/{one}']"), (other, one)
    assert len(body(SLUG).select("a[href='/self-check']")) == 2
    assert body(SLUG).find("a")["href"] == "/self-check"  # type: ignore[index]


@pytest.mark.parametrize("slug", ALL)
def test_places_in_other_documents_are_there(slug: str) -> None:
    for link in body(slug).select("a[href^='/blog/'][href*='#'], a[href^='/treatments/'][href*='#']"):
        path, anchor = str(link["href"]).split("#")
        assert body(path.rsplit("/", 1)[1]).select(f"[id='{anchor}']"), link["href"]


def test_doctor_who_reviews_finds_every_document_on_the_list() -> None:
    told = (ROOT / "docs" / "go-live.md").read_text()
    for slug in ALL:
        folder = "treatments" if slug in TREATMENTS else "articles"
        assert f"`content/{folder}/{slug}.md`" in told
