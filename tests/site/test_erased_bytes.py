"""What is erased is nowhere any more: not in the search index, not in the free pages of the database file, not in its log, and not
in the files of kept mail."""

import json
from pathlib import Path

import pytest
import sqlalchemy as sa
from flask import Flask

import clinic
import database
import letting_go
import mailer
from domain import comments, consultations, phones, privacy, readers, search
from domain.comments import How
from domain.consultations import Move
from extensions import db
from tests.conftest import Clock, Store
from tests.factories import ALWAYS, approved_comment, comment_draft, make_staff, request_draft, submit_comment, submit_request

EMAIL, NUMBER = "quixotica.z@plinth.example", "0333-5557788"
TRACES = ("quixotica", "plinth", "5557788", "zanzibarian", "brobdingnag")
"""Her address, her number, words of her comments and of a note about her."""


@pytest.fixture
def traces(app: Flask, store: Store, clock: Clock) -> list[Path]:
    """The files that hold something of hers, after years of other people's comments, some of them long."""
    with store() as session:
        owner = make_staff(session, clock()).id
        for number in range(60):
            approved_comment(session, clock(), text=f"Filler {number} " + "word " * (number * 17))
        for number in range(12):
            comment = approved_comment(session, clock(), name="Quixotica", email=EMAIL, text="zanzibarian " * 40 * number + "end")
            comments.amend(session, comment.id, f"brobdingnag {number}", revision=1, by=owner, how=How.WEB, now=clock())
        approved_comment(session, clock(), parent=comment, name="Other")
        submit_comment(session, clock(), comment_draft(email=EMAIL), notify=["owner@example.com"])
        readers.keep(session, EMAIL, clock())
    with store() as session:
        request = submit_request(
            session, clock(), request_draft(email=EMAIL, phone=phones.parse(NUMBER), phone_raw=NUMBER, message="brobdingnag")
        )
        move = Move(consultations.Status.CONTACTED, "zanzibarian")
        consultations.move(session, request.id, move, by=owner, working=ALWAYS, now=clock())
    with app.app_context():
        while mailer.deliver_next():
            pass
        db.engine.dispose()
        file = database.sqlite_file(app.config["DATABASE_URL"])
    kept = list((Path(app.instance_path) / "mail").iterdir())
    assert kept
    return [*kept, *([file, file.with_name(f"{file.name}-wal")] if file else [])]


def found_in(files: list[Path]) -> set[tuple[str, str]]:
    there = {path: path.read_bytes().lower() for path in files if path.exists()}
    return {(path.name, trace) for path, content in there.items() for trace in TRACES if trace.encode() in content}


def test_the_files_hold_nothing_of_hers(app: Flask, traces: list[Path]) -> None:
    before = {trace for _, trace in found_in(traces)}
    assert before >= {"quixotica", "5557788", "brobdingnag"}
    for known_by in (EMAIL, NUMBER):
        result = app.test_cli_runner().invoke(args=["privacy", "erase", known_by])
        assert result.exit_code == 0, result.output
    assert "files may hold traces" not in result.output
    assert found_in(traces) == set()


@pytest.mark.parametrize("pages", [1, search.MERGED_PAGES])
def test_the_search_index_itself_holds_none_of_her_words(
    app: Flask, traces: list[Path], monkeypatch: pytest.MonkeyPatch, pages: int
) -> None:
    monkeypatch.setattr(search, "MERGED_PAGES", pages)
    assert {"quixotica", "brobdingnag"} <= words(app)
    app.test_cli_runner().invoke(args=["privacy", "erase", EMAIL])
    assert not [name for name, trace in found_in(traces) if trace == "plinth"], "in many short steps as in a few"
    assert not words(app) & set(TRACES)
    assert "filler" in words(app)


def words(app: Flask) -> set[str]:
    """Every word in the index, read past the site's own search."""
    with app.app_context(), db.engine.connect() as connection:
        if connection.dialect.name == "sqlite":
            connection.execute(sa.text("CREATE VIRTUAL TABLE temp.every_word USING fts5vocab(main, comment_search, row)"))
            found = set(connection.scalars(sa.text("SELECT term FROM temp.every_word")))
            connection.execute(sa.text("DROP TABLE temp.every_word"))
            return found
        return set(connection.scalars(sa.text("SELECT word FROM ts_stat('SELECT comment_search FROM comment')")))


def test_the_list_of_erasures_is_for_the_sites_own_user_only_and_names_nobody(app: Flask, store: Store) -> None:
    runner = app.test_cli_runner()
    runner.invoke(args=["privacy", "erase", EMAIL])
    runner.invoke(args=["privacy", "erase", NUMBER])
    with app.app_context():
        path = letting_go.erasures()
        kinds = [line.kind for line in privacy.read(path.read_text())]
        assert kinds == [privacy.Kind.EMAIL, privacy.Kind.PHONE]
        assert path.stat().st_mode & 0o777 == 0o600
        assert not [trace for trace in TRACES if trace in path.read_text()]
        assert [left.name for left in path.parent.glob(".writing-*")] == []
        assert clinic.keys()


def test_what_was_exported_before_is_what_went(app: Flask, traces: list[Path]) -> None:
    runner = app.test_cli_runner()
    shown = json.loads(runner.invoke(args=["privacy", "export", EMAIL]).output)
    assert [len(shown[part]) for part in ("comments", "requests", "reader")] == [13, 1, 1]
    dry = runner.invoke(args=["privacy", "erase", EMAIL, "--dry-run"]).output
    done = runner.invoke(args=["privacy", "erase", EMAIL]).output
    assert dry.replace("would go", "erased") == done
    assert "13 comments erased" in done
    assert "1 of the comments stay as empty places" in done
    assert "Those requests also named +923335557788" in done
    assert "Nothing is held" in runner.invoke(args=["privacy", "erase", EMAIL]).output
