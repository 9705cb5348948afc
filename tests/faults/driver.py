"""One fault run: visitors send requests while everything fails in turn; then what was promised is compared with what is there."""

import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from tests.faults import verdict
from tests.faults.clock import SteppedClock
from tests.faults.misfortune import Misfortune
from tests.faults.moods import DOWN, UP
from tests.faults.post_office import Holding, PostOffice
from tests.faults.running import Site
from tests.faults.staff import Staff
from tests.faults.verdict import Case, Duplicate, Evidence
from tests.faults.visitors import Visitors

RETRY_EVERY = 6
"""Blows after which staff make waiting and failed mail due: the real waits are minutes and hours."""


@dataclass(frozen=True)
class Plan:
    """How much is to happen; the seed decides which blow comes when, and what the mail server is like meanwhile."""

    requests: int
    kills: int
    seed: int


@dataclass(frozen=True)
class Result:
    """What happened, and what was found wrong (by kind; all empty when nothing was lost)."""

    plan: Plan
    seconds: float
    visitors: Visitors
    bad_luck: Misfortune
    staff: Staff
    duplicates: Sequence[Duplicate]
    problems: dict[str, list[str]]

    @property
    def wrong(self) -> dict[str, list[str]]:
        """Only what was found wrong."""
        return {kind: found for kind, found in self.problems.items() if found}


def assemble(folder: Path) -> tuple[Site, PostOffice, SteppedClock]:
    """A site that is not started yet, its mail server and its clock."""
    time_of_day, office = SteppedClock(folder / "clock"), PostOffice(folder)
    site = Site(folder / "instance", **office.settings, **time_of_day.settings)

    def who_holds(message_key: str) -> Holding:
        rows = site.rows("SELECT holder, lease FROM outbox_mail WHERE message_key = ?", message_key)
        return Holding(*rows[0]) if rows else Holding()

    office.who_holds = who_holds
    return site, office, time_of_day


def run(folder: Path, plan: Plan, tell: Callable[[str], None] = lambda line: None) -> Result:
    """Starts a site in the folder, plays the plan, delivers what still waits, and compares."""
    began = time.monotonic()
    site, office, time_of_day = assemble(folder)
    with ExitStack() as in_the_end:
        in_the_end.callback(office.set, DOWN)
        in_the_end.callback(site.kill_all)
        office.set(UP)
        site.start()
        bad_luck, staff = Misfortune(site, office, time_of_day, plan.seed), Staff(site)
        in_the_end.callback(bad_luck.leave_nothing)
        visitors = _play(plan, bad_luck, staff, tell)
        bad_luck.end()
        staff.deliver_the_rest()
        found = verdict.duplicates(office.accepted, Evidence(bad_luck.killed, time_of_day.steps))
        problems = _problems(visitors, office, found)
    return Result(plan, time.monotonic() - began, visitors, bad_luck, staff, found, problems)


def _play(plan: Plan, bad_luck: Misfortune, staff: Staff, tell: Callable[[str], None]) -> Visitors:
    blows = bad_luck.blows(plan.kills)
    with Visitors(bad_luck.site, plan.requests) as visitors:
        for number, blow in enumerate(blows, 1):
            visitors.admit(plan.requests * number // len(blows))
            bad_luck.strike(blow)
            visitors.wait()
            bad_luck.let_mood_work()
            mood, taken = bad_luck.office.mood, len(bad_luck.office.accepted)
            tell(f"blow {number} of {len(blows)}: {blow}; mail server {mood}; {len(visitors.receipts)} receipts, {taken} mails")
            bad_luck.change_mood()
            if number % RETRY_EVERY == 0:
                staff.retry()
    return visitors


def _problems(visitors: Visitors, office: PostOffice, found: Sequence[Duplicate]) -> dict[str, list[str]]:
    unexplained = [str(each) for each in found if each.case is Case.UNEXPLAINED]
    return {
        **verdict.requests_lost(visitors.site, visitors.receipts),
        **verdict.mail_lost(visitors.site, office.accepted),
        "duplicates outside the three cases": unexplained,
        "answers other than 303 and 503": [f"{count} times {status}" for status, count in visitors.strange.items()],
    }
