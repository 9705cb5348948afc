"""New articles: a draft that the site can start with, and that says what is still to be written."""

import re
from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

import yaml

from domain import markdown
from domain.content_check import Record
from domain.content_check.shape import PLACEHOLDER
from domain.text import MAX_TITLE

LONGEST = MAX_TITLE


class Taken(Exception):
    """Another file has the address."""

    def __init__(self, slug: str, file: str) -> None:
        super().__init__(slug)
        self.slug, self.file = slug, file


class BadTitle(Exception):
    """No address can be made of it, or it is too long for one."""


class NewDraft(NamedTuple):
    """A draft to be written to a file."""

    id: str
    slug: str
    text: str


def begin(records: Sequence[Record], used: Collection[str], title: str, slug: str | None, author: str, now: datetime) -> NewDraft:
    """A draft whose id and slug no other file has; `now` has the clinic's zone. Raises Taken or BadTitle.

    `used` are ids that comments name, whose file may be gone: what was written under another text must not come up under this.
    """
    address = slug if slug is not None else markdown.slugify(title)
    if not 1 <= len(title) <= LONGEST or not re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", address) or not re.search(r"[^\W\d_]", title):
        raise BadTitle
    for record in records:
        if address in {record.slug, record.id, *record.old_slugs}:
            raise Taken(address, record.file)
    name = address
    while name in used:
        name += "-2"
    moment = (now + timedelta(hours=1)).replace(minute=0, second=0, microsecond=0).isoformat()
    return NewDraft(name, address, _text(name, address, title, author, moment))


def _text(name: str, slug: str, title: str, author: str, moment: str) -> str:
    words = {
        "id": name,
        "slug": slug,
        "status": "draft",
        "title": title,
        "seo_title": title,
        "description": f"{PLACEHOLDER} what a reader learns here, in 70 to 160 characters. Search engines show it below the title.",
        "excerpt": f"{PLACEHOLDER} a sentence or two for the list of articles.",
        "author": author,
        "comments": "open",
        "summary": [f"**{PLACEHOLDER}** the three or four things that a reader must take along."],
    }
    head = yaml.safe_dump(words, sort_keys=False, allow_unicode=True, width=1000)
    # Times as they are typed: YAML would write them without their zone.
    return (
        f"---\n{head}published: {moment}\nupdated: {moment}\n"
        "# treatment: chronic-migraine   # a slug of site.toml, where the text is about one\n"
        "# references:\n"
        '#   R1: {authors: "", title: "", source: "", doi: "", pmid: "", url: ""}   # cited as [@R1]\n'
        f"---\n\n## First heading\n\n{PLACEHOLDER} the text. Every number has its source.\n\n"
        f"## When to seek urgent care\n\n::: urgent\n{PLACEHOLDER} when a reader must go to an emergency department.\n:::\n"
    )
