"""Counting what visitors see."""

from blueprints.visits.routes import bp, init_app

__all__ = ["bp", "init_app"]
