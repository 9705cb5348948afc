"""flask export: all that the clinic owns, for another program."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

import click

import clinic
import database
from cli.group import Group
from domain import audit, full_export
from extensions import db
from storage import files

group = Group("export", help="All that the clinic owns, for another program.")
STANDARD_OUTPUT = Path("-")


@group.command("json")
@click.argument("path", type=click.Path(allow_dash=True, path_type=Path))
def json_(path: Path) -> None:
    """Write everything into PATH, a new file that only you can read; - is standard output.

    It holds personal data of everybody who wrote to the clinic. It is no backup: nothing can be restored from it.
    """
    with _target(path) as file:
        counts = full_export.count(database.begin_snapshot(db.session))
        session, now = database.begin_write(db.session), clinic.now()
        audit.record(session, now, None, "everything exported", f"{sum(counts.values())} rows", **counts)
        session.commit()
        for piece in full_export.document(database.begin_snapshot(db.session), now):
            file.write(piece.encode())
    click.echo(f"{counts['requests']} requests, {counts['comments']} comments, {sum(counts.values())} rows in all", err=True)


@contextmanager
def _target(path: Path) -> Iterator[BinaryIO]:
    if path == STANDARD_OUTPUT:
        yield sys.stdout.buffer
        sys.stdout.flush()
        return
    try:
        with files.new(path) as file:
            yield file
    except FileExistsError as error:
        raise click.ClickException(f"{path}: expected a name that is free") from error
    except OSError as error:
        raise click.ClickException(f"{path}: {error.strerror}") from error
