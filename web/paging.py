"""Lists that stand on several pages: where one is among them, and one address for each."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property

from flask import request
from werkzeug.routing import RequestRedirect

MOVED = 301


@dataclass(frozen=True)
class Place:
    """A page of a list: its number, how many there are, and what gives the path of each."""

    number: int
    count: int
    path: Callable[[int], str]

    @property
    def previous_url(self) -> str | None:
        """The page before it."""
        return self.path(self.number - 1) if self.number > 1 else None

    @property
    def next_url(self) -> str | None:
        """The page after it."""
        return self.path(self.number + 1) if self.number < self.count else None

    @cached_property
    def links(self) -> list[tuple[int, str | None]]:
        """The first page, the last and those around this one, each with its path; None where some are left out."""
        return [(number, self.path(number) if is_link else None) for number, is_link in self._numbers()]

    def _numbers(self) -> Iterator[tuple[int, bool]]:
        shown = sorted({1, self.number - 1, self.number, self.number + 1, self.count} & set(range(1, self.count + 1)))
        before = 0
        for number in shown:
            if number == before + 2:
                yield before + 1, True
            elif number > before + 2:
                yield before + 1, False
            yield number, True
            before = number


def stay_at(path: str) -> None:
    """Leads to the one address of a page where it was asked for by another, such as its first one by a number."""
    if request.path != path:
        redirection = RequestRedirect(path)
        redirection.code = MOVED
        raise redirection
