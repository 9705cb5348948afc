"""Sites that live as long as a benchmark: an instance folder and a database of their own, with comments and requests in it."""

import logging
import os
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import sqlalchemy as sa
from flask import Flask

import database
from app import create_app
from benchmarks import library
from benchmarks.filling import add_colleague, add_moderator, fill
from benchmarks.numbers import OLD, YOUNG, fill_numbers
from benchmarks.progress import Progress
from benchmarks.request_rows import RequestWriter
from benchmarks.request_stories import RequestTeller
from benchmarks.rows import Writer
from benchmarks.stories import Teller
from extensions import db, migrate

LOCAL_POSTGRESQL = "postgresql+psycopg:///postgres"
BACKLOG = 1000
"""Held comments on top of each size, the newest ones: what the bulk approval is about, the same at every size."""
TO_DO = 300
"""Requests on top of each size that wait for somebody; how many there are goes by a week's work, not by the years."""
SMALL = 1000
"""A site of no more requests than this has been counting for a few months only."""
COMMENTS, REQUESTS, ARTICLES = "comments", "requests", "articles"
CONTENT = "content"
"""The folder of a site's articles, in that of its instance."""
HURRIED = {"sqlite": ("PRAGMA synchronous=OFF", "PRAGMA cache_size=-200000"), "postgresql": ()}
SETTLED = {"sqlite": (), "postgresql": ("SET statement_timeout = 0", "VACUUM ANALYZE")}
"""What the engine has done by itself on a site that has been used for a while, in whatever time it takes."""


@contextmanager
def filled_site(engine: str, size: int, about: Collection[str] = (COMMENTS, REQUESTS), articles: int = 0) -> Iterator[Flask]:
    """A new application on a database with `size` comments and requests, or one of both; all is gone afterwards.

    `articles` are those of the site, where that is more than what ships.
    """
    with TemporaryDirectory(prefix="growth-") as folder, DATABASES[engine](Path(folder), size) as url:
        library.fill(Path(folder) / CONTENT, articles)
        _fill(opened(url, folder), size, about)
        # Opened afresh, as after a restart: no prepared statement, no page in a connection's cache.
        app = opened(url, folder)
        try:
            yield app
        finally:
            with app.app_context():
                db.engine.dispose()


def opened(url: str, folder: str) -> Flask:
    """The application on a database and a folder of a benchmark, without its page cache."""
    environ = {
        "FLASK_DATABASE_URL": url,
        "FLASK_INSTANCE_PATH": folder,
        "FLASK_SECRET_KEY": "of a site that is deleted at once",
        "FLASK_SITE_URL": "http://localhost",
    }
    return create_app({"PAGE_CACHE": False, "CONTENT_PATH": f"{folder}/{CONTENT}"}, environ)


def _fill(app: Flask, size: int, about: Collection[str]) -> None:
    logging.getLogger("alembic").setLevel(logging.WARNING)
    now = datetime.now(UTC)
    with app.app_context():
        migrate.upgrade()
        db.engine.dispose()
        sa.event.listen(db.engine, "connect", _hurry)
        session = database.begin_write(db.session)
        person, colleague = add_moderator(session, now), add_colleague(session, now)
        ids, address = (person.id, colleague.id), person.email
        session.commit()
        if COMMENTS in about:
            with Progress(f"{size:,} comments", size + BACKLOG) as progress:
                fill(session, Teller(size, BACKLOG, now), Writer(ids[0], address), progress)
        if REQUESTS in about:
            with Progress(f"{size:,} requests", size + TO_DO) as progress:
                fill(session, RequestTeller(size, TO_DO, now), RequestWriter(ids, address), progress)
            fill_numbers(database.begin_write(session), now.date(), YOUNG if size <= SMALL else OLD)
            session.commit()
        session.close()
        with db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            for statement in SETTLED[db.engine.dialect.name]:
                connection.execute(sa.text(statement))
        db.engine.dispose()


def _hurry(connection: Any, _record: object) -> None:
    """Nothing is lost with a site that nobody needs, so while it is filled SQLite need not wait for the disk."""
    cursor = connection.cursor()
    for statement in HURRIED[db.engine.dialect.name]:
        cursor.execute(statement)
    cursor.close()


@contextmanager
def _sqlite(folder: Path, _size: int) -> Iterator[str]:
    yield f"sqlite:///{folder / 'site.db'}"


@contextmanager
def _postgresql(_folder: Path, size: int) -> Iterator[str]:
    """A database beside the one that FLASK_DATABASE_URL names, which itself is left alone."""
    server = sa.make_url(_named_url() if default_engine() == "postgresql" else LOCAL_POSTGRESQL)
    admin = sa.create_engine(server, isolation_level="AUTOCOMMIT")
    name = f"dynamic_clinic_growth_{os.getpid()}_{size}"
    with admin.connect() as connection:
        connection.execute(sa.text(f"CREATE DATABASE {name}"))
        try:
            yield server.set(database=name).render_as_string(hide_password=False)
        finally:
            connection.execute(sa.text(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)"))
    admin.dispose()


def default_engine() -> str:
    """The engine that FLASK_DATABASE_URL names."""
    return "postgresql" if _named_url().startswith("postgresql") else "sqlite"


def _named_url() -> str:
    return os.environ.get("FLASK_DATABASE_URL", "")


DATABASES = {"sqlite": _sqlite, "postgresql": _postgresql}
