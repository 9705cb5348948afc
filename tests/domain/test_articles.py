"""Article files: each mistake is named, citations are numbered, raw HTML never gets through, old addresses are known."""

from pathlib import Path
from typing import Any

import pytest
from bs4 import BeautifulSoup

from domain import articles
from domain.articles import Article
from domain.documents import InvalidDocument
from tests.domain.article_files import write


def made(folder: Path, body: str = "Text.\n", **changes: Any) -> Article:
    return articles.read(write(folder, body, **changes))


@pytest.mark.parametrize(
    ("changes", "key", "expected", "why"),
    [
        ({"id": None}, "id", "lower-case letters", "every article has an id"),
        ({"id": "One Two"}, "id", "lower-case letters", "an id is a plain word"),
        ({"slug": "Über-uns"}, "slug", "lower-case letters", "a slug is an address"),
        ({"slug": 7}, "slug", "lower-case letters", "a number"),
        ({"slug": "a--b"}, "slug", "lower-case letters", "an empty part"),
        ({"old_slugs": "older"}, "old_slugs", "a list", "a text instead of a list"),
        ({"old_slugs": ["Old Slug"]}, "old_slugs", "lower-case letters", "would never be found"),
        ({"status": "live"}, "status", "draft or published or removed", "no such state"),
        ({"title": None}, "title", "a text", "no title"),
        ({"title": "  "}, "title", "a text", "white space"),
        ({"seo_title": "t" * 66}, "seo_title", "1 to 65", "cut off by search engines"),
        ({"description": "d" * 69}, "description", "70 to 160", "too short to say anything"),
        ({"description": "d" * 161}, "description", "70 to 160", "cut off"),
        ({"published": "2026-11-01"}, "published", "a date and time with its zone", "no time"),
        ({"published": "2026-11-01T09:00:00"}, "published", "a date and time with its zone", "no zone"),
        ({"published": "2026-13-01T00:00:00+05:00"}, "published", "a date and time with its zone", "no such month"),
        ({"updated": "2026-02-30T00:00:00+05:00"}, "updated", "a date and time with its zone", "no such day"),
        ({"updated": "soon"}, "updated", "a date and time with its zone", "a word"),
        ({"updated": "2026-11-01T08:59:59+05:00"}, "updated", "not before published", "changed before it was there"),
        ({"comments": True}, "comments", "open or closed", "a switch"),
        ({"summary": "one line"}, "summary", "a list of texts", "no list"),
        ({"summary": []}, "summary", "a list of texts", "an empty list"),
        ({"summary": [1]}, "summary", "a list of texts", "a number"),
        ({"treatment": ""}, "treatment", "a text", "leave it out instead"),
        ({"authors": "x"}, "authors", "one of the known keys", "a slip of the pen"),
        ({"references": ["x"]}, "references", "a mapping", "a list"),
        ({"references": {"R1": "x"}}, "references", "a mapping", "a text"),
        ({"references": {"R1": {"authors": "A"}}}, "references.R1", "title", "no title"),
        ({"references": {"R1": {"title": "A", "isbn": "1"}}}, "references.R1", "any of authors", "an unknown part"),
        ({"references": {"R1": {"title": "A", "doi": "10.1/x"}}}, "references.R1.doi", "such as 10.", "a short prefix"),
        ({"references": {"R1": {"title": "A", "doi": "10.1000/a b"}}}, "references.R1.doi", "such as 10.", "a space"),
        ({"references": {"R1": {"title": "A", "doi": "doi:10.1000/x"}}}, "references.R1.doi", "such as 10.", "a label"),
        ({"references": {"R1": {"title": "A", "doi": None}}}, "references.R1.doi", "such as 10.", "left empty"),
        ({"references": {"R1": {"title": "A", "pmid": "PMC12"}}}, "references.R1.pmid", "a number", "another index"),
        ({"references": {"R1": {"title": "A", "pmid": "١٢"}}}, "references.R1.pmid", "a number", "other digits"),
    ],
)
def test_wrong_front_matter_names_file_key_and_expectation(
    tmp_path: Path, changes: dict[str, Any], key: str, expected: str, why: str
) -> None:
    file = write(tmp_path, **changes)
    with pytest.raises(InvalidDocument) as error:
        pytest.fail(f"{why}: {articles.read(file)}")
    assert str(error.value).startswith(f"{file}: {key}: expected "), why
    assert expected in str(error.value), why
    assert "\n" not in str(error.value), why


