"""All command groups of the site."""

from flask import Flask

from cli import backup, comments, content, doctor, outbox, privacy, probe, retention, staff

COMMANDS = (
    backup.group,
    comments.group,
    content.group,
    doctor.command,
    outbox.group,
    privacy.group,
    probe.command,
    retention.group,
    staff.group,
)


def register(app: Flask) -> None:
    """Adds the commands and groups of this folder; `flask db` comes with its extension."""
    for command in COMMANDS:
        app.cli.add_command(command)
