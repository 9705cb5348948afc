"""What must hold while the site runs: /readyz asks this, and the doctor begins with it."""

from datetime import datetime, timedelta

import clinic
import database
from checks import machine
from checks.asking import MEND_DATABASE, Check
from checks.finding import Finding, Level
from domain import backups, consultations, outbox, retention
from extensions import db, migrate

BACKUP_EVERY = timedelta(hours=36)
"""A backup each night that once comes late is no reason to call somebody."""
VERIFY_EVERY = timedelta(days=35)
LAG = timedelta(minutes=5)
"""Mail that is due for longer than this waits for something: a dispatcher, or a mail server that is too slow."""


def writable(_now: datetime) -> Finding:
    """Whether the database answers and lets us write."""
    if database.takes_writes(db.session):
        return Finding("database", Level.OK, "The database answers and can be written.")
    return Finding("database", Level.FAIL, "The database answers but takes no write.", MEND_DATABASE)


def migrations(_now: datetime) -> Finding:
    """Whether the tables are those of this version."""
    wanted = set(migrate.script_directory.get_heads())
    found = database.revisions(db.session)
    if found == wanted:
        return Finding("migrations", Level.OK, f"The tables are those of this version ({', '.join(sorted(found))}).")
    advice = "Run flask db upgrade, or start the site, which does it; a newer schema needs the newer version of the site."
    have = ", ".join(sorted(found)) or "no version at all"
    return Finding("migrations", Level.FAIL, f"The tables are at {have}, this version needs {', '.join(sorted(wanted))}.", advice)


def lag(now: datetime) -> Finding:
    """Whether mail that is due goes out."""
    due = [line for line in outbox.depth(db.session, now) if line.state is outbox.State.WAITING]
    oldest = min((line.since for line in due), default=now)
    number = sum(line.number for line in due)
    if now - oldest < LAG:
        return Finding("outbox", Level.OK, f"{number} due to be sent.")
    advice = "Is the dispatcher running (python server.py starts it)? Does the mail server answer? flask outbox status counts."
    return Finding("outbox", Level.WARN, f"{number} due to be sent, the oldest for {minutes(now - oldest)}.", advice)


def trouble(now: datetime) -> Finding:
    """Whether mail was given up, or is held up for long."""
    failed, stuck = (found := outbox.trouble(db.session, now)).failed, found.stuck
    if not failed and not stuck:
        return Finding("mail", Level.OK, "No message was given up or is held up.")
    what = f"{failed} given up, {stuck} held up for {minutes(outbox.STUCK_AFTER)} or longer."
    advice = "The page Mail of the staff area has the mail server's words; mend what they say, then flask outbox retry."
    return Finding("mail", Level.WARN, what, advice)


def dispatcher(now: datetime) -> Finding:
    """Whether anybody sends mail and looks at the clock."""
    living = outbox.count_living(db.session, now)
    if living:
        return Finding("dispatcher", Level.OK, f"{living} running.")
    last = outbox.last_beat(db.session)
    since = f"None was heard for {minutes(now - last)}." if last else "None was ever heard."
    return Finding("dispatcher", Level.WARN, since, "Start the site with python server.py, or a dispatcher with flask outbox run.")


def disk(_now: datetime) -> Finding:
    """Whether there is room, and our folder can be written."""
    return machine.disk(machine.folders())


def clock(now: datetime) -> Finding:
    """Whether our clock can be right: against the database server, the file system, what is stored already, and the last run
    of retention.
    """
    newest = outbox.newest(db.session)
    return machine.clock(now, newest, database.server_time(db.session), retention.doubted_until(db.session, now))


def requests(now: datetime) -> Finding:
    """Whether a visitor has waited for an answer for longer than the owner wants."""
    waiting, site = consultations.unanswered(db.session), clinic.site()
    if waiting.since is None:
        return Finding("requests", Level.OK, "Every request has had a first answer.")
    waited = site.working_time.between(waiting.since, now)
    what = f"{waiting.number} without a first answer, the oldest for {minutes(waited)} of working time."
    if not site.escalate_minutes or waited < timedelta(minutes=site.escalate_minutes):
        return Finding("requests", Level.OK, what)
    return Finding("requests", Level.WARN, what, "Answer it under Requests in the staff area.")


def backup(now: datetime) -> Finding:
    """Whether a copy of everything was made lately, and one was brought to life."""
    advice = "Run flask backup create FOLDER every night, and flask backup verify FILE on the newest copy."
    made, whole = backups.last_made(db.session), backups.last_verified(db.session)
    if made is None:
        return Finding("backup", Level.WARN, "No backup was ever made.", advice)
    age = f"The newest is {minutes(now - made.made_at)} old"
    if now - made.made_at > BACKUP_EVERY:
        return Finding("backup", Level.WARN, f"{age}.", advice)
    if whole is None or whole.verified_at is None or now - whole.verified_at > VERIFY_EVERY:
        return Finding("backup", Level.WARN, f"{age}, but none was found whole in the last {VERIFY_EVERY.days} days.", advice)
    return Finding("backup", Level.OK, f"{age}; one was found whole {minutes(now - whole.verified_at)} ago.")


def minutes(span: timedelta) -> str:
    """A time span for people."""
    whole = int(span.total_seconds() // 60)
    if whole < 120:
        return f"{whole} min"
    return f"{whole // 60} h" if whole < 48 * 60 else f"{whole // (24 * 60)} days"


RUNNING = (
    Check("database", writable),
    Check("migrations", migrations),
    Check("outbox", lag),
    Check("mail", trouble),
    Check("dispatcher", dispatcher),
    Check("disk", disk, needs_database=False),
    Check("clock", clock),
    Check("requests", requests),
    Check("backup", backup),
)
"""The list that /readyz, the doctor and the page for staff go through. One more is a function and a line here."""
