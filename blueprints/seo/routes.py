"""robots.txt, sitemap.xml, the feeds, the web manifest, pictures of shared links and security.txt."""

import json
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from flask import Blueprint, Response, abort, current_app, render_template, request

import clinic
from blueprints.seo import feeds
from domain import pictures
from domain.documents import Library
from headers import FOREVER
from pagecache import Page

bp = Blueprint("seo", __name__)
NEVER = datetime.fromtimestamp(0, UTC)
CACHEABLE = {
    "seo.robots": Page(),
    "seo.sitemap": Page(),
    "seo.feed": Page(),
    "seo.json_feed": Page(),
    "seo.manifest": Page(),
    "seo.picture": Page(),
}
DOCUMENTS: Mapping[str, Callable[[], Library[Any]]] = {
    "blog.article": clinic.library,
    "pages.treatment": clinic.treatment_pages,
}
"""Pages with a slug, and the library they show."""
LISTS = {"blog.article_list": "blog.article", "pages.treatment_list": "pages.treatment"}
"""Pages that change when one of these documents does."""
REPORTS_HOLD = timedelta(days=180)
"""How long what security.txt says may be relied on; RFC 9116 asks for less than a year."""
ICONS = (192, 512)
"""Edges in pixels of the icons that are drawn."""
PAPER = "#f3f5ee"
"""The ground of the light theme, as in the head of every page; a manifest knows no second one."""
NOINDEX = {"X-Robots-Tag": "noindex"}
"""Feeds repeat the articles whole; search engines have the pages."""


@bp.get("/robots.txt")
def robots() -> Response:
    """What crawlers may read. It protects nothing: private pages say noindex themselves."""
    rules = f"User-agent: *\nDisallow: /staff\nAllow: /\n\nSitemap: {clinic.absolute('seo.sitemap')}\n"
    return Response(rules, content_type="text/plain; charset=utf-8")


@bp.get("/sitemap.xml")
def sitemap() -> Response:
    """Every indexed page; lastmod only where the date of the last significant change is known (sitemaps.org protocol)."""
    return Response(render_template("seo/sitemap.xml", pages=_pages()), content_type="application/xml; charset=utf-8")


def _pages() -> list[tuple[str, datetime | None]]:
    public = {endpoint: library().public(clinic.now()) for endpoint, library in DOCUMENTS.items()}
    changed = {page: max((document.updated for document in public[endpoint]), default=None) for page, endpoint in LISTS.items()}
    return [(clinic.absolute(endpoint), changed.get(endpoint)) for endpoint in _standing()] + [
        (clinic.absolute(endpoint, slug=document.slug), document.updated) for endpoint in DOCUMENTS for document in public[endpoint]
    ]


def _standing() -> list[str]:
    """The pages without a slug: what may be cached at a plain path and is no file; home first."""
    found = {
        rule.rule: rule.endpoint
        for rule in current_app.url_map.iter_rules()
        if rule.endpoint in current_app.config["CACHEABLE"] and not rule.arguments and "." not in rule.rule
    }
    return [found[path] for path in sorted(found)]


@bp.get("/feed.xml")
def feed() -> Response:
    """The newest articles with their full text as an Atom feed (RFC 4287)."""
    entries = feeds.entries()
    page = render_template(
        "seo/feed.xml",
        entries=entries,
        updated=max((entry.article.updated for entry in entries), default=NEVER),
        home=clinic.absolute("pages.home"),
        self_url=clinic.absolute("seo.feed"),
    )
    return Response(page, content_type="application/atom+xml; charset=utf-8", headers=NOINDEX)


@bp.get("/feed.json")
def json_feed() -> Response:
    """The same as a JSON Feed (version 1.1)."""
    return Response(feeds.as_json(feeds.entries()), content_type="application/feed+json; charset=utf-8", headers=NOINDEX)


@bp.get("/social/<drawn>")
def picture(drawn: str) -> Response:
    """A picture that goes with shared links; its name says all that is on it, so it never changes."""
    if not pictures.NAME.fullmatch(drawn):
        abort(404)
    try:
        content = (Path(current_app.instance_path) / pictures.FOLDER / drawn).read_bytes()
    except OSError:
        abort(404)
    response = Response(content, content_type="image/png", headers={"Cache-Control": FOREVER})
    response.set_etag(drawn)
    return response.make_conditional(request)  # type: ignore[return-value]


@bp.get("/site.webmanifest")
def manifest() -> Response:
    """What a telephone needs to put the site on its first screen (W3C Application Manifest)."""
    site = clinic.site()
    icons = [
        {"src": clinic.path("static", name=f"img/icon-{size}.png"), "sizes": f"{size}x{size}", "type": "image/png"}
        for size in ICONS
    ]
    facts = {
        "name": site.signature,
        "short_name": site.name,
        "id": "/",
        "start_url": "/",
        "scope": "/",
        "display": "browser",
        "lang": "en",
        "theme_color": PAPER,
        "background_color": PAPER,
        "icons": icons,
    }
    return Response(json.dumps(facts, ensure_ascii=False), content_type="application/manifest+json; charset=utf-8")


@bp.get("/.well-known/security.txt")
def security() -> Response:
    """Where somebody who found a weakness tells us (RFC 9116): the clinic's address where it has one, and the contact page."""
    email = clinic.site().email
    contacts = [f"mailto:{email}"] if email else []
    lines = [f"Contact: {contact}" for contact in [*contacts, clinic.absolute("pages.contact")]]
    # To the day, so that the answer does not change with every second.
    expires = (clinic.now() + REPORTS_HOLD).replace(hour=0, minute=0, second=0, microsecond=0)
    lines += [f"Expires: {expires:%Y-%m-%dT%H:%M:%SZ}", "Preferred-Languages: en", f"Canonical: {clinic.absolute('seo.security')}"]
    return Response("\n".join([*lines, ""]), content_type="text/plain; charset=utf-8")
