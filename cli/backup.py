"""flask backup: one file with everything, checked by bringing it to life, and put back into an empty place."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import click
from flask import current_app

import clinic
import config
import database
import letting_go
from cli.group import Group
from domain import backups, orm
from extensions import db
from storage import backup, database_copy, files, to_postgresql
from storage.backup import Manifest

group = Group("backup", help="Copies of the whole site.")
STAMP = "clinic-%Y%m%dT%H%M%SZ.tar.gz"
PATTERN = "clinic-????????T??????Z.tar.gz"
KEEP = 14
NUMBERS_LEFT_OUT = 100_000
"""After a restore: rows that came after the backup are gone, but mails and receipts still name their numbers, which nobody else
may be given."""


@group.command()
@click.argument("path", type=click.Path(path_type=Path))
@click.option("--keep", default=KEEP, show_default=True, type=click.IntRange(min=1), help="In a folder: how many files stay.")
def create(path: Path, keep: int) -> None:
    """Copy the site into PATH while it runs: a new file, or a folder in which the newest copies are kept.

    The list of those who were erased is kept beside it.
    """
    now = clinic.now()
    folder = path if path.is_dir() else None
    target = path / now.strftime(STAMP) if folder else path
    with _one_line():
        manifest = backup.create(
            db.engine,
            target,
            key=current_app.config["SECRET_KEY"],
            site=Path(current_app.config["SITE_CONFIG"]),
            content=Path(current_app.config["CONTENT_PATH"]),
            now=now,
        )
        # Of the whole file, so not while others wait to write.
        digest = backup.sha256(target)
        session = database.begin_write(db.session)
        backups.note_made(session, digest, target.stat().st_size, now)
        session.commit()
        letting_go.join_erasures(target.parent / letting_go.ERASURES, letting_go.erasures())
        if folder:
            for old in sorted(folder.glob(PATTERN), reverse=True)[keep:]:
                old.unlink()
    click.echo(f"{target}: {len(manifest.tables)} tables, {manifest.rows} rows, {target.stat().st_size:,} bytes")


@group.command()
@click.argument("path", type=click.Path(path_type=Path, exists=True, dir_okay=False))
def verify(path: Path) -> None:
    """Bring PATH to life in a temporary place, bring it to the newest schema, and compare every table."""
    with _one_line(), backup.unpacked(path) as (manifest, folder), TemporaryDirectory() as name:
        _want_engine(manifest)
        with database_copy.scratch(current_app.config["DATABASE_URL"], Path(name)) as url:
            database_copy.put_back(url, folder / backup.DATABASE)
            _compare(url, manifest, path)
            _flask(url, Path(name), "db", "upgrade")
        digest = backup.sha256(path)
        session = database.begin_write(db.session)
        backups.note_verified(session, digest, clinic.now())
        session.commit()
    click.echo(f"{path}: whole; made {manifest.made_at}, {len(manifest.tables)} tables, {manifest.rows} rows")


@group.command()
@click.argument("path", type=click.Path(path_type=Path, exists=True, dir_okay=False))
def restore(path: Path) -> None:
    """Put PATH into an empty place, and erase again whom the list beside it names.

    Empty is a database without tables, and an instance folder without one. What a restore that fails leaves there stays. What was
    copied from SQLite can also be put into PostgreSQL: so a site moves there.
    """
    instance, url = Path(current_app.instance_path), current_app.config["DATABASE_URL"]
    with _one_line(), backup.unpacked(path) as (manifest, folder):
        moves = (manifest.engine, db.engine.dialect.name) == ("sqlite", "postgresql")
        if not moves:
            _want_engine(manifest)
        _want_empty(url)
        fill = _move if moves else _put_back
        fill(url, manifest, path, folder)
        with _advising(_filled(url)):
            key = (folder / backup.KEY).read_bytes()
            files.replace(instance / "secret_key", key)
            aside = _put_aside(folder, instance / "from-backup")
            _flask(url, instance, "db", "upgrade")
            _leave_numbers_out(url)
            has_erasures = letting_go.join_erasures(letting_go.erasures(), path.parent / letting_go.ERASURES)
        if has_erasures:
            with _advising("all else is restored: mend this, and run flask privacy replay before the site starts"):
                click.echo(_flask(url, instance, "privacy", "replay"), nl=False)
    click.echo(f"{path}: restored; {len(manifest.tables)} tables, {manifest.rows} rows as of {manifest.made_at}")
    if _uses_another_key(key.decode("ascii")):
        click.echo(
            "FLASK_SECRET_KEY is set, and not to the key of the backup: links and sessions made with that one are over "
            f"until FLASK_SECRET_KEY_FALLBACKS names it. It is in {instance / 'secret_key'}."
        )
    if aside:
        click.echo(
            f"Other than here were then: {', '.join(aside)}. They lie in {instance / 'from-backup'}; nothing here was replaced."
        )


@contextmanager
def _one_line() -> Iterator[None]:
    try:
        yield
    except (backup.BadBackup, database_copy.CopyFailed) as error:
        raise click.ClickException(str(error)) from error
    except FileExistsError as error:
        raise click.ClickException(f"{error}: expected a name that is free") from error
    except OSError as error:
        raise click.ClickException(f"{error.filename or 'file'}: {error.strerror}") from error


@contextmanager
def _advising(advice: str) -> Iterator[None]:
    """Adds to what goes wrong what has to be done about it: we delete nothing, however it came there."""
    try:
        with _one_line():
            yield
    except click.ClickException as error:
        raise click.ClickException(f"{error.message}; {advice}") from error


def _want_empty(url: str) -> None:
    if not database_copy.is_empty(url):
        raise click.ClickException(
            "expected an empty database; FLASK_DATABASE_URL or FLASK_INSTANCE_PATH names another place, "
            f"or where an earlier restore left this one, {database_copy.how_to_empty(url)}"
        )


def _filled(url: str) -> str:
    return f"the database is not empty any more: before the next try, {database_copy.how_to_empty(url)}"


def _leave_numbers_out(url: str) -> None:
    with database_copy.opened(url) as engine, engine.begin() as connection:
        database.skip_numbers(connection, orm.numbered_for_good(), NUMBERS_LEFT_OUT)


def _uses_another_key(key: str) -> bool:
    """Whether this machine gives a key of its own, with which links made by that of the backup do not open."""
    accepted = clinic.keys()
    return "FLASK_SECRET_KEY" in config.given() and key not in accepted


def _want_engine(manifest: Manifest) -> None:
    if manifest.engine != db.engine.dialect.name:
        raise click.ClickException(f"expected FLASK_DATABASE_URL to name {manifest.engine}, of which this is a backup")


def _put_back(url: str, manifest: Manifest, path: Path, folder: Path) -> None:
    """Fills a database with the backup of one of its own engine."""
    database_copy.put_back(url, folder / backup.DATABASE)
    with _advising(_filled(url)):
        _compare(url, manifest, path)


def _move(url: str, manifest: Manifest, path: Path, folder: Path) -> None:
    """Brings the SQLite file of a backup to the newest schema and its rows into PostgreSQL."""
    file = f"sqlite:///{folder / backup.DATABASE}"
    _compare(file, manifest, path)
    _flask(file, folder, "db", "upgrade")
    with _advising(_filled(url)):
        _flask(url, Path(current_app.instance_path), "db", "upgrade")
        with database_copy.opened(file) as source, database_copy.opened(url) as target:
            to_postgresql.move(source, target)


def _compare(url: str, manifest: Manifest, path: Path) -> None:
    with database_copy.opened(url) as engine:
        wrong = backup.check(engine, manifest)
    if wrong:
        raise backup.BadBackup(f"{path}: {'; '.join(wrong[:5])}")


def _flask(url: str, instance: Path, *arguments: str) -> str:
    """Runs another command on another database, in a process that knows nothing of this one's; returns what it said."""
    environ = os.environ | {"FLASK_DATABASE_URL": url, "FLASK_INSTANCE_PATH": str(instance)}
    command = [sys.executable, "-m", "flask", "--app", "app", *arguments]
    done = subprocess.run(command, cwd=current_app.root_path, env=environ, capture_output=True, text=True, check=False)
    if done.returncode:
        said = done.stderr.strip().splitlines()
        raise database_copy.CopyFailed(f"flask {' '.join(arguments)}: {said[-1] if said else 'failed'}")
    return done.stdout


def _put_aside(folder: Path, aside: Path) -> list[str]:
    """Lays what differs from the facts and articles of this place beside them; returns their names."""
    here = {backup.SITE: Path(current_app.config["SITE_CONFIG"])}
    content = Path(current_app.config["CONTENT_PATH"])
    parts = [path for path in sorted((folder / backup.CONTENT).rglob("*")) if path.is_file()]
    here |= {str(path.relative_to(folder)): content / path.relative_to(folder / backup.CONTENT) for path in parts}
    other = [name for name, path in here.items() if not path.is_file() or path.read_bytes() != (folder / name).read_bytes()]
    for name in other:
        (aside / name).parent.mkdir(parents=True, exist_ok=True)
        (aside / name).write_bytes((folder / name).read_bytes())
    return other
