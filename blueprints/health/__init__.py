"""Answers for whoever watches the site from outside: /healthz, /readyz and /metrics."""

from blueprints.health.routes import bp

__all__ = ["bp"]
