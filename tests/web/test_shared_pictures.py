"""The pictures that go with links to articles: drawn while the site runs, named by what is on them, missed without harm."""

import ast
import io
import json
import os
import shutil
import signal
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask
from PIL import Image, ImageFont

import drawing
from domain import pictures
from domain.documents import Library, Status
from domain.pictures import Picture
from extensions import db
from serving import shared_pictures
from serving.freshness import Freshness
from tests.conftest import Clock
from tests.factories import ARTICLE, SLUG
from tests.pages import Browser, Page
from tests.web.caching import Cached

ROOT = Path(__file__).parents[2]
SIGNED = "Dynamic Clinic, Islamabad"


@pytest.fixture
def folder(app: Flask) -> Iterator[Path]:
    """Where the site keeps them; empty."""
    folder = Path(app.instance_path) / pictures.FOLDER
    yield folder
    shutil.rmtree(folder, ignore_errors=True)
    folder.unlink(missing_ok=True)
    app.extensions.pop("drawing", None)


def draw(app: Flask) -> str:
    """What the dispatcher does at times, and then waits for, as nobody else does; what it says."""
    with app.app_context():
        told = shared_pictures.draw()
    if "drawing" in app.extensions:
        app.extensions["drawing"].process.wait(60)
    return told


def shown(page: Page) -> dict[str, str]:
    return {str(tag["property"]): str(tag["content"]) for tag in page.all('meta[property^="og:image"]')}


def images(page: Page) -> list[str]:
    graph = json.loads(str(page.one('script[type="application/ld+json"]').string))["@graph"]
    return next(node for node in graph if node["@type"] == "BlogPosting").get("image", [])


def test_an_article_has_a_picture_of_its_own_once_it_is_drawn(app: Flask, browser: Browser, folder: Path) -> None:
    before = browser.get(f"/blog/{SLUG}")
    assert shown(before)["og:image"].endswith("/static/img/share.png")
    assert images(before) == []
    assert draw(app).endswith("to be drawn")
    assert draw(app) == "", "all are there"
    page = browser.get(f"/blog/{SLUG}")
    said = shown(page)
    answer = browser.client.get(said["og:image"].removeprefix("http://localhost"))
    drawn = Image.open(io.BytesIO(answer.data))
    assert (
        (drawn.format, drawn.size) == ("PNG", (int(said["og:image:width"]), int(said["og:image:height"]))) == ("PNG", (1200, 630))
    )
    assert said["og:image:alt"].startswith(page.one("h1").get_text())
    assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert len(answer.data) < 60_000
    ratios = [Image.open(io.BytesIO((folder / url.rsplit("/", 1)[1]).read_bytes())).size for url in images(page)]
    assert ratios == [(1200, 630), (1200, 675), (1200, 900), (1200, 1200)]
    etag = answer.headers["ETag"]
    assert browser.client.get(said["og:image"].removeprefix("http://localhost"), headers={"If-None-Match": etag}).status_code == 304


@pytest.mark.parametrize("name", ["../secret_key", "a" * 24 + ".png", "secret_key", "%2e%2e%2fsecret_key"])
def test_nothing_else_of_the_folder_is_served(browser: Browser, name: str) -> None:
    assert browser.client.get(f"/social/{name}").status_code == 404


