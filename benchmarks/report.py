"""Times of a run as ratios to the smallest site: a table for people, a file for programs."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import median
from typing import Any

from benchmarks.measures import Measure

Times = Mapping[int, Sequence[float]]
"""Seconds of each round, by the size of the site."""


@dataclass(frozen=True)
class Ratio:
    """How many times as long something took as on the smallest site in the same round: the median of all rounds, and its span."""

    middle: float
    least: float
    most: float

    @classmethod
    def of(cls, times: Sequence[float], base: Sequence[float]) -> "Ratio":
        """From the seconds of each round, in the same order."""
        ratios = [one / other for one, other in zip(times, base, strict=True)]
        return cls(median(ratios), min(ratios), max(ratios))

    def __str__(self) -> str:
        return f"{self.middle:.2f} [{self.least:.2f}..{self.most:.2f}]"


@dataclass(frozen=True)
class Result:
    """What a run found out about one measure."""

    measure: Measure
    times: Times

    @property
    def ratios(self) -> dict[int, Ratio]:
        """For each size but the smallest."""
        smallest = min(self.times)
        return {size: Ratio.of(times, self.times[smallest]) for size, times in self.times.items() if size != smallest}

    @property
    def is_met(self) -> bool:
        """Whether the largest site keeps the target."""
        if self.measure.seconds is not None:
            return median(self.times[max(self.times)]) <= self.measure.seconds
        ratios = self.ratios
        return not ratios or ratios[max(ratios)].middle <= self.measure.target


def table(results: Sequence[Result]) -> str:
    """The results in columns, and a last line that says whether all targets are met."""
    sizes = sorted(results[0].times)
    head = ["size", f"{sizes[0]:,} (ms)", *(f"{size:,} (ratio)" for size in sizes[1:]), "target", ""]
    lines = [head, *(_cells(result) for result in results)]
    widths = [max(len(line[column]) for line in lines) for column in range(len(head))]
    text = ["  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip() for line in lines]
    missed = [result.measure.name for result in results if not result.is_met]
    return "\n".join([*text, "", f"Targets not met: {', '.join(missed)}." if missed else "All targets are met."])


def as_data(results: Sequence[Result]) -> list[dict[str, Any]]:
    """The results with the seconds of every round, for a JSON file."""
    return [
        {
            "measure": result.measure.name,
            "target": result.measure.target if result.measure.seconds is None else None,
            "seconds_at_most": result.measure.seconds,
            "met": result.is_met,
            "seconds": {str(size): list(times) for size, times in result.times.items()},
            "ratios": {str(size): ratio.middle for size, ratio in result.ratios.items()},
        }
        for result in results
    ]


def _cells(result: Result) -> list[str]:
    base = f"{median(result.times[min(result.times)]) * 1000:.1f}"
    ratios = [str(ratio) for _, ratio in sorted(result.ratios.items())]
    if result.measure.seconds is not None and ratios:
        ratios[-1] = f"{median(result.times[max(result.times)]) * 1000:.0f} ms, {ratios[-1]}"
    return [result.measure.name, base, *ratios, result.measure.aim, "met" if result.is_met else "not met"]
