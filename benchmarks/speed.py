"""`make bench`: how fast the site answers, beside an nginx that serves the same bytes from a file, on this machine in one run."""

import itertools
import json
import os
import platform
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

import click

from benchmarks import article, load, servers
from benchmarks.load import Load
from benchmarks.progress import Progress
from benchmarks.servers import Servers

CONNECTIONS = (16, 64)
BESIDE = {
    "nginx, a file": "nginx, a file",
    "the site alone": "nginx, a file",
    "nginx, a file, by TLS": "nginx, a file, by TLS",
    "the site behind its nginx, by TLS": "nginx, a file, by TLS",
}
"""What each is compared with, in the same round."""
COMMENT = "name=Sana&email=r#%40example.com&body=My+diary+for+the+migraine%2C+page+#"
REQUEST = "name=Sana&phone=0345-#&contact_by=phone&best_time=any&consent=y&message=About+migraine+#"
RULE = "|---"
Runs = dict[str, list[Load]]


@click.command(help=__doc__)
@click.option("--rounds", type=click.IntRange(1), default=3, show_default=True, help="Each server in turn, so often.")
@click.option("--seconds", type=click.FloatRange(0.5), default=5.0, show_default=True, help="Length of each run.")
@click.option("--json", "path", type=click.Path(dir_okay=False, path_type=Path), help="Keeps all figures in this file.")
def main(rounds: int, seconds: float, path: Path | None) -> None:
    """Starts the servers, measures, prints Markdown."""
    with TemporaryDirectory(prefix="speed-") as folder:
        made = Servers(Path(folder))
        try:
            found = measure(made, Path(folder), rounds, seconds)
            mebibytes = servers.memory(made.site)
        finally:
            made.close()
    click.echo("\n".join([versions(), "", *report(found, len(made.body), rounds), "", *about(mebibytes, made.start_seconds)]))
    if path is not None:
        path.write_text(json.dumps({name: [vars(run) for run in runs] for name, runs in found.items()}, indent=2))


def measure(made: Servers, folder: Path, rounds: int, seconds: float) -> Runs:
    """Every run by its name."""
    found: Runs = {}
    numbers = itertools.count(1)

    def write(path: str, form: str, connections: int) -> Callable[[], Load]:
        return lambda: load.run(made.site.url + path, connections, seconds, form, next(numbers))

    runs: dict[str, Callable[[], Load]] = {}
    for connections in CONNECTIONS:
        for name, url in made.urls.items():
            runs[f"{name}, {connections}"] = lambda url=url, connections=connections: load.run(url, connections, seconds)  # type: ignore[misc]
    uncached = f"{made.site.url}{article.PATH}?reply_to=0"
    runs["the article, rendered, 16"] = lambda: load.run(uncached, 16, seconds)
    for connections in (1, 16):
        runs[f"a comment, {connections}"] = write(f"{article.PATH}/comments", COMMENT, connections)
        runs[f"a request, {connections}"] = write("/consultation", REQUEST, connections)
    runs["commits of SQLite alone, 1"] = lambda: Load(servers.commits_a_second(folder, seconds / 2), 0, 0, 0)
    with Progress("measuring", (rounds + 1) * len(runs)) as progress:
        for number in range(rounds + 1):
            for name, run in runs.items():
                done = run()
                # The first round is there to warm up.
                if number:
                    found.setdefault(name, []).append(done)
                progress.forward(1)
    return found


def report(found: Runs, size: int, rounds: int) -> list[str]:
    """For people, in Markdown: medians, and the least and the most of all rounds."""
    lines = [f"The article, {size:,} bytes compressed, {rounds} rounds.", ""]
    lines += [
        "| who answers | connections | answers/s | of nginx with a file | p50 ms | p99 ms | refused |",
        f"{RULE * 7}|",
    ]
    for connections in CONNECTIONS:
        for name, other in BESIDE.items():
            runs = found[f"{name}, {connections}"]
            ratios = [one.rate / base.rate for one, base in zip(runs, found[f"{other}, {connections}"], strict=True)]
            lines.append(f"| {name} | {connections} | {_rates(runs)} | {_span(ratios)} | {_waits(runs)} |")
    lines += ["", "| what | connections | a second | p50 ms | p99 ms | refused |", f"{RULE * 6}|"]
    for name in ("the article, rendered, 16", "a comment, 1", "a comment, 16", "a request, 1", "a request, 16"):
        what, _, count = name.rpartition(", ")
        lines.append(f"| {what} | {count} | {_rates(found[name])} | {_waits(found[name])} |")
    commits = median(run.rate for run in found["commits of SQLite alone, 1"])
    lines += [
        "",
        f"SQLite alone, two rows a commit, one connection: {commits:,.0f} commits/s.",
    ]
    return lines


def about(mebibytes: float, start_seconds: float) -> list[str]:
    """What was measured once."""
    return [
        f"All processes of the site after all this: {mebibytes:.0f} MiB (PSS).",
        f"From the command to the first answer, database and secret there: {start_seconds:.1f} s.",
    ]


def versions() -> str:
    """What it was measured with."""
    parts = ", ".join(f"{name} {version(name)}" for name in ("granian", "flask", "sqlalchemy", "brotli"))
    machine = f"{os.cpu_count()} cores, the load generator on the same ones"
    return f"Python {platform.python_version()}, {parts}, nginx {servers.nginx_version()}; {machine}."


def _rates(runs: list[Load]) -> str:
    rates = [run.rate for run in runs]
    return f"{median(rates):,.0f} [{min(rates):,.0f}..{max(rates):,.0f}]"


def _span(ratios: list[float]) -> str:
    return f"{median(ratios):.2f} [{min(ratios):.2f}..{max(ratios):.2f}]"


def _waits(runs: list[Load]) -> str:
    return f"{median(run.p50 for run in runs):.2f} | {median(run.p99 for run in runs):.1f} | {sum(run.refused for run in runs)}"


if __name__ == "__main__":
    main()
