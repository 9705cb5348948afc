"""flask content: the files of articles and treatments, from a shell. What it writes is committed with git, like any other text."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from pathlib import Path

import click
from flask import current_app

import clinic
import files
from cli.group import Group
from domain import articles, sign_offs, treatments
from domain.documents import Document
from domain.front_matter import InvalidDocument

group = Group("content", help="Articles and treatments: the files in content/.")
REVIEW_AGAIN = timedelta(days=365)


@group.command()
@click.argument("slug")
@click.option("--reviewer", metavar="ID", required=True, help="The id of one of the [[reviewers]] in site.toml.")
@click.option("--due", type=click.DateTime(["%Y-%m-%d"]), help="When it has to be read again; default: in a year.")
def sign(slug: str, reviewer: str, due: datetime | None) -> None:
    """Note that a doctor has read the text as it stands; any change of it ends that until it is signed again."""
    known = [person.id for person in clinic.base_site().reviewers]
    if reviewer not in known:
        told = ", ".join(known) or "none yet: add the doctor to site.toml first"
        raise click.ClickException(f"--reviewer: expected the id of one of the [[reviewers]] in site.toml ({told})")
    today = clinic.now().astimezone(clinic.base_site().timezone).date()
    until = due.date() if due else today + REVIEW_AGAIN
    if until <= today:
        raise click.ClickException("--due: expected a date after today")
    path, document = _found(slug)
    _write_sign_off(path, reviewer, today, until)
    click.echo(f"{document.title}: signed by {reviewer} on {today}, to be read again by {until}.")
    click.echo(f"Commit {path.name} and start the site anew to show it.")


def _write_sign_off(path: Path, reviewer: str, today: date, until: date) -> None:
    try:
        signed = sign_offs.sign(path, path.read_text(encoding="utf-8"), reviewer, today, until)
        files.replace(path, signed.encode(), path.stat().st_mode & 0o777)
    except InvalidDocument as error:
        raise click.ClickException(str(error)) from error
    except OSError as error:
        raise click.ClickException(f"{path}: expected a file that can be written ({error.strerror})") from error


def _found(slug: str) -> tuple[Path, Document]:
    """The file of a slug among articles and treatments. Raises ClickException."""
    try:
        found = [(path, document) for path, document in _documents() if document.slug == slug]
    except InvalidDocument as error:
        raise click.ClickException(str(error)) from error
    if len(found) != 1:
        raise click.ClickException(f"{slug}: expected the slug of one article or treatment ({len(found)} have it)")
    return found[0]


def _documents() -> Iterator[tuple[Path, Document]]:
    folder = Path(current_app.config["CONTENT_PATH"])
    for name, read in (("articles", articles.read), ("treatments", treatments.read)):
        for path in sorted((folder / name).glob("*.md")):
            yield path, read(path)
