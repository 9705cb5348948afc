"""Rules that ask more than a text itself: what two of them share, where links and old addresses lead, what has vanished, and whose
review has run out."""

import re
from collections.abc import Iterator
from urllib.parse import unquote, urlsplit

from domain import sign_offs
from domain.content_check.around import OWN, Around
from domain.content_check.finding import Hit
from domain.content_check.record import Record
from domain.content_check.source import Kind
from domain.documents import Status


def duplicates(record: Record, around: Around) -> Iterator[Hit]:
    """No two documents share an id, an address, a title or a description; the later file is told."""
    for key in OWN:
        mine = record.said[key].casefold()
        twin = around.first_to_say[key, mine]
        if mine and twin is not record:
            yield Hit(record.line_of(key), f"give it a {key} of its own; {twin.file} has the same")
    for key, slug in record.slugs:
        twin = around.first_at[record.kind, slug]
        if slug and twin is not record:
            yield Hit(record.line_of(key), f'give it a slug of its own; {twin.file} has "{slug}" too')


def redirect_chains(record: Record, around: Around) -> Iterator[Hit]:
    """An old address leads to a page in one step, and to one that is there."""
    old = record.old_slugs
    for number, slug in enumerate(old):
        line = record.line_of(f"old_slugs.{number}")
        if slug == record.slug:
            yield Hit(line, f'take "{slug}" out: it is the slug itself')
        elif old.index(slug) < number:
            yield Hit(line, f'take "{slug}" out: it stands twice')
    if old and record.said["status"] == Status.DRAFT:
        yield Hit(record.line_of("old_slugs"), "publish it, or take its old slugs out: they lead to a page that is not there")


def dead_links(record: Record, around: Around) -> Iterator[Hit]:
    """Links of the site lead somewhere, straight to it."""
    for line, address in record.links:
        advice = _fault(address, record, around)
        if advice is not None:
            yield Hit(line, f"{address}: {advice}")


def review(record: Record, around: Around) -> Iterator[Hit]:
    """A review that has run out, or was of another text, is done again."""
    document, due = record.document, record.review_due
    if due is not None and due < around.today:
        yield Hit(record.line_of("review_due"), f"have it read again: that was due on {due}")
    if document is None or document.sign_off is None:
        return
    if not document.sign_off.is_current:
        advice = "the clinical text has changed since it was signed: have it read, then flask content sign"
        yield Hit(record.line_of("signed"), advice)
    elif sign_offs.review(document.sign_off, around.reviewers) is None:
        advice = f"name {document.sign_off.reviewer} in [[reviewers]] of site.toml, or have somebody else sign"
        yield Hit(record.line_of("reviewer"), advice)


def vanished(around: Around) -> Iterator[Hit]:
    """A text that readers have commented on stays, as removed where it must go: its comments name it by its id."""
    there = {record.id for record in around.records}
    for name in sorted(set(around.commented) - there):
        advice = f'readers have commented on "{name}", whose file is gone: bring it back, with status: removed if it must go'
        yield Hit(1, advice, "articles")


def _fault(address: str, record: Record, around: Around) -> str | None:
    """What is wrong with a link; None where nothing is, and for links to other sites."""
    parts = urlsplit(address)
    if parts.scheme or parts.netloc:
        return None
    if not parts.path:
        return _anchor_fault(parts.fragment, record)
    if not parts.path.startswith("/"):
        return "write the whole path, from the first slash on"
    path = unquote(parts.path)
    for kind, base in around.bases.items():
        if path.startswith(base) and len(path) > len(base):
            return _document_fault(kind, path.removeprefix(base), parts.fragment, around)
    return None if around.is_page(path) else "no page of this site"


def _document_fault(kind: Kind, slug: str, anchor: str, around: Around) -> str | None:
    target = around.first_now_at.get((kind, slug))
    if target is None:
        moved = around.first_at.get((kind, slug))
        return f"moved; link to {around.bases[kind]}{moved.slug}" if moved is not None else "no page of this site"
    if not target.is_published:
        return f"not public; {target.file} is {target.said['status'] or 'not published'}"
    return _anchor_fault(anchor, target)


def _anchor_fault(anchor: str, target: Record) -> str | None:
    if not anchor or target.anchors is None or anchor in target.anchors or re.fullmatch(r"(?:ref|cite|comment)-[\d-]+", anchor):
        return None
    return f"no heading of {target.file} has this anchor"
