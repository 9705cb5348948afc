"""Articles, their comments, and the pages behind the signed links of authors, moderators and readers."""

from blueprints.blog import author, lists, moderate, reader_mail, routes
from blueprints.blog.routes import bp

CACHEABLE = routes.CACHEABLE | lists.CACHEABLE

__all__ = ["CACHEABLE", "author", "bp", "lists", "moderate", "reader_mail"]
