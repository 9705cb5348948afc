"""The group every command belongs to: a database that cannot be used ends in one line."""

from typing import Any

import click
from flask.cli import AppGroup

import database
import driver_errors

MEND = "FLASK_DATABASE_URL says where it is, flask db upgrade prepares it"


class Group(AppGroup):
    """Turns trouble with the database into a message that says what to do; its text, which quotes values, is left out."""

    def invoke(self, ctx: click.Context) -> Any:
        """Runs the command. Raises ClickException."""
        try:
            return super().invoke(ctx)
        except database.UNAVAILABLE as error:
            trouble = driver_errors.explain(error)
            raise click.ClickException(f"{trouble.what}; {trouble.advice or MEND}") from error
