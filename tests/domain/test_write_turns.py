"""Turns to write: one thread of a process at a time, and never kept by somebody who is gone."""

import gc
import sqlite3
import threading
from collections.abc import Iterator
from time import monotonic, sleep

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy.orm import Session, sessionmaker

import database
from extensions import db

PATIENCE = 1


@pytest.fixture
def sessions(app: Flask, monkeypatch: pytest.MonkeyPatch) -> Iterator[sessionmaker[Session]]:
    """Sessions of a process that waits for one second at most."""
    with app.app_context():
        if db.engine.dialect.name != "sqlite":
            pytest.skip("PostgreSQL lets many write at once")
    monkeypatch.setattr(database, "BUSY_SECONDS", PATIENCE)
    engine = sa.create_engine(**database.engine_options(app.config["DATABASE_URL"]))
    made = sessionmaker(engine)
    database.prepare(engine, made)
    yield made
    engine.dispose()


@pytest.fixture
def another_process(app: Flask) -> Iterator[sqlite3.Connection]:
    """One that can hold the write lock, as seen from here."""
    connection = sqlite3.connect(
        app.config["DATABASE_URL"].removeprefix("sqlite:///"), isolation_level=None, check_same_thread=False
    )
    yield connection
    connection.close()


def test_many_threads_all_get_their_turn(sessions: sessionmaker[Session]) -> None:
    writing, most, faults = 0, 0, list[BaseException]()

    def write() -> None:
        nonlocal writing, most
        try:
            with sessions() as session:
                database.begin_write(session)
                writing += 1
                most = max(most, writing)
                sleep(0.02)
                writing -= 1
                session.commit()
        except BaseException as error:
            faults.append(error)

    threads = [threading.Thread(target=write) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert faults == []
    assert most == 1


def test_whoever_waits_inside_the_process_asks_the_database_for_nothing(sessions: sessionmaker[Session]) -> None:
    asked = list[str]()
    with sessions() as first, sessions() as second:
        database.begin_write(first)
        sa.event.listen(sessions.kw["bind"], "connect", lambda raw, _record: raw.set_trace_callback(asked.append))
        with pytest.raises(database.UNAVAILABLE):
            database.begin_write(second)
        assert asked == []
        first.rollback()
        database.begin_write(second)
        assert asked.count("BEGIN IMMEDIATE") == 1


def test_no_process_is_passed_over_by_one_with_many_writers(
    sessions: sessionmaker[Session], another_process: sqlite3.Connection
) -> None:
    """The other one writes without end, with hardly a pause between, as eight threads of it would."""
    another_process.execute("PRAGMA busy_timeout = 1000")
    ends, turns = threading.Event(), 0

    def write() -> None:
        nonlocal turns
        while not ends.is_set():
            another_process.execute("BEGIN IMMEDIATE")
            sleep(0.02)
            another_process.execute("COMMIT")
            turns += 1
            sleep(0.001)

    thread = threading.Thread(target=write)
    thread.start()
    try:
        for _ in range(5):
            before = turns
            with sessions() as session:
                database.begin_write(session)
            assert turns - before < 10
            sleep(0.01)
    finally:
        ends.set()
        thread.join()


def test_a_turn_does_not_outlast_a_session_that_nobody_ended(sessions: sessionmaker[Session]) -> None:
    forgotten = sessions()
    database.begin_write(forgotten)
    del forgotten
    gc.collect()
    with sessions() as next_one:
        database.begin_write(next_one)


def test_a_turn_that_came_to_nothing_is_given_back(sessions: sessionmaker[Session], another_process: sqlite3.Connection) -> None:
    another_process.execute("BEGIN IMMEDIATE")
    with sessions() as session:
        with pytest.raises(database.UNAVAILABLE):
            database.begin_write(session)
        another_process.execute("ROLLBACK")
        with sessions() as next_one:
            database.begin_write(next_one)


def test_who_waited_for_a_thread_waits_for_a_process_only_the_rest_of_the_time(
    sessions: sessionmaker[Session], another_process: sqlite3.Connection
) -> None:
    with sessions() as first, sessions() as second:
        # The turn of its thread is still held when the lock is another's.
        raw = database.begin_write(first).connection().connection.dbapi_connection
        assert raw is not None
        raw.rollback()
        another_process.execute("BEGIN IMMEDIATE")
        threading.Timer(0.7 * PATIENCE, first.rollback).start()
        began = monotonic()
        with pytest.raises(database.UNAVAILABLE):
            database.begin_write(second)
        assert 0.9 * PATIENCE < monotonic() - began < 1.6 * PATIENCE
        another_process.execute("ROLLBACK")
        second.rollback()
        assert second.scalars(sa.text("PRAGMA busy_timeout")).one() == PATIENCE * 1000
