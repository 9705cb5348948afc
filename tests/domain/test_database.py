"""Transactions: only who said so writes, one after the other where it matters, and a wait that ends."""

import threading
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from time import monotonic

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy.orm import Session, sessionmaker

import database
from domain import comments, consultations, orm, site_version, spam
from domain.comments import Comment
from domain.consultations import ConsultationRequest
from domain.orm import Base, Moment
from domain.outbox import OutboxMail
from domain.settings import Setting
from extensions import db
from tests.conftest import NOON
from tests.factories import ALWAYS, ARTICLE, comment_draft, request_draft


@pytest.fixture
def sessions(app: Flask, monkeypatch: pytest.MonkeyPatch) -> Iterator[sessionmaker[Session]]:
    """Sessions on an engine of the test's own, set up as the site's but for a short patience."""
    monkeypatch.setattr(database, "BUSY_SECONDS", 1)
    engine = sa.create_engine(**database.engine_options(app.config["DATABASE_URL"]))
    made = sessionmaker(engine)
    database.prepare(engine, made)
    yield made
    engine.dispose()


def in_threads(app: Flask, work: list[Callable[[], None]]) -> None:
    """Runs the work at once, each in a thread and application context of its own; raises the first fault."""
    faults: list[BaseException] = []
    start = threading.Barrier(len(work))

    def run(part: Callable[[], None]) -> None:
        try:
            with app.app_context():
                start.wait(10)
                part()
        except BaseException as error:
            faults.append(error)

    threads = [threading.Thread(target=run, args=(part,)) for part in work]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    if faults:
        raise faults[0]


def count(model: type) -> int:
    return db.session.scalars(sa.select(sa.func.count()).select_from(model)).one()


def setting(key: str) -> Setting:
    return Setting(key=key, value=1, changed_at=NOON, changed_by=None)


def test_writing_without_begin_write_is_an_error(app: Flask) -> None:
    with app.app_context():
        db.session.add(setting("a"))
        with pytest.raises(RuntimeError, match="without begin_write"):
            db.session.commit()


@pytest.mark.parametrize(
    "statement",
    [
        sa.insert(Setting).values(key="a", value=1, changed_at=NOON),
        sa.update(Setting).values(value=2),
        sa.delete(Setting),
    ],
    ids=["insert", "update", "delete"],
)
def test_statement_that_writes_without_begin_write_is_an_error(app: Flask, statement: sa.Executable) -> None:
    with app.app_context(), pytest.raises(RuntimeError, match="without begin_write"):
        db.session.execute(statement)


def test_the_way_past_the_orm_is_open_to_writers_only(app: Flask) -> None:
    with app.app_context():
        with pytest.raises(RuntimeError, match="without begin_write"):
            orm.writing(db.session)
        orm.writing(database.begin_write(db.session))
        db.session.rollback()
        with pytest.raises(RuntimeError, match="without begin_write"):
            orm.writing(db.session)


def test_a_statement_past_the_orm_finds_what_the_session_held_back(session: Session) -> None:
    session.add(setting("held back"))
    assert orm.reading(session).execute(sa.select(Setting.key)).scalars().all() == ["held back"]


@pytest.mark.parametrize("end", ["commit", "rollback"])
def test_leave_to_write_ends_with_the_transaction(app: Flask, end: str) -> None:
    with app.app_context():
        session = database.begin_write(db.session)
        session.add(setting("a"))
        session.flush()
        getattr(session, end)()
        assert count(Setting) == (1 if end == "commit" else 0)
        session.rollback()
        session.add(setting("b"))
        with pytest.raises(RuntimeError, match="without begin_write"):
            session.flush()


def test_leave_to_write_outlasts_a_savepoint(session: Session) -> None:
    with session.begin_nested():
        session.add(setting("a"))
    session.add(setting("b"))
    session.flush()


def test_begin_write_forgets_what_was_read_before(app: Flask) -> None:
    with app.app_context():
        before = site_version.current(db.session)
        with app.app_context():
            site_version.bump(database.begin_write(db.session))
            db.session.commit()
        assert site_version.current(database.begin_write(db.session)) == before + 1


def test_sqlite_keeps_what_was_committed_when_the_power_fails(app: Flask) -> None:
    with app.app_context():
        if db.engine.dialect.name != "sqlite":
            pytest.skip("pragmas are SQLite's")
        wanted = {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1, "busy_timeout": 5000}
        assert {name: db.session.scalars(sa.text(f"PRAGMA {name}")).one() for name in wanted} == wanted


def test_writer_waits_and_then_the_store_is_unavailable(app: Flask, sessions: sessionmaker[Session]) -> None:
    with sessions() as first, sessions() as second:
        database.begin_write(first, "same")
        begun = monotonic()
        with pytest.raises(database.UNAVAILABLE):
            database.begin_write(second, "same")
        assert 0.9 < monotonic() - begun < 3
        first.commit()
        second.rollback()
        database.begin_write(second, "same").rollback()


