"""Treatments: documents about what the clinic offers, each with the slug by which a request names it."""

from collections.abc import Collection
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from domain import documents
from domain.documents import Document
from domain.remembered import Memory
from domain.shelf import Shelf


@dataclass(frozen=True, kw_only=True)
class TreatmentPage(Document):
    """The page of a treatment in site.toml, ready to be shown."""

    treatment: str


def shelf(
    folder: Path, treatments: Collection[str] | None = None, *, generic: bool = False, kept: Path | None = None
) -> Shelf[TreatmentPage]:
    """The treatments of a folder; see Shelf and documents.parts. Raises InvalidDocument.

    `kept` is the folder where what was read is remembered, without which it is read each time.
    """
    memory = Memory(kept, TreatmentPage, f"generic: {generic}") if kept else None
    return Shelf(folder, partial(read, generic=generic), treatments, memory)


def read(path: Path, *, generic: bool = False) -> TreatmentPage:
    """One file of a treatment. Raises InvalidDocument."""
    fields, common = documents.parts(path, generic)
    return TreatmentPage(**{**common, "treatment": fields.slug("treatment")})
