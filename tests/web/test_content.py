"""The content from a shell and in the staff area: what is signed, checked, begun and looked at before it is public."""

import shutil
import stat
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import Result
from flask import Flask

from domain import articles
from domain.settings import Reviewer
from tests.domain.data import ROOT
from tests.factories import SLUG
from tests.pages import Browser

DOCTOR = Reviewer("a-khan", "Dr Test Khan", "PMDC 00000-T", "Neurology")


@pytest.fixture
def content(app: Flask, tmp_path: Path) -> Path:
    """A copy of the content that the site is told to use, with a doctor who may sign."""
    folder = tmp_path / "content"
    shutil.copytree(ROOT / "content", folder)
    app.config["CONTENT_PATH"] = str(folder)
    app.config["SITE"] = replace(app.config["SITE"], reviewers=(DOCTOR,))
    return folder


def run(app: Flask, *args: str) -> Result:
    return app.test_cli_runner().invoke(args=["content", *args])


def start_anew(app: Flask, content: Path) -> None:
    app.config["LIBRARY"] = articles.load(content / "articles")


def test_signed_article_says_who_reviewed_it_until_its_text_changes(app: Flask, content: Path, browser: Browser) -> None:
    file = content / "articles" / f"{SLUG}.md"
    file.chmod(0o644)
    result = run(app, "sign", SLUG, "--reviewer", DOCTOR.id)
    assert result.exit_code == 0, result.output
    assert "to be read again by 2027-11-23" in result.output
    assert stat.S_IMODE(file.stat().st_mode) == 0o644, "others may read it, as before"
    start_anew(app, content)
    page = browser.get(f"/blog/{SLUG}")
    assert "medically reviewed by Dr Test Khan" in page.one(".byline").get_text(" ", strip=True)
    assert "(Neurology, PMDC 00000-T) on 23 November 2026" in page.text
    assert '"lastReviewed":"2026-11-23"' in page.html
    assert "not yet" not in page.one(".byline").text
    file.write_text(file.read_text().replace("155 units", "165 units"))
    start_anew(app, content)
    page = browser.get(f"/blog/{SLUG}")
    assert "not yet medically reviewed" in page.text
    assert "Khan" not in page.html


@pytest.mark.parametrize(
    ("args", "expected"),
    [
        (["nothing-of-the-kind", "--reviewer", "a-khan"], "expected the slug of one article or treatment"),
        ([SLUG, "--reviewer", "b-khan"], "[[reviewers]] in site.toml (a-khan)"),
        ([SLUG, "--reviewer", "a-khan", "--due", "2026-11-23"], "expected a date after today"),
    ],
)
def test_what_cannot_be_signed_is_said_in_one_line(app: Flask, content: Path, args: list[str], expected: str) -> None:
    before = (content / "articles" / f"{SLUG}.md").read_bytes()
    result = run(app, "sign", *args)
    assert result.exit_code == 1
    assert expected in result.output
    assert (content / "articles" / f"{SLUG}.md").read_bytes() == before


def test_nobody_signs_while_no_doctor_is_configured(app: Flask, content: Path) -> None:
    app.config["SITE"] = replace(app.config["SITE"], reviewers=())
    result = run(app, "sign", SLUG, "--reviewer", DOCTOR.id)
    assert result.exit_code == 1
    assert "add the doctor to site.toml first" in result.output
