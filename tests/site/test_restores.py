"""Restores: a backup is put back into an empty place only, and what goes wrong says what to do."""

import json
import os
import shutil
from pathlib import Path

import pytest
import sqlalchemy as sa
from flask import Flask

import database
from domain import consultations
from domain.consultations import ConsultationRequest
from extensions import db
from storage import database_copy
from tests.conftest import Clock
from tests.factories import submit_comment, submit_request
from tests.site.archives import made, rewritten, run, with_another_row

pytestmark = pytest.mark.database


def test_nothing_is_restored_over_a_site(used: Flask, tmp_path: Path) -> None:
    path = made(used, tmp_path / "site.tar.gz")
    result = run(used, "restore", path)
    assert result.exit_code == 1
    assert "expected an empty database" in result.output
    with used.app_context():
        assert db.session.scalars(sa.select(sa.func.count()).select_from(ConsultationRequest)).one() == 3


def test_articles_and_facts_that_differ_are_laid_aside(used: Flask, elsewhere: Flask, tmp_path: Path) -> None:
    content = tmp_path / "content"
    shutil.copytree(used.config["CONTENT_PATH"], content)
    (content / "articles" / "another.md").write_text("An article of then")
    used.config["CONTENT_PATH"] = str(content)
    path = made(used, tmp_path / "site.tar.gz")
    result = run(elsewhere, "restore", path)
    assert "content/articles/another.md" in result.output
    kept = Path(elsewhere.instance_path) / "from-backup" / "content" / "articles"
    assert [file.name for file in kept.iterdir()] == ["another.md"]


def test_another_engines_backup_is_refused(used: Flask, elsewhere: Flask, tmp_path: Path) -> None:
    path = made(used, tmp_path / "site.tar.gz")

    def other(parts: dict[str, bytes]) -> None:
        parts["manifest.json"] = json.dumps(json.loads(parts["manifest.json"]) | {"engine": "oracle"}).encode()

    rewritten(path, other)
    assert "expected FLASK_DATABASE_URL to name oracle" in run(elsewhere, "restore", path).output


