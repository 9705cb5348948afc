"""Each rule for the content, broken once and named; what ships breaks none."""

from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from domain import content_check, drafts, sign_offs
from domain.content_check import RULES, Level
from domain.settings import Reviewer
from tests.domain.article_files import FRONT
from tests.domain.content_folder import BODY, FINE, GENERIC, REFERENCES, SVG, TODAY, article, check, make


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A content folder whose only article keeps every rule."""
    return make(tmp_path)


def line_of(folder: Path, words: str, name: str = "first.md") -> int:
    lines = (folder / "articles" / name).read_text().split("\n")
    return next(number for number, line in enumerate(lines, 1) if words in line)


def test_article_that_is_right_has_no_findings(folder: Path) -> None:
    assert check(folder) == []


Changes = dict[str, Any]
BREACHES: list[tuple[str, str, Changes, str, str, str]] = [
    # rule, body, front matter, words of the line that is named, words of the advice, why
    ("title-length", BODY, {"title": "t" * 91}, "title: ttt", "1 to 90", "more than a phone shows"),
    ("title-length", BODY, {"seo_title": "t" * 66}, "seo_title", "1 to 65", "cut off"),
    ("description-length", BODY, {"description": "short"}, "description", "70 to 160", "says nothing"),
    ("placeholder", BODY, {"excerpt": "Still to be written: a line."}, "excerpt", "draft", "left from the draft"),
    ("one-h1", BODY + "\n# Again\n", {}, "# Again", "##", "a second title"),
    ("heading-order", BODY + "\n## Two\n\n#### Four\n", {}, "#### Four", "with ###", "a level is left out"),
    ("heading-order", BODY.replace("## What it is", "### What it is"), {}, "### What", "with ##", "it begins too low"),
    ("figure-text", BODY + "\n![](/x.svg)\n", {}, "![](/x.svg)", "square brackets", "no words for an image"),
    ("figure-size", BODY + "\n![A map](/x.png)\n", {}, "![A map]", "drawing", "an image that is not shown"),
    ("figure-size", BODY + "\n::: figure nothing\nA.\n:::\n", {}, "figure nothing", "no content/figures/nothing.svg", "not there"),
    ("uncited-number", BODY + "\nIt helps 4% of people.\n", {}, "helps 4%", "4%", "no source"),
    ("uncited-number", BODY + "\nIt is so.[@R1] Then it lasts three more weeks.\n", {}, "three more", "three", "after the source"),
    ("uncited-number", BODY + "\n- it takes 12 weeks\n", {}, "12 weeks", "12 weeks", "in a list"),
    ("uncited-number", BODY + "\n| A | B |\n|---|---|\n| Pain | 9% |\n", {}, "| Pain", "9%", "in a table"),
    ("uncited-number", BODY, {"summary": ["About 40% gain."]}, "About 40%", "40%", "in the summary"),
    ("reference-use", BODY + "\nSo it is.[@R9]\n", {}, "[@R9]", "add R9", "cites nothing"),
    ("reference-use", BODY, {"references": REFERENCES | {"R2": {"title": "B"}}}, "R2:", "cite R2", "is not cited"),
    ("reference-form", BODY, {"references": {"R1": {"title": "A", "doi": "doi:10.1"}}}, "doi:", "write doi", "a label"),
    ("reference-form", BODY, {"references": {"R1": {"title": "A", "pmid": "PMC1"}}}, "pmid:", "write pmid", "another index"),
    ("reference-form", BODY, {"references": {"R1": {"title": "A", "url": "www.x"}}}, "url:", "write url", "no address"),
    ("dead-link", BODY + "\n[x](/nowhere)\n", {}, "/nowhere", "no page", "a page that is not there"),
    ("dead-link", BODY + "\n[x](/blog/nothing)\n", {}, "/blog/nothing", "no page", "an article that is not there"),
    ("dead-link", BODY + "\n[x](/blog/older)\n", {"old_slugs": ["older"]}, "/blog/older", "link to /blog/first", "it moved"),
    ("dead-link", BODY + "\n[x](self-check)\n", {}, "(self-check)", "whole path", "relative"),
    ("dead-link", BODY + "\n[x](#nowhere)\n", {}, "#nowhere", "anchor", "an anchor that is not there"),
    ("dead-link", BODY + "\n[x](/blog/first#nowhere)\n", {}, "first#nowhere", "anchor", "an anchor of another page"),
    ("banned-claim", BODY + "\nIt is highly effective.\n", {}, "highly", "highly effective", "in the text"),
    ("banned-claim", BODY, {"excerpt": "A miracle."}, "miracle", "overclaim", "in the front matter"),
    ("length", "\n## A\n\nShort.[@R1]\n\n::: urgent\nGo.\n:::\n", {}, "## A", "there are", "a stub"),
    (
        "reading-age",
        BODY + "\n" + "Pharmacological prophylaxis necessitates individualised multidisciplinary consideration, " * 40 + "\n",
        {},
        "## What it is",
        "reading age",
        "hard words in long sentences",
    ),
    ("urgent-care-box", BODY.replace("::: urgent", "::: note"), {}, "## What it is", "::: urgent", "no box"),
    ("request-beside-urgent", BODY.replace("now.\n", "now. [Ask](/consultation)\n"), {}, "[Ask]", "urgent box", "a call to write"),
    ("review", BODY, {"review_due": date(2026, 11, 22)}, "review_due", "2026-11-22", "overdue"),
    (
        "review",
        BODY,
        {"reviewer": "a-khan", "reviewed": TODAY, "review_due": date(2027, 11, 23), "signed": "0" * 64},
        "signed",
        "changed since",
        "another text",
    ),
    ("brand-name", BODY + "\nBotox helps.\n", {"generic": GENERIC}, "Botox helps", "generic: replace", "left in the text"),
    ("brand-name", BODY, {"generic": GENERIC | {"slug": "botox-too"}}, "slug: botox-too", "slug without", "left in the address"),
    ("brand-name", BODY, {"generic": GENERIC | {"replace": {"Xeomin": "it"}}}, "replace:", "any more", "nothing to replace"),
    ("brand-name", BODY, {"generic": {"slug": "g"}}, "generic:", "a mapping with", "half a text"),
    ("redirect-chain", BODY, {"old_slugs": ["first"]}, "- first", "the slug itself", "leads to itself"),
    ("redirect-chain", BODY, {"old_slugs": ["again", "again"]}, "- again", "stands twice", "twice"),
]


@pytest.mark.parametrize(("rule", "body", "changes", "words", "advice", "why"), BREACHES)
def test_broken_rule_is_named_with_its_line(
    folder: Path, rule: str, body: str, changes: Changes, words: str, advice: str, why: str
) -> None:
    article(folder, body, **changes)
    everything = check(folder)
    found = [finding for finding in everything if finding.rule == rule]
    assert found, why
    first = line_of(folder, words)
    assert [one for one in found if one.file == "articles/first.md" and abs(one.line - first) <= 1 and advice in one.advice], (
        found,
        why,
    )
    allowed = {rule, "figure-size"} if rule == "figure-text" else {rule}
    assert {one.rule for one in everything} <= allowed, f"nothing else is found: {why}"


def test_every_rule_has_a_breach_here() -> None:
    assert {rule.name for rule in RULES} == {breach[0] for breach in BREACHES} | {"duplicate", "front-matter"}
    assert len({rule.name for rule in RULES}) == len(RULES)


@pytest.mark.parametrize("key", ["id", "slug", "title", "seo_title", "description"])
def test_two_texts_that_share_something_are_named(folder: Path, key: str) -> None:
    other = {"id": "two", "slug": "second", "title": "Second", "seo_title": "Second", "description": "The second of them. " * 5}
    shared = (FRONT | FINE)[key]
    article(folder, name="second.md", **(other | {key: shared}))
    [finding] = check(folder)
    assert (finding.rule, finding.file, finding.level) == ("duplicate", "articles/second.md", Level.ERROR)
    assert "first.md" in finding.advice


def test_old_address_of_one_text_is_no_address_of_another(folder: Path) -> None:
    other = {"id": "two", "title": "Second", "seo_title": "Second", "description": "The second of them. " * 5}
    article(folder, name="second.md", slug="second", old_slugs=["first"], **other)
    assert [finding.rule for finding in check(folder)] == ["duplicate"]


def test_vanished_text_that_readers_commented_on_is_named(folder: Path) -> None:
    [finding] = check(folder, commented=["one", "gone"])
    assert finding.rule == "vanished"
    assert '"gone"' in finding.advice
    assert content_check.is_broken([finding])


def test_file_the_site_refuses_is_named_with_all_its_faults(folder: Path) -> None:
    article(folder, BODY + "\n# Again\n", status="live", treatment="acupuncture")
    found = {finding.rule: finding for finding in check(folder)}
    assert found.keys() == {"front-matter", "one-h1"}
    assert "status: expected draft or published" in found["front-matter"].advice
    assert found["front-matter"].line == line_of(folder, "status: live")
    (folder / "articles" / "broken.md").write_text("---\nid: [\n---\n")
    (folder / "articles" / "empty.md").write_text("")
    assert {finding.file for finding in check(folder)} == {f"articles/{name}.md" for name in ("first", "broken", "empty")}


def test_treatment_the_site_does_not_have_is_named(folder: Path) -> None:
    article(folder, treatment="acupuncture")
    [finding] = check(folder)
    assert finding.advice == "treatment: expected one of the slugs in site.toml (chronic-migraine)"


def test_drawing_without_words_or_size_is_named(folder: Path) -> None:
    article(folder, BODY + "\n::: figure calendar\nWhat a month looks like.\n:::\n")
    drawing = folder / "figures" / "calendar.svg"
    for change in ("<title>A month</title>", ' viewBox="0 0 10 10"'):
        drawing.write_text(SVG.replace(change, ""))
        assert {finding.rule for finding in check(folder)} & {"figure-text", "figure-size"}, change


def test_draft_is_warned_of_what_would_stop_a_publication(folder: Path) -> None:
    article(folder, BODY + "\nIt helps 4%.\n", status="draft")
    assert [(one.rule, one.level) for one in check(folder)] == [("uncited-number", Level.WARNING)]
    article(folder, BODY + "\nIt helps 4%.\n", status="removed")
    assert check(folder) == []


def test_link_to_a_draft_is_dead(folder: Path) -> None:
    other = {"id": "two", "title": "Second", "seo_title": "Second", "description": "The second of them. " * 5}
    article(folder, name="second.md", slug="second", status="draft", **other)
    article(folder, BODY + "\n[x](/blog/second)\n")
    assert ["not public" in finding.advice for finding in check(folder)] == [True]


def test_signed_text_is_fine_until_it_is_due_or_its_doctor_leaves(folder: Path) -> None:
    doctor = Reviewer("a-khan", "Dr Test Khan", "PMDC 00000-T", "Neurology")
    path = folder / "articles" / "first.md"
    path.write_text(sign_offs.sign(path, path.read_text(), doctor.id, TODAY, date(2027, 11, 23)))
    assert check(folder, reviewers=(doctor,)) == []
    assert ["[[reviewers]]" in finding.advice for finding in check(folder)] == [True]
    late = check(folder, date(2027, 11, 24), reviewers=(doctor,))
    assert [(finding.rule, finding.level) for finding in late] == [("review", Level.WARNING)]


def test_new_draft_can_be_loaded_and_says_what_is_to_be_written(folder: Path) -> None:
    now = datetime(2026, 11, 23, 12, 20, tzinfo=UTC)
    made = drafts.begin(content_check.read(folder), ["living-with-migraine"], "Living with migraine", None, "Team", now)
    assert (made.slug, made.id) == ("living-with-migraine", "living-with-migraine-2")
    (folder / "articles" / "new.md").write_text(made.text)
    found = check(folder)
    assert {finding.rule for finding in found} == {"placeholder", "length"}
    assert not content_check.is_broken(found)
    (folder / "articles" / "new.md").write_text(made.text.replace("status: draft", "status: published"))
    assert content_check.is_broken(check(folder))


@pytest.mark.parametrize("slug", ["first", "older", "one"])
def test_draft_does_not_take_an_address_of_another(folder: Path, slug: str) -> None:
    article(folder, old_slugs=["older"])
    with pytest.raises(drafts.Taken) as error:
        drafts.begin(content_check.read(folder), [], "A title", slug, "Team", datetime(2026, 11, 23, tzinfo=UTC))
    assert error.value.file == "articles/first.md"


def test_text_with_a_brand_name_needs_a_generic_one_while_the_site_asks_for_it(folder: Path) -> None:
    article(folder, BODY + "\nBotox helps.\n")
    assert check(folder) == []
    assert [finding.rule for finding in check(folder, generic_names=True)] == ["brand-name"]
    article(folder, BODY + "\nBotox helps.\n", generic=GENERIC | {"replace": {"Botox": "It"}})
    assert check(folder, generic_names=True) == check(folder) == []
    other = {"id": "two", "slug": "botox-too", "title": "Second", "seo_title": "Second", "description": "The second of them. " * 5}
    article(folder, name="second.md", generic=GENERIC | {"slug": "second"}, **other)
    article(folder, BODY + "\n[More](/blog/botox-too) of it.\n")
    assert "brand-name" not in {finding.rule for finding in check(folder, generic_names=True)}, "an address is no word"
