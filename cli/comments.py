"""flask comments: the moderation queue from a shell."""

import json

import click
from sqlalchemy.orm import Session

import clinic
import database
from cli.group import Group
from cli.retention import let_go_of, tell_doubt
from domain import comments, retention
from domain.comments import Comment, How, Status
from extensions import db

group = Group("comments", help="Readers' comments.")
as_json = click.option("--json", "as_json", is_flag=True, help="Machine-readable, one object a line.")
WAYS = {"approve": Status.APPROVED, "spam": Status.SPAM, "trash": Status.TRASH}


@group.command("list")
@click.option("--status", type=click.Choice([status.value for status in Status]), default=Status.HELD.value, show_default=True)
@click.option("--limit", type=click.IntRange(1, 1000), default=25, show_default=True)
@as_json
def list_(status: str, limit: int, as_json: bool) -> None:
    """Show comments in one state, newest first."""
    for row in comments.queue(db.session, Status(status), size=limit):
        click.echo(json.dumps(_facts(row), ensure_ascii=False) if as_json else _line(row))


def _decide(way: str) -> click.Command:
    @click.argument("comment_ids", nargs=-1, required=True, type=click.IntRange(1, 2**31 - 1))
    @as_json
    def command(comment_ids: tuple[int, ...], as_json: bool) -> None:
        session = database.begin_write(db.session, comments.MODERATION)
        status = WAYS[way]
        changed = [number for number in dict.fromkeys(comment_ids) if _is_to_move(session, number, status)]
        # All at once: one after the other would lock counts in an order of their own.
        comments.decide(session, dict.fromkeys(changed), status, by=None, how=How.COMMAND, now=clinic.now())
        session.commit()
        words = f"{len(changed)} changed, {len(comment_ids) - len(changed)} were {status.value} already"
        click.echo(json.dumps({"changed": changed}) if as_json else words)

    return group.command(way, help=f"Mark comments as {WAYS[way].value}; all of them or, when one cannot be, none.")(command)


def _is_to_move(session: Session, comment_id: int, status: Status) -> bool:
    """Whether the comment is in another state, from which it may come to this one."""
    comment = comments.get(session, comment_id)
    if comment is None:
        raise click.ClickException(f"{comment_id}: expected the number of a comment")
    if comment.status is status:
        return False
    if not comment.may_become(status):
        raise click.ClickException(f"{comment_id}: was withdrawn by its author or let go of, and stays so")
    return True


for _way in WAYS:
    _decide(_way)


@group.command()
@as_json
def purge(as_json: bool) -> None:
    """Delete spam, trash and withdrawn comments whose time is over; never held ones."""
    tell_doubt()
    done, _ = let_go_of([retention.COMMENTS], clinic.now())
    click.echo(json.dumps({"purged": done.comments}) if as_json else f"{done.comments} purged")


def _facts(row: Comment) -> dict[str, object]:
    return {
        "id": row.id,
        "article": row.article_id,
        "status": row.status.value,
        "name": row.name,
        "email": row.email,
        "submitted_at": row.submitted_at.isoformat(timespec="seconds"),
        "lang": row.lang,
        "consent_version": row.consent_version,
        "reasons": row.reasons,
        "text": row.text,
    }


def _line(row: Comment) -> str:
    text = " ".join(row.text.split())
    return f"{row.id}  {row.submitted_at:%Y-%m-%d %H:%M}  {row.name}  {text[:80]}{'…' if len(text) > 80 else ''}"
