"""What search engines and feed readers ask for."""

from blueprints.seo.routes import CACHEABLE, bp

__all__ = ["CACHEABLE", "bp"]
