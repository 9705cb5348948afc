"""All command groups of the site."""

from flask import Flask

from cli import comments, outbox, retention, staff


def register(app: Flask) -> None:
    """Adds `flask comments`, `flask outbox`, `flask retention` and `flask staff`; `flask db` comes with its extension."""
    for group in (comments.group, outbox.group, retention.group, staff.group):
        app.cli.add_command(group)
