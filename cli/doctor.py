"""flask doctor: everything that can be wrong with this site, in one look."""

import json
import sys
from dataclasses import asdict

import click
from flask.cli import with_appcontext

import checks
import clinic
from checks import USUAL_SELECTORS, Finding, Level
from domain.text import clean_line, is_email

WIDTH = 17
"""Of the names of checks, so that what they found stands in one column."""


@click.command("doctor")
@click.option("--send-to", metavar="ADDRESS", help="Send a test mail there.")
@click.option("--dkim-selector", metavar="NAME", help="Look for the DKIM key under this name, besides the usual ones.")
@click.option("--json", "as_json", is_flag=True, help="Machine-readable.")
@with_appcontext
def command(send_to: str | None, dkim_selector: str | None, as_json: bool) -> None:
    """Check settings, database, disk, clock, mail and DNS; say what is wrong and what to do. Ends with 1 when something fails."""
    if send_to is not None and not is_email(send_to := clean_line(send_to)):
        raise click.ClickException("--send-to: expected an email address")
    selectors = ([dkim_selector] if dkim_selector else []) + list(USUAL_SELECTORS)
    findings = [*checks.inside(clinic.now()), *checks.outside(send_to, selectors)]
    if as_json:
        click.echo(json.dumps({"status": checks.worst(findings), "findings": [asdict(finding) for finding in findings]}, indent=2))
    else:
        for finding in findings:
            click.echo("\n".join(_lines(finding)))
    sys.exit(1 if checks.worst(findings) is Level.FAIL else 0)


def _lines(finding: Finding) -> list[str]:
    first = f"{finding.level.value:<5} {finding.check:<{WIDTH}} {finding.what}"
    return [first, f"{'':<{WIDTH + 7}}{finding.advice}"] if finding.advice else [first]
