"""Backups: one file with everything, checked by bringing it to life."""

import gzip
import json
import os
import stat
import tarfile
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

import database
from app import create_app
from domain import backups, consultations, settings
from domain.comments import Comment
from extensions import db
from storage import backup
from tests.conftest import Clock, Store
from tests.factories import submit_request
from tests.pages import Browser, try_to_sign_in
from tests.site.archives import made, rewritten, run, with_another_row

pytestmark = pytest.mark.database


def test_a_backup_brings_everything_back_elsewhere(used: Flask, elsewhere: Flask, tmp_path: Path) -> None:
    path = made(used, tmp_path / "site.tar.gz")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    result = run(elsewhere, "restore", path)
    assert result.exit_code == 0, result.output
    again = create_app(
        {"TESTING": True}, {"FLASK_INSTANCE_PATH": elsewhere.instance_path, "FLASK_DATABASE_URL": elsewhere.config["DATABASE_URL"]}
    )
    assert again.config["SECRET_KEY"] == used.config["SECRET_KEY"]
    with again.app_context():
        assert db.session.scalars(sa.select(sa.func.count()).select_from(Comment)).one() == 3
        assert settings.effective(db.session, again.config["SITE"]).comment_depth == 2
        found = consultations.inbox(db.session)
        assert len(found) == 3
    assert try_to_sign_in(Browser(again)).url == "/staff/"
    with again.app_context():
        db.engine.dispose()


def test_a_backup_is_of_one_moment_and_what_comes_later_is_not_in_it(
    used: Flask, store: Store, clock: Clock, tmp_path: Path
) -> None:
    path = made(used, tmp_path / "site.tar.gz")
    with store() as session:
        submit_request(session, clock())
    with backup.unpacked(path) as (manifest, _):
        assert manifest.tables["consultation_request"].rows == 3
    assert run(used, "verify", path).exit_code == 0


def test_a_backup_is_noted_and_so_is_that_it_is_whole(used: Flask, clock: Clock, tmp_path: Path) -> None:
    path = made(used, tmp_path / "site.tar.gz")
    with used.app_context():
        last = backups.last_made(db.session)
        assert last is not None
        assert (last.made_at, last.size, backups.last_verified(db.session)) == (clock(), path.stat().st_size, None)
    clock.forward(hours=1)
    result = run(used, "verify", path)
    assert "whole" in result.output
    with used.app_context():
        whole = backups.last_verified(db.session)
        assert whole is not None
        assert whole.verified_at == clock()


def test_a_folder_keeps_the_newest_backups(used: Flask, clock: Clock, tmp_path: Path) -> None:
    (tmp_path / "clinic-notes.tar.gz").write_text("not ours")
    for _ in range(4):
        assert run(used, "create", tmp_path, "--keep", "2").exit_code == 0
        clock.forward(days=1)
    names = sorted(path.name for path in tmp_path.glob("*.gz"))
    assert names == ["clinic-20261125T070000Z.tar.gz", "clinic-20261126T070000Z.tar.gz", "clinic-notes.tar.gz"]


def test_a_file_that_is_there_is_never_written_over(used: Flask, tmp_path: Path) -> None:
    path = tmp_path / "site.tar.gz"
    path.write_text("precious")
    result = run(used, "create", path)
    assert (result.exit_code, path.read_text()) == (1, "precious")
    assert "expected a name that is free" in result.output


def test_a_backup_that_could_not_be_finished_leaves_nothing_behind(
    used: Flask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device", "somewhere")

    monkeypatch.setattr(tarfile.TarFile, "add", full)
    result = run(used, "create", tmp_path / "site.tar.gz")
    assert (result.exit_code, result.output) == (1, "Error: somewhere: No space left on device\n")
    assert list(tmp_path.iterdir()) == []


def _fewer_rows(parts: dict[str, bytes]) -> None:
    manifest = json.loads(parts["manifest.json"])
    manifest["tables"]["comment"]["rows"] = 7
    parts["manifest.json"] = json.dumps(manifest).encode()


def _flipped(parts: dict[str, bytes]) -> None:
    middle = len(parts["database"]) // 2
    parts["database"] = parts["database"][:middle] + bytes([parts["database"][middle] ^ 1]) + parts["database"][middle + 1 :]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (_flipped, "database: not what was written then"),
        (with_another_row, "comment: holds other values"),
        (_fewer_rows, "comment: 3 rows, expected 7"),
        (lambda parts: parts.pop("database"), "database: not what was written then"),
        (lambda parts: parts.pop("manifest.json"), "expected a whole backup"),
        (lambda parts: parts.update({"manifest.json": b"{}"}), "expected a whole backup"),
        (lambda parts: parts.update({"manifest.json": b"not json"}), "expected a whole backup"),
    ],
)
def test_a_damaged_backup_is_told_and_never_restored(used: Flask, elsewhere: Flask, tmp_path: Path, change: Any, said: str) -> None:
    path = made(used, tmp_path / "site.tar.gz")
    rewritten(path, change)
    for app, command in ((used, "verify"), (elsewhere, "restore")):
        result = run(app, command, path)
        assert result.exit_code == 1
        assert said in result.output
        assert result.output.count("\n") == 1
    with used.app_context():
        assert backups.last_verified(db.session) is None


@pytest.mark.parametrize("content", [b"", b"nothing", gzip.compress(b"nothing")], ids=["empty", "text", "gzipped text"])
def test_what_is_no_backup_is_refused_with_one_line(used: Flask, tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "site.tar.gz"
    path.write_bytes(content)
    result = run(used, "verify", path)
    assert (result.exit_code, result.output.count("\n")) == (1, 1)
    assert "expected a whole backup" in result.output


def test_half_a_file_is_no_backup(used: Flask, tmp_path: Path) -> None:
    path = made(used, tmp_path / "site.tar.gz")
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    assert "expected a whole backup" in run(used, "verify", path).output


def test_a_backup_cannot_write_outside_its_folder(used: Flask, tmp_path: Path) -> None:
    path = made(used, tmp_path / "site.tar.gz")
    rewritten(path, lambda parts: parts.update({"../../stolen": b"x"}))
    assert run(used, "verify", path).exit_code == 1
    assert not list(tmp_path.parent.rglob("stolen"))


def test_runs_beyond_the_last_hundred_are_forgotten(store: Store, clock: Clock) -> None:
    with store() as session:
        for number in range(backups.KEPT + 3):
            backups.note_made(session, f"{number:064}", 1, clock() + timedelta(minutes=number))
        kept = session.scalars(sa.select(backups.BackupRun.sha256).order_by(backups.BackupRun.id)).all()
    assert (len(kept), kept[0]) == (backups.KEPT, f"{3:064}")


def test_a_missing_tool_is_named(used: Flask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    if database.sqlite_file(used.config["DATABASE_URL"]) is not None:
        pytest.skip("SQLite needs no tool")
    monkeypatch.setitem(os.environ, "PATH", str(tmp_path))
    assert "expected pg_dump on this machine" in run(used, "create", tmp_path / "site.tar.gz").output
