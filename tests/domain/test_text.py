"""What typed text may hold, and how it becomes HTML that can do nothing but be read."""

from html.parser import HTMLParser

import pytest
from bs4 import BeautifulSoup
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from domain import text
from tests.domain.data import lines, load_json

HOSTILE = [
    "<script>alert(1)</script>",
    "https://example.com/\"onmouseover='alert(1)'",
    "https://example.com/<img src=x onerror=alert(1)>",
    "http://javascript:alert(1)@example.com",
    "https://example.com/'><svg/onload=alert(1)>",
    "<a href='javascript:alert(1)'>https://example.com</a>",
    "https://example.com&quot;><script>",
    "http://[::1",
    "http://example.com:99999999/",
    "https://",
    "https://.",
    "https://\u202egpj.exe",
    "https://exa\u0000mple.com",
    "<!-- https://example.com -->",
    "&lt;b&gt; & &amp;",
    "]]>\n\n<![CDATA[",
]
ALLOWED = {"p": {"dir"}, "br": set(), "a": {"href", "dir", "rel"}}


class Reader(HTMLParser):
    """Notes every tag, attribute and the text a browser would show."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.shown: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.shown.append(data)

    def handle_comment(self, data: str) -> None:
        pytest.fail(f"a comment came through: {data!r}")

    def handle_decl(self, decl: str) -> None:
        pytest.fail(f"a declaration came through: {decl!r}")


def assert_harmless(typed: str) -> None:
    """The HTML has no tags but p, br and a, and shows every character that was typed except white space."""
    html = text.paragraphs(text.clean_text(typed))
    reader = Reader()
    reader.feed(html)
    reader.close()
    for tag, attributes in reader.tags:
        assert tag in ALLOWED
        assert attributes.keys() <= ALLOWED[tag]
        if tag == "a":
            assert str(attributes["href"]).lower().startswith(("http://", "https://"))
            assert attributes["rel"] == "ugc nofollow noopener"
    assert {tag.name for tag in BeautifulSoup(html, "html.parser").find_all(True)} <= ALLOWED.keys()
    assert "".join("".join(reader.shown).split()) == "".join(text.clean_text(typed).split())


@pytest.mark.parametrize("typed", HOSTILE)
def test_hostile_text_becomes_text(typed: str) -> None:
    assert_harmless(typed)


@settings(max_examples=150, deadline=None, database=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(st.one_of(st.text(max_size=30), st.sampled_from([*HOSTILE, "https://", "<", "&", '"', "\n\n", "www."]))))
def test_any_text_has_no_tags_but_p_br_and_a(parts: list[str]) -> None:
    assert_harmless("".join(parts))


def test_naughty_strings_become_text() -> None:
    for typed in load_json("hostile/blns.json"):
        assert_harmless(typed)


@pytest.mark.parametrize("name", ["xss-rsnake-fuzzdb.txt", "xss-polyglot-fuzzdb.txt", "html5sec-injections.txt"])
def test_known_injections_become_text(name: str) -> None:
    for typed in lines(f"hostile/{name}"):
        assert_harmless(typed)


@pytest.mark.parametrize(
    ("typed", "kept", "why"),
    [
        ("  Sana   A. ", "Sana A.", "white space is folded and trimmed"),
        ("Sa\x00na", "Sa na", "no database takes NUL"),
        ("Sa\ud800na", "Sa?na", "a lone surrogate has no UTF-8 form"),
        ("Sana\r\nBcc: x@example.com", "Sana Bcc: x@example.com", "a line end in one line would start a mail header"),
        ("\u202eanaS", "anaS", "an override makes text read backwards"),
        ("\u2066Sana\u2069\u200f", "Sana", "isolates and marks are overrides by another name"),
        ("Sa\u200bna\ufeff\u00ad", "Sana", "what cannot be seen lets two names look the same"),
        ("Zoe\u0308", "Zo\u00eb", "one writing of one letter (NFC)"),
        ("می\u200cخواهم", "می\u200cخواهم", "Persian and Urdu spell with the zero-width non-joiner"),
        ("👩\u200d⚕️", "👩\u200d⚕️", "emoji are joined by it"),
        ("\x85\x9b\x07", "", "control characters are not text"),
    ],
)
def test_a_line_is_clean(typed: str, kept: str, why: str) -> None:
    assert text.clean_line(typed) == kept, why


@pytest.mark.parametrize(
    ("typed", "kept", "why"),
    [
        ("one\r\ntwo\rthree", "one\ntwo\nthree", "one kind of line end"),
        ("\n\n one \n\n", "one", "trimmed"),
        ("a\tb", "a\tb", "a tab stays"),
        ("a\x00b\x1bc", "a b c", "control characters go"),
        ("\udfff", "?", "a lone surrogate has no UTF-8 form"),
        ("اردو \u200fEnglish", "اردو \u200fEnglish", "Urdu typed with English needs its marks"),
    ],
)
def test_paragraph_text_is_clean(typed: str, kept: str, why: str) -> None:
    assert text.clean_text(typed) == kept, why


@settings(max_examples=100, deadline=None, database=None, derandomize=True)
@given(st.text(alphabet=st.characters(), max_size=60))
def test_cleaning_twice_changes_nothing_more(typed: str) -> None:
    for clean in (text.clean_line, text.clean_text):
        once = clean(typed)
        assert clean(once) == once
        assert "\x00" not in once
        once.encode()


@pytest.mark.parametrize("code", [0xFDD0, 0xFDEF, 0xFFFE, 0xFFFF, 0x1FFFE, 0x10FFFF])
def test_what_is_never_a_character_is_left_out(code: int) -> None:
    for clean in (text.clean_line, text.clean_text):
        assert clean(f"quite{chr(code)} normal e{chr(code)}\u0301") == "quite normal \u00e9"
    assert text.clean_text(chr(0xFDCF) + chr(0xFFFD)) == chr(0xFDCF) + chr(0xFFFD), "these are characters"


@pytest.mark.parametrize("code", [0x0, 0xB, 0x1F, 0xD800, 0xFFFE, 0xFFFF])
def test_what_xml_has_no_place_for_is_left_out_of_a_document(code: int) -> None:
    kept = "a\t\n\r\u0085\ud7ff\ue000\ufdd0\ufffd\U0001f642\U0010ffff"
    assert text.for_xml(kept + chr(code)) == kept


@pytest.mark.parametrize(
    ("typed", "address", "why"),
    [
        ("see https://example.com/a.", "https://example.com/a", "a full stop ends the sentence"),
        ("(https://example.com/a)", "https://example.com/a", "a bracket that was opened outside"),
        ("https://en.wikipedia.org/wiki/Botox_(drug)", "https://en.wikipedia.org/wiki/Botox_(drug)", "its own bracket stays"),
        ("https://example.com/?a=1&b=2", "https://example.com/?a=1&b=2", "an ampersand is escaped once"),
        ("HTTPS://Example.com!", "HTTPS://Example.com", "capitals are addresses too"),
        ("https://example.com/ä", "https://example.com/ä", "letters of any alphabet"),
    ],
)
def test_web_address_is_linked(typed: str, address: str, why: str) -> None:
    link = BeautifulSoup(text.paragraphs(typed), "html.parser").a
    assert link is not None, why
    assert (link["href"], link.get_text()) == (address, address), why


@pytest.mark.parametrize(
    ("typed", "why"),
    [
        ("javascript:alert(1)", "no web address"),
        ("ftp://example.com", "not a scheme readers open"),
        ("data:text/html,x", "runs as a page"),
        ("https://user:secret@example.com/", "credentials make one host look like another"),
        ("https://", "no host"),
        ("http://example.com:port/", "no port"),
        ("www.example.com", "the scheme would be a guess"),
        ("mailto:a@example.com", "addresses are not published"),
    ],
)
def test_what_is_no_plain_web_address_is_not_linked(typed: str, why: str) -> None:
    assert "<a" not in text.paragraphs(typed), why


def test_blank_lines_make_paragraphs_and_single_ones_breaks() -> None:
    assert text.paragraphs("a\nb\n\n \nc") == '<p dir="auto">a<br>b</p>\n<p dir="auto">c</p>'


@pytest.mark.parametrize(
    ("name", "letters", "why"),
    [
        ("Sana Ahmed", "SA", "first and last"),
        ("Muhammad Ali Jinnah", "MJ", "not the middle one"),
        ("sana", "S", "one word, one letter"),
        ("ثنا احمد", "ثا", "right-to-left letters"),
        ("🙂 Sana 🙂", "S", "an emoji is no letter"),
        ("🙂🙂", "", "no letters, no initials"),
        ("123", "", "digits are no letters"),
        ("", "", "no name"),
        ("(Dr.) O'Brien", "DO", "the first letter of a word, not its bracket"),
        ("ßtein ǆ", "SǄ", "one letter each, even where capitals are longer"),
        ("<b> <i>", "BI", "letters alone, never a tag"),
    ],
)
def test_initials(name: str, letters: str, why: str) -> None:
    assert text.initials(name) == letters, why


@pytest.mark.parametrize(
    ("one", "other", "why"),
    [
        ("Sana", " sana ", "case and white space"),
        ("Café", "Cafe\u0301", "one letter written two ways"),
        ("ＳＡＮＡ", "sana", "full-width letters"),
    ],
)
def test_two_writings_of_one_text_compare_equal(one: str, other: str, why: str) -> None:
    assert text.comparable(one) == text.comparable(other), why


@pytest.mark.parametrize("address", ["strauß@example.com", "ﬁona@example.com", "ﷲ@example.com"])
def test_normalised_address_is_still_the_address_of_the_same_person(address: str) -> None:
    # Mail goes to the normalised form, and strauss@ is somebody else than strauß@.
    assert text.normalise_email(f" {address} ") == address


def test_normalised_address_still_fits_its_column() -> None:
    address = "ﷲ" * 21 + "@" + ".".join(["a" * 60] * 3) + ".com"
    assert len(text.normalise_email(address)) <= text.MAX_EMAIL


def test_address_in_any_case_is_one_address() -> None:
    assert text.normalise_email(" Sana@Example.COM ") == "sana@example.com"


def test_site_name_follows_a_title_only_where_both_fit() -> None:
    assert text.title_with_site("About", "Dynamic Clinic") == "About | Dynamic Clinic"
    assert text.title_with_site("A" * 60, "Dynamic Clinic") == "A" * 60


@pytest.mark.parametrize(
    ("typed", "count"),
    [
        ("nothing", 0),
        ("https://a.example and http://b.example", 2),
        ("www.a.example", 1),
        ("[url=x]", 1),
        ("https://www.a.example", 1),
    ],
)
def test_links_are_counted_in_every_writing(typed: str, count: int) -> None:
    assert len(text.links(typed)) == count
