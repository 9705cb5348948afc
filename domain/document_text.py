"""The text of a document as pages show it: sanitised HTML, its headings and its sources."""

import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from markupsafe import Markup, escape

_BOX = re.compile(r'<aside class="([a-z-]+)">|</aside>')
"""The beginning of a box, with what it is, and the end of one."""


@dataclass(frozen=True)
class Reference:
    """A numbered source with its link back to each place that cites it."""

    number: int
    label: str
    html: Markup
    url: str | None
    backlinks: tuple[str, ...]

    @property
    def anchor(self) -> str:
        """Its id on the page."""
        return f"ref-{self.number}"


@dataclass(frozen=True)
class Text:
    """What is shown of a document beside its facts; `html_without_drawings` has the captions of its figures alone."""

    summary: tuple[Markup, ...]
    html: Markup
    html_without_drawings: Markup
    toc: tuple[tuple[str, str], ...]
    references: tuple[Reference, ...]


def as_data(text: Text) -> dict[str, Any]:
    """A text as JSON can keep it."""
    return asdict(text)


def from_data(data: Mapping[str, Any]) -> Text:
    """The text that `as_data` was given. Raises LookupError, TypeError or ValueError for anything else.

    Its HTML is not sanitised again: the data must come from where only the site itself writes.
    """
    return Text(
        summary=tuple(Markup(line) for line in data["summary"]),  # was sanitised before it was kept  # nosec
        html=Markup(data["html"]),  # nosec
        html_without_drawings=Markup(data["html_without_drawings"]),  # nosec
        toc=tuple((anchor, words) for anchor, words in data["toc"]),
        references=tuple(
            Reference(row["number"], row["label"], Markup(row["html"]), row["url"], tuple(row["backlinks"]))  # nosec
            for row in data["references"]
        ),
    )


def closing_urgent(html: Markup, line: Markup) -> Markup:
    """The HTML of a text with a line at the end of each of its urgent-care boxes; as it was when there is nothing to say.

    The line is no part of the text, so what a doctor has signed stays what it was, whatever the clinic sets.
    """
    opened: list[str] = []

    def closed(match: re.Match[str]) -> str:
        if match[1]:
            opened.append(match[1])
            return match[0]
        return f"{line}\n{match[0]}" if opened.pop() == "urgent" else match[0]

    return Markup(_BOX.sub(closed, html)) if line else html  # both were safe before  # nosec


def reference(number: int, entry: Mapping[str, Any], uses: int) -> Reference:
    """The reference of an entry of the front matter, which the text cites so many times."""
    label = " ".join(f"{str(entry[key]).rstrip('.')}." for key in ("authors", "title", "source") if entry.get(key))
    return Reference(
        number=number,
        label=label,
        html=Markup(" ").join([escape(label), *_links(entry)]),
        url=_url(entry),
        backlinks=tuple(f"cite-{number}-{use}" for use in range(1, uses + 1)),
    )


def _url(entry: Mapping[str, Any]) -> str | None:
    if entry.get("doi"):
        return f"https://doi.org/{entry['doi']}"
    return str(entry["url"]) if entry.get("url") else None


def _links(entry: Mapping[str, Any]) -> list[Markup]:
    pubmed = f"https://pubmed.ncbi.nlm.nih.gov/{entry.get('pmid')}/"
    rows = [
        (entry.get("doi"), f"https://doi.org/{entry.get('doi')}", f"doi:{entry.get('doi')}"),
        (entry.get("pmid"), pubmed, f"PubMed {entry.get('pmid')}"),
        (entry.get("url"), str(entry.get("url")), str(entry.get("url", "")).split("://")[-1].rstrip("/")),
    ]
    return [Markup('<a href="{}">{}</a>').format(url, text) for present, url, text in rows if present]
