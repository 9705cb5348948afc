"""The group every command belongs to: a database that cannot be used ends in one line."""

from typing import Any

import click
from flask.cli import AppGroup

import database
import driver_errors

MEND = "FLASK_DATABASE_URL says where it is, flask db upgrade prepares it"


class _TextOnly:
    """A command whose arguments are text."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Raises UsageError for what is not UTF-8: it would stand for somebody else."""
        # What was no text, Python keeps in halves of surrogate pairs.
        if any("\ud800" <= character <= "\udfff" for arg in args for character in arg):
            raise click.UsageError("expected arguments in UTF-8", ctx)
        return super().parse_args(ctx, args)  # type: ignore[misc,no-any-return]


class Command(_TextOnly, click.Command):
    """A command that belongs to no group."""


class Group(_TextOnly, AppGroup):
    """Turns trouble with the database into a message that says what to do; its text, which quotes values, is left out.

    Whoever types a command waits for it, so its statements may take as long as they need, unless it `keeps_time_limit`.
    """

    def __init__(self, *arguments: Any, keeps_time_limit: bool = False, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self._keeps_time_limit = keeps_time_limit

    def invoke(self, ctx: click.Context) -> Any:
        """Runs the command. Raises ClickException."""
        try:
            if self._keeps_time_limit:
                return super().invoke(ctx)
            with database.unhurried():
                return super().invoke(ctx)
        except database.UNAVAILABLE as error:
            trouble = driver_errors.explain(error)
            raise click.ClickException(f"{trouble.what}; {trouble.advice or MEND}") from error
