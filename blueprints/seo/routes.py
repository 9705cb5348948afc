"""robots.txt, sitemap.xml, the Atom feed and security.txt."""

from datetime import UTC, datetime, timedelta

from flask import Blueprint, Response, render_template

import clinic

bp = Blueprint("seo", __name__)
NEVER = datetime.fromtimestamp(0, UTC)
CACHEABLE = ("seo.robots", "seo.sitemap", "seo.feed")
REPORTS_HOLD = timedelta(days=180)
"""How long what security.txt says may be relied on; RFC 9116 asks for less than a year."""


@bp.get("/robots.txt")
def robots() -> Response:
    """What crawlers may read. It protects nothing: private pages say noindex themselves."""
    rules = f"User-agent: *\nDisallow: /staff\nAllow: /\n\nSitemap: {clinic.absolute('seo.sitemap')}\n"
    return Response(rules, content_type="text/plain; charset=utf-8")


@bp.get("/sitemap.xml")
def sitemap() -> Response:
    """Every indexed page; lastmod only where the date of the last significant change is known (sitemaps.org protocol)."""
    articles = clinic.library().public(clinic.now())
    newest = max((article.updated for article in articles), default=None)
    pages = [
        (clinic.absolute("pages.home"), None),
        (clinic.absolute("blog.article_list"), newest),
        *((clinic.absolute("blog.article", slug=article.slug), article.updated) for article in articles),
        (clinic.absolute("consultations.request_form"), None),
        (clinic.absolute("tools.self_check"), None),
        (clinic.absolute("tools.headache_diary"), None),
        (clinic.absolute("pages.about"), None),
        (clinic.absolute("pages.contact"), None),
        (clinic.absolute("pages.privacy"), None),
    ]
    return Response(render_template("seo/sitemap.xml", pages=pages), content_type="application/xml; charset=utf-8")


@bp.get("/feed.xml")
def feed() -> Response:
    """The articles with their full text as an Atom feed (RFC 4287)."""
    articles = clinic.library().public(clinic.now())
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
