"""flask retention: letting go of what has been kept long enough."""

import click

import clinic
import database
import letting_go
import mailer
from cli.group import Group
from domain import retention, settings
from domain.comments import MODERATION
from domain.retention import Done
from extensions import db

group = Group("retention", help="How long things are kept.")
LABELS = {
    "networks": "marks of networks emptied",
    "comments": "comments deleted",
    "requests": "requests deleted",
    "readers": "addresses without a comment deleted",
    "mails": "old notices to staff deleted",
    "audit_entries": "entries of the audit log deleted",
}


@group.command()
def run() -> None:
    """Let go now of all whose time is over, as the dispatcher does once a day."""
    done = let_go()
    for name, count in done._asdict().items() if done else ():
        click.echo(f"{count} {LABELS[name]}")


def let_go(*, only_if_due: bool = False) -> Done | None:
    """One run over the database, then over what files hold of the rows that are gone; None when it is not due. Commits."""
    session = database.begin_write(db.session, "retention", MODERATION)
    if only_if_due and not retention.is_due(session, clinic.now()):
        session.rollback()
        return None
    # Not clinic.site(), which does with site.toml alone when the database stumbles: that may say less than the owner has set.
    done = retention.run(session, clinic.now(), settings.effective(session, clinic.base_site()).periods)
    session.commit()
    if any(done):
        letting_go.rid_files()
    return done


def let_go_daily() -> str:
    """`let_go` once a day, whatever the number of dispatchers; files of mail are looked after on each machine. Says what went."""
    is_due = retention.is_due(db.session, clinic.now())
    db.session.rollback()
    done = let_go(only_if_due=True) if is_due else None
    mailer.forget_files()
    return ", ".join(f"{count} {LABELS[name]}" for name, count in done._asdict().items() if count) if done else ""
