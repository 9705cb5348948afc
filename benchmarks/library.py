"""Content folders with as many articles as a benchmark wants: those that ship, and copies under other names."""

import re
import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path

from config import ROOT
from domain import front_matter

SHIPPED = ROOT / "content"
FIRST = datetime(2020, 1, 1, 9, tzinfo=UTC)
OF_ITS_OWN = re.compile(r"^(?:id|slug|title|old_slugs|published|generic):.*\n(?:[ -].*\n)*", re.MULTILINE)
"""What no two files may have in common, and when each was published."""


def fill(folder: Path, number: int) -> None:
    """Makes the folder, with so many articles; where that is less than what ships, with that."""
    shutil.copytree(SHIPPED, folder)
    shipped = sorted((SHIPPED / "articles").glob("*.md"))
    for count in range(number - len(shipped)):
        head, body = front_matter.text_of(shipped[count % len(shipped)]).removeprefix("---\n").split("\n---\n", 1)
        own = (
            f"id: copy-{count}\nslug: copy-{count}\ntitle: Copy {count}\npublished: {(FIRST + timedelta(days=count)).isoformat()}\n"
        )
        text = "---\n" + own + OF_ITS_OWN.sub("", head + "\n") + "---\n" + body
        (folder / "articles" / f"copy-{count}.md").write_text(text, encoding="utf-8")
