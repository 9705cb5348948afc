"""The application under test on SQLite or PostgreSQL, emptied before each test, with a clock that stands still."""

import gc
import os
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, closing, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from argon2 import PasswordHasher
from flask import Flask
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

import database
from app import create_app
from domain.orm import Base
from domain.staff import passwords
from extensions import db, limiter, migrate
from tests import factories
from tests.pages import Browser

NOON = datetime(2026, 11, 23, 7, 0, tzinfo=UTC)
"""A Monday, 12:00 in Karachi."""
CHEAP = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
ALL_PUBLIC = datetime(2026, 11, 30, 7, 0, tzinfo=UTC)
"""A time at which every document that ships is public."""
LOCAL_POSTGRESQL = "postgresql+psycopg:///postgres"


Store = Callable[[], AbstractContextManager[Session]]


class Clock:
    """The time as the site sees it; tests move it."""

    def __init__(self) -> None:
        self.now = NOON

    def __call__(self) -> datetime:
        return self.now

    def forward(self, **units: float) -> datetime:
        """Moves the time on by a timedelta's units and returns the new one."""
        self.now += timedelta(**units)
        return self.now


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--engine", choices=["sqlite", "postgresql"], default="sqlite", help="the engine the tests run on")


def pytest_collection_finish() -> None:
    """What was imported stays to the end: the collector need not look at it again and again, and comes seldom.

    So a file that nobody has closed may be told of in a later test than that which left it.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 20)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """On PostgreSQL only what touches the database runs again."""
    if config.getoption("engine") == "postgresql":
        needed = {"app", "session", "browser", "client"}
        kept = [item for item in items if needed & set(getattr(item, "fixturenames", ()))]
        config.hook.pytest_deselected(items=[item for item in items if item not in kept])
        items[:] = kept


@pytest.fixture(scope="session")
def worker(request: pytest.FixtureRequest) -> str:
    """Which of several test processes this is."""
    return getattr(request.config, "workerinput", {}).get("workerid", "main")


@pytest.fixture(scope="session")
def database_url(request: pytest.FixtureRequest, worker: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """An empty database of this process's own."""
    if request.config.getoption("engine") == "sqlite":
        yield f"sqlite:///{tmp_path_factory.mktemp('database') / 'site.db'}"
        return
    server = os.environ.get("TEST_DATABASE_URL", LOCAL_POSTGRESQL)
    admin = sa.create_engine(server, isolation_level="AUTOCOMMIT")
    name = f"dynamic_clinic_test_{os.getpid()}_{worker}"
    try:
        connection = admin.connect()
    except OperationalError:
        if os.environ.get("CI") == "true":
            pytest.fail("no PostgreSQL answers at TEST_DATABASE_URL or the local socket", pytrace=False)
        pytest.skip("no PostgreSQL answers at TEST_DATABASE_URL or the local socket")
    with connection:
        connection.execute(sa.text(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)"))
        connection.execute(sa.text(f"CREATE DATABASE {name}"))
        # What a test stored is gone with it anyway; nobody waits for the disk.
        connection.execute(sa.text(f"ALTER DATABASE {name} SET synchronous_commit = off"))
        yield sa.make_url(server).set(database=name).render_as_string(hide_password=False)
        connection.execute(sa.text(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)"))
    admin.dispose()


@pytest.fixture(scope="session")
def environ(database_url: str, tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """The environment the application is made with."""
    return {
        "FLASK_DATABASE_URL": database_url,
        "FLASK_INSTANCE_PATH": str(tmp_path_factory.mktemp("instance")),
        "FLASK_SECRET_KEY": "a key for the tests, long enough to be taken",
        "FLASK_SITE_URL": "http://localhost",
    }


@pytest.fixture(scope="session")
def made_app(environ: dict[str, str]) -> Iterator[Flask]:
    """The application, made and migrated once a process."""
    app = create_app({"TESTING": True, "INDEXED": True, "PAGE_CACHE": False}, environ)
    with app.app_context():
        migrate.upgrade()
        db.engine.dispose()
    file = database.sqlite_file(environ["FLASK_DATABASE_URL"])
    if file is not None:
        shutil.copyfile(file, file.with_suffix(".empty"))
    yield app
    with app.app_context():
        db.engine.dispose()


@pytest.fixture(autouse=True)
def cheap_hashes(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Passwords take the least work that argon2id can do; who tests that work asks for `real_hashes`."""
    if "real_hashes" not in request.fixturenames:
        monkeypatch.setattr(passwords, "_hasher", lambda: CHEAP)


@pytest.fixture
def real_hashes() -> Iterator[None]:
    """Passwords hashed as on the running site."""
    for kept in (passwords._dummy_hash, factories.password_hash):
        kept.cache_clear()
    yield
    for kept in (passwords._dummy_hash, factories.password_hash):
        kept.cache_clear()


@pytest.fixture
def clock() -> Clock:
    """Stands at NOON until a test moves it."""
    return Clock()


@pytest.fixture
def app(made_app: Flask, clock: Clock) -> Iterator[Flask]:
    """The application on an empty database, with the test's clock."""
    # Views that the test before has left would be stored some seconds later, in the middle of this one.
    made_app.extensions["views"].flush()
    with made_app.app_context():
        _empty(made_app)
        limiter.reset()
    before = dict(made_app.config)
    made_app.config["CLOCK"] = clock
    yield made_app
    made_app.config.clear()
    made_app.config.update(before)


def _empty(app: Flask) -> None:
    shutil.rmtree(Path(app.instance_path) / "mail", ignore_errors=True)
    (Path(app.instance_path) / "erasures.txt").unlink(missing_ok=True)
    file = database.sqlite_file(app.config["DATABASE_URL"])
    if file is not None:
        db.engine.dispose()
        # As a transaction: a connection that a test has forgotten may still be open, and takes the log with it when it closes.
        with closing(sqlite3.connect(file.with_suffix(".empty"))) as empty, closing(sqlite3.connect(file)) as used:
            used.execute("PRAGMA synchronous = OFF")
            # The copy itself would wait without end for one that writes.
            used.execute("BEGIN IMMEDIATE")
            used.rollback()
            empty.backup(used)
        return
    with db.engine.begin() as connection:
        # Each table that is emptied costs new files, so only those that were written to; a number can be used up without a row.
        exist = ", ".join(f"EXISTS (SELECT FROM {name})" for name in Base.metadata.tables)
        full = connection.execute(sa.text(f"SELECT {exist}")).one()
        names = [name for name, is_full in zip(Base.metadata.tables, full, strict=True) if is_full]
        connection.execute(sa.text(f"TRUNCATE {', '.join(names)} CASCADE"))
        connection.execute(
            sa.text("SELECT setval(format('%I', sequencename)::regclass, 1, false) FROM pg_sequences WHERE last_value > 0")
        )
        connection.execute(sa.text("INSERT INTO site_version (id, version) VALUES (1, 1)"))


@pytest.fixture
def session(app: Flask) -> Iterator[Session]:
    """A session inside the application's context, already allowed to write."""
    with app.app_context():
        yield database.begin_write(db.session)
        db.session.rollback()


@pytest.fixture
def store(app: Flask) -> Store:
    """A transaction of its own beside the site's: `with store() as session:` commits at its end."""

    @contextmanager
    def transaction() -> Iterator[Session]:
        with app.app_context():
            session = database.begin_write(db.session)
            yield session
            session.commit()

    return transaction


@pytest.fixture
def browser(app: Flask) -> Browser:
    """A visitor's browser, which checks every page it loads."""
    return Browser(app)
