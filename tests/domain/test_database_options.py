"""What the site asks of its database for each connection."""

import sqlalchemy as sa
from flask import Flask

import database
from extensions import db


def test_a_database_on_another_machine_that_says_nothing_counts_as_gone() -> None:
    options = database.engine_options("postgresql+psycopg://clinic@db.example/clinic")["connect_args"]
    answered_within = options["keepalives_idle"] + options["keepalives_interval"] * options["keepalives_count"]
    assert answered_within <= 15
    assert options["tcp_user_timeout"] / 1000 <= 15, "what was sent and is not acknowledged"


def test_a_connection_has_what_it_was_asked_for(app: Flask) -> None:
    with app.app_context():
        connection = db.session.connection()
        if connection.dialect.name == "postgresql":
            in_force = connection.connection.driver_connection.info.get_parameters()  # type: ignore[union-attr]
            assert {name: in_force[name] for name in database.ON_THE_WAY} == {k: str(v) for k, v in database.ON_THE_WAY.items()}
        else:
            assert connection.scalar(sa.text("PRAGMA busy_timeout")) == database.BUSY_SECONDS * 1000
