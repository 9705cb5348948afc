"""What both feeds say of an article: its whole text, with addresses that hold outside the site, too."""

import json
import re
from dataclasses import dataclass
from datetime import datetime

from flask import current_app, render_template

import clinic
from domain.articles import Article

RECENT = 20
"""Articles in a feed at most; the sitemap has all of them."""
LARGEST = 256 * 1024
"""Characters of a feed's texts, after which no further one is begun: who reads along asks for all of them again and again."""
_ADDRESS = re.compile(r'(?<=\s)(href|src)="(#|/(?!/))')


@dataclass(frozen=True)
class Entry:
    """An article of a feed with its URL and its text as HTML."""

    article: Article
    url: str
    html: str


def entries() -> list[Entry]:
    """The newest public articles, as many as a feed takes."""
    found: list[Entry] = []
    for article in clinic.library().public(clinic.now())[:RECENT]:
        if sum(len(entry.html) for entry in found) > LARGEST:
            break
        found.append(_entry(article))
    return found


def _entry(article: Article) -> Entry:
    url = clinic.absolute("blog.article", slug=article.slug)
    return Entry(article, url, absolute(render_template("seo/article_text.html", article=article), url))


def absolute(html: str, page_url: str) -> str:
    """HTML of ours in which links to a place of the page or to another page name the site."""
    starts = {"#": f"{page_url}#", "/": f"{current_app.config['SITE_URL']}/"}
    return _ADDRESS.sub(lambda match: f'{match.group(1)}="{starts[match.group(2)]}', html)


def as_json(found: list[Entry]) -> str:
    """A JSON Feed (jsonfeed.org/version/1.1)."""
    site, home = clinic.site(), clinic.absolute("pages.home")

    def iso(moment: datetime) -> str:
        return moment.astimezone(site.timezone).isoformat(timespec="seconds")

    feed = {
        "version": "https://jsonfeed.org/version/1.1",
        "title": f"{site.name}: articles",
        "home_page_url": home,
        "feed_url": clinic.absolute("seo.json_feed"),
        "language": "en",
        "authors": [{"name": site.name, "url": home}],
        "items": [
            {
                "id": entry.article.urn,
                "url": entry.url,
                "title": entry.article.title,
                "summary": entry.article.excerpt,
                "content_html": entry.html,
                "date_published": iso(entry.article.published),
                "date_modified": iso(entry.article.updated),
                "authors": [{"name": entry.article.author}],
                "language": "en",
            }
            for entry in found
        ],
    }
    return json.dumps(feed, ensure_ascii=False, separators=(",", ":"))
