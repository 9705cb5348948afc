"""Rules about words: numbers without a source, claims, reading age, length."""

import re
from collections.abc import Iterator

from domain.content_check.blocks import CITED, Block, Part
from domain.content_check.claims import CLAIMS
from domain.content_check.finding import Hit
from domain.content_check.reading import reading_age
from domain.content_check.source import Kind, Source

_SPELLED = "two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|fifteen|twenty|thirty|hundred|thousand|million|billion"
_UNITS = "days?|weeks?|months?|years?|hours?|minutes?|units?|injections?|cycles?|millilitres?|per ?cent|people|adults"
_MEASURE = rf"\s+(?:(?:\w+ ){{0,2}}(?:{_UNITS})\b|(?:million|billion)\b)"
_NUMBER = re.compile(rf"\d+(?:[.,]\d+)*|\b(?:{_SPELLED})\b(?={_MEASURE})", re.IGNORECASE)
NO_CLAIM = (
    (r"\b[A-Za-z]+-?\d+\w*", "part of a name: SNAP-25, TRPV1, A4"),
    (r"\b[A-Z]{3,}-?\s?\d+(?:(?:\s(?:and|or|to)\s|,\s?)\d+)*", "the number of a trial or a norm: PREEMPT 1 and 2"),
    (r"\b(?:Table|Figure|Section|Step|Question|Page)\s\d+", "a label of the page"),
    (r"\b\d{1,2} (?:January|February|March|April|May|June|July|August|September|October|November|December)\b", "a day"),
    (r"\b(?:19|20)\d\d\b", "a year"),
    (r"\b(?:call|dial|ring|phone)\s+\+?[\d -]{3,}", "a telephone number"),
    (r"\b(?:from\s)?0\s?(?:to|-|–)\s?10\b", "the ends of a scale"),
    (r"\b\d\d?:\d\d\b", "a time of day"),
)
"""Digits that say nothing of medicine, and why; a phone link is left out too."""
_SENTENCE_END = re.compile(rf"[.!?;]{CITED}*\s")
TARGET_AGE, OLDEST = 14, 16
"""The age of readers that is meant, and the one above which a text is looked at (house rule)."""
LENGTH = {Kind.ARTICLE: (400, 2500), Kind.TREATMENT: (300, 1800)}
"""Words of summary and body that a reader can be asked to read, and that say enough."""


def numbers(source: Source) -> Iterator[Hit]:
    """A number of medicine has its source in the same sentence, later in its block, or in the line that introduces the list."""
    for block in [*source.summary, *source.blocks]:
        if block.part is Part.HEADING or block.introduced:
            continue
        found = next((at for at in _claims(block) if not _is_cited(block, at)), None)
        if found is not None:
            yield Hit(block.line_of(found), f'cite a source for "{_around(block.text, found)}"')


def _claims(block: Block) -> Iterator[int]:
    names = [match.span() for pattern, _ in NO_CLAIM for match in re.finditer(pattern, block.text)]
    names += [(link.at, link.at + len(link.text)) for link in block.links if link.address.startswith("tel:")]
    for match in _NUMBER.finditer(block.text):
        if not any(start <= match.start() < end for start, end in names):
            yield match.start()


def _is_cited(block: Block, at: int) -> bool:
    begins = max((match.end() for match in _SENTENCE_END.finditer(block.text, 0, at)), default=0)
    return CITED in block.text[at:] or CITED in block.text[begins:at]


def _around(text: str, at: int) -> str:
    begins = text.rfind(" ", 0, max(0, at - 20)) + 1
    return " ".join(text[begins : at + 30].replace(CITED, "").split())


def banned_claims(source: Source) -> Iterator[Hit]:
    """Nothing is claimed that the facts do not bear, and nothing is advertised."""
    front = [(source.line_of(key), source.said(key)) for key in ("title", "seo_title", "description", "excerpt")]
    blocks = [*source.summary, *source.blocks]
    for claim in CLAIMS:
        pattern = re.compile(claim.pattern, re.IGNORECASE)
        for line, text in front:
            if match := pattern.search(text):
                yield Hit(line, f'take out "{match.group()}": {claim.reason}')
        for block in blocks:
            if match := pattern.search(block.prose):
                yield Hit(block.line_of(match.start()), f'take out "{match.group()}": {claim.reason}')


def age(source: Source) -> Iterator[Hit]:
    """The text can be read by most adults."""
    texts = [block.prose for block in [*source.summary, *source.blocks] if block.part not in {Part.HEADING, Part.ROW}]
    found = reading_age(texts)
    if found > OLDEST:
        yield Hit(
            source.body_line, f"shorter sentences and plainer words: a reading age of {found:.0f}, where {TARGET_AGE} is meant"
        )


def length(source: Source) -> Iterator[Hit]:
    """The text is neither a stub nor a book."""
    fewest, most = LENGTH[source.kind]
    words = source.document.words if source.document else fewest
    if not fewest <= words <= most:
        yield Hit(source.body_line, f"{fewest} to {most} words; there are {words}")
