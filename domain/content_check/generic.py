"""The rule about brand names: none is left where the site shows texts without them."""

import re
from collections.abc import Iterator, Mapping

from domain import generic_names
from domain.content_check.claims import BRANDS
from domain.content_check.finding import Hit
from domain.content_check.source import Source
from domain.front_matter import FrontMatter, InvalidDocument

_BRAND = re.compile(rf"\b(?:{'|'.join(BRANDS)})\b", re.IGNORECASE)

_ADDRESS = re.compile(r"\]\([^)]*\)")


def brand_names(source: Source) -> Iterator[Hit]:
    """The generic text names no brand outside its references, and each replacement still finds its words.

    A text without a generic one is asked for it only while the site uses generic names.
    """
    generic = source.front.get("generic")
    if generic is None and not source.generic:
        return
    try:
        fields, body = generic_names.choose(FrontMatter(source.path, source.front), source.body, True)
    except InvalidDocument as error:
        yield Hit(source.line_of(error.key), f"{error.key}: expected {error.expected}")
        return
    yield from _left(source, fields, body)
    pairs = generic.get("replace", {}) if isinstance(generic, Mapping) else {}
    for words in pairs:
        if not any(words in text for text in [source.body, *map(str, source.front.get("summary") or ())]):
            yield Hit(source.line_of("generic.replace"), f'nothing reads "{words}" any more: take it out, or write it as it stands')


def _left(source: Source, fields: FrontMatter, body: str) -> Iterator[Hit]:
    for key in ("slug", "title", "seo_title", "description", "excerpt"):
        if match := _BRAND.search(str(fields.data.get(key, "")).replace("-", " ")):
            line = source.lines.get(f"generic.{key}", source.line_of(key))
            yield Hit(line, f'write generic: {key} without "{match.group()}"')
    summary = fields.data.get("summary")
    texts = [(source.line_of(f"summary.{n}"), str(text)) for n, text in enumerate(summary if isinstance(summary, list) else ())]
    # The address of a link is no word for readers, and an old one moves to the one in force.
    texts += [(number, _ADDRESS.sub("]", text)) for number, text in enumerate(body.split("\n"), source.body_line)]
    for line, text in texts:
        if match := _BRAND.search(text):
            yield Hit(line, f'add a line under generic: replace that takes "{match.group()}" out here')