def test_writer_that_waits_gets_its_turn(app: Flask, sessions: sessionmaker[Session]) -> None:
    order: list[str] = []
    waiting = threading.Event()
    with sessions() as first:
        database.begin_write(first, "same")

        def wait() -> None:
            with sessions() as second:
                waiting.set()
                database.begin_write(second, "same")
                order.append("second")
                second.rollback()

        thread = threading.Thread(target=wait)
        thread.start()
        waiting.wait(5)
        order.append("first")
        first.commit()
        thread.join(5)
    assert order == ["first", "second"]


def test_writers_beside_a_text_wait_only_for_who_names_it(app: Flask, sessions: sessionmaker[Session]) -> None:
    if sessions.kw["bind"].dialect.name == "sqlite":
        pytest.skip("one writes at a time anyway")
    with sessions() as first, sessions() as second:
        database.begin_write(first, "own", beside=["same"])
        database.begin_write(second, "another", beside=["same"]).rollback()
        with pytest.raises(database.UNAVAILABLE):
            database.begin_write(second, "same")
        first.rollback()
        second.rollback()
        database.begin_write(first, "same")
        with pytest.raises(database.UNAVAILABLE):
            database.begin_write(second, "another", beside=["same"])


def test_reader_does_not_wait_for_a_writer(app: Flask, sessions: sessionmaker[Session]) -> None:
    with sessions() as writer, sessions() as reader:
        database.begin_write(writer).add(setting("a"))
        writer.flush()
        assert reader.scalars(sa.select(Setting)).all() == []
        writer.commit()


def test_store_that_became_read_only_is_unavailable(app: Flask, sessions: sessionmaker[Session]) -> None:
    engine = sessions.kw["bind"]
    read_only = "PRAGMA query_only=ON" if engine.dialect.name == "sqlite" else "SET default_transaction_read_only = on"

    @sa.event.listens_for(engine, "connect")
    def _make_read_only(connection, _record) -> None:
        cursor = connection.cursor()
        cursor.execute(read_only)
        connection.commit()
        cursor.close()

    with sessions() as session:
        with pytest.raises(database.UNAVAILABLE):
            database.begin_write(session).execute(sa.delete(Setting))
        session.rollback()


def test_twenty_submissions_of_one_comment_at_once_are_one_comment(app: Flask) -> None:
    draft, done = comment_draft(), []

    def submit() -> None:
        session = database.begin_write(db.session, *draft.serialise_on)
        done.append(
            comments.submit(
                session, ARTICLE, draft, signals=spam.Signals(), network="net", lang="en", notify=["a@example.com"], now=NOON
            )
        )
        session.commit()

    in_threads(app, [submit] * 20)
    with app.app_context():
        assert (count(Comment), count(OutboxMail)) == (1, 1)
    assert len({result.comment_id for result in done}) == 1
    assert sorted(result.is_repeat for result in done) == [False] + [True] * 19


def test_twenty_submissions_of_one_request_at_once_are_one_request(app: Flask) -> None:
    draft = request_draft(submission_id="s1")

    def submit() -> None:
        session = database.begin_write(db.session, *draft.serialise_on)
        consultations.submit(
            session, draft, signals=spam.Signals(), network=None, lang="en", recipients=["a@example.com"], working=ALWAYS, now=NOON
        )
        session.commit()

    in_threads(app, [submit] * 20)
    with app.app_context():
        assert (count(ConsultationRequest), count(OutboxMail)) == (1, 1)


def test_version_rises_with_every_change_made_at_once(app: Flask) -> None:
    def bump() -> None:
        site_version.bump(database.begin_write(db.session))
        db.session.commit()

    in_threads(app, [bump] * 10)
    with app.app_context():
        assert site_version.current(db.session) == 11


def test_time_without_a_zone_is_not_stored(session: Session) -> None:
    with pytest.raises(sa.exc.StatementError, match="needs a time zone"):
        session.execute(sa.insert(Setting).values(key="a", value=1, changed_at=datetime(2026, 1, 1)))  # noqa: DTZ001


def test_every_time_comes_back_in_utc(session: Session) -> None:
    session.add(setting("a"))
    session.flush()
    session.expire_all()
    assert session.scalars(sa.select(Setting.changed_at)).one() == NOON
    columns = [column for table in Base.metadata.tables.values() for column in table.columns]
    assert [column for column in columns if isinstance(column.type, Moment)]
    assert not [column for column in columns if isinstance(column.type, sa.DateTime)]


@pytest.mark.parametrize(
    ("url", "file", "shared"),
    [
        ("sqlite:////srv/site.db", Path("/srv/site.db"), False),
        ("sqlite://", None, False),
        ("sqlite:///:memory:", None, False),
        ("postgresql+psycopg:///site", None, True),
    ],
)
def test_what_a_database_url_means(url: str, file: Path | None, shared: bool) -> None:
    assert (database.sqlite_file(url), database.needs_shared_key(url)) == (file, shared)


@pytest.mark.parametrize(
    ("url", "supported"),
    [
        ("sqlite:////srv/site.db", True),
        ("postgresql+psycopg:///site", True),
        ("postgresql:///site", False),
        ("mysql://db.example/site", False),
        ("postgresql+psycopg://db.example:abc/", False),
        ("garbage", False),
        ("", False),
    ],
)
def test_no_other_engine_driver_or_writing_is_supported(url: str, supported: bool) -> None:
    assert database.is_supported(url) is supported
