"""The headache-day self-check and the headache diary."""

from blueprints.tools.routes import CACHEABLE, bp

__all__ = ["CACHEABLE", "bp"]
