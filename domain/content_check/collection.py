"""Rules about all documents together: what two of them share, where links and old addresses lead, what has vanished."""

import re
from collections.abc import Iterator, Mapping
from urllib.parse import unquote, urlsplit

from domain.content_check.around import Around
from domain.content_check.finding import Hit
from domain.content_check.source import Source
from domain.documents import Status

OWN = ("id", "title", "seo_title", "description")
"""What each document has for itself, beside its slugs."""


def duplicates(source: Source, around: Around) -> Iterator[Hit]:
    """No two documents share an id, an address, a title or a description; the later file is told."""
    earlier = around.sources[: around.sources.index(source)]
    for key in OWN:
        mine = source.said(key).casefold()
        twin = next((other for other in earlier if mine and other.said(key).casefold() == mine), None)
        if twin is not None:
            yield Hit(source.line_of(key), f"give it a {key} of its own; {twin.file} has the same")
    for key, slug in _slugs(source):
        twin = next((other for other in earlier if other.kind is source.kind and slug in _addresses(other)), None)
        if twin is not None:
            yield Hit(source.line_of(key), f'give it a slug of its own; {twin.file} has "{slug}" too')


def redirect_chains(source: Source, around: Around) -> Iterator[Hit]:
    """An old address leads to a page in one step, and to one that is there."""
    old = [slug for key, slug in _slugs(source) if key.startswith("old_slugs")]
    for number, slug in enumerate(old):
        line = source.line_of(f"old_slugs.{number}")
        if slug == source.slug:
            yield Hit(line, f'take "{slug}" out: it is the slug itself')
        elif old.index(slug) < number:
            yield Hit(line, f'take "{slug}" out: it stands twice')
    if old and source.front.get("status") == Status.DRAFT:
        yield Hit(source.line_of("old_slugs"), "publish it, or take its old slugs out: they lead to a page that is not there")


def dead_links(source: Source, around: Around) -> Iterator[Hit]:
    """Links of the site lead somewhere, straight to it."""
    for block in [*source.summary, *source.blocks]:
        for link in block.links:
            advice = None if link.is_image else _fault(link.address, source, around)
            if advice is not None:
                yield Hit(block.line_of(link.at), f"{link.address}: {advice}")


def vanished(around: Around) -> Iterator[Hit]:
    """A text that readers have commented on stays, as removed where it must go: its comments name it by its id."""
    there = {source.said("id") for source in around.sources}
    for name in sorted(set(around.commented) - there):
        advice = f'readers have commented on "{name}", whose file is gone: bring it back, with status: removed if it must go'
        yield Hit(1, advice, "articles")


def _fault(address: str, source: Source, around: Around) -> str | None:
    """What is wrong with a link; None where nothing is, and for links to other sites."""
    parts = urlsplit(address)
    if parts.scheme or parts.netloc:
        return None
    if not parts.path:
        return _anchor_fault(parts.fragment, source)
    if not parts.path.startswith("/"):
        return "write the whole path, from the first slash on"
    path = unquote(parts.path)
    for kind, base in around.bases.items():
        if path.startswith(base) and len(path) > len(base):
            return _document_fault(path.removeprefix(base), parts.fragment, [s for s in around.sources if s.kind is kind], around)
    return None if around.is_page(path) else "no page of this site"


def _document_fault(slug: str, anchor: str, sources: list[Source], around: Around) -> str | None:
    target = next((other for other in sources if other.slug == slug), None)
    if target is None:
        moved = next((other for other in sources if slug in _addresses(other)), None)
        if moved is not None:
            return f"moved; link to {around.bases[moved.kind]}{moved.slug}"
        return "no page of this site"
    if not target.is_published:
        return f"not public; {target.file} is {target.front.get('status')}"
    return _anchor_fault(anchor, target)


def _anchor_fault(anchor: str, target: Source) -> str | None:
    if not anchor or target.anchors is None or anchor in target.anchors or re.fullmatch(r"(?:ref|cite|comment)-[\d-]+", anchor):
        return None
    return f"no heading of {target.file} has this anchor"


def _addresses(source: Source) -> set[str]:
    return {slug for _, slug in _slugs(source)}


def _slugs(source: Source) -> list[tuple[str, str]]:
    """Each address of a document with its key."""
    old = source.front.get("old_slugs")
    found = [(f"old_slugs.{number}", str(slug)) for number, slug in enumerate(old if isinstance(old, list) else ())]
    generic = source.front.get("generic")
    other = generic.get("slug") if isinstance(generic, Mapping) else None
    return [("slug", source.slug), *found, *([("generic.slug", str(other))] if other else [])]
