"""Home, treatments, about, contact and privacy."""

from blueprints.pages import routes, treatments
from blueprints.pages.routes import bp

CACHEABLE = routes.CACHEABLE | treatments.CACHEABLE

__all__ = ["CACHEABLE", "bp"]