def test_a_folder_that_takes_nothing_costs_the_pictures_only(
    app: Flask, browser: Browser, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder.write_text("in the way")
    assert [draw(app).partition(" (")[0].partition(" ")[2] for _ in range(3)] == ["to be drawn", "not be drawn", ""], "told once"
    monkeypatch.setattr(shared_pictures, "AGAIN_SECONDS", 0)
    assert draw(app).endswith("to be drawn"), "and tried again"
    assert shown(browser.get(f"/blog/{SLUG}"))["og:image"].endswith("/static/img/share.png")


def test_only_what_is_public_or_will_be_is_drawn(app: Flask) -> None:
    article = app.config["LIBRARY"].by_id(ARTICLE)
    drafts = [replace(article, id=status, slug=status, status=status, title=status) for status in (Status.DRAFT, Status.REMOVED)]
    app.config["LIBRARY"] = Library([article, *drafts])
    with app.app_context():
        found = shared_pictures.wanted()
    titles = {document.title for document in app.config["TREATMENT_PAGES"].all} | {article.title}
    assert {picture.title for picture in found} == titles
    assert len({picture.name for picture in found}) == len(found)


def test_the_newest_are_drawn_first_and_few_at_once(app: Flask, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    article = app.config["LIBRARY"].by_id(ARTICLE)
    old = replace(article, id="old", slug="old", title="Old", published=article.published - timedelta(days=9))
    app.config["LIBRARY"] = Library([old, article])
    with app.app_context():
        found = [picture for picture in shared_pictures.wanted() if picture.title in {"Old", article.title}]
    assert [picture.title for picture in found] == [article.title] * 4 + ["Old"] * 4
    monkeypatch.setattr(drawing, "AT_ONCE", 2)
    for number in (2, 4):
        drawing.main(folder, found)
        assert [path for path in found if (folder / path.name).is_file()] == found[:number]


def test_a_drawing_process_ends_with_the_one_that_began_it(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    parents = iter([7, 7, 1])
    monkeypatch.setattr(drawing.os, "getppid", parents.__next__)
    found = pictures.of("A title", SIGNED)
    drawing.main(folder, found)
    assert [path for path in found if (folder / path.name).is_file()] == found[:1]


def test_one_process_draws_at_a_time_and_none_for_ever(
    app: Flask, folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    slow = tmp_path / "slow.py"
    slow.write_text("import time\ntime.sleep(60)\n")
    monkeypatch.setattr(shared_pictures, "DRAWING", str(slow))
    with app.app_context():
        assert shared_pictures.draw()
        process = app.extensions["drawing"].process
        assert shared_pictures.draw() == ""
        assert app.extensions["drawing"].process is process
        assert process.poll() is None
        monkeypatch.setattr(shared_pictures, "DRAWING_SECONDS", 0)
        assert shared_pictures.draw() == ""
    assert process.wait(10) == -signal.SIGKILL


def test_pages_name_a_picture_soon_after_it_is_drawn(app: Flask, folder: Path, clock: Clock, cached: Cached) -> None:
    with app.app_context():
        cached.freshness = Freshness(db.engine, lambda: shared_pictures.are_new(app))
    cached.cache._freshness = cached.freshness
    before = cached.get(f"/blog/{SLUG}").get_data(as_text=True)
    assert "/social/" not in before
    assert cached.get(f"/blog/{SLUG}").get_data(as_text=True) == before
    assert cached.count == 1
    draw(app)
    assert "/social/" in cached.get(f"/blog/{SLUG}").get_data(as_text=True)
    cached.get(f"/blog/{SLUG}")
    assert cached.count == 2, "and then stay as they are"
    cached.freshness._stored.forget()


@pytest.mark.parametrize("title", ["دائمی درد شقیقہ", "Migraine: दर्द", "A → B", ""])
def test_a_title_in_letters_that_the_font_lacks_has_no_picture(title: str) -> None:
    assert pictures.of(title, SIGNED) == []


def test_the_font_has_every_letter_that_may_be_drawn() -> None:
    font = ImageFont.truetype(drawing.FONT, 40)
    lacking = bytes(font.getmask("\uffff"))
    allowed = [
        chr(code) for code in range(0x21, 0x2030) if pictures._DRAWABLE.fullmatch(chr(code)) and chr(code) not in "\u00a0\u00ad"
    ]
    assert len(allowed) > 180
    assert [letter for letter in allowed if bytes(font.getmask(letter)) == lacking] == []


@pytest.mark.parametrize(
    "title", ["Word " * 90, "W" * 200, "Short", "A Donaudampfschifffahrtsgesellschaftskapitänsmützenfabrik visit"]
)
def test_a_title_of_any_length_stays_inside_the_picture(title: str) -> None:
    drawn = Image.open(io.BytesIO(drawing.draw(Picture(title.strip(), SIGNED, *pictures.SHARED), drawing.palette()))).convert("RGB")
    paper = drawn.getpixel((5, 5))
    edge = drawn.crop((pictures.SHARED[0] - drawing.MARGIN // 2, 230, *pictures.SHARED))
    assert edge.getcolors() == [(edge.width * edge.height, paper)], "nothing below the line comes near the edge"


def test_lines_break_between_words_only() -> None:
    font = ImageFont.truetype(drawing.FONT, 60)
    text = "Botox for Chronic Migraine: Evidence, Safety and What to Expect"
    assert " ".join(drawing.wrap(text, font, 700)) == text


def test_a_picture_that_no_article_has_any_more_goes_after_some_time(tmp_path: Path) -> None:
    fresh, old, other = tmp_path / f"{'a' * 24}.png", tmp_path / f"{'b' * 24}.png", tmp_path / "logo.png"
    for file in (fresh, old, other):
        file.write_bytes(b"")
    for file in (old, other):
        long_ago = file.stat().st_mtime - drawing.KEEP_SECONDS - 60
        os.utime(file, (long_ago, long_ago))
    drawing.tidy(tmp_path, set())
    assert sorted(path.name for path in tmp_path.iterdir()) == [fresh.name, other.name]


def test_no_web_process_loads_what_draws() -> None:
    loading = [path.name for path in ROOT.glob("*.py") if "PIL" in _imports(path)]
    assert loading == ["drawing.py"]
    for path in [*ROOT.glob("*.py"), *(ROOT / "blueprints").rglob("*.py"), *(ROOT / "domain").rglob("*.py")]:
        assert not {"PIL", "drawing"} & _imports(path) or path.name == "drawing.py", path


def _imports(path: Path) -> set[str]:
    names = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            names |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names.add(node.module.partition(".")[0])
    return names
