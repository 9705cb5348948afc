"""Medical sign-off: a doctor's review of a document, bound to a hash of the clinical text that was read.

It lives in the front matter beside that text, so that one commit holds both: `reviewer` (an id of [[reviewers]] in site.toml),
`reviewed` and `review_due` (dates), and `signed`, the hash. docs/decisions/0022 says why.
"""

import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from domain import front_matter, generic_names
from domain.front_matter import FrontMatter, InvalidDocument
from domain.settings import Reviewer

KEYS = ("reviewer", "reviewed", "review_due", "signed")
CLINICAL = ("title", "summary", "references")
"""What of the front matter a reviewer answers for, beside body and figures: no dates, no slugs, no words for search engines."""
_BOX = re.compile(r"^[\s>]*:{3,}")
_IMAGE = re.compile(r"!\[[^\]]*\]\([^)]*\)")


@dataclass(frozen=True)
class SignOff:
    """What the front matter says of a review; `is_current` while the text is the one that was read."""

    reviewer: str
    reviewed: date
    due: date
    is_current: bool


@dataclass(frozen=True)
class Review:
    """A review that may be shown: of this very text, by a person that the clinic has named."""

    reviewer: Reviewer
    reviewed: date
    due: date


def review(sign_off: SignOff | None, reviewers: Sequence[Reviewer]) -> Review | None:
    """The review a sign-off stands for; None when the text has changed since, or its reviewer is not among these."""
    person = next((one for one in reviewers if sign_off is not None and one.id == sign_off.reviewer), None)
    if sign_off is None or person is None or not sign_off.is_current:
        return None
    return Review(person, sign_off.reviewed, sign_off.due)


def read(fields: FrontMatter, text_hash: str) -> SignOff | None:
    """The sign-off in a front matter; `review_due` may stand there without one. Raises InvalidDocument."""
    if not {"reviewer", "reviewed", "signed"} & fields.data.keys():
        return None
    reviewer, signed = fields.slug("reviewer"), fields.text("signed")
    reviewed, due = fields.day("reviewed"), fields.day("review_due")
    if due <= reviewed:
        raise fields.wrong("review_due", "a date after reviewed")
    return SignOff(reviewer, reviewed, due, signed == text_hash)


def text_hash(path: Path, front: Mapping[str, Any], body: str) -> str:
    """SHA-256 in hex of the clinical text: title, summary, references, body, and each figure that the body names, with its drawing.

    What the text becomes without the brand name belongs to it, so the switch itself ends no review. How lines end and what white
    space stands at their ends makes no difference. Raises InvalidDocument when a figure that is there cannot be read.
    """
    lines = [line.rstrip() for line in body.strip().splitlines()]
    text = {key: front.get(key) for key in CLINICAL}
    text |= {"body": lines, "figures": _drawings(path, body), "generic": generic_names.clinical(front)}
    return hashlib.sha256(json.dumps(text, sort_keys=True, ensure_ascii=False, default=str).encode()).hexdigest()


def named(body: str) -> set[str]:
    """The words by which a text may name a drawing: those of its images and of the heads of its boxes."""
    lines = " ".join([*(line for line in body.splitlines() if _BOX.match(line)), *_IMAGE.findall(body)])
    return set(re.findall(r"[a-z0-9]+(?:-[a-z0-9]+)*", lines))


def figures(path: Path, body: str) -> list[Path]:
    """The drawings in content/figures/ that a document names, in an image or at the head of a box, by name."""
    words = named(body)
    return [file for file in sorted((path.parent.parent / "figures").glob("*.svg")) if file.stem in words]


def _drawings(path: Path, body: str) -> dict[str, str]:
    try:
        return {file.stem: hashlib.sha256(file.read_bytes()).hexdigest() for file in figures(path, body)}
    except OSError as error:
        raise InvalidDocument(path, "body", f"figures that can be read ({error.strerror})") from error


def sign(path: Path, text: str, reviewer: str, reviewed: date, due: date) -> str:
    """The text of a file with its sign-off in the front matter, in place of any earlier one; nothing else changes.

    Raises InvalidDocument when the text is no document, or writes one of these keys over several lines.
    """
    fields, body = front_matter.parse(path, text)
    values = {"reviewer": reviewer, "reviewed": reviewed, "review_due": due, "signed": text_hash(path, fields.data, body)}
    head, rest = text.split("\n---\n", 1)
    kept = [line for line in head.split("\n") if line.partition(":")[0] not in KEYS]
    lines = [*kept, *(f"{key}: {value}" for key, value in values.items())]
    signed = "\n".join(lines) + "\n---\n" + rest
    after, body_after = front_matter.parse(path, signed)
    if dict(after.data) != {**fields.data, **values} or body_after != body:
        raise InvalidDocument(path, "reviewer", f"{', '.join(KEYS)} on a line each")
    return signed
