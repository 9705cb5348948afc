"""The same look at the site as `flask doctor` takes, for the owner."""

from collections.abc import Sequence

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

import checks
import clinic
from blueprints.staff import gate
from checks import Finding, Level

bp = Blueprint("health", __name__)


@bp.get("/health")
def health() -> ResponseReturnValue:
    """What can be told at once, without asking anybody outside."""
    return _page([])


@bp.post("/health")
def ask() -> ResponseReturnValue:
    """Asks the mail server and the DNS too, and sends a test mail to who asks; nothing is stored, so the answer is the page."""
    return _page(checks.outside(gate.me().email))


def _page(outside: Sequence[Finding]) -> str:
    findings = [*outside, *checks.inside(clinic.now())]
    order = list(reversed(Level))
    return render_template(
        "staff/health.html",
        page_title="Health",
        findings=sorted(findings, key=lambda finding: order.index(finding.level)),
        worst=checks.worst(findings).value,
        was_asked=bool(outside),
    )
