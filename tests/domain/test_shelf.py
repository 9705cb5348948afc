"""Texts that change on the disk while the site runs: read again, alone; one with a mistake leaves what there was."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from domain import articles
from domain.articles import Article
from domain.front_matter import InvalidDocument
from domain.shelf import Shelf
from tests.domain.article_files import write


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Two articles and a folder of figures beside."""
    (tmp_path / "figures").mkdir()
    (tmp_path / "articles").mkdir()
    write(tmp_path / "articles", name="a.md", id="a", slug="a")
    write(tmp_path / "articles", name="b.md", id="b", slug="b")
    return tmp_path / "articles"


def later(path: Path) -> None:
    """Makes a file younger: two changes within one tick of the file system's clock differ in size only."""
    status = path.stat()
    os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns + 1_000_000))


def watched(folder: Path) -> tuple[Shelf[Article], list[str]]:
    """A shelf, and the names of the files it reads from now on."""
    read: list[str] = []

    def noting(path: Path) -> Article:
        read.append(path.name)
        return articles.read(path)

    shelf = Shelf(folder, noting)
    read.clear()
    return shelf, read


CHANGES: dict[str, tuple[Callable[[Path], object], list[str], list[str]]] = {
    "nothing": (lambda folder: None, [], ["a", "b"]),
    "a text": (lambda folder: later(write(folder, "Other.\n", name="a.md", id="a", slug="a")), ["a.md"], ["a", "b"]),
    "a new one": (lambda folder: write(folder, name="c.md", id="c", slug="c"), ["c.md"], ["a", "b", "c"]),
    "one taken away": (lambda folder: (folder / "b.md").unlink(), [], ["a"]),
    "another name": (lambda folder: (folder / "b.md").rename(folder / "c.md"), ["c.md"], ["a", "b"]),
    "a figure": (lambda folder: (folder.parent / "figures" / "new.svg").touch(), ["a.md", "b.md"], ["a", "b"]),
    "what an editor leaves": (lambda folder: (folder / ".a.md.swp").touch(), [], ["a", "b"]),
    "no text": (lambda folder: (folder / "notes.txt").touch(), [], ["a", "b"]),
}


@pytest.mark.parametrize("what", CHANGES)
def test_only_what_changed_is_read_again(folder: Path, what: str) -> None:
    change, expected, ids = CHANGES[what]
    shelf, read = watched(folder)
    before = shelf.library
    change(folder)
    assert shelf.refresh() == (shelf.library is not before)
    assert read == expected
    assert sorted(article.id for article in shelf.library.all) == ids
    assert not shelf.refresh(), "seen"


@pytest.mark.parametrize(
    "mistake", [{"title": None}, {"id": "b"}, {"slug": "b"}], ids=["no title", "another one's id", "another one's slug"]
)
def test_a_mistake_leaves_what_there_was_and_is_told_once(folder: Path, mistake: dict[str, str | None]) -> None:
    shelf, _ = watched(folder)
    before = shelf.library
    later(write(folder, "Other.\n", name="a.md", **({"id": "a", "slug": "a"} | mistake)))
    with pytest.raises(InvalidDocument):
        shelf.refresh()
    assert shelf.library is before
    assert not shelf.refresh()
    write(folder, "Mended.\n", name="a.md", id="a", slug="a")
    assert shelf.refresh()
    assert "Mended" in shelf.library.get("a", shelf.library.all[0].published).html


@pytest.mark.parametrize(("part", "is_there"), [("articles", False), ("articles", True), ("figures", True)])
def test_a_folder_that_is_not_to_be_read_leaves_what_there_was_and_is_told_once(folder: Path, part: str, is_there: bool) -> None:
    (folder.parent / "figures" / "one.svg").touch()
    shelf, read = watched(folder)
    before, moved = shelf.library, folder.parent / part
    moved.rename(folder.parent / "away")
    if is_there:
        moved.symlink_to(moved)
    with pytest.raises(InvalidDocument, match=f"{part}: folder: expected one that can be read"):
        shelf.refresh()
    assert not shelf.refresh()
    if is_there:
        moved.unlink()
    (folder.parent / "away").rename(moved)
    assert not shelf.refresh()
    assert (shelf.library, read) == (before, [])


def test_a_start_with_a_folder_that_is_not_to_be_read_says_so(tmp_path: Path) -> None:
    (tmp_path / "articles").symlink_to(tmp_path / "articles")
    with pytest.raises(InvalidDocument, match="articles: folder: expected one that can be read"):
        watched(tmp_path / "articles")
    assert watched(tmp_path / "nowhere")[0].library.all == []


def test_a_file_that_is_gone_while_it_is_read_is_a_mistake_of_a_moment(folder: Path) -> None:
    shelf, _ = watched(folder)
    (folder / "c.md").symlink_to(folder / "nowhere.md")
    with pytest.raises(InvalidDocument):
        shelf.refresh()
    (folder / "c.md").unlink()
    assert shelf.refresh()
    assert len(shelf.library.all) == 2
