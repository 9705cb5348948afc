"""flask content: the files of articles and treatments, from a shell. What it writes is committed with git, like any other text."""

import json
import sys
from collections.abc import Iterator
from dataclasses import asdict
from datetime import date, datetime, timedelta
from pathlib import Path

import click
from flask import current_app

import clinic
import database
from checks import content
from cli.group import Group
from domain import articles, comments, content_check, drafts, sign_offs, treatments
from domain.content_check import Finding, Level
from domain.documents import Document
from domain.front_matter import InvalidDocument
from domain.text import clean_line
from extensions import db
from storage import files

group = Group("content", help="Articles and treatments: the files in content/.")
REVIEW_AGAIN = timedelta(days=365)


@group.command()
@click.option("--json", "as_json", is_flag=True, help="Machine-readable.")
def check(as_json: bool) -> None:
    """Find every mistake in the files, a line for each: FILE:LINE: RULE: what to do. Ends with 1 when there is an error."""
    found = _faults()
    if as_json:
        click.echo(json.dumps([asdict(finding) for finding in found], indent=2, ensure_ascii=False))
    else:
        for finding in found:
            click.echo(f"{finding}{' (warning)' if finding.level is Level.WARNING else ''}")
        errors = sum(finding.level is Level.ERROR for finding in found)
        click.echo(f"{errors} errors, {len(found) - errors} warnings", err=True)
    sys.exit(1 if content_check.is_broken(found) else 0)


def _faults() -> list[Finding]:
    known = _commented()
    if known is None:
        click.echo("No database answers, so nobody looked for texts that vanished from under comments.", err=True)
    return content.faults(content.records(afresh=True), with_comments=known is not None)


def _commented() -> list[str] | None:
    """The ids that comments name; None without a database: where texts are written there may be none."""
    try:
        return comments.commented(db.session)
    except database.UNAVAILABLE:
        db.session.rollback()
        return None


@group.command()
@click.argument("title")
@click.option("--slug", help="Its address; default: the words of the title.")
def new(title: str, slug: str | None) -> None:
    """Begin an article: a draft with all it needs, to be looked at under Content in the staff area."""
    site, folder = clinic.base_site(), Path(current_app.config["CONTENT_PATH"])
    try:
        used = _commented() or ()
        local = clinic.now().astimezone(site.timezone)
        draft = drafts.begin(content.records(), used, clean_line(title), slug, f"{site.name} team", local)
        path = folder / "articles" / f"{draft.slug}.md"
        if path.exists():
            raise drafts.Taken(draft.slug, path.name)
        files.replace(path, draft.text.encode(), 0o644)
    except drafts.Taken as error:
        raise click.ClickException(f"{error.slug}: {error.file} has this slug already; --slug names another") from error
    except drafts.BadTitle as error:
        raise click.ClickException(f"{title}: expected a title of 1 to {drafts.LONGEST} characters with a letter in it") from error
    except OSError as error:
        raise click.ClickException(f"{folder}: expected a folder that can be written ({error.strerror})") from error
    click.echo(f"{path}")
    preview = clinic.absolute("staff.content.preview", document_id=draft.id)
    click.echo(f"The site that runs from here has it after about two seconds: {preview}")


@group.command()
@click.argument("slug")
@click.option("--reviewer", metavar="ID", required=True, help="The id of one of the [[reviewers]] in site.toml.")
@click.option("--due", type=click.DateTime(["%Y-%m-%d"]), help="When it has to be read again; default: in a year.")
def sign(slug: str, reviewer: str, due: datetime | None) -> None:
    """Note that a doctor has read the text as it stands; any change of it ends that until it is signed again."""
    known = [person.id for person in clinic.base_site().reviewers]
    if reviewer not in known:
        told, facts = ", ".join(known) or "none yet: add the doctor first", current_app.config["SITE_CONFIG"]
        raise click.ClickException(f"--reviewer: expected the id of one of the [[reviewers]] in {facts} ({told})")
    today = clinic.today()
    until = due.date() if due else today + REVIEW_AGAIN
    if until <= today:
        raise click.ClickException("--due: expected a date after today")
    path, document = _found(slug)
    _write_sign_off(path, reviewer, today, until)
    click.echo(f"{document.title}: signed by {reviewer} on {today}, to be read again by {until}.")
    click.echo("The site that runs from here shows it after about two seconds.")
    click.echo(f"Commit {path.name}: other machines get it with their next update.")


def _write_sign_off(path: Path, reviewer: str, today: date, until: date) -> None:
    try:
        signed = sign_offs.sign(path, path.read_text(encoding="utf-8"), reviewer, today, until)
        files.replace(path, signed.encode(), path.stat().st_mode & 0o777)
    except InvalidDocument as error:
        raise click.ClickException(str(error)) from error
    except OSError as error:
        raise click.ClickException(f"{path}: expected a file that can be written ({error.strerror})") from error


def _found(slug: str) -> tuple[Path, Document]:
    """The file of a slug, an old one too, among articles and treatments. Raises ClickException."""
    try:
        found = [(path, document) for path, document in _documents() if slug in {document.slug, *document.old_slugs}]
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
