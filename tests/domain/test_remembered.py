"""What was read of documents before: taken from the disk where nothing has changed, and never other than if it were read now."""

import ast
import json
import os
import time
from collections.abc import Callable
from dataclasses import fields
from functools import partial
from pathlib import Path

import pytest

from domain import articles, remembered, treatments
from domain.articles import Article
from domain.document_text import Text
from domain.front_matter import InvalidDocument
from domain.remembered import Memory
from domain.shelf import Shelf
from tests.domain.article_files import write
from tests.domain.data import ROOT

SVG = (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 10 10" width="10" height="10" role="img"'
    ' aria-labelledby="figure-x-title figure-x-desc"><title id="figure-x-title">{}</title><desc id="figure-x-desc">A line</desc>'
    "</svg>"
)
FIGURE = "::: figure x\n**Figure 1.** What it shows.\n:::\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Three articles, one of them with a figure."""
    for name in ("figures", "articles"):
        (tmp_path / name).mkdir()
    (tmp_path / "figures" / "x.svg").write_text(SVG.format("Before"))
    write(tmp_path / "articles", FIGURE, name="a.md", id="a", slug="a")
    for name in ("b", "c"):
        write(tmp_path / "articles", f"Text of {name}.\n", name=f"{name}.md", id=name, slug=name)
    return tmp_path / "articles"


@pytest.fixture
def kept(tmp_path: Path) -> Path:
    """Where it is remembered."""
    return tmp_path / "instance" / "texts"


def started(folder: Path, kept: Path, kind: str = "as it is") -> tuple[Shelf[Article], list[str]]:
    """A shelf as a process has it that starts now, and the names of the files that were read for it, and from now on."""
    read: list[str] = []

    def noting(path: Path) -> Article:
        read.append(path.name)
        return articles.read(path)

    return Shelf(folder, noting, memory=Memory(kept, Article, kind)), read


def text(shelf: Shelf[Article], document_id: str) -> Text:
    document = shelf.library.by_id(document_id)
    assert document is not None
    return document.text()


@pytest.mark.parametrize("is_generic", [False, True], ids=["brand names", "generic names"])
@pytest.mark.parametrize("kind", ["articles", "treatments"])
def test_a_remembered_document_is_the_one_that_was_read(kind: str, is_generic: bool, kept: Path) -> None:
    module = {"articles": articles, "treatments": treatments}[kind]
    made = partial(module.shelf, ROOT / "content" / kind, generic=is_generic)
    read, remembering, recalled = made(), made(kept=kept), made(kept=kept)
    assert read.library.all, "what ships"
    for document in read.library.all:
        for shelf in (remembering, recalled):
            other = shelf.library.by_id(document.id)
            for name in (field.name for field in fields(document) if field.name != "text"):
                assert getattr(other, name) == getattr(document, name), name
                assert type(getattr(other, name)) is type(getattr(document, name)), name
            assert other.text() == document.text()
            assert type(other.html) is type(document.html)


CHANGES: dict[str, tuple[Callable[[Path], object], list[str]]] = {
    "nothing": (lambda folder: None, []),
    "the time of a file": (lambda folder: os.utime(folder / "b.md", (1, 1)), []),
    "a text": (lambda folder: write(folder, "Other.\n", name="b.md", id="b", slug="b"), ["b.md"]),
    "a new one": (lambda folder: write(folder, name="d.md", id="d", slug="d"), ["d.md"]),
    "one taken away": (lambda folder: (folder / "b.md").unlink(), []),
    "another name": (lambda folder: (folder / "b.md").rename(folder / "d.md"), []),
    "its figure": (lambda folder: (folder.parent / "figures" / "x.svg").write_text(SVG.format("After")), ["a.md"]),
    "a figure it may mean": (lambda folder: (folder.parent / "figures" / "figure.svg").write_text(SVG), ["a.md"]),
    "another figure": (lambda folder: (folder.parent / "figures" / "y.svg").write_text(SVG), []),
}


@pytest.mark.parametrize("what", CHANGES)
def test_a_start_reads_only_what_was_never_read_before(folder: Path, kept: Path, what: str) -> None:
    change, expected = CHANGES[what]
    assert started(folder, kept)[1] == ["a.md", "b.md", "c.md"]
    change(folder)
    shelf, read = started(folder, kept)
    assert read == expected
    anew = articles.shelf(folder).library
    assert {one.id: one.text() for one in shelf.library.all} == {one.id: one.text() for one in anew.all}
    assert read == expected, "no text was rendered twice"
    assert started(folder, kept)[1] == []


@pytest.mark.parametrize(
    ("mistake", "key"), [({"title": None}, "title"), ({"slug": "c"}, "slug")], ids=["no title", "another one's slug"]
)
def test_a_mistake_stops_each_start(folder: Path, kept: Path, mistake: dict[str, str | None], key: str) -> None:
    started(folder, kept)
    write(folder, name="b.md", **({"id": "b", "slug": "b"} | mistake))
    for _ in range(2):
        with pytest.raises(InvalidDocument) as found:
            started(folder, kept)
        assert found.value.key == key
        assert str(folder) in str(found.value)
    write(folder, "Text of b.\n", name="b.md", id="b", slug="b")
    assert "a.md" not in started(folder, kept)[1]


def test_a_drawing_with_a_mistake_stops_a_start(folder: Path, kept: Path) -> None:
    started(folder, kept)
    (folder.parent / "figures" / "x.svg").write_text("<svg>")
    with pytest.raises(InvalidDocument):
        started(folder, kept)


def test_the_first_mistake_does_not_cost_what_was_read_before_it(folder: Path, kept: Path) -> None:
    write(folder, name="c.md", id="c", slug="c", title=None)
    with pytest.raises(InvalidDocument):
        started(folder, kept)
    write(folder, name="c.md", id="c", slug="c")
    assert started(folder, kept)[1] == ["c.md"]


