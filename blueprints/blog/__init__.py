"""Articles, their comments, and the pages behind the signed links of authors, moderators and readers."""

from blueprints.blog import author, moderate, reader_mail
from blueprints.blog.routes import CACHEABLE, bp

__all__ = ["CACHEABLE", "author", "bp", "moderate", "reader_mail"]
