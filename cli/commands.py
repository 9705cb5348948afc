"""All command groups of the site."""

from flask import Flask

from cli import backup, comments, outbox, retention, staff


def register(app: Flask) -> None:
    """Adds the groups; `flask db` comes with its extension."""
    for group in (backup.group, comments.group, outbox.group, retention.group, staff.group):
        app.cli.add_command(group)
