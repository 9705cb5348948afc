"""The YouTube Spam Collection, where it is at hand: 1,956 comments in one stream, without what gives the label away.

Alberto, Lochter, Almeida: TubeSpam, ICMLA 2015 (UCI repository). It lies beside the project and is no part of it.
"""

import csv
from dataclasses import dataclass
from pathlib import Path

FOLDER = Path(__file__).parents[2] / "shared" / "data" / "spam"
FILES = ("Youtube01-Psy", "Youtube02-KatyPerry", "Youtube03-LMFAO", "Youtube04-Eminem", "Youtube05-Shakira")
NEWEST_FIRST = FILES[2:]


@dataclass(frozen=True)
class Labelled:
    """A comment with the label that people gave it; `group` is the number of its video, from 1."""

    text: str
    is_spam: bool
    group: int


def corpus(folder: Path = FOLDER) -> list[Labelled]:
    """All comments in the order of time; empty where the files are not.

    Dates only order the stream: where one is missing (exactly the spam of one file), the place in the file stands for it.
    The trailing U+FEFF and the HTML of some rows leak the label; the filter's own reading takes both away.
    """
    if not all((folder / f"{name}.csv").is_file() for name in FILES):
        return []
    dated: list[tuple[str, Labelled]] = []
    for group, name in enumerate(FILES, 1):
        with (folder / f"{name}.csv").open(encoding="utf-8", newline="") as file:
            rows = list(csv.DictReader(file))
        rows = rows[::-1] if name in NEWEST_FIRST else rows
        date = next(row["DATE"] for row in rows if row["DATE"])
        for row in rows:
            date = row["DATE"] or date
            dated.append((date, Labelled(row["CONTENT"], row["CLASS"] == "1", group)))
    return [labelled for _, labelled in sorted(dated, key=lambda pair: pair[0])]
