"""What the site holds about a person without an account: found by an address or a number, shown, erased, and erased again."""

from domain.privacy.document import document
from domain.privacy.erasure import Erased, Way, erase
from domain.privacy.held import COVERED, Counts, counts, named_beside, refuses
from domain.privacy.ledger import BadList, Erasure, Replayed, erasure_of, read, replay, written
from domain.privacy.mentions import Mention, mentions
from domain.privacy.person import Kind, Person, Unrecognised, recognise

__all__ = [
    "COVERED",
    "BadList",
    "Counts",
    "Erased",
    "Erasure",
    "Kind",
    "Mention",
    "Person",
    "Replayed",
    "Unrecognised",
    "Way",
    "counts",
    "document",
    "erase",
    "erasure_of",
    "mentions",
    "named_beside",
    "read",
    "recognise",
    "refuses",
    "replay",
    "written",
]
