"""flask retention: letting go of what has been kept long enough."""

import time
from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from functools import partial
from math import inf

import click
from sqlalchemy.orm import Session

import clinic
import database
import letting_go
import mailer
from cli.group import Group
from domain import retention, settings
from domain.comments import MODERATION
from domain.periods import Periods
from domain.retention import Done, Part
from extensions import db

group = Group("retention", help="How long things are kept.")
SECONDS = 10.0
"""How long the dispatcher lets go at a time."""
LABELS = {
    "networks": "marks of networks emptied",
    "comments": "comments deleted",
    "requests": "requests deleted",
    "readers": "addresses without a comment deleted",
    "mails": "old notices to staff deleted",
    "audit_entries": "entries of the audit log deleted",
}


JUMPED = "the clock has jumped since the last run, or the site was off for days"


@group.command()
def run() -> None:
    """Let go now of all whose time is over by this machine's clock, as the dispatcher does once a day."""
    tell_doubt()
    now = clinic.now()
    done, _ = let_go_of(retention.PARTS, now)
    _end(now)
    for name, count in done._asdict().items():
        click.echo(f"{count} {LABELS[name]}")


def tell_doubt() -> None:
    """Says by which clock a command deletes that the dispatcher would not believe; whoever types it has looked, or looks now."""
    now = clinic.now()
    is_doubted = retention.doubted_until(db.session, now) is not None
    db.session.rollback()
    if is_doubted:
        click.echo(f"It is {now:%Y-%m-%d %H:%M} UTC by this clock; {JUMPED}.", err=True)


def let_go_of(parts: Sequence[Part], now: datetime, seconds: float = inf) -> tuple[Done, bool]:
    """Lets go of what is over of these parts, then of what files hold of it; how much went, and whether that was all.

    Each turn is a transaction of its own, committed here. After so many seconds it stops, and goes on when it is called again.
    """
    until, counts = time.monotonic() + seconds, Counter[str]()
    try:
        is_all = all(_in_turns(part, now, until, counts) for part in parts)
    finally:
        # Of the turns before one that failed, too.
        if counts.total():
            letting_go.rid_files()
    return Done(**{name: counts[name] for name in Done._fields}), is_all


def _in_turns(part: Part, now: datetime, until: float, counts: Counter[str]) -> bool:
    """False when the time was up first."""
    before = -1
    while before < counts[part.name] and (ids := retention.over(db.session, part, now, _periods())):
        db.session.rollback()
        before = counts[part.name]
        for start in range(0, len(ids), retention.TURN):
            if time.monotonic() > until:
                return False
            turn = partial(_let_go, part=part, ids=ids[start : start + retention.TURN], now=now)
            counts[part.name] += database.in_a_turn(db.session, turn, "retention", MODERATION)
    db.session.rollback()
    return True


def _let_go(session: Session, part: Part, ids: Sequence[int], now: datetime) -> int:
    return retention.let_go(session, part, ids, now, _periods())


def _periods() -> Periods:
    # Not clinic.site(), which does with site.toml alone when the database stumbles: that may say less than the owner has set.
    return settings.effective(db.session, clinic.base_site()).periods


def _end(now: datetime) -> None:
    session = database.begin_write(db.session, "retention")
    retention.end(session, now)
    session.commit()


def let_go_daily() -> str:
    """A run once a day, whatever the number of dispatchers; files of mail are looked after on each machine. Says what went.

    What takes longer than SECONDS goes on when the job is run again: mail must not wait for it. The first run, and one that
    does not believe the clock, only notes the time.
    """
    now = clinic.now()
    is_due, is_first = retention.is_due(db.session, now), retention.is_first(db.session)
    is_doubted = retention.doubted_until(db.session, now) is not None
    db.session.rollback()
    said = ""
    if is_due and (is_first or is_doubted):
        session = database.begin_write(db.session, "retention")
        retention.wait(session, now)
        session.commit()
        said = f"nothing is let go of for a day: {JUMPED}" if is_doubted else ""
    elif is_due:
        done, is_all = let_go_of(retention.PARTS, now, SECONDS)
        if is_all:
            _end(now)
        said = ", ".join(f"{count} {LABELS[name]}" for name, count in done._asdict().items() if count)
    mailer.forget_files()
    return said
