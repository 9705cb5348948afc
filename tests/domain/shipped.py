"""The documents as they ship, and what a reader sees of them."""

from functools import cache

from bs4 import BeautifulSoup, Tag

from domain import articles, treatments
from domain.documents import Document
from tests.domain.data import ROOT

CONTENT = ROOT / "content"


@cache
def documents() -> dict[str, Document]:
    """All of them by slug."""
    everything = [*articles.shelf(CONTENT / "articles").library.all, *treatments.shelf(CONTENT / "treatments").library.all]
    return {document.slug: document for document in everything}


@cache
def body(slug: str) -> BeautifulSoup:
    """The text below the summary."""
    return BeautifulSoup(documents()[slug].html, "html.parser")


@cache
def text(slug: str) -> str:
    """All that a reader sees of summary and body, without the marks of citations and the drawings."""
    tree = BeautifulSoup("\n".join([*documents()[slug].summary, documents()[slug].html]), "html.parser")
    for mark in tree.select("sup.cite, svg"):
        mark.decompose()
    return " ".join(tree.get_text(" ").split())


def section(slug: str, heading: str) -> list[str]:
    """The paragraphs and tables under a second-level heading, as text."""
    start = next(tag for tag in body(slug)("h2") if tag.get_text() == heading)
    found = []
    for tag in start.find_next_siblings():
        if tag.name == "h2":
            break
        found.append(" ".join(tag.get_text(" ").split()))
    return found


def passages(slug: str) -> list[Tag]:
    """What may state a number: lines of the summary, paragraphs, list items, rows of tables; each without those inside it."""
    lines = [f"<p>{line}</p>" for line in documents()[slug].summary]
    tree = BeautifulSoup("".join([*lines, documents()[slug].html]), "html.parser")
    for drawing in tree("svg"):
        drawing.decompose()
    return [tag for tag in tree.select("p, li, tbody tr") if not tag.select("p, li")]
