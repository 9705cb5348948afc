"""The consultation request and its receipt."""

from blueprints.consultations.routes import CACHEABLE, bp

__all__ = ["CACHEABLE", "bp"]
