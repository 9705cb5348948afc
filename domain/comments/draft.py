"""A comment on its way in, and what became of it."""

from dataclasses import dataclass
from functools import cached_property

from domain import readers
from domain.comments.comment import Wish
from domain.text import normalise_email


@dataclass(frozen=True)
class Draft:
    """A comment as its form hands it over: cleaned, of the right shape, not yet judged."""

    name: str
    email: str
    text: str
    website: str | None = None
    parent_id: int | None = None
    wishes: frozenset[Wish] = frozenset()

    @cached_property
    def email_key(self) -> str:
        """The address as it is compared."""
        return normalise_email(self.email)

    @property
    def serialise_on(self) -> tuple[str, ...]:
        """What two submissions at the same moment must not both be the first of."""
        return (f"comment of {readers.mailbox(self.email_key)}",)


@dataclass(frozen=True)
class Submitted:
    """What became of a submission. `comment_id` is None for a repeat that somebody else may have sent: it stays theirs to see.

    With `is_copy` a new comment says what others can read already. Its sender is answered as for such a repeat, without a
    link, or the answer would tell whose address is the right one for that text.
    """

    comment_id: int | None
    is_repeat: bool
    is_copy: bool = False

    @property
    def link_id(self) -> int | None:
        """The comment whose status page its sender may have."""
        return None if self.is_copy else self.comment_id
