"""Figures: a drawing is ours, says what it shows, follows the page's colours, or stops the start with its name."""

from pathlib import Path

import pytest
from bs4 import BeautifulSoup
from markupsafe import Markup

from domain import articles, figures, markdown
from domain.front_matter import InvalidDocument
from domain.markdown import InvalidBody, Rendered
from tests.domain.article_files import write
from tests.domain.data import ROOT

DRAWING = (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 20 10" width="20" height="10" role="img" '
    'aria-labelledby="figure-x-title figure-x-desc"><title id="figure-x-title">A line</title>\n'
    '  <desc id="figure-x-desc">It is calm.</desc><path d="M0 5H20" stroke="currentColor"/></svg>'
)
SHIPPED = sorted(path.stem for path in (ROOT / "content" / "figures").glob("*.svg"))


def kept(folder: Path, drawing: str = DRAWING) -> Path:
    (folder / "figures").mkdir(exist_ok=True)
    (folder / "figures" / "x.svg").write_text(drawing, encoding="utf-8")
    return folder / "figures"


def rendered(source: str) -> Rendered:
    return markdown.render(source, markdown.Citations(frozenset()), lambda name: Markup(f"<svg id='{name}'></svg>"))


@pytest.mark.parametrize("name", SHIPPED)
def test_shipped_drawing_keeps_the_rules(name: str) -> None:
    assert figures.read(ROOT / "content" / "figures", name).startswith("<svg ")


def test_drawing_that_keeps_the_rules_comes_without_the_spaces_between_its_elements(tmp_path: Path) -> None:
    assert figures.read(kept(tmp_path), "x") == DRAWING.replace("\n  ", "")


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("<path", "<script>alert(1)</script><path", "script: expected one of the elements"),
        ("<path", "<image/><path", "image: expected one of the elements"),
        ("<path", "<style>a{}</style><path", "style: expected one of the elements"),
        ("<path", "<foreignObject/><path", "foreignObject: expected one of the elements"),
        ("<path", '<x:script xmlns:x="http://www.w3.org/1999/xhtml"/><path', "script: expected one of the elements"),
        ('d="M0', 'onload="x()" d="M0', "path: expected no attribute onload"),
        ('d="M0', 'href="https://evil.example" d="M0', "path: expected no attribute href"),
        ('d="M0', 'style="fill:red" d="M0', "path: expected no attribute style"),
        ('d="M0', 'id="main" d="M0', "path: expected no attribute id"),
        ("currentColor", "#000", "stroke of none, currentColor or var"),
        ("currentColor", "url(#x)", "stroke of none, currentColor or var"),
        ('d="M0', 'font-size="11" d="M0', "a font-size of 12 or more"),
        ("0 0 20 10", "0 0 20 11", 'viewBox="0 0 W H"'),
        (' width="20"', "", 'viewBox="0 0 W H"'),
        ('viewBox="0 0 20 10" width="20"', 'viewBox="0 0 600 10" width="600"', "at most 248 wide"),
        ("A line", " ", "title: expected a text"),
        ('<desc id="figure-x-desc">It is calm.</desc>', "", "desc: expected a text"),
        ("figure-x-title", "figure-y-title", "title: expected a text"),
        ('role="img"', 'role="none"', 'role="img"'),
        ("<svg", "<!-- drawn --><svg", "elements only"),
        ("<svg", "<!DOCTYPE svg><svg", "elements only"),
        ("</svg>", "", "well-formed XML"),
        (DRAWING, "", "well-formed XML"),
    ],
)
def test_drawing_that_breaks_a_rule_is_named(tmp_path: Path, old: str, new: str, expected: str) -> None:
    folder = kept(tmp_path, DRAWING.replace(old, new))
    with pytest.raises(InvalidDocument) as error:
        figures.read(folder, "x")
    assert str(folder / "x.svg") in str(error.value)
    assert expected in str(error.value)


def test_missing_drawing_is_named_when_its_document_is_read(tmp_path: Path) -> None:
    (tmp_path / "articles").mkdir()
    path = write(tmp_path / "articles", "::: figure missing\nWhat it shows.\n:::\n")
    with pytest.raises(InvalidDocument, match=r"figures/missing\.svg: figure: expected a drawing that can be read"):
        articles.read(path)


def test_document_shows_the_drawing_in_a_figure_with_its_caption(tmp_path: Path) -> None:
    (tmp_path / "articles").mkdir()
    kept(tmp_path)
    article = articles.read(write(tmp_path / "articles", "::: figure x\n**Figure 1.** What it shows.\n:::\n"))
    figure = BeautifulSoup(article.html, "html.parser").select_one("figure.figure")
    assert figure is not None
    assert [tag.name for tag in figure.find_all(True, recursive=False)] == ["div", "figcaption"]
    assert figure.select("svg[role=img] > title")
    assert figure.figcaption is not None
    assert figure.figcaption.get_text().strip() == "Figure 1. What it shows."


def test_who_cannot_draw_gets_the_caption_alone() -> None:
    body = rendered("::: figure one two\nWhat they show.\n:::\n\nText.\n")
    assert body.html.count("<svg") == 2
    assert "svg" not in body.without_drawings
    assert "drawings" not in body.without_drawings
    assert "What they show." in body.without_drawings


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("::: figure\nCaption.\n:::\n", "with the name of a drawing, then its caption"),
        ("::: figure ../x\nCaption.\n:::\n", "with the name of a drawing, then its caption"),
        ("::: figure X\nCaption.\n:::\n", "with the name of a drawing, then its caption"),
        ("::: figure x\n:::\n", "with the name of a drawing, then its caption"),
        ("::: figure x\n| a |\n|---|\n| b |\n:::\n", "with the name of a drawing, then its caption"),
        ("::: figure x x\nCaption.\n:::\n", "each drawing once"),
        ("::: figure x\nOne.\n:::\n\n::: figure x\nTwo.\n:::\n", "each drawing once"),
        ("::: figure x\nCaption.\n", "each closed by :::"),
        ("::: figures x\nCaption.\n:::\n", "boxes named"),
    ],
)
def test_figure_that_is_not_written_as_one_is_refused(source: str, expected: str) -> None:
    with pytest.raises(InvalidBody, match=expected):
        rendered(source)


def test_text_that_looks_like_a_place_for_drawings_stays_text() -> None:
    body = rendered('<div class="drawings">x</div>\n')
    assert "<svg" not in body.html
    assert "&lt;div" in body.html


def test_heading_named_like_a_figure_takes_none_of_its_ids() -> None:
    assert rendered("## Figure x title\n").toc == [("section-figure-x-title", "Figure x title")]