def test_what_a_file_held_is_shown_while_it_cannot_be(folder: Path, kept: Path) -> None:
    started(folder, kept)
    shelf, _ = started(folder, kept)
    write(folder, name="b.md", id="b", slug="b", title=None)
    with pytest.raises(InvalidDocument):
        shelf.refresh()
    (folder / "c.md").unlink()
    with pytest.raises(InvalidDocument):
        shelf.refresh()
    assert "Text of b." in text(shelf, "b").html
    assert "Text of c." in text(shelf, "c").html


def test_what_is_read_otherwise_is_remembered_by_itself(folder: Path, kept: Path) -> None:
    started(folder, kept)
    assert started(folder, kept, "without brand names")[1] == ["a.md", "b.md", "c.md"]


def test_other_code_reads_everything_anew(folder: Path, kept: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    started(folder, kept)
    monkeypatch.setattr(remembered, "code", lambda: "another release")
    assert started(folder, kept)[1] == ["a.md", "b.md", "c.md"]


def test_the_code_is_known_by_what_stands_in_its_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for path in Path(remembered.__file__).parent.glob("*.py"):
        (tmp_path / path.name).write_bytes(path.read_bytes())
    monkeypatch.setattr(remembered, "__file__", str(tmp_path / "remembered.py"))
    read = remembered.code.__wrapped__
    before = read()
    assert before == read() == remembered.code()
    (tmp_path / "markdown.py").write_text("# another way to render\n")
    assert read() != before


def test_all_code_that_has_a_say_is_part_of_the_hash() -> None:
    # A shelf decides when to read, and of the settings only the name of a reviewer's type is used.
    found, left = {"shelf", "settings"}, {"articles", "treatments", "remembered"}
    while left - found:
        name = (left - found).pop()
        found.add(name)
        for node in ast.walk(ast.parse(Path(remembered.__file__).with_name(f"{name}.py").read_text())):
            if isinstance(node, ast.ImportFrom) and node.module == "domain":
                left |= {alias.name for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and str(node.module).startswith("domain."):
                left.add(str(node.module).split(".")[1])
    assert sorted(found - {"shelf", "settings"}) == list(remembered.SOURCES)


@pytest.mark.parametrize("content", [b"", b"[]", b"{", b"\xff", b'{"facts": null}', b"null"])
def test_what_is_damaged_is_made_anew(folder: Path, kept: Path, content: bytes) -> None:
    started(folder, kept)
    for path in kept.iterdir():
        path.write_bytes(content)
    shelf, _ = started(folder, kept)
    assert "Text of b." in text(shelf, "b").html
    assert started(folder, kept)[1] == []


def test_facts_that_are_damaged_are_read_anew(folder: Path, kept: Path) -> None:
    started(folder, kept)
    [index] = kept.glob("facts-*.json")
    known = json.loads(index.read_text())
    for number, facts in enumerate(known.values()):
        facts["facts"].pop(["title", "published", "changes"][number])
    index.write_text(json.dumps(known))
    shelf, read = started(folder, kept)
    assert read == ["a.md", "b.md", "c.md"]
    assert len(shelf.library.all) == 3


def test_a_text_that_is_gone_is_rendered_from_its_file(folder: Path, kept: Path) -> None:
    shelf, _ = started(folder, kept)
    for path in kept.iterdir():
        path.unlink()
    assert "Text of b." in text(shelf, "b").html
    assert started(folder, kept)[1] == ["a.md", "b.md", "c.md"]


def test_a_folder_that_takes_nothing_costs_time_only(folder: Path, kept: Path) -> None:
    kept.parent.mkdir()
    kept.write_text("in the way")
    for _ in range(2):
        shelf, read = started(folder, kept)
        assert read == ["a.md", "b.md", "c.md"]
        assert "Text of b." in text(shelf, "b").html


def test_a_file_that_changes_while_it_is_read_is_not_remembered(folder: Path, kept: Path) -> None:
    def changing(path: Path) -> Article:
        document = articles.read(path)
        if path.name == "b.md":
            write(folder, "Newer.\n", name="b.md", id="b", slug="b")
        return document

    first = Shelf(folder, changing, memory=Memory(kept, Article, "as it is"))
    assert "Text of b." in text(first, "b").html
    shelf, read = started(folder, kept)
    assert read == ["b.md"]
    assert "Newer." in text(shelf, "b").html


def test_few_texts_stay_in_memory(folder: Path, kept: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(remembered, "AT_HAND", 2)
    started(folder, kept)
    shelf, _ = started(folder, kept)
    first = text(shelf, "a")
    assert text(shelf, "a") is first
    assert text(shelf, "b")
    assert text(shelf, "a") is first, "shown last"
    assert text(shelf, "c")
    assert text(shelf, "a") is first
    second = text(shelf, "b")
    assert text(shelf, "c")
    assert text(shelf, "a") is not first
    assert text(shelf, "b") is not second


def test_texts_that_no_document_has_any_more_go_after_a_day(folder: Path, kept: Path) -> None:
    started(folder, kept)
    before = {path.name for path in kept.iterdir()}
    write(folder, "Other.\n", name="b.md", id="b", slug="b")
    started(folder, kept)
    assert before < {path.name for path in kept.iterdir()}, "another process may still show it"
    long_ago = time.time() - remembered.STAYS_SECONDS - 60
    for path in [*kept.iterdir()]:
        os.utime(path, (long_ago, long_ago))
    write(folder, "Once more.\n", name="b.md", id="b", slug="b")
    shelf, _ = started(folder, kept)
    assert len([*kept.iterdir()]) == 4, "the facts, and three texts"
    assert "Once more." in text(shelf, "b").html