def test_a_key_from_the_environment_is_told_of(
    used: Flask, elsewhere: Flask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = made(used, tmp_path / "site.tar.gz")
    monkeypatch.setitem(os.environ, "FLASK_SECRET_KEY", "x" * 40)
    result = run(elsewhere, "restore", path)
    assert "FLASK_SECRET_KEY is set" in result.output
    kept = Path(elsewhere.instance_path) / "secret_key"
    assert (str(kept) in result.output, kept.read_text()) == (True, used.config["SECRET_KEY"])


@pytest.mark.parametrize("is_current", [True, False], ids=["the key in use", "a fallback"])
def test_a_key_with_which_the_links_of_the_backup_open_is_not_warned_of(
    used: Flask, elsewhere: Flask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, is_current: bool
) -> None:
    path = made(used, tmp_path / "site.tar.gz")
    keys = ["x" * 40, used.config["SECRET_KEY"]]
    elsewhere.config["SECRET_KEY"], elsewhere.config["SECRET_KEY_FALLBACKS"] = keys[is_current], [keys[not is_current]]
    monkeypatch.setitem(os.environ, "FLASK_SECRET_KEY", keys[is_current])
    result = run(elsewhere, "restore", path)
    assert result.exit_code == 0, result.output
    assert "SECRET_KEY" not in result.output


def emptied(app: Flask) -> None:
    """Does with a database what a command advised."""
    url = app.config["DATABASE_URL"]
    with app.app_context():
        db.engine.dispose()
    file = database.sqlite_file(url)
    if file is not None:
        file.rename(file.with_suffix(".failed"))
        return
    server = sa.create_engine(sa.make_url(url).set(database="postgres"), isolation_level="AUTOCOMMIT")
    with server.connect() as connection:
        name = sa.make_url(url).database
        connection.execute(sa.text(f"DROP DATABASE {name} WITH (FORCE)"))
        connection.execute(sa.text(f"CREATE DATABASE {name}"))
    server.dispose()


def test_a_restore_that_failed_says_how_the_next_one_can_succeed(used: Flask, elsewhere: Flask, tmp_path: Path) -> None:
    path, wrong = made(used, tmp_path / "site.tar.gz"), tmp_path / "wrong.tar.gz"
    shutil.copyfile(path, wrong)
    rewritten(wrong, with_another_row)
    advice = database_copy.how_to_empty(elsewhere.config["DATABASE_URL"])
    failed = run(elsewhere, "restore", wrong)
    assert failed.output.endswith(f"holds other values; the database is not empty any more: before the next try, {advice}\n")
    again = run(elsewhere, "restore", path)
    assert (again.exit_code, again.output.count("\n")) == (1, 1)
    assert again.output.startswith("Error: expected an empty database")
    assert advice in again.output
    emptied(elsewhere)
    assert run(elsewhere, "restore", path).exit_code == 0


def test_a_log_that_was_left_behind_is_no_empty_place(used: Flask, elsewhere: Flask, tmp_path: Path) -> None:
    file = database.sqlite_file(elsewhere.config["DATABASE_URL"])
    if file is None:
        pytest.skip("PostgreSQL has its log elsewhere")
    log = file.with_name(f"{file.name}-wal")
    log.write_bytes(b"pages of another database")
    assert f"with {log.name}" in run(elsewhere, "restore", made(used, tmp_path / "site.tar.gz")).output
    assert log.read_bytes() == b"pages of another database"


def test_erasures_that_cannot_be_done_again_are_no_reason_to_restore_again(
    used: Flask, elsewhere: Flask, clock: Clock, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with used.app_context():
        gone = consultations.inbox(db.session)[0].phone
    path = made(used, tmp_path / "older.tar.gz")
    clock.forward(hours=1)
    monkeypatch.setitem(used.config, "SECRET_KEY", "y" * 40)
    used.test_cli_runner().invoke(args=["privacy", "erase", gone])
    made(used, tmp_path / "newer.tar.gz")
    result = run(elsewhere, "restore", path)
    assert (result.exit_code, result.output.count("\n")) == (1, 1)
    assert "expected it in FLASK_SECRET_KEY or FLASK_SECRET_KEY_FALLBACKS; all else is restored" in result.output
    assert "run flask privacy replay before the site starts" in result.output


def test_a_copy_that_could_not_be_put_in_its_place_leaves_nothing_behind(
    used: Flask, elsewhere: Flask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device", "somewhere")

    file = database.sqlite_file(elsewhere.config["DATABASE_URL"])
    if file is None:
        pytest.skip("PostgreSQL puts it there in one transaction")
    path = made(used, tmp_path / "site.tar.gz")
    monkeypatch.setattr(os, "fsync", full)
    result = run(elsewhere, "restore", path)
    assert (result.exit_code, result.output) == (1, "Error: somewhere: No space left on device\n")
    assert not list(file.parent.glob("scratch.db*"))


def test_links_of_rows_that_are_gone_lead_to_nobody_elses(used: Flask, elsewhere: Flask, clock: Clock, tmp_path: Path) -> None:
    path = made(used, tmp_path / "site.tar.gz")
    with used.app_context():
        session = database.begin_write(db.session)
        lost = [submit_request(session, clock()).id, submit_comment(session, clock()).id]
        session.commit()
    assert run(elsewhere, "restore", path).exit_code == 0
    with elsewhere.app_context():
        session = database.begin_write(db.session)
        new = [submit_request(session, clock()).id, submit_comment(session, clock()).id]
        session.commit()
        assert all(number > before + 50_000 for number, before in zip(new, lost, strict=True)), (new, lost)


def test_who_was_erased_meanwhile_is_erased_again(used: Flask, elsewhere: Flask, clock: Clock, tmp_path: Path) -> None:
    with used.app_context():
        gone, stays = (row.phone for row in consultations.inbox(db.session)[:2])
    older = made(used, tmp_path / "older.tar.gz")
    clock.forward(hours=1)
    used.test_cli_runner().invoke(args=["privacy", "erase", gone])
    made(used, tmp_path / "newer.tar.gz")
    result = run(elsewhere, "restore", older)
    assert "1 persons erased again" in result.output, result.output
    with elsewhere.app_context():
        phones = set(db.session.scalars(sa.select(ConsultationRequest.phone)))
    assert gone not in phones
    assert stays in phones
    assert (Path(elsewhere.instance_path) / "erasures.txt").read_text() == (tmp_path / "erasures.txt").read_text() != ""
