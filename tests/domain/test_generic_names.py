"""A text without the brand name: what differs stands beside it, and each slug leads to the one in force."""

from pathlib import Path
from typing import Any

import pytest

from domain import articles
from domain.front_matter import InvalidDocument
from domain.sign_offs import sign
from tests.conftest import NOON
from tests.domain.article_files import write
from tests.domain.content_folder import GENERIC, TODAY

BODY = "Botox (a brand) helps.\n\n[Ask](/consultation?from=first), [more](/blog/first-of-all)\n"
REPLACE = {"Botox (a brand)": "The toxin"}


def both(folder: Path, **changes: Any) -> tuple[articles.Article, articles.Article]:
    file = write(folder, BODY, summary=["Botox (a brand) it is."], generic=GENERIC | {"replace": REPLACE} | changes)
    return articles.read(file), articles.read(file, generic=True)


def test_generic_text_has_its_own_title_and_address_and_no_brand(tmp_path: Path) -> None:
    branded, generic = both(tmp_path)
    assert (branded.slug, branded.title) == ("first", "First")
    assert (generic.slug, generic.title, generic.seo_title) == ("generic", "Generic", "Generic")
    assert generic.id == branded.id, "comments stay with it"
    assert generic.excerpt == branded.excerpt, "which names no brand, so it says the same"
    assert "Botox" in branded.html
    assert "Botox" not in generic.html + generic.summary[0]
    assert "The toxin helps" in generic.html
    assert "from=generic" in generic.html
    assert "/blog/first-of-all" in generic.html, "another text's address stays"


@pytest.mark.parametrize(("is_generic", "here", "there"), [(False, "first", "generic"), (True, "generic", "first")])
def test_slug_that_is_not_in_force_moves_to_the_one_that_is(tmp_path: Path, is_generic: bool, here: str, there: str) -> None:
    both(tmp_path)
    library = articles.shelf(tmp_path, generic=is_generic).library
    assert library.get(here, NOON).slug == here
    with pytest.raises(articles.documents.Moved) as moved:
        library.get(there, NOON)
    assert moved.value.slug == here


def test_switch_ends_no_review_but_a_changed_replacement_does(tmp_path: Path) -> None:
    both(tmp_path)
    file = tmp_path / "first.md"
    file.write_text(sign(file, file.read_text(), "a-khan", TODAY, TODAY.replace(year=2027)))
    signed = [articles.read(file, generic=is_generic).sign_off for is_generic in (False, True)]
    assert [sign_off is not None and sign_off.is_current for sign_off in signed] == [True, True]
    file.write_text(file.read_text().replace("The toxin", "The cure"))
    changed = articles.read(file).sign_off
    assert changed is not None
    assert not changed.is_current


@pytest.mark.parametrize(
    ("generic", "key", "why"),
    [
        ("yes", "generic", "a switch"),
        ({"slug": "generic"}, "generic", "no title"),
        (GENERIC | {"author": "A"}, "generic", "an unknown key"),
        (GENERIC | {"slug": "first"}, "generic.slug", "the same address"),
        (GENERIC | {"slug": "Generic Slug"}, "generic.slug", "no address"),
        (GENERIC | {"replace": ["Botox"]}, "generic.replace", "a list"),
        (GENERIC | {"replace": {"Botox": 1}}, "generic.replace", "a number"),
    ],
)
def test_wrong_generic_text_is_named(tmp_path: Path, generic: Any, key: str, why: str) -> None:
    file = write(tmp_path, BODY, generic=generic)
    with pytest.raises(InvalidDocument, match=rf": {key}: expected"):
        pytest.fail(f"{why}: {articles.read(file)}")
