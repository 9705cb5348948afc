"""The start: what is wrong ends it with one line, and the files it makes are nobody else's."""

import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import sqlalchemy as sa
from flask import Flask

import database
import server
from app import create_app
from config import ConfigError
from extensions import db, migrate

KEY = "a key for the tests, long enough to be taken"


@contextmanager
def started(instance: Path) -> Iterator[Flask]:
    """An application of the test's own on the embedded database, migrated."""
    app = create_app({"TESTING": True}, {"FLASK_INSTANCE_PATH": str(instance)})
    with app.app_context():
        migrate.upgrade()
        yield app
        db.engine.dispose()


def test_files_are_private_in_a_folder_that_everybody_may_read(tmp_path: Path) -> None:
    before = os.umask(0o022)
    try:
        instance = tmp_path / "instance"
        instance.mkdir(mode=0o755)
        with started(instance):
            made = {path.name: stat.S_IMODE(path.stat().st_mode) for path in instance.rglob("*") if path.is_file()}
            folders = {stat.S_IMODE(path.stat().st_mode) for path in instance.rglob("*") if path.is_dir()}
    finally:
        os.umask(before)
    assert {"site.db", "secret_key"} <= made.keys()
    assert set(made.values()) == {0o600}
    assert folders == {0o700}


def test_database_of_a_later_version_stops_with_one_line(tmp_path: Path) -> None:
    with started(tmp_path):
        database.begin_write(db.session).execute(sa.text("UPDATE alembic_version SET version_num = '9999'"))
        db.session.commit()
        with pytest.raises(ConfigError) as error:
            server._migrate()
    assert error.value.message.startswith("environment: FLASK_DATABASE_URL: expected a database of this version")
    assert "\n" not in error.value.message


def test_article_about_no_treatment_of_the_site_stops_with_one_line(tmp_path: Path) -> None:
    site = tmp_path / "site.toml"
    site.write_text(Path("site.toml").read_text().replace('"chronic-migraine"', '"migraine"'))
    environ = {"FLASK_INSTANCE_PATH": str(tmp_path), "FLASK_SITE_CONFIG": str(site), "FLASK_SECRET_KEY": KEY}
    with pytest.raises(ConfigError) as error:
        create_app({"TESTING": True}, environ)
    assert "botox-for-chronic-migraine.md: treatment: expected one of the slugs in site.toml (migraine," in error.value.message
