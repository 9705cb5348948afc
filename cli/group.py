"""The group every command belongs to: a database that does not answer ends in one line."""

from typing import Any

import click
from flask.cli import AppGroup

import database


class Group(AppGroup):
    """Turns trouble with the database into a message that says what to do; its text, which quotes values, is left out."""

    def invoke(self, ctx: click.Context) -> Any:
        """Runs the command. Raises ClickException."""
        try:
            return super().invoke(ctx)
        except database.UNAVAILABLE as error:
            kind = type(getattr(error, "orig", None) or error).__name__
            raise click.ClickException(
                f"the database does not answer ({kind}); FLASK_DATABASE_URL says where it is, flask db upgrade prepares it"
            ) from error
