"""Answers for whoever watches the process."""

from flask import Blueprint

bp = Blueprint("health", __name__)


@bp.get("/healthz")
def healthz() -> tuple[str, int, dict[str, str]]:
    """The process answers; touches nothing else."""
    return "ok\n", 200, {"Content-Type": "text/plain; charset=utf-8"}
