"""flask privacy: what is held about a person without an account, shown or erased."""

import json
from datetime import datetime
from pathlib import Path

import click
from sqlalchemy.orm import Session

import clinic
import database
import letting_go
from cli.group import Group
from domain import audit, privacy
from domain.comments import MODERATION, How
from domain.privacy import Erased, Erasure, Mention, Person, Way
from extensions import db
from web import words

group = Group("privacy", help="What is held about people who have no account.")
FILES_LEFT = "Others used the database just now, so its files may hold traces for a while: run flask privacy tidy in a minute."


class PersonType(click.ParamType[Person]):
    """An email address or a phone number, in any writing."""

    name = "EMAIL_OR_PHONE"

    def convert(self, value: str, param: click.Parameter | None, ctx: click.Context | None) -> Person:
        """Whom it means."""
        try:
            return privacy.recognise(value)
        except privacy.Unrecognised:
            self.fail("expected an email address or a phone number, such as 0300 1234567 or +44 20 7946 0958", param, ctx)


person_argument = click.argument("person", type=PersonType())


@group.command()
@person_argument
def export(person: Person) -> None:
    """Write all that is held about somebody to standard output, as one JSON document."""
    now = clinic.now()
    # It reads all that is theirs, so not while others wait to write.
    shown = privacy.document(db.session, person, now)
    session = database.begin_write(db.session)
    audit.record(session, now, None, "person exported", f"person known by {person.kind.value}")
    session.commit()
    click.echo(json.dumps(shown, ensure_ascii=False, indent=2))


@group.command()
@person_argument
@click.option("--dry-run", is_flag=True, help="Say what would go, and change nothing.")
@click.option("--forget-refusal", is_flag=True, help="Let go of the wish for no mail too; else a keyed mark of it stays.")
def erase(person: Person, dry_run: bool, forget_refusal: bool) -> None:
    """Erase all that is held about somebody, and note a keyed mark so that a restored backup forgets them again."""
    # The database reads every text for it: not while others wait to write.
    beside, texts = privacy.named_beside(db.session, person), privacy.mentions(db.session, person)
    session = database.begin_write(db.session, "erasure", MODERATION)
    now = clinic.now()
    erased = privacy.erase(session, person, Way(None, How.COMMAND, clinic.keys(), forget_refusal), now)
    if dry_run:
        session.rollback()
    else:
        _commit(session, person, now)
    _say(erased, dry_run=dry_run)
    for other in beside:
        click.echo(f"Those requests also named {other.value}: run this for it too, if it is the same person's.")
    _say_mentions(texts)


def _commit(session: Session, person: Person, now: datetime) -> None:
    try:
        letting_go.note_erasure(person, now)
    except OSError as error:
        session.rollback()
        raise click.ClickException(f"{letting_go.erasures()}: expected a file that can be written ({error.strerror})") from error
    session.commit()
    _rid_files()


def _rid_files() -> None:
    if not letting_go.rid_files():
        click.echo(FILES_LEFT, err=True)


def _say(erased: Erased, *, dry_run: bool) -> None:
    verb = "would go" if dry_run else "erased"
    for name, count in erased.rows._asdict().items():
        if count:
            click.echo(f"{count} {words.HELD[name]} {verb}")
    if not any(erased.rows):
        click.echo("Nothing is held under this address or number.")
    if erased.places:
        click.echo(f"{erased.places} of the comments stay as empty places, since others have replied.")
    if erased.keeps_refusal:
        click.echo("The wish for no mail stays, as a mark that nobody can read; --forget-refusal lets go of it.")


def _say_mentions(texts: list[Mention]) -> None:
    if not texts:
        return
    click.echo(f"{len(texts)} texts of others mention the address or number; read them, and redact or delete:")
    for text in texts:
        click.echo(f"  {text.what} {text.number}")


@group.command()
@click.argument("lists", nargs=-1, type=click.Path(exists=True, dir_okay=False, path_type=Path))
def replay(lists: tuple[Path, ...]) -> None:
    """Erase again, in a restored database, whom the LISTS name; without one, the list in the instance folder."""
    paths = lists or tuple(path for path in [letting_go.erasures()] if path.exists())
    erasures = [erasure for path in paths for erasure in _read(path)]
    session = database.begin_write(db.session, "erasure", MODERATION)
    done = privacy.replay(session, erasures, Way(None, How.COMMAND, clinic.keys()), clinic.now())
    session.commit()
    _rid_files()
    click.echo(f"{len(erasures)} erasures read, {done.persons} persons erased again")
    if done.without_key:
        raise click.ClickException(
            f"{done.without_key} erasures were noted under a secret key that is not set: "
            "expected it in FLASK_SECRET_KEY or FLASK_SECRET_KEY_FALLBACKS"
        )


def _read(path: Path) -> list[Erasure]:
    try:
        return privacy.read(path.read_text(encoding="ascii"))
    except (OSError, UnicodeDecodeError, privacy.BadList) as error:
        raise click.ClickException(f"{path}: expected a list of erasures, a line for each") from error


@group.command()
def tidy() -> None:
    """Take what was erased out of the database's files, where an erasure could not because others used them."""
    if not letting_go.rid_files():
        raise click.ClickException(FILES_LEFT)
