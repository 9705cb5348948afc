"""What the filter is told of a submission: what was typed, what the request shows, what is known of its sender."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cached_property

from domain import text


@dataclass(frozen=True)
class Signals:
    """What the request itself tells, before anybody reads the text."""

    honeypot_filled: bool = False
    is_cross_site: bool = False
    typed_in: int | None = None
    """Whole seconds in which the text was typed, as the page's script says; None without script, and for what was not typed."""


@dataclass(frozen=True)
class Past:
    """What the site knows of the address and the network: comments of theirs that are spam now, and how many came this hour."""

    spam_of_address: int = 0
    spam_of_network: int = 0
    within_hour: int = 0


@dataclass(frozen=True)
class Submission:
    """A comment or request to be judged. `hold_links` is the number of links from which the owner has them held; `repeated`
    says how many minutes ago much the same text came, None for a new one. `about` is what it should have to do with: the HTML of
    the article and the comment it answers; empty where that is not known."""

    text: str
    signals: Signals = field(default_factory=Signals)
    name: str = ""
    email_key: str = ""
    hold_links: int = 2
    past: Past = field(default_factory=Past)
    repeated: int | None = None
    about: str = ""

    @cached_property
    def links(self) -> list[str]:
        """The web addresses in the text; several signals ask."""
        return text.links(self.text)


def as_sent(reasons: Iterable[str]) -> tuple[Signals, Past]:
    """What an earlier verdict's reasons tell of the request and of its sender, by which another text of theirs is judged."""
    numbers = dict(reason.partition(":")[::2] for reason in reasons)
    typed_in = int(numbers["typed-in"]) - 1 if "typed-in" in numbers else None
    of_address, of_network, within_hour = (int(numbers.get(name, 0)) for name in ("address-in-spam", "network-in-spam", "rate"))
    return Signals("honeypot" in numbers, "cross-site" in numbers, typed_in), Past(of_address, of_network, within_hour)
