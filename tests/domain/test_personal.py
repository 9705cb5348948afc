"""Personal details in comments: found as people write them in Pakistan, with few false alarms."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.comments import personal
from tests.domain.personal_cases import FALSE_ALARMS, FOUND, MISSED, NOTHING


@pytest.mark.parametrize(("text", "expected"), FOUND, ids=[text for text, _ in FOUND])
def test_detail_is_found_where_it_stands(text: str, expected: list[tuple[str, str]]) -> None:
    assert [(f.kind.value, text[f.start : f.end]) for f in personal.findings(text)] == expected


@pytest.mark.parametrize("text", NOTHING)
def test_what_only_looks_like_a_detail_is_left_alone(text: str) -> None:
    assert [text[f.start : f.end] for f in personal.findings(text)] == []


def test_recall_and_precision_are_those_the_docs_state() -> None:
    details = [text for text, _ in FOUND] + list(MISSED)
    others = [*NOTHING, *FALSE_ALARMS]
    hits, alarms = sum(bool(personal.findings(t)) for t in details), sum(bool(personal.findings(t)) for t in others)
    assert (hits, alarms) == (len(FOUND), len(FALSE_ALARMS))
    assert f"recall {hits / len(details):.2f}, precision {hits / (hits + alarms):.2f}" in (personal.__doc__ or "")


def test_each_kind_is_a_reason_once() -> None:
    assert personal.kinds("0300-1234567, 0301-1234567, a@b.pk") == ["phone", "email"]


def test_redacted_text_keeps_all_but_the_details() -> None:
    text = "Call ۰۳۰۰۱۲۳۴۵۶۷ (evenings).\nI take 40 mg."
    assert personal.redacted(text) == "Call [removed] (evenings).\nI take [removed]."
    assert personal.findings(personal.redacted(text)) == []


@given(st.text(alphabet=st.sampled_from("0123 +-()@.a\u200f۰mg\n"), max_size=200))
def test_findings_lie_inside_the_text_in_order_and_apart(text: str) -> None:
    found = personal.findings(text)
    assert all(0 <= f.start < f.end <= len(text) for f in found)
    assert all(one.end <= two.start for one, two in pairwise(found))


def test_long_text_takes_no_long_time() -> None:
    for piece in ("0 ", "a.", "1-", "@a.", "3 0", "1.,"):
        personal.findings(piece * (5000 // len(piece)))
