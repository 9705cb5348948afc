"""The long fault run, as `make faults` starts it; ends with 1 when anything is lost."""

import logging
import random
import sys
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path

import click

from tests.faults import clock, report
from tests.faults.driver import Plan, run

NEW_FOLDER = click.Path(path_type=Path, resolve_path=True)


@click.command()
@click.option("--requests", default=10_000, show_default=True, help="How many visitors ask for a consultation.")
@click.option("--kills", default=100, show_default=True, help="How many times something gets SIGKILL.")
@click.option("--seed", default=lambda: random.randrange(1_000_000), type=int, help="Plays an earlier plan again.")
@click.option("--folder", type=NEW_FOLDER, help="Where the site lives; must not exist yet, and stays. Default: a temporary one.")
def main(requests: int, kills: int, seed: int, folder: Path | None) -> None:
    """Send requests while everything fails, then compare; tells on stderr how far it is and prints the result."""
    if clock.library() is None:
        click.echo(clock.MISSING, err=True)
        if clock.is_required():
            sys.exit(1)
    # aiosmtpd tells of every conversation that broke, and complains about itself once a sign-in.
    logging.getLogger("mail.log").setLevel(logging.CRITICAL)
    click.echo(f"seed {seed}", err=True)
    began = time.monotonic()
    with ExitStack() as until_end:
        if folder is None:
            folder = Path(until_end.enter_context(tempfile.TemporaryDirectory(prefix="faults-")))
        else:
            folder.mkdir(parents=True)

        def tell(line: str) -> None:
            click.echo(f"{time.monotonic() - began:5.0f} s  {line}", err=True)

        result = run(folder, Plan(requests, kills, seed), tell)
    click.echo(report.as_markdown(result))
    sys.exit(1 if result.wrong else 0)


if __name__ == "__main__":
    main()
