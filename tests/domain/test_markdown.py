"""Article Markdown: what would lose its meaning on the way to the page is refused instead."""

import pytest
from bs4 import BeautifulSoup

from domain import markdown
from domain.markdown import InvalidBody, Rendered


def rendered(source: str) -> Rendered:
    return markdown.render(source, markdown.Citations(known=frozenset()))


@pytest.mark.parametrize(
    ("source", "why"),
    [
        ("::: urgnt\nGo.\n:::\n", "a slip of the pen"),
        ("::: Urgent\nGo.\n:::\n", "a capital"),
        (":::\nGo.\n:::\n", "no name"),
        (":: urgent\nGo.\n::\n", "two colons"),
        ("Text.\n::: urgnt\nGo.\n:::\n", "inside a paragraph"),
        ("    ::: urgent\n    Go.\n    :::\n", "so far in that it is code"),
        ("- one\n\n  ::: urgnt\n  Go.\n  :::\n", "in a list"),
        ("::: urgent\nGo.\n", "never closed"),
        ("::: urgent", "never closed and empty"),
        ("::: urgent\nGo. :::\n", "closed within a line"),
        ("::: urgent\nGo.\n::: end\n", "closed by a name"),
        (":::: urgent\nGo.\n:::\n", "closed by too few colons"),
        ("::: urgent\nGo.\n\n## Next\n\n::: note\nText.\n:::\n", "the next box closes it"),
        ("::: note\n- one\n  ::: urgent\n  Go.\n:::\n", "the box around it closes it"),
        ("> ::: urgent\n> Go.\n\nText.\n", "the end of a quotation closes it"),
        ("::: note\nText.\n:::\n\n:::\n", "closed twice"),
    ],
)
def test_box_that_is_misspelt_or_not_closed_is_refused(source: str, why: str) -> None:
    with pytest.raises(InvalidBody, match=r"^boxes named urgent, note, request or figure, each closed by :::$"):
        pytest.fail(f"{why}: {rendered(source)}")


@pytest.mark.parametrize(
    ("source", "classes", "why"),
    [
        ("::: urgent\nGo.\n:::\n", ["urgent"], "as documented"),
        (":::request\nAsk.\n:::", ["request-card"], "no space, no last line end"),
        ("::: note\r\nText.\r\n:::\r\n", ["note"], "Windows line ends"),
        (":::: note\n::: urgent\nGo.\n:::\n::::\n", ["note", "urgent"], "one inside the other"),
        ("- one\n\n  ::: note\n  Text.\n  :::\n- two\n", ["note"], "in a list"),
        ("> ::: note\n> Text.\n> :::\n", ["note"], "in a quotation"),
        ("```\n::: urgnt\n```\n", [], "an example in a fence"),
        ("Ratio 1::2, and: this.\n", [], "colons in a sentence"),
    ],
)
def test_closed_boxes_of_known_names_come_out_with_their_class(source: str, classes: list[str], why: str) -> None:
    tree = BeautifulSoup(rendered(source).html, "html.parser")
    assert [tag["class"] for tag in tree("aside")] == [[name] for name in classes], why


@pytest.mark.parametrize(
    ("source", "why"),
    [
        ("# Title\n", "the page has its title"),
        ("Title\n=====\n", "the same, underlined"),
        ("> # Title\n", "in a quotation"),
        ("##### Deep\n", "deeper than the page has styles for"),
    ],
)
def test_heading_of_the_first_or_a_too_deep_level_is_refused(source: str, why: str) -> None:
    with pytest.raises(InvalidBody, match="headings of two to four #"):
        pytest.fail(f"{why}: {rendered(source)}")


@pytest.mark.parametrize("anchor", ["references", "respond", "main", "ref-1", "cite-1-1", "comment-7", "email", "email-error"])
def test_anchor_that_the_page_uses_itself_is_refused(anchor: str) -> None:
    with pytest.raises(InvalidBody, match=rf"another anchor than {{#{anchor}}}"):
        rendered(f"## Heading {{#{anchor}}}\n")


def test_heading_named_like_a_part_of_the_page_gets_an_anchor_of_its_own() -> None:
    toc = rendered("## References\n\n## Comment 7\n\n## Main risks\n").toc
    assert [anchor for anchor, _ in toc] == ["section-references", "section-comment-7", "main-risks"]


def test_headings_have_anchors_of_their_own() -> None:
    body = rendered("## Is it safe?\n\n## Is it safe?\n\n### A part\n\n## خطرات\n\n## Costs {#price}\n")
    assert body.toc == [
        ("is-it-safe", "Is it safe?"), ("is-it-safe-2", "Is it safe?"), ("section", "خطرات"), ("price", "Costs"),
    ]  # fmt: skip
    ids = [tag["id"] for tag in BeautifulSoup(body.html, "html.parser").select("[id]")]
    assert len(ids) == len(set(ids)) == 5


def test_tables_scroll_under_a_label() -> None:
    body = rendered('**Table 1. A "b"**\n\n| x |\n|---|\n| y |\n')
    wrap = BeautifulSoup(body.html, "html.parser").select_one("div.table-wrap")
    assert wrap is not None
    assert (wrap["role"], wrap["tabindex"], wrap["aria-label"]) == ("region", "0", 'Table 1. A "b"')
    assert wrap.select("th[scope=col]")
