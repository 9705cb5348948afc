"""All command groups of the site."""

from flask import Flask

from cli import backup, comments, outbox, privacy, retention, staff


def register(app: Flask) -> None:
    """Adds every group of cli/; `flask db` comes with its extension."""
    for group in (backup.group, comments.group, outbox.group, privacy.group, retention.group, staff.group):
        app.cli.add_command(group)
