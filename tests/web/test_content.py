"""The content from a shell and in the staff area: what is signed, checked, begun and looked at before it is public."""

import json
import shutil
import stat
from dataclasses import replace
from pathlib import Path

import pytest
from bs4 import BeautifulSoup
from click.testing import Result
from flask import Flask

import config
from app import create_app
from checks import Level
from checks import content as texts
from checks.content import is_page
from cli.commands import mends_content
from domain import articles
from domain.settings import Reviewer
from domain.staff import Role
from serving import live_texts
from tests.conftest import ALL_PUBLIC, NOON, Clock, Store
from tests.domain.data import ROOT
from tests.factories import ARTICLE, SLUG, make_staff, submit_comment
from tests.pages import Browser, sign_in

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


def read_anew(app: Flask, content: Path) -> None:
    app.config["LIBRARY"] = articles.shelf(content / "articles").library


def test_signed_article_says_who_reviewed_it_until_its_text_changes(app: Flask, content: Path, browser: Browser) -> None:
    file = content / "articles" / f"{SLUG}.md"
    file.chmod(0o644)
    result = run(app, "sign", SLUG, "--reviewer", DOCTOR.id)
    assert result.exit_code == 0, result.output
    assert "to be read again by 2027-11-23" in result.output
    assert f"shows it after about two seconds.\nCommit {file.name}" in result.output
    assert stat.S_IMODE(file.stat().st_mode) == 0o644, "others may read it, as before"
    read_anew(app, content)
    page = browser.get(f"/blog/{SLUG}")
    assert "medically reviewed by Dr Test Khan" in page.one(".byline").get_text(" ", strip=True)
    assert "(Neurology, PMDC 00000-T) on 23 November 2026" in page.text
    assert '"lastReviewed":"2026-11-23"' in page.html
    assert "not yet" not in page.one(".byline").text
    file.write_text(file.read_text().replace("155 units", "165 units"))
    read_anew(app, content)
    page = browser.get(f"/blog/{SLUG}")
    assert "not yet medically reviewed" in page.text
    assert "Khan" not in page.html


