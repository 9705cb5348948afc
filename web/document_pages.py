"""The way from an address to a document, the same for articles and treatments: found, moved for good, gone or unknown."""

from collections.abc import Callable
from datetime import datetime
from typing import TypeVar

from flask import abort
from werkzeug.routing import RequestRedirect

from domain import documents
from domain.documents import Document, Library

D = TypeVar("D", bound=Document)
MOVED = 301
SAME_METHOD = 308
"""For a form, which keeps its method and what was typed (RFC 9110)."""


def document_or_leave(library: Library[D], slug: str, now: datetime, address: Callable[[str], str], code: int = MOVED) -> D:
    """The public document of a slug; answers 410 for a removed one and 404 for an unknown one.

    One of an old slug or of another case answers `code` with its `address`, which is asked for with the slug there is now.
    """
    try:
        return library.get(slug, now)
    except documents.Moved as moved:
        redirection = RequestRedirect(address(moved.slug))
        redirection.code = code
        raise redirection from moved
    except documents.Gone:
        abort(410)
    except documents.NotFound:
        abort(404)
