"""The pictures that go with a link to a document: which there are, and under which name each is kept.

A name says all that is drawn, so a picture never changes under its name. Drawing them is another matter: `drawing.py`.
"""

import hashlib
import re
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

DRAWING = "1"
"""To be changed when the look of the pictures does, so that they get new names."""
FOLDER = "social"
DRAWN = ".drawn"
"""A file beside them, written anew when some were drawn."""
NAME = re.compile(r"[0-9a-f]{24}\.png")
_DRAWABLE = re.compile("[\u0020-\u007e\u00a0-\u00ff\u2013\u2014\u2018\u2019\u201c\u201d\u2026]+")
"""What the font of the drawings has. Other scripts need shaping that it cannot do: better no words than broken ones."""


class Picture(NamedTuple):
    """A picture to be drawn: the words on it and its size in pixels."""

    title: str
    signature: str
    width: int
    height: int

    @property
    def name(self) -> str:
        """Its file."""
        return f"{hashlib.sha256('|'.join([DRAWING, *map(str, self)]).encode()).hexdigest()[:24]}.png"


SHARED = (1200, 630)
"""What those who share a link get to see (Open Graph)."""
SIZES = (SHARED, (1200, 675), (1200, 900), (1200, 1200))
"""That one, and 16:9, 4:3 and 1:1, which Google asks for."""


def of(title: str, signature: str) -> list[Picture]:
    """The pictures of a document with this title, the one for sharing first; none where its words cannot be drawn.

    `signature` says whose they are: the clinic and its city.
    """
    if not (_DRAWABLE.fullmatch(title) and _DRAWABLE.fullmatch(signature)):
        return []
    return [Picture(title, signature, *size) for size in SIZES]


def missing(folder: Path, pictures: Iterable[Picture]) -> list[Picture]:
    """Those that nobody has drawn yet."""
    return [picture for picture in pictures if not (folder / picture.name).is_file()]
