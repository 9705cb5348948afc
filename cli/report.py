"""How commands show findings: one line each for people, or JSON."""

import json
import sys
from collections.abc import Sequence
from dataclasses import asdict
from typing import NoReturn

import click

import checks
from checks import Finding, Level

WIDTH = 17
"""Of the names of checks, so that what they found stands in one column."""

as_json = click.option("--json", "as_json", is_flag=True, help="Machine-readable.")


def show(finding: Finding) -> None:
    """Prints a finding, with what to do about it on a line of its own."""
    click.echo(f"{finding.level.value:<5} {finding.check:<{WIDTH}} {finding.what}")
    if finding.advice:
        click.echo(f"{'':<{WIDTH + 6}} {finding.advice}")


def show_json(findings: Sequence[Finding]) -> None:
    """Prints all of them, with the worst level as their status."""
    told = {"status": checks.worst(findings), "findings": [asdict(finding) for finding in findings]}
    click.echo(json.dumps(told, indent=2, ensure_ascii=False))


def end(findings: Sequence[Finding]) -> NoReturn:
    """Ends the command: with 1 when one of them fails."""
    sys.exit(1 if checks.worst(findings) is Level.FAIL else 0)
