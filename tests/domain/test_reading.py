"""Where a reader may go from an article."""

from dataclasses import replace
from datetime import date, timedelta
from functools import cache
from pathlib import Path

import pytest

from domain import articles, reading
from domain.articles import Article
from domain.front_matter import InvalidDocument
from tests.domain.article_files import write
from tests.domain.data import ROOT
from tests.factories import SLUG


@cache
def shipped() -> Article:
    return articles.read(ROOT / "content" / "articles" / f"{SLUG}.md")


def made(number: int, treatment: str | None = None, condition: str | None = None) -> Article:
    published = shipped().published - timedelta(days=number)
    return replace(shipped(), id=f"a{number}", slug=f"a-{number}", published=published, treatment=treatment, condition=condition)


def test_an_only_article_leads_nowhere() -> None:
    assert reading.after(made(0), [made(0)]) == (None, None, [])


def test_neighbours_are_those_before_and_after_in_time() -> None:
    public = [made(0), made(1), made(2)]
    assert reading.after(public[1], public) == (public[2], public[0], [])
    assert reading.after(public[0], public) == (public[1], None, [public[2]])
    assert reading.after(public[2], public) == (None, public[1], [public[0]])


def test_related_are_the_closest_then_the_newest_and_no_neighbour() -> None:
    far, near, same = made(3), made(4, condition="Migraine"), made(5, "botulinum", "Migraine")
    public = [made(0, "botulinum", "Migraine"), made(1, "botulinum"), made(2), far, near, same, made(6)]
    assert reading.after(public[0], public).related == [same, near, made(2)]


def test_what_changed_is_told_newest_first(tmp_path: Path) -> None:
    changes = [{"date": date(2026, 11, 1), "text": "First "}, {"date": date(2026, 11, 2), "text": "Second"}]
    assert articles.read(write(tmp_path, changes=changes)).changes == ((date(2026, 11, 2), "Second"), (date(2026, 11, 1), "First"))
    assert articles.read(write(tmp_path)).changes == ()


@pytest.mark.parametrize(
    "changes",
    [
        "text",
        ["text"],
        [{"date": date(2026, 11, 1)}],
        [{"date": "soon", "text": "a"}],
        [{"date": date(2026, 11, 1), "text": " "}],
        [{"date": date(2026, 11, 1), "text": "a", "who": "b"}],
        [{"date": date(2026, 11, 3), "text": "after the day of `updated`"}],
    ],
)
def test_a_wrong_change_is_refused(tmp_path: Path, changes: object) -> None:
    with pytest.raises(InvalidDocument, match="changes: expected"):
        articles.read(write(tmp_path, changes=changes))
