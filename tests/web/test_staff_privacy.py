"""The owner sees what is held about a person, hands it out, erases it; nothing of that person gets into a URL or the audit log."""

import json
from pathlib import Path

import pytest
import sqlalchemy as sa
from flask import Flask

import letting_go
from domain import audit, privacy, readers
from domain.comments import Comment
from domain.consultations import ConsultationRequest
from domain.orm import Base
from extensions import db
from storage import files
from tests.conftest import Clock, Store
from tests.factories import PASSWORD, SLUG, approved_comment, comment_draft, request_draft, submit_comment, submit_request
from tests.pages import Browser, Page

URL = "/staff/settings/privacy"
EMAIL = "quixotica.z@plinth.example"


@pytest.fixture
def held(owner: Browser, store: Store, clock: Clock) -> None:
    """A published comment with a reply, a request, and a text of somebody else that names her."""
    with store() as session:
        comment = approved_comment(session, clock(), name="Quixotica", email=EMAIL, text="Her own words")
        approved_comment(session, clock(), parent=comment, name="Other")
        submit_comment(session, clock(), comment_draft(text=f"Ask {EMAIL}"))
        submit_request(session, clock(), request_draft(email=EMAIL))


def look(owner: Browser, who: str = f" {EMAIL.upper()} ") -> Page:
    return owner.submit(owner.get(URL), URL, who=who)


@pytest.mark.usefixtures("held")
def test_what_is_held_is_counted_with_what_only_people_can_judge(owner: Browser) -> None:
    page = look(owner)
    assert f"Held under {EMAIL}" in page.text
    assert "Comments 1" in page.text
    assert "Requests 1" in page.text
    assert "comment 3" in page.text
    assert "also name +92 300" in page.text
    assert page.url == URL


@pytest.mark.usefixtures("held")
def test_it_comes_as_one_file(app: Flask, owner: Browser) -> None:
    answer = owner.submit(look(owner), f"{URL}/export")
    assert answer.headers["Content-Disposition"] == 'attachment; filename="person-20261123-0700.json"'
    assert answer.headers["Cache-Control"] == "no-store"
    assert json.loads(answer.html)["comments"][0]["text"] == "Her own words"
    assert last_entry(app) == ("person exported", "person known by email", {})


@pytest.mark.usefixtures("held")
def test_erasing_needs_the_box(app: Flask, owner: Browser) -> None:
    page = owner.submit(look(owner), f"{URL}/erase")
    assert page.status == 422
    assert "Tick the box to erase" in page.one("#sure-error").get_text()
    assert "Held under" in page.text
    assert not erasures(app).exists()


@pytest.mark.usefixtures("held")
def test_erased_she_is_nowhere_and_readers_see_an_empty_place(app: Flask, owner: Browser) -> None:
    assert "Her own words" in owner.get(f"/blog/{SLUG}").text
    page = owner.submit(look(owner), f"{URL}/erase", sure="y")
    assert page.url == URL
    assert "Erased: comments: 1; requests: 1" in page.text
    assert "empty places: 1" in page.text
    assert "quixotica" not in page.html.lower()
    public = owner.get(f"/blog/{SLUG}").text
    assert "Her own words" not in public
    assert "This comment was removed" in public
    assert last_entry(app)[2].keys() == {"comments", "requests", "mails"}
    with app.app_context():
        assert db.session.scalars(sa.select(ConsultationRequest)).all() == []
        others = [row.text for row in db.session.scalars(sa.select(Comment)) if "plinth" in row.text]
        assert others == [f"Ask {EMAIL}"]
    assert len(erasures(app).read_text().splitlines()) == 1
    assert "Nothing is held under this address" in look(owner).text


