"""A site with something in it, and an empty place of the same engine to bring it to."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask

from app import create_app
from domain import settings
from extensions import db
from storage import database_copy
from tests.conftest import Clock, Store
from tests.factories import approved_comment, make_staff, submit_request


@pytest.fixture
def used(app: Flask, store: Store, clock: Clock) -> Flask:
    """A site with an owner, comments and requests."""
    with store() as session:
        owner = make_staff(session, clock())
        for number in range(3):
            approved_comment(session, clock(), text=f"A diary, in Urdu: میرا سر {number}")
            submit_request(session, clock())
        settings.change(session, app.config["SITE"], {"comment_depth": 2}, clock(), owner.id)
    return app


@pytest.fixture
def elsewhere(app: Flask, tmp_path: Path) -> Iterator[Flask]:
    """Another place of the same engine, as it is before the first start."""
    folder = tmp_path / "elsewhere"
    folder.mkdir()
    with database_copy.scratch(app.config["DATABASE_URL"], folder) as url:
        environ = {"FLASK_INSTANCE_PATH": str(folder), "FLASK_DATABASE_URL": url}
        made = create_app({"TESTING": True, "CLOCK": app.config["CLOCK"]}, environ)
        yield made
        with made.app_context():
            db.engine.dispose()
