"""`make bench-growth` measures every page it should and tells what came out; how fast they are is never asserted."""

import io
import json
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner
from flask import Flask

from benchmarks import growth, library, sites
from benchmarks.measures import MEASURES, Measure
from benchmarks.progress import Progress
from benchmarks.report import Ratio, Result, as_data, table
from domain import articles
from tests.factories import ARTICLE


def test_a_run_prints_a_table_and_keeps_the_times(
    app: Flask, pytestconfig: pytest.Config, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sites, "BACKLOG", 20)
    monkeypatch.setattr(sites, "TO_DO", 20)
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    monkeypatch.setattr(growth, "MEASURES", [replace(one, times=1) for one in MEASURES])
    engine, path = pytestconfig.getoption("engine"), tmp_path / "times.json"
    options = ["--sizes", "150,100", "--engine", engine, "--articles", "42", "--rounds", "1", "--json", str(path)]
    done = CliRunner().invoke(growth.main, options, catch_exceptions=False)
    assert done.exit_code == 0
    told = json.loads(path.read_text())
    assert (told["engine"], told["rounds"]) == (engine, 1)
    for measure, result in zip(MEASURES, told["results"], strict=True):
        assert f"\n{measure.name} " in done.stdout
        assert list(result["seconds"]) == ["100", "150"]
        assert result["ratios"]["150"] > 0
    assert list(tmp_path.iterdir()) == [path], "nothing is left of the sites"


@pytest.mark.parametrize("sizes", ["", "0", "-5", "1000,many", "1.5"])
def test_sizes_that_are_none_are_refused(sizes: str) -> None:
    done = CliRunner().invoke(growth.main, ["--sizes", sizes])
    assert done.exit_code == 2
    assert "whole numbers" in done.stderr


def test_ratios_compare_what_was_measured_in_the_same_round() -> None:
    # In the second round the machine was busy for both.
    ratio = Ratio.of([2.0, 20.0, 3.0], [1.0, 10.0, 2.0])
    assert (ratio.middle, ratio.least, ratio.most) == (2.0, 1.5, 2.0)
    assert str(ratio) == "2.00 [1.50..2.00]"


def test_the_table_says_which_targets_are_missed() -> None:
    slow, quick = (Measure(name, 1.5, lambda _visitor: 0.0) for name in ("slow", "quick"))
    results = [Result(slow, {1000: [0.001], 10: [0.0005]}), Result(quick, {1000: [0.001], 10: [0.001]})]
    lines = table(results).splitlines()
    assert lines[0].split() == ["size", "10", "(ms)", "1,000", "(ratio)", "target"]
    assert lines[1].split() == ["slow", "0.5", "2.00", "[2.00..2.00]", "1.5", "not", "met"]
    assert lines[2].endswith("met")
    assert lines[-1] == "Targets not met: slow."
    assert table(results[1:]).endswith("All targets are met.")


@pytest.mark.parametrize(("seconds", "is_met"), [(1.9, True), (2.1, False)])
def test_a_target_in_seconds_is_that_of_the_largest_site(seconds: float, is_met: bool) -> None:
    measure = Measure("a start", 0, lambda _visitor: 0.0, seconds=2.0)
    result = Result(measure, {10: [0.1, 0.1, 0.1], 1000: [seconds, seconds, 9.0]})
    assert result.is_met is is_met
    line = table([result]).splitlines()[1]
    assert f"{seconds * 1000:.0f} ms, {seconds * 10:.2f} [" in line
    assert "  2000 ms  " in line
    assert as_data([result])[0]["seconds_at_most"] == 2.0


def test_a_library_has_as_many_articles_as_are_wanted(tmp_path: Path) -> None:
    shipped = len([*(library.SHIPPED / "articles").glob("*.md")])
    for number, expected in ((0, shipped), (shipped + 4, shipped + 4)):
        library.fill(tmp_path / str(number), number)
        found = articles.shelf(tmp_path / str(number) / "articles").library.all
        assert len(found) == expected
        assert len({article.title for article in found}) == len({article.slug for article in found}) == expected
        assert ARTICLE in {article.id for article in found}


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_progress_is_a_bar_for_people_and_lines_for_files() -> None:
    terminal, file = Terminal(), io.StringIO()
    for stream in (terminal, file):
        with Progress("filling", 4, stream) as progress:
            progress.forward(1)
    assert "[########......................] filling: 1 of 4" in terminal.getvalue()
    assert terminal.getvalue().startswith("\r")
    assert file.getvalue().startswith("filling: 1 of 4, 0 s")
    assert file.getvalue().count("\n") == 1
