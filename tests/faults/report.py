"""The result of a fault run as a table."""

from collections import Counter

from tests.faults.driver import Result
from tests.faults.misfortune import KILLS
from tests.faults.moods import STEPS, Manner, Mood
from tests.faults.verdict import Case, staff_mails

Row = tuple[str, object]


def as_markdown(result: Result) -> str:
    """Two tables: what was done and found, and how many tries to send met which failure at which step."""
    head = f"Seed {result.plan.seed}; {result.seconds / 60:.0f} minutes."
    wrong = [f"- {kind}: {found}" for kind, found in result.wrong.items()]
    return "\n".join([head, "", *_table(_rows(result)), "", *_moods(result.bad_luck.office.met), *wrong])


def _rows(result: Result) -> list[Row]:
    visitors, luck, office = result.visitors, result.bad_luck, result.bad_luck.office
    cases = Counter(each.case for each in result.duplicates)
    return [
        ("requests acknowledged with a 303", len(visitors.receipts)),
        ("answers 503, form kept, sent again", visitors.answers[503]),
        ("no answer, sent again", visitors.answers[None]),
        ("kills", sum(luck.struck[blow] for blow in set(KILLS))),
        *((f"- {blow}", luck.struck[blow]) for blow in dict.fromkeys(KILLS)),
        ("processes that died by them", len(luck.killed)),
        ("database locked for 0.5 to 7 s", luck.struck["lock"]),
        ("clock stepped by 90 s to 1 h, forward or back", luck.struck["clock"]),
        ("starts that failed and were repeated", luck.failed_starts),
        ("changes of the mail server to a failing mood", sum(luck.moods.values())),
        ("retries by staff", result.staff.retries),
        ("messages refused for good, sent again by staff", result.staff.refused),
        ("messages the mail server took", len(office.accepted)),
        ("- to staff", staff_mails(office.accepted)),
        ("taken again, under the same Message-ID", len(result.duplicates)),
        *((f"- {case.value}", cases[case]) for case in Case if case is not Case.UNEXPLAINED),
        *((f"**{kind}**", len(found)) for kind, found in result.problems.items()),
    ]


def _table(rows: list[Row]) -> list[str]:
    return ["| what | count |", "|---|---|", *(f"| {name} | {count} |" for name, count in rows)]


def _moods(met: Counter[Mood]) -> list[str]:
    manners = [manner for manner in Manner if manner not in {Manner.UP, Manner.DOWN}]
    head = ["| tries that met a server that | " + " | ".join(STEPS.values()) + " |", "|---" * (len(STEPS) + 1) + "|"]
    return head + [
        f"| {manner.value} | " + " | ".join(str(met[Mood(manner, step)] or "") for step in STEPS) + " |" for manner in manners
    ]
