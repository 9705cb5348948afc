"""Home, about, contact and privacy."""

from blueprints.pages.routes import CACHEABLE, bp

__all__ = ["CACHEABLE", "bp"]
