"""Which numbers need a source, what may not be claimed, how hard a text is to read."""

from pathlib import Path

import pytest

from domain.content_check import blocks
from domain.content_check.claims import CLAIMS
from domain.content_check.reading import reading_age, syllables
from tests.domain.content_folder import BODY, article, check, make


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A content folder whose only article keeps every rule."""
    return make(tmp_path)


@pytest.mark.parametrize(
    ("text", "is_found", "why"),
    [
        ("SNAP-25, TRPV1 and A4 paper.", False, "names"),
        ("PREEMPT 1 and 2 were large.", False, "trials"),
        ("As Table 2 shows.", False, "a label"),
        ("Approved on 15 October 2010.", False, "a date"),
        ("[Call us](tel:+92512345678) or call 1122.", False, "telephones"),
        ("Say how bad it is from 0 to 10.", False, "a scale"),
        ("There are two kinds of aura.", False, "a count of things"),
        ("It is given every twelve weeks.", True, "a span in words"),
        ("About one in 1.5 million.", True, "a share"),
        ("The 31-site plan.", True, "a count that a source gave"),
        ("It lasts 12 weeks.[@R1]", False, "cited"),
        ("It lasts 12 weeks. That is long.[@R1]", False, "cited later in the block"),
        ("It lasts [@R1] 12 weeks.", False, "cited in the sentence"),
        ("So it is.[@R1] It lasts 12 weeks.", True, "cited for another sentence"),
        ("All of these:[@R1]\n\n- 15 days a month;\n- 8 of them bad.", False, "the line before the list is cited"),
        ("All of these.[@R1]\n\n- 15 days a month.", True, "a cited paragraph is no introduction"),
        ("**Table 1. Sites**[@R1]\n\n| A | B |\n|---|---|\n| Temples | 8 |", False, "the caption is cited"),
        ("### Does it help with fewer than 15 days?", False, "a heading asks"),
    ],
)
def test_number_of_medicine_is_told_from_others(folder: Path, text: str, is_found: bool, why: str) -> None:
    article(folder, f"{BODY}\n{text}\n")
    assert ["uncited-number" in {finding.rule for finding in check(folder)}] == [is_found], why


@pytest.mark.parametrize(
    "text",
    [
        "Acetylcholine activates pain receptors",
        "stops release of messengers in the brain",
        "a promising new treatment",
        "a highly effective option",
        "can eliminate attacks",
        "the commonest effect is bruising",
        "ptosis is rare",
        "injected where the trigger is",
        "some need more frequent injections",
        "life free from the burden",
        "the best clinic in Islamabad",
        "from PKR 10,000",
        "get Botox today",
        "safe and effective",
    ],
)
def test_errors_of_the_first_draft_are_claims(folder: Path, text: str) -> None:
    article(folder, f"{BODY}\nSo {text}.\n")
    assert {finding.rule for finding in check(folder)} == {"banned-claim"}


def test_claims_have_a_reason_each() -> None:
    assert all(len(claim.reason) > 10 for claim in CLAIMS)
    assert len({claim.pattern for claim in CLAIMS}) == len(CLAIMS)


def test_reading_age_grows_with_words_and_sentences() -> None:
    assert [syllables(word) for word in ("the", "headache", "table", "onabotulinumtoxinA", "eased")] == [1, 2, 2, 9, 1]
    easy, hard = reading_age(["The cat sat on the mat."]), reading_age(["Prophylactic administration necessitates consideration."])
    assert easy < 6 < 18 < hard
    assert reading_age([]) == 0


def test_lines_of_blocks_are_those_of_the_file() -> None:
    found = blocks.of_body("First\nline.\n\n- one\n- two\n\n| A |\n|---|\n| b |\n", 10)
    assert [(block.part.value, block.line) for block in found] == [
        ("paragraph", 10),
        ("item", 13),
        ("item", 14),
        ("row", 16),
        ("row", 18),
    ]
    assert found[0].line_of(found[0].text.index("line")) == 11
