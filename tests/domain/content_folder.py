"""A small content folder that keeps every rule, for tests that break one."""

from datetime import date
from pathlib import Path
from typing import Any

from domain import content_check
from domain.content_check import Finding
from tests.domain.article_files import write

TODAY = date(2026, 11, 23)
TREATMENTS = ["chronic-migraine"]
PAGES = {"/", "/self-check", "/consultation"}
LONG = "You can read this line and then the next one. " * 45
REFERENCES = {"R1": {"authors": "A", "title": "A study", "source": "J 1", "doi": "10.1000/x", "pmid": "12"}}
BODY = f"""
## What it is

It helps some people.[@R1] {LONG}

### More

- headache on 15 days a month;[@R1]
- see [the check](/self-check) and [what it is](#what-it-is).

::: urgent
Go to the nearest emergency department now.
:::
"""
SVG = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 10 10"><title>A month</title></svg>'
FINE: dict[str, Any] = {"references": REFERENCES, "excerpt": "What it is.", "description": "What it is and for whom. " * 4}

GENERIC = {"slug": "generic", "title": "Generic", "seo_title": "Generic", "description": "What it is, generically. " * 4}


def make(folder: Path) -> Path:
    """The folder, with its only article."""
    for name in ("articles", "treatments", "figures"):
        (folder / name).mkdir()
    (folder / "figures" / "calendar.svg").write_text(SVG)
    article(folder)
    return folder


def article(folder: Path, body: str = BODY, name: str = "first.md", **changes: Any) -> Path:
    """An article that is right but for the changes; None takes a key away."""
    return write(folder / "articles", body, name, **(FINE | changes))


def check(folder: Path, today: date = TODAY, *, generic_names: bool = False, **options: Any) -> list[Finding]:
    """What is found in a folder."""
    records = content_check.read(folder, generic_names=generic_names)
    return content_check.check(records, today, PAGES.__contains__, **({"treatments": TREATMENTS} | options))
