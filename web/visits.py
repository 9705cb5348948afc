"""Where a visit began and which of our pages it is on, from what the browser tells; never trusted, never a refusal."""

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import parse_qsl, urlsplit

from flask import current_app, request
from werkzeug.exceptions import HTTPException
from werkzeug.routing import RequestRedirect

import clinic
from domain import documents
from domain.articles import Article
from domain.attribution import NOTHING_KNOWN, FirstTouch

MAX_TOLD = 2000
_PUBLIC = frozenset({"pages", "blog", "consultations", "tools"})


@dataclass(frozen=True)
class Visit:
    """The first touch, and the first article that was read."""

    first_touch: FirstTouch = NOTHING_KNOWN
    article: Article | None = None


def read(told: str) -> Visit | None:
    """What the script of our pages kept of a visit, as it sends it: the fields of a query string. None where it kept nothing."""
    fields = _fields(told)
    return of_fields(fields) if fields else None


def of_fields(fields: Mapping[str, str]) -> Visit:
    """A visit from its fields: landing, article (paths, or the slug of one), referrer and the utm_ words."""
    landing = fields.get("landing", "")
    landing = landing if page(landing) is not None else ""
    touch = FirstTouch.of(fields, landing=landing, own_host=current_app.config["SITE_URL"])
    return Visit(touch, article(fields.get("article", "").removeprefix("/blog/")))


def of_referer() -> Visit:
    """The same without the script: the request page's own address may name a campaign or an article."""
    parts = urlsplit(request.referrer or "")
    is_ours = parts.hostname in {request.host.partition(":")[0], urlsplit(current_app.config["SITE_URL"]).hostname}
    if not is_ours:
        return Visit()
    fields = _fields(parts.query)
    return of_fields(fields | {"article": fields.get("from", ""), "landing": parts.path})


def article(slug: str) -> Article | None:
    """The article that is found under a slug now or once, if any."""
    try:
        return clinic.library().get(slug, clinic.now())
    except documents.Moved as moved:
        return article(moved.slug)
    except (documents.Gone, documents.NotFound):
        return None


def page(path: str) -> str | None:
    """The endpoint of a page that everybody may open; None for other paths, so for each with a token in it."""
    urls = current_app.url_map.bind("")
    try:
        endpoint, values = urls.match(path, method="GET")
    except (HTTPException, RequestRedirect):
        return None
    is_public = endpoint.partition(".")[0] in _PUBLIC and "token" not in values
    return endpoint if is_public and urls.build(endpoint, values) == path else None


def _fields(query: str) -> dict[str, str]:
    return dict(parse_qsl(query[:MAX_TOLD], errors="replace"))
