"""Whether the process lives, whether the site can do its work, and its numbers."""

import time
from typing import NamedTuple

from flask import Blueprint, current_app
from flask.typing import ResponseReturnValue
from prometheus_client import generate_latest
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4

import checks
import clinic
from blueprints.health import insiders
from blueprints.health.figures import Figures
from checks import Finding, Level

bp = Blueprint("health", __name__)
PLAIN = "text/plain; charset=utf-8"
KEEP_SECONDS = 2.0
"""Anybody may ask; however often they do, the database is asked once in this time by each process."""


class Looked(NamedTuple):
    """What the checks found, and when that was, by the monotonic clock."""

    at: float
    findings: list[Finding]


@bp.get("/healthz")
def healthz() -> ResponseReturnValue:
    """The process answers; touches nothing else."""
    return "ok\n", 200, {"Content-Type": PLAIN}


@bp.get("/readyz")
def readyz() -> ResponseReturnValue:
    """200 while the site can do its work, also with warnings, else 503; to insiders also what was found and what helps."""
    findings = _findings()
    worst = checks.worst(findings)
    status = Level.OK if worst is Level.NOTE else worst
    body: dict[str, object] = {"status": status, "checks": {finding.check: finding.level for finding in findings}}
    if insiders.may_look():
        body["details"] = {finding.check: {"what": finding.what, "advice": finding.advice} for finding in findings}
    return body, 503 if worst is Level.FAIL else 200


@bp.get("/metrics")
def metrics() -> ResponseReturnValue:
    """The numbers of all processes of this machine and of the database, for Prometheus."""
    if not insiders.may_look():
        return "FLASK_HEALTH_TOKEN opens this.\n", 401, {"Content-Type": PLAIN, "WWW-Authenticate": "Bearer"}
    return generate_latest(Figures(clinic.now())), 200, {"Content-Type": CONTENT_TYPE_PLAIN_0_0_4}


def _findings() -> list[Finding]:
    now = time.monotonic()
    looked: Looked | None = current_app.extensions.get("looked")
    if looked is None or now - looked.at >= KEEP_SECONDS:
        looked = Looked(now, checks.ready(clinic.now()))
        current_app.extensions["looked"] = looked
    return looked.findings
