"""robots.txt, sitemap.xml and the Atom feed."""

from datetime import UTC, datetime

from flask import Blueprint, Response, render_template

import clinic

bp = Blueprint("seo", __name__)
NEVER = datetime.fromtimestamp(0, UTC)
CACHEABLE = ("seo.robots", "seo.sitemap", "seo.feed")


@bp.get("/robots.txt")
def robots() -> Response:
    """What crawlers may read. It protects nothing: private pages say noindex themselves."""
    rules = f"User-agent: *\nDisallow: /staff\nAllow: /\n\nSitemap: {clinic.absolute('seo.sitemap')}\n"
    return Response(rules, content_type="text/plain; charset=utf-8")


@bp.get("/sitemap.xml")
def sitemap() -> Response:
    """Every indexed page; lastmod only where the date of the last significant change is known (sitemaps.org protocol)."""
    articles = clinic.library().published
    newest = max((article.updated for article in articles), default=None)
    pages = [
        (clinic.absolute("pages.home"), None),
        (clinic.absolute("blog.article_list"), newest),
        *((clinic.absolute("blog.article", slug=article.slug), article.updated) for article in articles),
        (clinic.absolute("consultations.request_form"), None),
        (clinic.absolute("pages.about"), None),
        (clinic.absolute("pages.contact"), None),
        (clinic.absolute("pages.privacy"), None),
    ]
    return Response(render_template("seo/sitemap.xml", pages=pages), content_type="application/xml; charset=utf-8")


@bp.get("/feed.xml")
def feed() -> Response:
    """The articles with their full text as an Atom feed (RFC 4287)."""
    articles = clinic.library().published
    rows = [(article, clinic.absolute("blog.article", slug=article.slug)) for article in articles]
    updated = max((article.updated for article in articles), default=NEVER)
    page = render_template(
        "seo/feed.xml",
        rows=rows,
        updated=updated,
        home=clinic.absolute("pages.home"),
        self_url=clinic.absolute("seo.feed"),
    )
    return Response(page, content_type="application/atom+xml; charset=utf-8")