@pytest.mark.parametrize(
    ("content", "key", "why"),
    [
        (b"# Only text\n", "front matter", "no front matter"),
        (b"---\nid: one\n", "front matter", "it never ends"),
        (b"---\nid: [one\n---\nText\n", "front matter", "no YAML"),
        (b"---\n- one\n---\nText\n", "front matter", "a list"),
        (b"---\nid: 0x_\n---\nText\n", "front matter", "a number without digits"),
        (b"---\nid: \xff\n---\nText\n", "encoding", "not UTF-8"),
        (b"", "front matter", "an empty file"),
    ],
)
def test_file_that_is_no_article_is_named(tmp_path: Path, content: bytes, key: str, why: str) -> None:
    file = tmp_path / "first.md"
    file.write_bytes(content)
    with pytest.raises(InvalidDocument) as error:
        articles.read(file)
    assert str(error.value).startswith(f"{file}: {key}: expected "), why


@pytest.mark.parametrize(
    ("once", "twice", "line", "why"),
    [
        ("slug: first\n", "slug: first\nslug: second\n", "slug: expected one entry; line 4", "another address"),
        ("  R2:\n", "  R2:\n    title: C\n  R2:\n", "R2: expected one entry; line 24", "another source"),
        ("    title: Second\n", "    title: Second\n    title: Third\n", "title: expected one entry; line 24", "part of a source"),
    ],
)
def test_key_that_stands_twice_is_refused(tmp_path: Path, once: str, twice: str, line: str, why: str) -> None:
    file = write(tmp_path, "One.[@R1,R2]\n", references=REFERENCES)
    assert articles.read(file)
    file.write_text(file.read_text(encoding="utf-8").replace(once, twice), encoding="utf-8")
    with pytest.raises(InvalidDocument) as error:
        articles.read(file)
    assert str(error.value) == f"{file}: {line} gives a second one", why


def test_treatment_the_site_does_not_have_is_named(tmp_path: Path) -> None:
    file = write(tmp_path, treatment="acupuncture")
    assert articles.shelf(tmp_path, ["acupuncture"]).library.by_id("one")
    with pytest.raises(InvalidDocument) as error:
        articles.shelf(tmp_path, ["botox", "unsure"])
    assert str(error.value) == f"{file}: treatment: expected one of the slugs in site.toml (botox, unsure)"


def test_article_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    (tmp_path / "folder.md").mkdir()
    with pytest.raises(InvalidDocument, match=r"folder\.md: file: expected a file that can be read \(Is a directory\)$"):
        articles.shelf(tmp_path)


def test_body_that_would_not_come_out_as_meant_is_named(tmp_path: Path) -> None:
    with pytest.raises(InvalidDocument, match=r"first\.md: body: expected boxes named .* each closed by :::$"):
        made(tmp_path, "::: urgnt\nGo.\n:::\n")


def test_summary_counts_among_the_words(tmp_path: Path) -> None:
    assert made(tmp_path, "## Three\n\nFour five.\n", summary=["**One** two."]).words == 5


def test_windows_line_ends_are_read(tmp_path: Path) -> None:
    file = write(tmp_path)
    file.write_bytes(file.read_bytes().replace(b"\n", b"\r\n"))
    assert articles.read(file).title == "First"


REFERENCES = {
    "R1": {"authors": "A, et al.", "title": "First & last", "source": "J 1", "doi": "10.1000/x", "pmid": "12"},
    "R2": {"title": "Second", "url": "https://example.com/two"},
}


def test_citation_without_a_reference_is_named(tmp_path: Path) -> None:
    with pytest.raises(InvalidDocument, match=r"references: expected an entry for every citation; R9 is missing"):
        made(tmp_path, "So it is.[@R9]\n")


