"""What looks like spam is named and sorted, never refused."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain import spam
from domain.spam import MAX_LINKS, Signals, Verdict


@pytest.mark.parametrize(
    ("text", "signals", "verdict", "why"),
    [
        ("It helped me.", Signals(), Verdict(False, ()), "plain words"),
        ("", Signals(), Verdict(False, ()), "nothing"),
        ("see https://example.com", Signals(), Verdict(False, ("links:1",)), "a source"),
        ("https://a.example https://b.example", Signals(), Verdict(False, ("links:2",)), "two sources"),
        ("https://a.example www.b.example [url=x]c", Signals(), Verdict(True, ("links:3",)), "three, in three writings"),
        ("HTTP://A.EXAMPLE\nhttp://b.example,http://c.example d", Signals(), Verdict(False, ("links:2",)), "one word, one link"),
        ("It helped me.", Signals(honeypot_filled=True), Verdict(True, ("honeypot",)), "only programs fill it in"),
        ("It helped me.", Signals(is_cross_site=True), Verdict(False, ("cross-site",)), "an old browser may say so"),
        ("https://a.example", Signals(True, True), Verdict(True, ("honeypot", "cross-site", "links:1")), "all is named"),
        ("See section 3.www and e.g. Wwwhat", Signals(), Verdict(False, ()), "www is no address by itself"),
    ],
)
def test_verdict(text: str, signals: Signals, verdict: Verdict, why: str) -> None:
    assert spam.judge(text, signals) == verdict, why


def test_links_up_to_the_limit_alone_are_no_spam() -> None:
    texts = [" ".join(f"https://{number}.example" for number in range(count)) for count in range(MAX_LINKS + 2)]
    assert [spam.judge(text, Signals()).is_spam for text in texts] == [False] * (MAX_LINKS + 1) + [True]


@settings(max_examples=100, deadline=None, database=None, derandomize=True)
@given(st.text(max_size=200), st.booleans(), st.booleans())
def test_any_text_has_a_verdict_whose_reasons_fit_a_code(text: str, honeypot: bool, cross_site: bool) -> None:
    verdict = spam.judge(text, Signals(honeypot, cross_site))
    assert verdict.is_spam >= honeypot
    assert all(reason.partition(":")[0] in {"honeypot", "cross-site", "links"} for reason in verdict.reasons)
