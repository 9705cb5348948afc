"""The site that the speed benchmarks look at: new, with a page of comments under the article."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from tempfile import TemporaryDirectory

from flask import Flask
from sqlalchemy.orm import Session

import database
from app import create_app
from benchmarks import prose
from benchmarks.filling import add_moderator
from domain import comments, spam
from domain.comments import Draft, How, Status
from extensions import db, migrate

ARTICLE = "botox-chronic-migraine"
PATH = "/blog/botox-for-chronic-migraine"
COMMENTS = 50
FIRST = datetime(2026, 11, 24, tzinfo=UTC)
EVERY_THIRD = 3
"""Comment answers the one before."""


def fill(app: Flask, count: int = COMMENTS) -> None:
    """Migrates an empty database and writes so many approved comments into it, a third of them replies."""
    logging.getLogger("alembic").setLevel(logging.WARNING)
    with app.app_context():
        migrate.upgrade()
        session = database.begin_write(db.session)
        owner, parent = add_moderator(session, FIRST).id, None
        for number, (name, text) in enumerate(prose.comments(count)):
            answers = parent if number % EVERY_THIRD == EVERY_THIRD - 1 else None
            draft = Draft(name, f"reader{number}@example.com", text, parent_id=answers)
            written = _publish(session, draft, owner, FIRST + timedelta(minutes=number))
            parent = answers or written
        session.commit()
        db.engine.dispose()


def _publish(session: Session, draft: Draft, owner: int, now: datetime) -> int:
    done = comments.submit(session, ARTICLE, draft, signals=spam.Signals(), network=None, lang="en", notify=[], now=now)
    assert done.comment_id is not None
    session.flush()
    comments.set_status(session, done.comment_id, Status.APPROVED, by=owner, how=How.WEB, now=now)
    return done.comment_id


@contextmanager
def site() -> Iterator[Flask]:
    """Such a site in this process; gone afterwards."""
    with TemporaryDirectory(prefix="article-") as folder:
        environ = {"FLASK_INSTANCE_PATH": folder, "FLASK_SITE_URL": "http://localhost"}
        fill(create_app({}, environ))
        app = create_app({}, environ)
        try:
            yield app
        finally:
            with app.app_context():
                db.engine.dispose()
