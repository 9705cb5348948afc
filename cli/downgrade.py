"""flask db downgrade: the tables as an earlier version of the site knows them."""

import click
from flask.cli import with_appcontext

import database
from extensions import db, migrate


@click.command()
@click.argument("revision")
@with_appcontext
def command(revision: str) -> None:
    """Undo every migration after REVISION, the number of the last one of an earlier version.

    The tables and columns that they made go, with what is in them. In place of the command of the extension, which takes a
    number for a count: 0019 would undo nineteen migrations.
    """
    scripts = migrate.script_directory
    done = database.revisions(db.session)
    db.session.rollback()
    later = []
    for script in scripts.iterate_revisions(tuple(done), "base") if done else ():
        if script.revision == revision:
            break
        later.append(script)
    else:
        have = ", ".join(sorted(done)) or "no migration"
        raise click.ClickException(f"{revision}: expected the number of a migration that was done; the database is at {have}")
    migrate.downgrade(revision)
    for script in later:
        click.echo(f"undone  {script.revision}  {script.doc}")
    click.echo(f"The database is at {revision}; a version of the site that ends with it can start.")
