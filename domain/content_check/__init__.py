"""`flask content check` and the page Content: what is wrong with the files in content/, all of it at once, by file and line.

A rule is a function that yields what breaks it and a line in RULES. The site itself refuses to start on the worst of this
(domain.documents); here each mistake is found, not only the first.
"""

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import NamedTuple

from domain.content_check import collection, generic, shape, wording
from domain.content_check.around import Around
from domain.content_check.finding import Finding, Hit, Level
from domain.content_check.source import Kind, Source
from domain.documents import Status
from domain.front_matter import InvalidDocument
from domain.settings import Reviewer

__all__ = ["RULES", "Around", "Finding", "Kind", "Level", "Rule", "Source", "check", "is_broken", "read"]


class Rule(NamedTuple):
    """A rule about one document: its name, how grave a breach is, the function that finds it.

    `of_drafts`: a breach is as grave in a draft. `covers` are keys of the front matter whose faults it tells itself.
    """

    name: str
    level: Level
    find: Callable[[Source, Around], Iterator[Hit]]
    of_drafts: bool = False
    covers: Collection[str] = ()


FRONT_MATTER, VANISHED = "front-matter", "vanished"
"""Rules whose findings come in part from elsewhere: a file that the site refuses for another reason, and one that is gone."""
RULES = (
    Rule(FRONT_MATTER, Level.ERROR, shape.keys, of_drafts=True),
    Rule("title-length", Level.ERROR, shape.title_length, covers=("title", "seo_title")),
    Rule("description-length", Level.ERROR, shape.description_length, covers=("description",)),
    Rule("placeholder", Level.ERROR, shape.placeholders),
    Rule("one-h1", Level.ERROR, shape.one_h1, of_drafts=True, covers=("body",)),
    Rule("heading-order", Level.ERROR, shape.heading_order),
    Rule("figure-text", Level.ERROR, shape.figure_text, covers=("body",)),
    Rule("figure-size", Level.ERROR, shape.figure_size, covers=("body",)),
    Rule("uncited-number", Level.ERROR, wording.numbers),
    Rule("reference-use", Level.ERROR, shape.references_used, of_drafts=True, covers=("references",)),
    Rule("reference-form", Level.ERROR, shape.references_well_formed, of_drafts=True, covers=("references",)),
    Rule("dead-link", Level.ERROR, collection.dead_links),
    Rule("banned-claim", Level.ERROR, wording.banned_claims),
    Rule("brand-name", Level.ERROR, generic.brand_names, covers=("generic",)),
    Rule("length", Level.WARNING, wording.length),
    Rule("reading-age", Level.WARNING, wording.age),
    Rule("urgent-care-box", Level.ERROR, shape.urgent_care_box),
    Rule("request-beside-urgent", Level.ERROR, shape.no_request_beside_urgent),
    Rule("review", Level.WARNING, shape.review),
    Rule("duplicate", Level.ERROR, collection.duplicates, of_drafts=True, covers=("id", "slug")),
    Rule("redirect-chain", Level.ERROR, collection.redirect_chains, of_drafts=True, covers=("slug", "old_slugs")),
)
"""Rules about one document each, in the order of the report for one line."""


def read(folder: Path, *, generic_names: bool = False) -> tuple[Source, ...]:
    """All files of the content, as far as they can be read; those of a kind by name."""
    paths = [(kind, path) for kind in Kind for path in sorted((folder / kind.value).glob("*.md"))]
    return tuple(Source(folder, kind, path, generic=generic_names) for kind, path in paths)


def check(
    folder: Path,
    today: date,
    is_page: Callable[[str], bool],
    *,
    reviewers: tuple[Reviewer, ...] = (),
    generic_names: bool = False,
    treatments: Collection[str] = (),
    commented: Collection[str] = (),
    sources: tuple[Source, ...] | None = None,
) -> list[Finding]:
    """Every breach of a rule in the files of a folder, by file and line; empty when there is nothing to do.

    `is_page` says whether the site answers at a path, documents aside. `treatments` are the slugs of site.toml, `commented` the
    ids of documents that readers have commented on, `sources` what `read` has read of this folder.
    """
    around = Around(folder, today, is_page, reviewers, generic_names, commented)
    around = replace(around, sources=read(folder, generic_names=generic_names) if sources is None else sources)
    found = [finding for source in around.sources for finding in _of(source, around, treatments)]
    found += [Finding(hit.file, hit.line, VANISHED, Level.ERROR, hit.advice) for hit in collection.vanished(around)]
    return sorted(set(found))


def is_broken(findings: Sequence[Finding]) -> bool:
    """Whether one of them is an error."""
    return any(finding.level is Level.ERROR for finding in findings)


def _of(source: Source, around: Around, treatments: Collection[str]) -> list[Finding]:
    # What is removed is shown to nobody; only its addresses still count.
    if not source.front:
        return list(_refused(source, (), treatments))
    rules = RULES if source.front.get("status") != Status.REMOVED else [rule for rule in RULES if rule.of_drafts]
    found: list[Finding] = []
    told: set[str] = set()
    for rule in rules:
        level = rule.level if rule.of_drafts or source.is_published else Level.WARNING
        hits = [Finding(source.file, hit.line, rule.name, level, hit.advice) for hit in rule.find(source, around)]
        found += hits
        told |= set(rule.covers) if hits else set()
    return [*found, *_refused(source, told, treatments)]


def _refused(source: Source, told: Collection[str], treatments: Collection[str]) -> Iterator[Finding]:
    """Why the site would not start with this file, where no rule has said so."""
    fault = source.fault
    if fault is None and source.document and source.document.treatment not in {None, *treatments}:
        fault = InvalidDocument(source.path, "treatment", f"one of the slugs in site.toml ({', '.join(treatments)})")
    # A fault of another file is one of its drawings.
    if fault is None or (fault.key.partition(".")[0] if fault.path == source.path else "body") in told:
        return
    line = source.body_line if fault.key == "body" or fault.path != source.path else source.line_of(fault.key)
    file = "" if fault.path == source.path else f"{fault.path.name}: "
    yield Finding(source.file, line, FRONT_MATTER, Level.ERROR, f"{file}{fault.key}: expected {fault.expected}")
