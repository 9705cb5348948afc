"""flask doctor: everything that can be wrong with this site, in one look."""

import click
from flask.cli import with_appcontext

import checks
import clinic
from checks import USUAL_SELECTORS, content
from cli import report
from cli.group import Command
from domain.text import clean_line, is_email


@click.command("doctor", cls=Command)
@click.option("--send-to", metavar="ADDRESS", help="Send a test mail there.")
@click.option("--dkim-selector", metavar="NAME", help="Look for the DKIM key under this name, besides the usual ones.")
@report.as_json
@with_appcontext
def command(send_to: str | None, dkim_selector: str | None, as_json: bool) -> None:
    """Check settings, database, disk, clock, mail and DNS; say what is wrong and what to do. Ends with 1 when something fails."""
    if send_to is not None and not is_email(send_to := clean_line(send_to)):
        raise click.ClickException("--send-to: expected an email address")
    selectors = ([dkim_selector] if dkim_selector else []) + list(USUAL_SELECTORS)
    content.records()  # Whatever there is to be read: a check alone would stop after some seconds.
    findings = [*checks.inside(clinic.now()), *checks.outside(send_to, selectors)]
    if as_json:
        report.show_json(findings)
    else:
        for finding in findings:
            report.show(finding)
    report.end(findings)
