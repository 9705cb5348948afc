"""The signs that cannot wait are the same wherever somebody may look for them: no list is shorter than another."""

import re

import pytest
from bs4 import BeautifulSoup

from blueprints.tools.texts import URGENT_SIGNS
from tests.domain.data import ROOT
from tests.domain.shipped import body, documents

OF_A_HEADACHE = (
    "sudden",
    "fever and a stiff neck",
    "rash",
    "confusion",
    "weakness",
    "numbness",
    "trouble speaking",
    "sudden loss of sight",
    "fit",
    "fainting",
    "unusual drowsiness",
    "head injury",
    "painful red eye",
    "blurred sight",
    "severe in pregnancy or in the six weeks after birth",
)
"""NICE CG150 and SNNOOP10 (doi:10.1212/WNL.0000000000006697), in our words."""
AFTER_INJECTIONS = ("breathing", "swallowing", "speaking", "spread", "double vision", "swelling", "wheez", "hives")
"""The product label, in our words."""
ONLY_A_HEADACHE = "keeping-a-headache-diary"
"""Says nothing of injections."""
ONLY_INJECTIONS = "botulinum-toxin-for-facial-lines"
"""Says nothing of headaches."""
ELSEWHERE = {
    "the box and the line of pages": "templates/components/urgent.html",
    "the mail to who asks, as text": "templates/emails/request_acknowledged/body.txt",
    "the mail to who asks": "templates/emails/request_acknowledged/body.html",
}


def missing(text: str, signs: tuple[str, ...]) -> list[str]:
    words = " ".join(text.split())
    return [sign for sign in signs if not re.search(rf"\b{sign}", words)]


@pytest.mark.parametrize("slug", sorted(documents()))
def test_the_urgent_box_of_a_text_leaves_out_no_sign(slug: str) -> None:
    said = body(slug).select_one("aside.urgent")
    assert said is not None
    wanted = () if slug == ONLY_INJECTIONS else OF_A_HEADACHE
    assert missing(said.get_text(" "), wanted + (() if slug == ONLY_A_HEADACHE else AFTER_INJECTIONS)) == []


@pytest.mark.parametrize("path", ELSEWHERE.values(), ids=ELSEWHERE)
def test_the_list_leaves_out_no_sign(path: str) -> None:
    said = BeautifulSoup((ROOT / path).read_text(), "html.parser").get_text(" ")
    assert missing(said, OF_A_HEADACHE + AFTER_INJECTIONS) == []


def test_the_self_check_asks_for_every_sign() -> None:
    said = "; ".join(URGENT_SIGNS).replace("severe headache in pregnancy", "headache that is severe in pregnancy")
    assert missing(said, OF_A_HEADACHE + AFTER_INJECTIONS) == []
