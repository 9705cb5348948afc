"""A medical review holds for the text that was read, by a person the clinic has named, and for no other."""

from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from domain import articles, sign_offs
from domain.articles import Article
from domain.front_matter import InvalidDocument
from domain.settings import Reviewer
from tests.domain.article_files import write

DOCTOR = Reviewer("a-khan", "Dr Test Khan", "PMDC 00000-T", "Neurology")
TODAY, DUE = date(2026, 11, 23), date(2027, 11, 23)
BODY = "## What it is\n\nIt helps 4% of people.[@R1]\n\n![The calendar](/figures/calendar.svg)\n"
REFERENCES = {"R1": {"title": "A study", "doi": "10.1000/x"}}


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """An article with a reference and a figure."""
    (tmp_path / "figures").mkdir()
    (tmp_path / "figures" / "calendar.svg").write_text("<svg/>")
    (tmp_path / "articles").mkdir()
    return write(tmp_path / "articles", BODY, references=REFERENCES)


def signed(path: Path) -> Article:
    path.write_text(sign_offs.sign(path, path.read_text(), DOCTOR.id, TODAY, DUE))
    return articles.read(path)


def test_signed_text_names_its_reviewer(file: Path) -> None:
    assert articles.read(file).review([DOCTOR]) is None
    assert signed(file).review([DOCTOR]) == sign_offs.Review(DOCTOR, TODAY, DUE)
    assert articles.read(file).review_due == DUE


def test_reviewer_that_is_not_configured_is_not_shown(file: Path) -> None:
    assert signed(file).review([]) is None


@pytest.mark.parametrize(
    ("change", "stays", "why"),
    [
        (lambda text: text.replace("title: First", "title: Second"), False, "another title"),
        (lambda text: text.replace("**What.**", "**What?**"), False, "another summary"),
        (lambda text: text.replace("4%", "40%"), False, "another number"),
        (lambda text: text.replace("10.1000/x", "10.1000/y"), False, "another source"),
        (lambda text: text + "\nIt is new.\n", False, "a sentence more"),
        (lambda text: text.replace("2026-11-02T", "2026-11-03T"), True, "a date"),
        (lambda text: text.replace("slug: first", "slug: other\nold_slugs: [first]"), True, "an address"),
        (lambda text: text.replace("d" * 80, "e" * 80), True, "what search engines show"),
        (lambda text: text.replace("\n", "\r\n"), True, "line ends"),
        (lambda text: text + "\n\n", True, "empty lines at the end"),
    ],
)
def test_change_of_clinical_text_and_no_other_ends_the_review(
    file: Path, change: Callable[[str], str], stays: bool, why: str
) -> None:
    signed(file)
    file.write_bytes(change(file.read_text()).encode())
    assert (articles.read(file).review([DOCTOR]) is not None) is stays, why
    assert articles.read(file).sign_off is not None, why


def test_change_of_a_drawing_ends_the_review(file: Path) -> None:
    signed(file)
    (file.parents[1] / "figures" / "other.svg").write_text("<svg/>")
    assert articles.read(file).review([DOCTOR]) is not None
    (file.parents[1] / "figures" / "calendar.svg").write_text("<svg><g/></svg>")
    assert articles.read(file).review([DOCTOR]) is None


def test_signing_again_replaces_the_sign_off_and_nothing_else(file: Path) -> None:
    signed(file)
    once = file.read_text()
    file.write_text(once.replace("4%", "5%"))
    assert signed(file).review([DOCTOR]) is not None
    assert file.read_text().count("\nsigned: ") == 1
    assert [line for line in file.read_text().splitlines() if not line.startswith("signed:")] == [
        line for line in once.replace("4%", "5%").splitlines() if not line.startswith("signed:")
    ]


@pytest.mark.parametrize(
    ("lines", "key", "why"),
    [
        ("reviewer: a-khan\n", "signed", "a name without a signature"),
        ("signed: abc\nreviewer: a-khan\nreviewed: 2026-11-23\n", "review_due", "never to be read again"),
        ("signed: abc\nreviewer: a-khan\nreviewed: 2026-11-23\nreview_due: 2026-11-23\n", "review_due", "due at once"),
        ("review_due: soon\n", "review_due", "no date"),
    ],
)
def test_half_a_sign_off_is_refused(file: Path, lines: str, key: str, why: str) -> None:
    file.write_text(file.read_text().replace("\n---\n", f"\n{lines}---\n"))
    with pytest.raises(InvalidDocument, match=rf": {key}: expected"):
        pytest.fail(f"{why}: {articles.read(file)}")


def test_sign_off_that_cannot_be_replaced_line_by_line_is_left_alone(file: Path) -> None:
    text = file.read_text().replace("\n---\n", "\nreviewer:\n  a-khan\n---\n")
    with pytest.raises(InvalidDocument):
        sign_offs.sign(file, text, DOCTOR.id, TODAY, DUE)
