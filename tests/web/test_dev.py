"""What `make dev` adds is there for those who write the site, and nowhere else."""

from pathlib import Path

import pytest
from flask import Flask
from werkzeug.test import Client

import config
import dev
from tests.factories import SLUG
from tests.pages import Browser


def test_pages_load_again_when_the_site_was_started_anew(app: Flask) -> None:
    one, two = Client(dev.Reloading(app)), Client(dev.Reloading(app))
    page = one.get("/about")
    assert page.text.count(f'<script src="{dev.SCRIPT}" defer></script></head>') == 1
    assert int(page.headers["Content-Length"]) == len(page.data)
    assert "EventSource" in one.get(dev.SCRIPT).text
    told = [next(iter(client.get(dev.CHANGES, buffered=False).response)) for client in (one, one, two)]
    assert told[0] == told[1] != told[2]


def test_what_is_no_page_stays_as_it_is(app: Flask) -> None:
    client = Client(dev.Reloading(app))
    assert client.get("/robots.txt").data == app.test_client().get("/robots.txt").data
    assert client.get("/static/img/share.png").data[:4] == b"\x89PNG"


@pytest.mark.parametrize("url", ["/", f"/blog/{SLUG}", "/consultation", "/nowhere", "/staff/login", dev.SCRIPT, dev.CHANGES])
def test_nothing_of_it_is_on_the_site_itself(browser: Browser, url: str) -> None:
    page = browser.get(url)
    assert "__dev" not in page.html
    assert page.status == (404 if url in {"/nowhere", dev.SCRIPT, dev.CHANGES} else 200)


def test_no_server_of_ours_imports_it() -> None:
    assert [
        path.name for path in config.ROOT.glob("*.py") if "import dev" in path.read_text() or "from dev " in path.read_text()
    ] == []


def test_a_file_that_is_new_changed_or_gone_is_noticed(tmp_path: Path) -> None:
    for name in ("app.py", "content/articles/a.md", "static/css/base.css", "notes.txt", ".venv/lib/x.py", "templates/a.html"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("")
    before = dev.look(tmp_path)
    names = {str(path.relative_to(tmp_path)) for path in before}
    assert names == {"app.py", "content/articles/a.md", "static/css/base.css", "templates/a.html"}
    (tmp_path / "content" / "articles" / "b.md").write_text("")
    (tmp_path / "app.py").unlink()
    base = tmp_path / "static" / "css" / "base.css"
    assert dev.changed(before, dev.look(tmp_path) | {base: 0}) == [
        tmp_path / "app.py",
        tmp_path / "content" / "articles" / "b.md",
        base,
    ]
