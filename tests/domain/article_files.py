"""Article files as tests write them."""

from pathlib import Path
from typing import Any

import yaml

FRONT: dict[str, Any] = {
    "id": "one",
    "slug": "first",
    "status": "published",
    "title": "First",
    "seo_title": "First",
    "description": "d" * 80,
    "excerpt": "An excerpt",
    "published": "2026-11-01T09:00:00+05:00",
    "updated": "2026-11-02T09:00:00+05:00",
    "author": "Team",
    "comments": "open",
    "summary": ["**What.** It is."],
}
TIMES = {"published", "updated"}


def write(folder: Path, body: str = "Text.\n", name: str = "first.md", **changes: Any) -> Path:
    """An article file that is right but for the changes; None takes a key away."""
    front = {key: value for key, value in (FRONT | changes).items() if value is not None}
    rows = [
        f"{key}: {value}" if key in TIMES else yaml.safe_dump({key: value}, allow_unicode=True).strip()
        for key, value in front.items()
    ]
    file = folder / name
    file.write_text("---\n" + "\n".join(rows) + "\n---\n" + body, encoding="utf-8")
    return file