def test_reference_that_nothing_cites_is_named(tmp_path: Path) -> None:
    with pytest.raises(InvalidDocument, match=r"references: expected only cited entries; R2 is cited nowhere"):
        made(tmp_path, "So it is.[@R1]\n", references=REFERENCES)


def test_citations_are_numbered_as_they_come_and_linked_both_ways(tmp_path: Path) -> None:
    article = made(tmp_path, "One.[@R1,R2] Two.[@R1]\n", references=REFERENCES, summary=["First of all.[@R2]"])
    assert [(reference.number, reference.label.split(".")[0]) for reference in article.references] == [
        (1, "Second"),
        (2, "A, et al"),
    ]
    assert article.references[0].backlinks == ("cite-1-1", "cite-1-2")
    assert article.references[1].backlinks == ("cite-2-1", "cite-2-2")
    tree = BeautifulSoup("".join([*article.summary, article.html]), "html.parser")
    marks = {link["id"]: link["href"] for link in tree.select("sup.cite a")}
    assert marks == {"cite-1-1": "#ref-1", "cite-1-2": "#ref-1", "cite-2-1": "#ref-2", "cite-2-2": "#ref-2"}
    assert [reference.anchor for reference in article.references] == ["ref-1", "ref-2"]


def test_reference_is_escaped_and_links_to_its_identifiers(tmp_path: Path) -> None:
    article = made(tmp_path, "One.[@R1] Two.[@R2]\n", references=REFERENCES)
    first, second = article.references
    assert "First &amp; last" in first.html
    assert first.url == "https://doi.org/10.1000/x"
    assert [link["href"] for link in BeautifulSoup(first.html, "html.parser")("a")] == [
        "https://doi.org/10.1000/x",
        "https://pubmed.ncbi.nlm.nih.gov/12/",
    ]
    assert second.url == "https://example.com/two"


def test_reference_with_an_address_that_runs_code_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InvalidDocument, match=r"references\.R1"):
        made(tmp_path, "One.[@R1]\n", references={"R1": {"title": "A", "url": "javascript:alert(1)"}})


@pytest.mark.parametrize(
    ("body", "why"),
    [
        ("<script>alert(1)</script>", "raw HTML"),
        ("text <img src=x onerror=alert(1)> text", "raw HTML in a line"),
        ("[x](javascript:alert(1))", "a link that runs code"),
        ("[x](JaVaScRiPt&colon;alert(1))", "hidden by an entity"),
        ("[x](data:text/html;base64,PHN2Zz4=)", "a page inside a link"),
        ("[x](vbscript:x)", "another scheme"),
        ("![x](javascript:alert(1))", "a picture that runs code"),
        ("<javascript:alert(1)>", "an automatic link"),
        ("[x]: javascript:alert(1)\n\n[x]", "a link by reference"),
        ("::: note\n<svg onload=alert(1)>\n:::", "raw HTML in a box"),
        ("**<iframe src=//x>**\n\n| <b onclick=x> |\n|---|\n| <style>*{}</style> |", "raw HTML in a table"),
        ('## <h1 onclick="x">y</h1> {#an"chor}', "raw HTML in a heading"),
    ],
)
def test_nothing_that_runs_comes_through(tmp_path: Path, body: str, why: str) -> None:
    article = made(tmp_path, body + "\n", summary=[body.replace("\n", " ")])
    tree = BeautifulSoup("".join([*article.summary, article.html]), "html.parser")
    assert not tree.select("script, img, svg, iframe, style, b, h1"), why
    for tag in tree.find_all(True):
        assert not [name for name in tag.attrs if name.startswith("on") or name == "style"], why
        assert ":" not in tag.get("href", ""), why


def test_raw_html_is_shown_as_text(tmp_path: Path) -> None:
    article = made(tmp_path, 'A <b>tag</b>\n\n<div class="x">block</div>\n')
    assert BeautifulSoup(article.html, "html.parser").get_text() == 'A <b>tag</b>\n<div class="x">block</div>\n'
