"""Rules about the shape of a document: titles, headings, figures, sources, the box for emergencies."""

import re
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from domain.content_check.blocks import Link, Part
from domain.content_check.finding import Hit
from domain.content_check.source import Source
from domain.documents import DESCRIPTION_LENGTH, Status
from domain.front_matter import REFERENCE_PARTS, FrontMatter, InvalidDocument
from domain.text import MAX_TITLE

LONGEST_HEADLINE = 90
"""Characters of a first heading that still stands in three lines on a phone."""
PLACEHOLDER = "Still to be written:"
"""What the fields of a new draft begin with."""
READERS: Mapping[str, Callable[[FrontMatter, str], object]] = {
    "id": FrontMatter.slug,
    "slug": FrontMatter.slug,
    "old_slugs": FrontMatter.slugs,
    "status": lambda fields, key: fields.one_of(key, tuple(Status)),
    "excerpt": FrontMatter.text,
    "published": FrontMatter.moment,
    "updated": FrontMatter.moment,
    "author": FrontMatter.text,
    "compliance_note": FrontMatter.optional,
    "treatment": FrontMatter.optional,
    "condition": FrontMatter.optional,
    "summary": FrontMatter.lines,
}
"""How each key is read that documents have and no rule below looks at."""
_BOX = re.compile(r"^[\s>]*:{3,}\s*figure\b(.*)$")


def keys(source: Source) -> Iterator[Hit]:
    """Each key of the front matter is of its kind, as far as no other rule looks at it."""
    try:
        fields = FrontMatter(source.path, source.front)
    except InvalidDocument as error:
        if not error.key.startswith("references"):
            yield Hit(source.line_of(error.key), f"{error.key}: expected {error.expected}")
        return
    for key, read in READERS.items():
        try:
            read(fields, key)
        except InvalidDocument as error:
            yield Hit(source.line_of(error.key), f"{error.key}: expected {error.expected}")


def title_length(source: Source) -> Iterator[Hit]:
    """The tab's title is shown whole by search engines, the heading fits a phone."""
    for key, longest in (("title", LONGEST_HEADLINE), ("seo_title", MAX_TITLE)):
        size = len(source.said(key))
        if not 1 <= size <= longest:
            yield Hit(source.line_of(key), f"a {key} of 1 to {longest} characters; it has {size}")


def description_length(source: Source) -> Iterator[Hit]:
    """The description says something and is not cut off."""
    shortest, longest = DESCRIPTION_LENGTH
    size = len(source.said("description"))
    if not shortest <= size <= longest:
        yield Hit(source.line_of("description"), f"a description of {shortest} to {longest} characters; it has {size}")


def placeholders(source: Source) -> Iterator[Hit]:
    """Nothing is published that a new draft began with."""
    for number, line in enumerate(source.text.split("\n"), 1):
        if PLACEHOLDER in line:
            yield Hit(number, "write what the draft leaves open here")


def one_h1(source: Source) -> Iterator[Hit]:
    """The title is the only first heading of the page."""
    for block in source.blocks:
        if block.part is Part.HEADING and block.level == 1:
            yield Hit(block.line, f'begin "{block.prose}" with ##; the title is the only first heading')


def heading_order(source: Source) -> Iterator[Hit]:
    """No level of headings is left out."""
    before = 1
    for block in source.blocks:
        if block.part is not Part.HEADING:
            continue
        if block.level > before + 1:
            yield Hit(block.line, f'begin "{block.prose}" with {"#" * (before + 1)}, one level below the heading before it')
        before = block.level


def figure_text(source: Source) -> Iterator[Hit]:
    """Who cannot see an image or a drawing is told what it shows."""
    for line, link in _images(source):
        if not link.text.strip():
            yield Hit(line, f"write what {link.address} shows between the square brackets")
    for line, file in _drawings(source):
        if file.is_file() and not re.search(r"<title\b[^>]*>\s*[^<\s]", _read(file)):
            yield Hit(line, f"give {file.name} a <title> that says what it shows")


def figure_size(source: Source) -> Iterator[Hit]:
    """An image is there, and takes its place before it has loaded."""
    for line, link in _images(source):
        yield Hit(line, f"show {link.address} as a drawing: content/figures/NAME.svg and ::: figure NAME; images are left out")
    for line, file in _drawings(source):
        if not file.is_file():
            yield Hit(line, f"there is no content/figures/{file.name}")
        elif not re.search(r"<svg\b[^>]*\bviewBox=\"[\d. -]+\"", _read(file)):
            yield Hit(line, f"give the <svg> of {file.name} a viewBox, which says its size")


def _images(source: Source) -> Iterator[tuple[int, Link]]:
    for block in [*source.summary, *source.blocks]:
        for link in block.links:
            if link.is_image:
                yield block.line_of(link.at), link


def _drawings(source: Source) -> Iterator[tuple[int, Path]]:
    for number, line in enumerate(source.body.split("\n"), source.body_line):
        match = _BOX.match(line)
        for name in match.group(1).split() if match else ():
            yield number, source.figures / f"{name}.svg"


def _read(file: Path) -> str:
    return file.read_text(encoding="utf-8", errors="replace")


def references_used(source: Source) -> Iterator[Hit]:
    """Every citation has its entry, every entry is cited."""
    for key, line in source.cited.items():
        if key not in source.references:
            yield Hit(line, f"add {key} to the references, or cite another")
    for key in source.references:
        if key not in source.cited:
            yield Hit(source.line_of(f"references.{key}"), f"cite {key} or take it out")


def references_well_formed(source: Source) -> Iterator[Hit]:
    """Identifiers are of their kind: they become links."""
    for key, entry in source.references.items():
        parts: dict[str, Any] = dict(entry) if isinstance(entry, dict) else {}
        for part, (pattern, expected) in REFERENCE_PARTS.items():
            if part in parts and not re.fullmatch(pattern, str(parts[part])):
                yield Hit(source.line_of(f"references.{key}.{part}"), f"{key}: write {part} as {expected}")


def urgent_care_box(source: Source) -> Iterator[Hit]:
    """Every text says when a headache, or what follows an injection, cannot wait."""
    if not any("urgent" in block.boxes for block in source.blocks):
        yield Hit(source.body_line, "add a box ::: urgent that says when to go to an emergency department")


def no_request_beside_urgent(source: Source) -> Iterator[Hit]:
    """Who needs an emergency department is not asked to write to us."""
    for block in source.blocks:
        for link in block.links:
            if "urgent" in block.boxes and link.address.startswith("/consultation"):
                yield Hit(block.line_of(link.at), "take the link to the request form out of the urgent box")
