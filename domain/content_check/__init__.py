"""`flask content check` and the page Content: what is wrong with the files in content/, all of it at once, by file and line.

A rule is a function that yields what breaks it and a line in RULES. The site itself refuses to start on the worst of this
(domain.documents); here each mistake is found, not only the first.
"""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from datetime import date
from math import inf
from pathlib import Path
from typing import Any, Generic, NamedTuple, TypeVar

from domain.content_check import collection, generic, record, shape, wording
from domain.content_check.around import Around
from domain.content_check.finding import Finding, Hit, Level
from domain.content_check.kept import Kept, Unfinished
from domain.content_check.record import Record
from domain.content_check.source import Kind, Source
from domain.documents import Status
from domain.settings import Reviewer

__all__ = ["RULES", "Finding", "Kind", "Level", "Record", "Rule", "Unfinished", "check", "is_broken", "read"]

Find = TypeVar("Find")


class Rule(NamedTuple, Generic[Find]):
    """A rule about one document: its name, how grave a breach is, the function that finds it.

    `of_drafts`: a breach is as grave in a draft. `covers` are keys of the front matter whose faults it tells itself.
    """

    name: str
    level: Level
    find: Find
    of_drafts: bool = False
    covers: Collection[str] = ()


FRONT_MATTER, VANISHED = "front-matter", "vanished"
"""Rules whose findings come in part from elsewhere: a file that the site refuses for another reason, and one that is gone."""
OF_TEXTS: tuple[Rule[Callable[[Source], Iterator[Hit]]], ...] = (
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
    Rule("banned-claim", Level.ERROR, wording.banned_claims),
    Rule("brand-name", Level.ERROR, generic.brand_names, covers=("generic",)),
    Rule("length", Level.WARNING, wording.length),
    Rule("reading-age", Level.WARNING, wording.age),
    Rule("urgent-care-box", Level.ERROR, shape.urgent_care_box),
    Rule("request-beside-urgent", Level.ERROR, shape.no_request_beside_urgent),
)
"""Rules that need nothing but the file and its drawings: asked once, and again when these change."""
OF_THE_SITE: tuple[Rule[Callable[[Record, Around], Iterator[Hit]]], ...] = (
    Rule("dead-link", Level.ERROR, collection.dead_links),
    Rule("review", Level.WARNING, collection.review),
    Rule("duplicate", Level.ERROR, collection.duplicates, of_drafts=True, covers=("id", "slug")),
    Rule("redirect-chain", Level.ERROR, collection.redirect_chains, of_drafts=True, covers=("slug", "old_slugs")),
)
"""Rules that ask for other files, the day or site.toml: asked each time."""
RULES: tuple[Rule[Any], ...] = (*OF_TEXTS, *OF_THE_SITE)


def read(folder: Path, *, generic_names: bool = False, kept: Path | None = None, seconds: float = inf) -> tuple[Record, ...]:
    """All files of the content, as far as they can be read; those of a kind by name.

    With a folder `kept`, what was read before is taken from there. Raises Unfinished when the rest takes longer than `seconds`.
    """
    files = [(kind, path) for kind in Kind for path in sorted((folder / kind.value).glob("*.md"))]

    def once(kind: Kind, path: Path) -> Record:
        source = Source(folder, kind, path, generic=generic_names)
        return record.of(source, _breaches(source))

    if kept is None:
        return tuple(once(kind, path) for kind, path in files)
    return Kept(kept, generic=generic_names).records(folder, files, once, seconds)


def check(
    records: tuple[Record, ...],
    today: date,
    is_page: Callable[[str], bool],
    *,
    reviewers: tuple[Reviewer, ...] = (),
    treatments: Collection[str] = (),
    commented: Collection[str] = (),
) -> list[Finding]:
    """Every breach of a rule in the files that `read` has read, by file and line; empty when there is nothing to do.

    `is_page` says whether the site answers at a path, documents aside. `treatments` are the slugs of site.toml, `commented` the
    ids of documents that readers have commented on.
    """
    around = Around(records, today, is_page, reviewers, treatments, commented)
    found = [finding for one in records for finding in _of(one, around)]
    found += [Finding(hit.file, hit.line, VANISHED, Level.ERROR, hit.advice) for hit in collection.vanished(around)]
    return sorted(set(found))


def is_broken(findings: Sequence[Finding]) -> bool:
    """Whether one of them is an error."""
    return any(finding.level is Level.ERROR for finding in findings)


def _breaches(source: Source) -> Mapping[str, tuple[Hit, ...]]:
    """What breaks a rule about one text, by the rule's name; a file without front matter breaks none."""
    found = {rule.name: tuple(rule.find(source)) for rule in OF_TEXTS} if source.front else {}
    return {name: hits for name, hits in found.items() if hits}


def _of(one: Record, around: Around) -> list[Finding]:
    if not one.is_read:
        return list(_refused(one, (), around.treatments))
    found: list[Finding] = []
    told: set[str] = set()
    broken = {**one.hits, **{rule.name: tuple(rule.find(one, around)) for rule in OF_THE_SITE}}
    for rule in RULES:
        # What is removed is shown to nobody; only its addresses still count.
        if one.said["status"] == Status.REMOVED and not rule.of_drafts:
            continue
        level = rule.level if rule.of_drafts or one.is_published else Level.WARNING
        hits = [Finding(one.file, hit.line, rule.name, level, hit.advice) for hit in broken.get(rule.name, ())]
        found += hits
        told |= set(rule.covers) if hits else set()
    return [*found, *_refused(one, told, around.treatments)]


def _refused(one: Record, told: Collection[str], treatments: Collection[str]) -> Iterator[Finding]:
    """Why the site would not start with this file, where no rule has said so."""
    fault = one.fault
    if fault is None and one.document and one.document.treatment not in {None, *treatments}:
        expected = f"one of the slugs in site.toml ({', '.join(treatments)})"
        fault = record.Fault("", "treatment", expected, one.line_of("treatment"))
    # A fault of another file is one of its drawings.
    if fault is None or ("body" if fault.drawing else fault.key.partition(".")[0]) in told:
        return
    file = f"{fault.drawing}: " if fault.drawing else ""
    yield Finding(one.file, fault.line, FRONT_MATTER, Level.ERROR, f"{file}{fault.key}: expected {fault.expected}")
