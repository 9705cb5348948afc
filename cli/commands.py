"""All command groups of the site."""

from collections.abc import Sequence

import click
from flask import Flask

from cli import audit, backup, comments, content, doctor, downgrade, export, outbox, privacy, probe, retention, spam, staff
from cli.group import Group

COMMANDS = (
    audit.group,
    backup.group,
    comments.group,
    content.group,
    doctor.command,
    export.group,
    outbox.group,
    privacy.group,
    probe.command,
    retention.group,
    spam.group,
    staff.group,
)


def mends_content(arguments: Sequence[str]) -> bool:
    """Whether this command line is `flask content ...`, which works on files that the site would refuse to start with."""
    given = [word for word in arguments[1:] if not word.startswith("-")]
    return given[:1] == [content.group.name]


def register(app: Flask) -> None:
    """Adds the commands and groups of this folder; those of `flask db` come with its extension, but for downgrade."""
    for command in COMMANDS:
        app.cli.add_command(command)
    schema = app.cli.commands["db"]
    assert isinstance(schema, click.Group)
    with_ours = {**schema.commands, "downgrade": downgrade.command}
    app.cli.add_command(Group("db", callback=schema.callback, help=schema.help, commands=with_ours))
