"""What holds for any text at all, not only for the strings somebody thought of: articles, addresses, signed links."""

import unicodedata
from pathlib import Path

import pytest
from bs4 import BeautifulSoup
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from domain import front_matter, markdown, tokens
from domain.front_matter import InvalidDocument
from domain.markdown import InvalidBody
from domain.text import clean_line, clean_text, is_email, normalise_email
from domain.tokens import BadToken, Purpose
from tests.hostile import OWN

KEYS = ["an earlier key for the tests", "the key of these tests"]
PIECES = [
    "<script>",
    "](javascript:alert(1))",
    "[x](",
    "![x](https://a.example/x.png)",
    "::: note\n",
    ":::\n",
    "# ",
    "## ",
    "|a|b|\n|-|-|\n",
]
OVERRIDES = "\u202a\u202b\u202d\u202e\u2066\u2067\u2068"
"""What makes text read in another order than it is stored in."""
QUICK = settings(max_examples=150, deadline=None, database=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])
written = st.lists(
    st.one_of(st.text(max_size=40), st.sampled_from([*OWN, *PIECES, "[@R1]", "<img src=x onerror=", "\n\n", "&lt;"]))
)
payloads = st.dictionaries(st.text(max_size=10), st.one_of(st.integers(), st.text(max_size=20), st.none()), max_size=4)


@QUICK
@given(written)
def test_any_article_is_refused_or_comes_out_without_what_runs_or_loads(parts: list[str]) -> None:
    try:
        html = markdown.render("".join(parts), markdown.Citations(frozenset({"R1"}))).html
    except InvalidBody:
        return
    for tag in BeautifulSoup(html, "html.parser").find_all(True):
        assert tag.name not in {
            "script",
            "style",
            "img",
            "iframe",
            "object",
            "embed",
            "form",
            "input",
            "svg",
            "base",
            "meta",
            "link",
        }
        assert not [name for name in tag.attrs if name.startswith("on") or name in {"style", "src", "srcdoc"}]
        href = str(tag.get("href", "https:"))
        assert ":" not in href or href.lower().startswith(("https:", "http:", "mailto:", "tel:")), href


@QUICK
@given(
    st.one_of(
        st.text(max_size=300),
        st.lists(
            st.sampled_from(["id: a\n", "- ", "{", "}", "!!python/object:os.system ", "&a ", "*a", "0x_", "? ", ": ", "\t"])
        ).map("".join),
    )
)
def test_any_front_matter_is_read_or_refused(tmp_path_factory: pytest.TempPathFactory, text: str) -> None:
    path = tmp_path_factory.getbasetemp() / "article.md"
    path.write_text(f"---\n{text}\n---\nBody\n", encoding="utf-8", errors="replace")
    try:
        front, body = front_matter.split(Path(path))
    except InvalidDocument:
        return
    assert isinstance(front.data, dict)
    assert body.endswith("Body\n")


@QUICK
@given(st.one_of(st.text(max_size=300), st.text(alphabet="a@.\"'<> -+é\u202e", max_size=40)))
def test_any_address_is_taken_or_not_and_one_that_is_fits_a_header(typed: str) -> None:
    address = normalise_email(typed)
    assert normalise_email(address) == address
    if is_email(clean_line(typed)):
        assert not set("\r\n<>, ") & set(clean_line(typed))


@QUICK
@given(st.lists(st.one_of(st.text(max_size=40), st.sampled_from([*OWN, *OVERRIDES, "\u0000", "\r\n", "\x85"]))).map("".join))
def test_cleaned_text_has_no_controls_and_stays_as_it_is(typed: str) -> None:
    for clean in (clean_line, clean_text):
        once = clean(typed)
        assert clean(once) == once
        assert once.encode("utf-8") is not None, "it can be stored"
        assert not [letter for letter in once if unicodedata.category(letter) == "Cc" and letter not in "\n\t"]
    assert not set(OVERRIDES) & set(clean_line(typed))


@QUICK
@given(payloads, st.sampled_from(Purpose), st.sampled_from(Purpose))
def test_a_link_gives_back_its_payload_for_its_purpose_alone(payload: tokens.Payload, made: Purpose, used: Purpose) -> None:
    token = tokens.sign(KEYS, made, payload)
    if made is used:
        assert tokens.read(KEYS, used, token) == payload
    else:
        with pytest.raises(BadToken):
            tokens.read(KEYS, used, token)


@QUICK
@given(st.one_of(st.text(max_size=120), st.text(alphabet="eyJ0._-AZaz09", max_size=120)), st.sampled_from(Purpose))
def test_no_text_that_we_have_not_signed_is_a_link(token: str, purpose: Purpose) -> None:
    with pytest.raises(BadToken):
        tokens.read(KEYS, purpose, token)
