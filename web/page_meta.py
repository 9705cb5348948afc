"""What the head of a public page says to search engines and to those who share it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from flask import current_app, request
from markupsafe import Markup

import clinic
from domain import pictures, structured_data
from domain.settings import Site
from domain.structured_data import Crumb, Node
from domain.text import title_with_site
from domain.verification import Engine

INDEX = "index,follow,max-image-preview:large,max-snippet:-1"
NOINDEX = "noindex"
LINE = "a line that is jagged at the left and settles into a calm wave at the right."
PICTURE = "img/share.png"
"""1200 x 630 px; made from the sign by `python -m tests.browser.share_picture`, as the icons are."""
LOGO = "img/icon-512.png"


@dataclass(frozen=True)
class Shared:
    """The picture that goes with a link to a page: absolute URL, pixels, and what it shows in words."""

    url: str
    width: int
    height: int
    alt: str


@dataclass(frozen=True)
class PageMeta:
    """Title as shown in the tab, description, canonical URL, robots directive, Open Graph kind, dates, picture, the way from the
    home page to the page before this one as (name, path), the words that search engines look for on the home page, JSON-LD."""

    title: str
    description: str
    canonical: str | None
    robots: str
    og_type: str = "website"
    published: datetime | None = None
    modified: datetime | None = None
    picture: Shared | None = None
    crumbs: tuple[tuple[str, str], ...] = ()
    verification: tuple[tuple[str, str], ...] = ()
    json_ld: Markup | None = None


def indexed(
    title: str,
    description: str,
    crumbs: Sequence[tuple[str, str]],
    *,
    nodes: Sequence[Node] = (),
    kind: str = "WebPage",
    og_type: str = "website",
    published: datetime | None = None,
    modified: datetime | None = None,
    picture: Shared | None = None,
) -> PageMeta:
    """A page for search engines. `crumbs` are (name, path) from below the home page to this one; home has none.

    `nodes` describe the page; without them it is a page of schema.org's type `kind`.
    """
    site, home = clinic.site(), clinic.absolute("pages.home")
    base = home.rstrip("/")
    way = [Crumb("Home", home), *(Crumb(name, base + path) for name, path in crumbs)]
    here = Crumb(title, way[-1].url)
    graph = [
        structured_data.website(site, home),
        structured_data.organisation(site, home, clinic.absolute("static", name=LOGO)),
        *(nodes or [structured_data.page(home, here, description, kind)]),
    ]
    if crumbs:
        graph.append(structured_data.breadcrumbs(way))
    return PageMeta(
        title=title_with_site(title, site.name),
        description=description,
        canonical=way[-1].url,
        # What answers a POST is one person's form that came back, never a page for an index.
        robots=INDEX if request.method in {"GET", "HEAD"} and current_app.config["INDEXED"] else NOINDEX,
        og_type=og_type,
        published=published,
        modified=modified,
        picture=picture or Shared(clinic.absolute("static", name=PICTURE), *pictures.SHARED, f"{LINE[0].upper()}{LINE[1:]}"),
        crumbs=tuple((crumb.name, crumb.url.removeprefix(base)) for crumb in way[:-1]),
        verification=() if crumbs else _verification(site),
        json_ld=Markup(structured_data.graph(graph)),  # graph leaves no "<" in it  # nosec
    )


def drawn(title: str) -> list[Shared]:
    """The pictures of a document with this title, the one for sharing first; none while they are not drawn."""
    folder, found = Path(current_app.instance_path) / pictures.FOLDER, pictures.of(title, clinic.base_site().signature)
    if pictures.missing(folder, found):
        return []
    return [
        Shared(
            clinic.absolute("seo.picture", drawn=row.name), row.width, row.height, f"{row.title}. {row.signature}. Above, {LINE}"
        )
        for row in found
    ]


def _verification(site: Site) -> tuple[tuple[str, str], ...]:
    words = ((Engine.GOOGLE, site.google_verification), (Engine.BING, site.bing_verification))
    return tuple((engine.value, word) for engine, word in words if word)


def private(title: str) -> PageMeta:
    """A page that is nobody else's business: not indexed, no canonical URL."""
    site = clinic.site()
    return PageMeta(title_with_site(title, site.name), f"{title} at {site.name}.", None, NOINDEX)
