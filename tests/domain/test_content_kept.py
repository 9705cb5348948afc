"""What is kept of checked content files: never other than if they were read now, and nothing is read twice."""

import ast
import json
import os
import time
from collections.abc import Callable
from dataclasses import fields
from math import inf
from pathlib import Path

import pytest

from domain import content_check, remembered
from domain.content_check import Kind, Record, Unfinished, kept, record
from domain.content_check.kept import Kept
from domain.content_check.source import Source
from tests.domain.content_folder import BODY, SVG, article, make
from tests.domain.data import ROOT
from tests.domain.test_content_check import BREACHES, Changes

OTHER = {"id": "two", "slug": "second", "title": "Second", "seo_title": "Second", "description": "The second of them. " * 5}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A content folder of two articles, one of which has a figure."""
    content = tmp_path / "content"
    content.mkdir()
    make(content)
    article(content, BODY + "\n::: figure calendar\nWhat a month looks like.\n:::\n", "second.md", **OTHER)
    return content


@pytest.fixture
def memory(tmp_path: Path) -> Path:
    """Where it is kept."""
    return tmp_path / "instance" / "checked"


def reading(folder: Path, memory: Path, seconds: float = inf) -> tuple[tuple[Record, ...], list[str]]:
    """The records of all articles, and the names of the files that were read for them."""
    read: list[str] = []

    def once(kind: Kind, path: Path) -> Record:
        read.append(path.name)
        return record.of(Source(folder, kind, path), {})

    files = [(Kind.ARTICLE, path) for path in sorted((folder / "articles").glob("*.md"))]
    return Kept(memory, generic=False).records(folder, files, once, seconds), read


def are_alike(one: tuple[Record, ...], other: tuple[Record, ...]) -> bool:
    """Whether they say the same, of the same types."""
    values = [
        [(getattr(one, field.name), type(getattr(one, field.name))) for one in records for field in fields(Record)]
        for records in (one, other)
    ]
    return values[0] == values[1] and all(a.document is None or b.document for a, b in zip(one, other, strict=True))


@pytest.mark.parametrize("generic", [False, True], ids=["brand names", "generic names"])
def test_what_is_kept_of_the_texts_that_ship_is_what_was_read(memory: Path, generic: bool) -> None:
    fresh = content_check.read(ROOT / "content", generic_names=generic)
    assert len(fresh) > 4
    for _ in range(2):
        again = content_check.read(ROOT / "content", generic_names=generic, kept=memory)
        assert are_alike(again, fresh)
    assert [one.document.text() for one in again if one.document] == [one.document.text() for one in fresh if one.document]


@pytest.mark.parametrize(("rule", "body", "changes", "words", "advice", "why"), BREACHES)
def test_what_is_kept_of_a_broken_text_is_what_was_read(
    folder: Path, memory: Path, rule: str, body: str, changes: Changes, words: str, advice: str, why: str
) -> None:
    article(folder, body, **changes)
    fresh = content_check.read(folder)
    content_check.read(folder, kept=memory)
    assert are_alike(content_check.read(folder, kept=memory), fresh), why


@pytest.mark.parametrize(
    "text", ["", "---\nid: [\n---\n", "---\nid: one\nstatus: 3\n---\n\xff"], ids=["empty", "no YAML", "faults"]
)
def test_file_that_the_site_refuses_is_kept_with_its_fault(folder: Path, memory: Path, text: str) -> None:
    (folder / "articles" / "broken.md").write_bytes(text.encode("latin-1"))
    fresh = content_check.read(folder)
    assert fresh[0].fault is not None
    content_check.read(folder, kept=memory)
    assert are_alike(content_check.read(folder, kept=memory), fresh)


def test_a_file_is_read_again_when_it_or_its_drawing_has_changed(folder: Path, memory: Path) -> None:
    assert reading(folder, memory)[1] == ["first.md", "second.md"]
    assert reading(folder, memory)[1] == []
    article(folder, BODY + "\nMore.\n")
    assert reading(folder, memory)[1] == ["first.md"]
    (folder / "figures" / "calendar.svg").write_text(SVG.replace("A month", "Two months"))
    assert reading(folder, memory)[1] == ["second.md"]
    (folder / "figures" / "calendar.svg").unlink()
    assert reading(folder, memory)[1] == ["second.md"]


def test_file_that_changes_while_it_is_read_is_not_kept(folder: Path, memory: Path) -> None:
    def meanwhile(kind: Kind, path: Path) -> Record:
        made = record.of(Source(folder, kind, path), {})
        article(folder, BODY + "\nMore.\n")
        return made

    files = [(Kind.ARTICLE, folder / "articles" / "first.md")]
    Kept(memory, generic=False).records(folder, files, meanwhile, inf)
    assert reading(folder, memory)[1] == ["first.md", "second.md"]


def test_reading_that_takes_too_long_goes_on_the_next_time(folder: Path, memory: Path) -> None:
    with pytest.raises(Unfinished) as error:
        reading(folder, memory, seconds=0)
    assert (error.value.done, error.value.files) == (1, 2)
    records, read = reading(folder, memory, seconds=0)
    assert (len(records), read) == (2, ["second.md"])


def test_reading_ends_though_the_disk_keeps_nothing(folder: Path, memory: Path) -> None:
    memory.parent.mkdir()
    memory.write_text("a file stands where the folder should be")
    for _ in range(2):
        assert len(reading(folder, memory, seconds=0)[1]) == 2


@pytest.mark.parametrize("content", [b"", b"[]", b"{", b"\xff", b"null"])
def test_what_is_damaged_is_made_anew(folder: Path, memory: Path, content: bytes) -> None:
    reading(folder, memory)
    [index] = memory.iterdir()
    index.write_bytes(content)
    assert len(reading(folder, memory)[1]) == 2
    assert reading(folder, memory)[1] == []


DAMAGE: list[Callable[[dict[str, object]], object]] = [
    lambda data: data.pop("said"),
    lambda data: data.update(links=[[1]]),
    lambda data: data.update(review_due="tomorrow"),
    lambda data: data.update(document={"id": "one"}),
    lambda data: data.update(hits={"length": [[]]}),
]


@pytest.mark.parametrize("damage", DAMAGE)
def test_record_that_is_damaged_is_made_anew(folder: Path, memory: Path, damage: Callable[[dict[str, object]], object]) -> None:
    reading(folder, memory)
    [index] = memory.iterdir()
    data = json.loads(index.read_bytes())
    for one in data.values():
        damage(one)
    index.write_text(json.dumps(data))
    assert len(reading(folder, memory)[1]) == 2


def test_what_nobody_asks_for_goes_and_what_other_releases_kept_stays_for_a_day(folder: Path, memory: Path) -> None:
    reading(folder, memory)
    [index] = memory.iterdir()
    other = memory / "records-other.json"
    other.write_text("{}")
    (folder / "articles" / "second.md").unlink()
    reading(folder, memory)
    assert len(json.loads(index.read_bytes())) == 1
    assert other.exists()
    day_ago = time.time() - remembered.STAYS_SECONDS - 1
    os.utime(other, (day_ago, day_ago))
    article(folder, BODY + "\nMore.\n")
    reading(folder, memory)
    assert [path.name for path in memory.iterdir()] == [index.name]


def test_all_code_that_has_a_say_is_part_of_the_hash() -> None:
    used = set()
    for path in Path(kept.__file__).parent.glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.ImportFrom) and node.module == "domain":
                used |= {alias.name for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and str(node.module).startswith("domain."):
                used.add(str(node.module).split(".")[1])
    # Reviewers are a matter of rules that are asked each time.
    assert used - {"content_check", "settings"} <= set(remembered.SOURCES)
