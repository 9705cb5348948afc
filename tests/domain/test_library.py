"""The library: old addresses are known, what is not public stays hidden, ids and slugs belong to one article."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from domain import articles
from domain.articles import Article
from domain.documents import Gone, InvalidDocument, Library, Moved, NotFound
from tests.domain.article_files import write

TODAY = datetime(2026, 11, 25, tzinfo=UTC)


@pytest.fixture
def library(tmp_path: Path) -> Library[Article]:
    """A published article that has moved, a removed one, a draft, a newer one, and one that is scheduled."""
    write(tmp_path, name="a.md", id="a", slug="new-home", old_slugs=["old-home"])
    write(tmp_path, name="b.md", id="b", slug="gone", old_slugs=["gone-before"], status="removed")
    write(tmp_path, name="c.md", id="c", slug="draft", old_slugs=["draft-before"], status="draft")
    write(tmp_path, name="d.md", id="d", slug="newest", published="2026-11-02T00:00:00+05:00")
    times = {"published": "2027-01-01T09:00:00+05:00", "updated": "2027-01-01T09:00:00+05:00"}
    write(tmp_path, name="e.md", id="e", slug="scheduled", old_slugs=["scheduled-before"], **times)
    return articles.shelf(tmp_path).library


@pytest.mark.parametrize(
    ("slug", "error", "why"),
    [
        ("old-home", Moved, "an old address"),
        ("OLD-Home", Moved, "an old address in capitals"),
        ("New-Home", Moved, "another case"),
        ("gone", Gone, "removed on purpose"),
        ("draft", NotFound, "a draft is nobody's business"),
        ("DRAFT", NotFound, "nor in capitals"),
        ("draft-before", NotFound, "nor at its old address"),
        ("scheduled", NotFound, "not public yet"),
        ("Scheduled", NotFound, "nor in capitals"),
        ("scheduled-before", NotFound, "nor at its old address"),
        ("never", NotFound, "there never was one"),
        ("", NotFound, "nothing"),
        ("new-home/", NotFound, "no slug"),
    ],
)
def test_address_that_shows_no_article(library: Library[Article], slug: str, error: type[Exception], why: str) -> None:
    with pytest.raises(error):
        pytest.fail(f"{why}: {library.get(slug, TODAY)}")


def test_readers_see_published_articles_newest_first(library: Library[Article]) -> None:
    assert [article.slug for article in library.public(TODAY)] == ["newest", "new-home"]
    assert library.get("new-home", TODAY).id == "a"


def test_a_scheduled_article_goes_public_by_itself(library: Library[Article]) -> None:
    due = library.next_published(TODAY)
    assert due == datetime(2027, 1, 1, 4, tzinfo=UTC)
    assert library.get("scheduled", due).id == "e"
    assert library.public(due)[0].slug == "scheduled"
    assert library.next_published(due) is None


def test_id_finds_an_article_of_any_status(library: Library[Article]) -> None:
    assert [bool(library.by_id(i)) for i in "abcde"] == [True] * 5
    assert library.by_id("vanished") is None


@pytest.mark.parametrize(
    ("changes", "key", "why"),
    [
        ({"id": "a", "slug": "other"}, "id", "comments would belong to two"),
        ({"id": "b", "slug": "new-home"}, "slug", "one address, two articles"),
        ({"id": "b", "slug": "old-home"}, "slug", "an address that another one left"),
        ({"id": "b", "slug": "other", "old_slugs": ["new-home"]}, "slug", "an old address that another one took"),
        ({"id": "b", "slug": "other", "old_slugs": ["other"]}, "slug", "moved to itself"),
    ],
)
def test_ids_and_slugs_belong_to_one_article(tmp_path: Path, changes: dict[str, Any], key: str, why: str) -> None:
    write(tmp_path, name="a.md", id="a", slug="new-home", old_slugs=["old-home"])
    write(tmp_path, name="z.md", **changes)
    with pytest.raises(InvalidDocument, match=rf"z\.md: {key}: expected"):
        pytest.fail(f"{why}: {articles.shelf(tmp_path).library}")


def test_name_for_feed_readers_stays_when_the_slug_moves(tmp_path: Path) -> None:
    urns = [articles.read(write(tmp_path, **changes)).urn for changes in ({}, {"slug": "elsewhere"}, {"id": "two"})]
    assert urns[0] == urns[1] != urns[2]