@pytest.mark.parametrize(
    ("args", "expected"),
    [
        (["nothing-of-the-kind", "--reviewer", "a-khan"], "expected the slug of one article or treatment"),
        ([SLUG, "--reviewer", "b-khan"], "site.toml (a-khan)"),
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
    assert "add the doctor first" in result.output


def test_shipped_content_keeps_every_rule(app: Flask) -> None:
    result = run(app, "check")
    assert (result.exit_code, result.stdout) == (0, "")
    assert json.loads(run(app, "check", "--json").stdout) == []


def test_check_tells_each_mistake_in_a_line_and_ends_with_1_on_an_error(app: Flask, content: Path, store: Store) -> None:
    file = content / "articles" / f"{SLUG}.md"
    file.write_text(file.read_text().replace("updated: ", "review_due: 2026-01-01\nupdated: "))
    result = run(app, "check")
    assert result.exit_code == 0, "a warning alone"
    assert result.stdout.startswith(f"articles/{SLUG}.md:11: review: ")
    file.write_text(file.read_text() + "\n# Again\n\n[A link](/nowhere)\n")
    result = run(app, "check")
    assert result.exit_code == 1
    assert [line.split(": ")[1] for line in result.stdout.splitlines()] == ["review", "one-h1", "dead-link"]
    with store() as session:
        submit_comment(session, NOON)
    file.unlink()
    [finding] = [one for one in json.loads(run(app, "check", "--json").stdout) if one["rule"] == "vanished"]
    assert (finding["level"], finding["file"]) == ("error", "articles")
    assert ARTICLE in finding["advice"]


def test_check_works_on_what_the_site_refuses_to_start_with(content: Path, tmp_path: Path) -> None:
    environ = {"FLASK_INSTANCE_PATH": str(tmp_path / "instance")}
    file = content / "articles" / f"{SLUG}.md"
    file.write_text(file.read_text().replace("status: published", "status: live") + "\n# Again\n")
    with pytest.raises(config.ConfigError, match=SLUG):
        create_app({"CONTENT_PATH": str(content)}, environ)
    app = create_app({"CONTENT_PATH": str(content), "MENDS_CONTENT": True}, environ)
    result = run(app, "check")
    assert result.exit_code == 1
    assert {line.split(": ")[1] for line in result.stdout.splitlines()} >= {"front-matter", "one-h1"}


def test_old_address_that_leads_to_another_old_one_is_named(app: Flask, content: Path) -> None:
    entries = ("/?p=12", "/old-page"), ("/old-page", "/about")
    (content / "redirects.toml").write_text("".join(f'[[redirect]]\nfrom = "{old}"\nto = "{new}"\n' for old, new in entries))
    assert run(app, "check").stdout.startswith("redirects.toml:1: redirect-chain: a chain: /?p=12 -> /old-page")
    (content / "redirects.toml").write_text("[[redirect]\n")
    assert "redirects.toml:1: redirect-chain: " in run(app, "check").stdout


@pytest.mark.parametrize(
    ("line", "mends"),
    [("flask content check", True), ("flask --debug content new x", True), ("flask run", False), ("server.py", False)],
)
def test_only_the_commands_for_content_start_with_what_is_wrong(line: str, mends: bool) -> None:
    assert mends_content(line.split()) is mends


@pytest.mark.parametrize(
    ("path", "expected", "why"),
    [
        ("/consultation", True, "a page"),
        ("/nowhere", False, "none"),
        ("/About", False, "moves to another case"),
        ("/staff/", False, "for staff"),
        ("/moderate/abc", False, "a signed link"),
    ],
)
def test_page_is_what_everybody_may_open_at_this_path(app: Flask, path: str, expected: bool, why: str) -> None:
    with app.app_context():
        assert is_page(path) is expected, why


def test_new_article_is_a_draft_with_a_preview(app: Flask, content: Path, owner: Browser) -> None:
    result = run(app, "new", "Living with migraine")
    assert result.exit_code == 0, result.output
    file = content / "articles" / "living-with-migraine.md"
    assert "author: Dynamic Clinic team" in file.read_text()
    assert "published: 2026-11-23T13:00:00+05:00" in file.read_text()
    assert "has it after about two seconds: http" in result.output
    assert run(app, "new", "Living with migraine").exit_code == 1, "the slug is taken"
    read_anew(app, content)
    assert owner.get("/blog/living-with-migraine").status == 404
    page = owner.get("/staff/content/living-with-migraine/preview")
    assert page.one("h1").text == "Living with migraine"
    assert "draft, not public" in page.one(".site-notice").text
    assert len(page.all("form")) == 1, "to sign out; nothing is asked of who looks"
    assert "living-with-migraine.md" in owner.get("/staff/content/").text


@pytest.mark.parametrize("title", ["", "123", "t" * 66])
def test_title_without_an_address_in_it_is_refused(app: Flask, content: Path, title: str) -> None:
    result = run(app, "new", title)
    assert result.exit_code == 1
    assert "expected a title" in result.output


def test_staff_see_where_each_text_stands_and_what_is_wrong(app: Flask, content: Path, owner: Browser, clock: Clock) -> None:
    page = owner.get("/staff/content/")
    assert "The files keep every rule" in page.text
    assert "not yet reviewed" in page.text
    assert "shows an earlier version" not in page.text
    file = content / "articles" / f"{SLUG}.md"
    file.write_text(file.read_text().replace("2026-11-22T09", "2026-11-27T09") + "\n[A link](/nowhere)\n")
    page = owner.get("/staff/content/")
    assert "1 error, 0 warnings" in page.text
    assert "/nowhere: no page of this site" in page.text
    assert "scheduled" in page.text
    assert "goes public 27 November 2026, 09:00" in page.text
    assert "shows an earlier version" in page.text
    read_anew(app, content)
    assert "public from 27 November 2026, 09:00" in owner.get(f"/staff/content/{ARTICLE}/preview").text
    assert owner.get("/staff/content/nothing/preview").status == 404


def test_page_and_health_say_how_far_they_came_where_many_texts_are_new(
    app: Flask, content: Path, owner: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(texts, "SECONDS", 0)
    shutil.rmtree(Path(app.instance_path) / live_texts.KEPT / texts.KEPT, ignore_errors=True)
    files = len([*(content / "articles").glob("*.md"), *(content / "treatments").glob("*.md")])
    page = owner.get("/staff/content/")
    assert f"1 of {files} texts were checked so far" in page.text
    assert "Check the next ones" in page.one("main .button").text
    with app.app_context():
        found = texts.texts(NOON)
        assert (found.level, f"2 of {files} texts" in found.what) == (Level.NOTE, True)
        texts.records()
        assert texts.texts(NOON).level is Level.OK
    assert "The files keep every rule" in owner.get("/staff/content/").text


def test_every_public_text_leads_to_its_page(owner: Browser, browser: Browser, clock: Clock) -> None:
    clock.now = ALL_PUBLIC
    sign_in(owner)
    links = owner.get("/staff/content/").all('.rows a[aria-label^="Public page"]')
    paths = [str(link["href"]) for link in links]
    assert sum(path.startswith("/blog/") for path in paths) == 3
    assert sum(path.startswith("/treatments/") for path in paths) == 2
    assert {browser.get(path).status for path in paths} == {200}


def test_front_desk_and_visitors_see_no_previews(browser: Browser, store: Store, clock: Clock) -> None:
    assert browser.get(f"/staff/content/{ARTICLE}/preview").url.startswith("/staff/login")
    with store() as session:
        make_staff(session, clock(), Role.FRONT_DESK)
    sign_in(browser, "front-desk@example.com")
    assert browser.get(f"/staff/content/{ARTICLE}/preview").status == 403


def test_site_without_brand_names_moves_the_branded_address(app: Flask, content: Path, browser: Browser, owner: Browser) -> None:
    assert browser.get("/blog/botulinum-toxin-for-chronic-migraine").url == f"/blog/{SLUG}"
    app.config["SITE"] = replace(app.config["SITE"], generic_names=True)
    app.config["LIBRARY"] = articles.shelf(content / "articles", generic=True).library
    answer = browser.get(f"/blog/{SLUG}", follow=False)
    assert (answer.status, answer.headers["Location"]) == (301, "/blog/botulinum-toxin-for-chronic-migraine")
    page = browser.get(f"/blog/{SLUG}")
    assert page.one("h1").text == "Botulinum Toxin for Chronic Migraine: What the Evidence Says"
    tree = BeautifulSoup(page.html, "html.parser")
    for hidden in tree.select(".references, script"):
        hidden.decompose()
    shown = [
        tree.get_text(),
        *(str(tag.get("content")) for tag in page.all("meta")),
        *(str(tag["href"]) for tag in page.all("a")),
    ]
    assert not [text for text in shown if "botox" in text.lower()], "the id in the form is no word for readers"
    assert run(app, "check").exit_code == 0
    assert "shows an earlier version" not in owner.get("/staff/content/").text
    assert run(app, "sign", SLUG, "--reviewer", DOCTOR.id).exit_code == 0, "by either address"
