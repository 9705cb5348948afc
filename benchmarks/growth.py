"""`make bench-growth`: how much slower the site becomes when it has a thousand times as many comments and requests,
and a thousand articles."""

import json
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from statistics import median

import click

from benchmarks.measures import MEASURES, Measure, Visitor
from benchmarks.progress import Progress
from benchmarks.report import Result, as_data, table
from benchmarks.sites import ARTICLES, COMMENTS, DATABASES, REQUESTS, default_engine, filled_site

SIZES = "1000,100000,1000000"
FEW = 40
"""Articles of the smallest site: more than a page of the list or a feed has, and more than a process keeps at hand."""


def _sizes(_context: click.Context, _option: click.Parameter, value: str) -> list[int]:
    try:
        sizes = sorted({int(size) for size in value.split(",")})
    except ValueError:
        sizes = []
    if not sizes or sizes[0] < 1:
        raise click.BadParameter("expected whole numbers with commas between them")
    return sizes


@click.command(help=__doc__)
@click.option("--sizes", default=SIZES, show_default=True, callback=_sizes, help="Rows of each site, the smallest is the measure.")
@click.option("--engine", type=click.Choice(list(DATABASES)), default=default_engine, help="Default: as FLASK_DATABASE_URL says.")
@click.option(
    "--about",
    type=click.Choice([COMMENTS, REQUESTS, ARTICLES]),
    multiple=True,
    help="What the sites hold so many of, and what is measured. Default: all.",
)
@click.option(
    "--articles", type=click.IntRange(FEW), default=1000, show_default=True, help="Articles of all sites but the smallest."
)
@click.option("--rounds", type=click.IntRange(1), default=5, show_default=True, help="Repetitions after a first one to warm up.")
@click.option("--json", "path", type=click.Path(dir_okay=False, path_type=Path), help="Keeps all times in this file.")
def main(sizes: list[int], engine: str, about: tuple[str, ...], articles: int, rounds: int, path: Path | None) -> None:
    """Fills a site of each size, measures them in turn, prints the table."""
    about = about or (COMMENTS, REQUESTS, ARTICLES)
    with ExitStack() as sites:
        library = {size: (FEW if size == sizes[0] else articles) if ARTICLES in about else 0 for size in sizes}
        visitors = {size: Visitor(sites.enter_context(filled_site(engine, size, about, library[size]))) for size in sizes}
        results = measure(visitors, rounds, [one for one in MEASURES if one.about <= set(about)])
    click.echo(f"{engine}, {rounds} rounds: median [least..most]\n\n{table(results)}")
    if path is not None:
        path.write_text(json.dumps({"engine": engine, "rounds": rounds, "results": as_data(results)}, indent=2))


def measure(visitors: dict[int, Visitor], rounds: int, measures: Sequence[Measure]) -> list[Result]:
    """Every measure in each round, site after site, so that whatever else the machine does meets all of them alike."""
    times: dict[str, dict[int, list[float]]] = {one.name: {size: [] for size in visitors} for one in measures}
    for visitor in visitors.values():
        visitor.sign_in()
    with Progress("measuring", (rounds + 1) * len(measures)) as progress:
        for number in range(rounds + 1):
            for one in measures:
                taken = _take_turns(one, visitors)
                # The first round is there to warm up.
                for size, seconds in taken.items() if number else ():
                    times[one.name][size].append(median(seconds))
                progress.forward(1)
    return [Result(one, times[one.name]) for one in measures]


def _take_turns(one: Measure, visitors: dict[int, Visitor]) -> dict[int, list[float]]:
    """Seconds by size, each site once and then each again."""
    taken: dict[int, list[float]] = {size: [] for size in visitors}
    for _ in range(one.times):
        for size, visitor in visitors.items():
            taken[size].append(one.once(visitor))
    return taken


if __name__ == "__main__":
    main()