def test_who_refused_mail_is_remembered_unless_the_owner_says_so(app: Flask, owner: Browser, store: Store, clock: Clock) -> None:
    with store() as session:
        readers.refuse(session, readers.keep(session, EMAIL, clock()), clock())
    owner.submit(look(owner), f"{URL}/erase", sure="y")
    page = look(owner)
    assert page.all("#forget_refusal")
    owner.submit(page, f"{URL}/erase", sure="y", forget_refusal="y")
    assert not look(owner).all("#forget_refusal")


@pytest.mark.parametrize("typed", ["", "Quixotica", "12", "a@", "x" * 300])
def test_what_nobody_can_be_found_by_is_said_beside_the_field_and_kept(owner: Browser, typed: str) -> None:
    page = look(owner, typed)
    assert page.status == 422
    assert page.one("#who-error")
    assert page.one("#who")["value"] == typed
    assert owner.submit(look(owner, "0300 1234567"), f"{URL}/erase", who=typed, sure="y").status == 422


@pytest.mark.parametrize("action", ["", "/export", "/erase"])
@pytest.mark.usefixtures("held")
def test_each_step_asks_for_the_password_again_after_a_while(app: Flask, owner: Browser, clock: Clock, action: str) -> None:
    page = look(owner)
    clock.forward(minutes=20)
    asked = owner.submit(page, f"{URL}{action}", sure="y") if action else look(owner)
    assert asked.status == 403
    assert "Is it you?" in asked.text
    assert not erasures(app).exists()
    done = owner.submit(asked, f"{URL}{action}", proof=PASSWORD)
    assert done.status == 200


@pytest.mark.usefixtures("held")
def test_nothing_is_erased_that_cannot_be_noted(app: Flask, owner: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    page = look(owner)

    def full(_path: Path, _content: bytes) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(files, "replace", full)
    answer = owner.submit(page, f"{URL}/erase", sure="y")
    assert answer.status == 503
    assert "nothing was erased" in answer.text
    monkeypatch.undo()
    assert "Comments 1" in look(owner).text


def test_the_command_answers_in_one_line_what_it_cannot_read(app: Flask, tmp_path: Path) -> None:
    runner = app.test_cli_runner()
    for arguments in (["export", "nobody"], ["erase", "12"]):
        result = runner.invoke(args=["privacy", *arguments])
        assert result.exit_code == 2
        assert "expected an email address or a phone number" in result.output
    broken = tmp_path / "list"
    broken.write_text("not a list\n")
    result = runner.invoke(args=["privacy", "replay", str(broken)])
    assert (result.exit_code, result.output.count("\n")) == (1, 1)
    assert "expected a list of erasures" in result.output


@pytest.mark.usefixtures("held")
def test_a_restored_database_forgets_by_one_command(app: Flask, store: Store, clock: Clock) -> None:
    runner = app.test_cli_runner()
    assert "0 erasures read" in runner.invoke(args=["privacy", "replay"]).output
    with app.app_context():
        letting_go.note_erasure(privacy.recognise(EMAIL), clock())
    clock.forward(hours=1)
    assert "1 erasures read, 1 persons erased again" in runner.invoke(args=["privacy", "replay"]).output
    with app.app_context():
        everything = repr(
            [list(db.session.execute(sa.select(table))) for table in Base.metadata.sorted_tables if table.name != "comment"]
        )
        assert "quixotica" not in everything.lower()
        assert [row.is_emptied for row in db.session.scalars(sa.select(Comment).order_by(Comment.id))] == [True, False, False]
    app.config["SECRET_KEY"] = "another key for the tests, long enough to be taken"
    result = runner.invoke(args=["privacy", "replay"])
    assert result.exit_code == 1
    assert "under a secret key that is not set" in result.output


def erasures(app: Flask) -> Path:
    return Path(app.instance_path) / letting_go.ERASURES


def last_entry(app: Flask) -> tuple[str, str, dict[str, object]]:
    with app.app_context():
        entry = next(entry for entry in audit.page(db.session) if entry.action.startswith("person "))
        return entry.action, entry.subject, entry.detail
