"""All command groups of the site."""

import click
from flask import Flask

from cli import backup, comments, doctor, downgrade, outbox, privacy, probe, retention, staff

COMMANDS = (
    backup.group,
    comments.group,
    doctor.command,
    outbox.group,
    privacy.group,
    probe.command,
    retention.group,
    staff.group,
)


def register(app: Flask) -> None:
    """Adds the commands and groups of this folder; `flask db` comes with its extension, except for the one that loses what is stored."""
    for command in COMMANDS:
        app.cli.add_command(command)
    schema = app.cli.commands["db"]
    assert isinstance(schema, click.Group)
    schema.add_command(downgrade.command, "downgrade")
