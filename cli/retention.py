"""flask retention: letting go of what has been kept long enough."""

import click

import clinic
import database
import mailer
from cli.group import Group
from domain import retention
from domain.retention import Done
from extensions import db

group = Group("retention", help="How long things are kept.")


@group.command()
def run() -> None:
    """Empty old network fingerprints; delete rejected comments, closed requests and kept mail whose time is over."""
    done = let_go()
    click.echo(f"{done.networks} networks emptied, {done.comments} comments and {done.requests} requests deleted")


def let_go() -> Done:
    """One run over the database, then over the files of messages whose rows are gone; commits."""
    session = database.begin_write(db.session)
    done = retention.run(session, clinic.now())
    session.commit()
    mailer.forget_files()
    return done
