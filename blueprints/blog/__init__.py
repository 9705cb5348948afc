"""Articles, their comments, and the page on which an author follows a comment."""

from blueprints.blog import author, moderate
from blueprints.blog.routes import CACHEABLE, bp

__all__ = ["CACHEABLE", "author", "bp", "moderate"]
