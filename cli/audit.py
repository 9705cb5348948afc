"""flask audit: what staff did, from a shell."""

import json

import click

from cli.group import Group
from domain import audit, staff
from domain.audit import AuditEntry
from extensions import db
from web import words

group = Group("audit", help="The append-only record of who did what.")


@group.command("list")
@click.option("--limit", type=click.IntRange(1, 1000), default=50, show_default=True)
@click.option("--json", "as_json", is_flag=True, help="Machine-readable, one object a line.")
def list_(limit: int, as_json: bool) -> None:
    """Show the newest entries, newest first."""
    entries = audit.page(db.session, size=limit)
    names = staff.names(db.session, [entry.staff_id for entry in entries])
    for entry in entries:
        who = names.get(entry.staff_id, words.THE_SITE)
        click.echo(json.dumps(_facts(entry, who), ensure_ascii=False) if as_json else _line(entry, who))


def _facts(entry: AuditEntry, who: str) -> dict[str, object]:
    return {
        "id": entry.id,
        "at": entry.at.isoformat(timespec="seconds"),
        "staff_id": entry.staff_id,
        "who": who,
        "action": entry.action,
        "subject": entry.subject,
        "detail": entry.detail,
    }


def _line(entry: AuditEntry, who: str) -> str:
    said = [entry.action.replace("_", " "), entry.subject, *(f"{name}={json.dumps(value)}" for name, value in entry.detail.items())]
    return f"{entry.at:%Y-%m-%d %H:%M:%S}  {who}  {'  '.join(said)}"
