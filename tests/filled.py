"""A site with a row in every table, and for every route of the application a URL that has something to answer about."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from flask import Flask
from sqlalchemy.orm import Session
from werkzeug.routing import Rule

import clinic
from domain import backups, comments, consultations, readers, settings, staff, traffic
from domain.comments import How, blocks
from domain.comments import Status as CommentStatus
from domain.comments.blocks import Target
from domain.consultations import Status as RequestStatus
from domain.orm import Base
from domain.outbox import Kind, enqueue
from domain.outbox.heartbeat import Heartbeat
from domain.readers import MailRefusal
from domain.retention import RetentionRun
from domain.spam.sketch import SpamSketch
from domain.spam.threshold import SpamThreshold
from domain.staff import Passkey, PasskeyChallenge, Role, SignInFailure, Staff, StaffSession
from domain.tokens import Purpose
from domain.traffic import Counted, Step
from extensions import db
from tests.factories import ALWAYS, ARTICLE, SLUG, approved_comment, make_staff, request_draft, submit_comment, submit_request

OWNER, MODERATOR, FRONT_DESK, INVITED, FORMER, LATE = range(1, 7)
"""The accounts by their ids; FORMER was an owner, INVITED and LATE have set no password yet."""
HELD, TICKED, PUBLISHED, ANSWERED = range(1, 5)
"""The comments by their ids; there are more."""
NEW, BOOKED = 1, 2
"""The requests by their ids."""
TREATMENT = "botulinum-toxin-for-chronic-migraine"
ARGUMENTS: dict[str, Any] = {
    "document_id": ARTICLE,
    "slug": SLUG,
    "number": 2,
    "name": "js/public.js",
    "drawn": f"{'a' * 24}.png",
    "comment_id": PUBLISHED,
    "request_id": BOOKED,
    "mail_id": 1,
    "staff_id": INVITED,
    "session_id": 1,
    "passkey_id": 1,
    "block_id": 1,
}
"""What stands in for each argument of a route that is no token."""
STATUS_LINK = (Purpose.COMMENT_STATUS, {"comment": HELD, "article": ARTICLE})
MODERATION_LINK = (Purpose.COMMENT_MODERATION, {"comment": HELD, "revision": 1, "staff": OWNER, "epoch": 1})
READER_LINK = (Purpose.READER_MAIL, {"reader": 1})
TOKENS = {
    "blog.comment_status": STATUS_LINK,
    "blog.change_comment": STATUS_LINK,
    "blog.moderation": MODERATION_LINK,
    "blog.moderate": MODERATION_LINK,
    "blog.reader_mail": READER_LINK,
    "blog.choose_mail": READER_LINK,
    "consultations.receipt": (Purpose.REQUEST_RECEIPT, {"request": NEW}),
    "staff.auth.setup": (Purpose.STAFF_SETUP, {"staff": LATE, "epoch": 1}),
}
"""What the token of each signed link is for and bound to."""
LAST_USED = StaffSession.__table__.c.seen_at
Snapshot = dict[str, list[str]]


def fill(app: Flask, session: Session, now: datetime) -> None:
    """Adds the rows; pages of comments hold one thread each, so that there is a second one. The caller commits."""
    app.config["SITE"] = replace(app.config["SITE"], comment_page_size=1)
    _add_staff(session, now)
    _add_requests(session, now - timedelta(hours=1))
    _add_comments(session, now - timedelta(hours=1))
    enqueue(session, Kind.STAFF_INVITED, INVITED, ["new@example.com"], now)
    day = now.date()
    traffic.add(session, day, {Counted(Step.VIEW, ARTICLE, "direct"): 3})
    settings.change(session, app.config["SITE"], {"comment_depth": 4}, now, OWNER)
    session.add_all([RetentionRun(id=1, at=now), MailRefusal(mark="0" * 64, kept_at=now), Heartbeat(name="here", seen_at=now)])
    backups.note_made(session, "0" * 64, 1, now)
    limit = SpamThreshold(id=1, set_at=now, log_odds=9.0, slope=1.0, offset=0.0, good=1, spam=1)
    session.add_all([limit, SpamSketch(comment_id=HELD, mark=1, made_at=now)])


def _add_staff(session: Session, now: datetime) -> None:
    people = [make_staff(session, now, role) for role in (Role.OWNER, Role.MODERATOR, Role.FRONT_DESK)]
    staff.invite(session, "new@example.com", "Saad", Role.MODERATOR, now)
    people.append(make_staff(session, now, Role.OWNER, "former@example.com", "Rabia"))
    staff.invite(session, "late@example.com", "Hina", Role.MODERATOR, now)
    assert [person.id for person in people] == [OWNER, MODERATOR, FRONT_DESK, FORMER]
    # The second factor of an account that no test signs in to.
    staff.begin_second_factor(session, session.get_one(Staff, LATE))
    staff.new_recovery_codes(session, session.get_one(Staff, LATE))
    key = {"credential_id": "AAAA", "public_key": b"key", "sign_count": 0, "name": "Firefox on Linux", "created_at": now}
    session.add(Passkey(staff_id=LATE, **key))
    session.add_all([PasskeyChallenge(value="BBBB", at=now), SignInFailure(at=now, email="x@example.com", network=None)])
    staff.begin_session(session, people[0], "Firefox on Linux", now)


def _add_comments(session: Session, now: datetime) -> None:
    for _ in (HELD, TICKED):
        submit_comment(session, now, notify=["owner@example.com"])
    approved_comment(session, now, text="Please call me: 0300-1234567.")
    approved_comment(session, now)
    for status in (CommentStatus.SPAM, CommentStatus.TRASH):
        away = submit_comment(session, now)
        comments.set_status(session, away.id, status, by=OWNER, how=How.WEB, now=now)
    approved_comment(session, now, approved_comment(session, now))
    comments.amend(session, ANSWERED, "A shorter text.", revision=1, by=OWNER, how=How.WEB, now=now)
    readers.keep(session, "sana@example.com", now)
    blocks.add(session, Target.HOST, "spam.example", lasts=timedelta(days=30), note="", by=OWNER, now=now)


def _add_requests(session: Session, now: datetime) -> None:
    new, booked = (submit_request(session, now, request_draft(message="In the evening, please.")) for _ in (NEW, BOOKED))
    assert (new.id, booked.id) == (NEW, BOOKED)
    step = consultations.Move(RequestStatus.BOOKED, at=now + timedelta(days=2))
    consultations.move(session, BOOKED, step, by=OWNER, working=ALWAYS, now=now)


def routes(app: Flask, method: str) -> Iterator[tuple[Rule, str]]:
    """Every rule that takes a method, with a path that leads to it."""
    with app.app_context():
        for rule in app.url_map.iter_rules():
            if method in (rule.methods or ()):
                yield rule, path(rule.endpoint, rule.arguments)


def path(endpoint: str, arguments: set[str]) -> str:
    """The path of a route in the filled site; within an application context."""
    values = {name: ARGUMENTS[name] for name in arguments if name != "token"}
    if endpoint == "pages.treatment":
        values["slug"] = TREATMENT
    if "token" in arguments:
        values["token"] = clinic.sign(*TOKENS[endpoint])
    return clinic.path(endpoint, **values)


def snapshot(app: Flask) -> Snapshot:
    """Every row of every table, but not when a session was last used."""
    with app.app_context(), db.engine.connect() as connection:
        return {
            table.name: sorted(
                repr(tuple(row)) for row in connection.execute(sa.select(*(c for c in table.columns if c is not LAST_USED)))
            )
            for table in Base.metadata.sorted_tables
        }


def changed(before: Snapshot, after: Snapshot) -> set[str]:
    """The tables that two snapshots differ in."""
    return {name for name in before if before[name] != after[name]}
