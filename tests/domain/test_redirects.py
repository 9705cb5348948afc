"""Old addresses lead where the file says, at once, and a file that would lead in circles is refused with the place."""

from pathlib import Path

import pytest

from domain import redirects
from domain.redirects import Answer, InvalidRedirects

GOOD = """
[[redirect]]
from = "/?p=12"
to = "/blog/botox"

[[redirect]]
from = "/Old-Page/"
to = "/about"

[[redirect]]
from = "/form.php"
to = "/consultation?treatment=unsure#form"
status = 308

[[redirect]]
from = "/gone"
status = 410

[[redirect]]
from = "/خدمات"
to = "https://other.example/ur"

[[redirect]]
from = "/index.php"
to = "/"
"""


def written(folder: Path, text: str) -> Path:
    file = folder / "redirects.toml"
    file.write_text(text, encoding="utf-8")
    return file


@pytest.mark.parametrize(
    ("path", "query", "answer"),
    [
        ("/", "p=12", Answer(301, "/blog/botox")),
        ("/", "utm_source=x&p=12", Answer(301, "/blog/botox?utm_source=x")),
        ("/", "p=123", None),
        ("/", "", None),
        ("/old-page", "", Answer(301, "/about")),
        ("//OLD-page//", "a=1", Answer(301, "/about?a=1")),
        ("/old-page/more", "", None),
        ("/form.php", "x=%C3%BC", Answer(308, "/consultation?treatment=unsure&x=%C3%BC#form")),
        ("/gone", "a=1", Answer(410)),
        ("/خدمات", "", Answer(301, "https://other.example/ur")),
        # What goes along makes the target an old address, which is answered at once.
        ("/index.php", "p=12", Answer(301, "/blog/botox")),
    ],
)
def test_an_old_address_leads_where_the_file_says(tmp_path: Path, path: str, query: str, answer: Answer | None) -> None:
    assert redirects.load(written(tmp_path, GOOD)).find(path, query) == answer


def test_no_file_means_no_old_addresses(tmp_path: Path) -> None:
    assert redirects.load(tmp_path / "none.toml").find("/", "") is None


def entry(old: str, new: str = "", **more: object) -> str:
    rows = [f'from = "{old}"', *([f'to = "{new}"'] if new else []), *(f"{key} = {value}" for key, value in more.items())]
    return "\n".join(["[[redirect]]", *rows, ""])


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (entry("/a", "/A/"), ":1: a loop: /a -> /a"),
        (entry("/a", "/b") + entry("/b", "/c") + entry("/c", "/a"), ":1: a loop: /a -> /b -> /c -> /a"),
        (entry("/a", "/b") + entry("/b?x=1", "/a"), ":1: a loop: /a -> /b?x=1 -> /a"),
        (entry("/a", "/b") + entry("/b", "/about"), ":1: a chain: /a -> /b -> /about"),
        (entry("/a", "/?p=1") + entry("/?p=1", "/about"), ":1: a chain: /a -> /?p=1 -> /about"),
        (entry("/a", "/gone") + entry("/gone", status=410), ":1: a chain: /a -> /gone -> 410"),
        (entry("/a?x=1&y=2", "/b") + entry("/A/?y=2&x=1", "/c"), ":4: /A/?y=2&x=1: line 1 has this address already"),
        (entry("a", "/b"), ":1: from: expected a path"),
        (entry("/a", "//evil.example"), ":1: to: expected a path"),
        (entry("/a", "http://other.example/"), ":1: to: expected a path"),
        (entry("/a"), ":1: to: expected a path"),
        (entry("/a", "/b", status=302), ":1: status: expected 301, 308 or 410"),
        (entry("/a", "/b", status=410), ":1: to: expected nothing beside status = 410"),
        (entry("/a", "/b", kind='"x"'), ":1: kind: expected from, to and status only"),
        ("[[redirects]]\n", "expected nothing but tables [[redirect]]"),
        ('redirect = [{from = "/a", to = "/b"}]\n', "expected each entry to begin with [[redirect]]"),
        ("[[redirect]\n", "expected valid TOML"),
    ],
)
def test_a_file_that_cannot_be_used_is_refused_with_the_place(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(InvalidRedirects) as refused:
        redirects.load(written(tmp_path, text))
    assert said in str(refused.value)
    assert "\n" not in str(refused.value)


def test_a_query_that_the_entry_takes_away_makes_no_loop(tmp_path: Path) -> None:
    found = redirects.load(written(tmp_path, entry("/?p=1", "/?q=1")))
    assert found.find("/", "p=1&x=2") == Answer(301, "/?q=1&x=2")


def test_what_the_site_itself_has_is_checked_too(tmp_path: Path) -> None:
    text = entry("/About/", "/contact") + entry("/x", "/blog/old") + entry("/y", "/nowhere") + entry("/?p=1", "/contact")
    found = redirects.faults(
        written(tmp_path, text), pages=["/about"], moved={"/blog/old": "/blog/new"}, is_page=lambda path: path != "/nowhere"
    )
    assert found == [
        (1, "/About/: would hide a page of this site"),
        (4, "/x: a chain; /blog/old moves on to /blog/new, name that one"),
        (7, "/y: leads to /nowhere, which is no page of this site so written"),
    ]
