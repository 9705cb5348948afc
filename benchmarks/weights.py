"""`make bench-bytes`: what a first view sends over the wire, compressed with Brotli, beside its budget; ends with 1 over one."""

import sys
from collections.abc import Iterator
from dataclasses import dataclass

import click
from bs4 import BeautifulSoup
from flask import Flask
from werkzeug.test import Client

from benchmarks import article

KB = 1024


@dataclass(frozen=True)
class Budget:
    """What a first view may take: bytes of all bodies, requests, and bytes of the page itself."""

    total: int
    requests: int
    html: int


BUDGETS = {
    article.PATH: Budget(35 * KB, 4, 20 * KB),
    "/": Budget(20 * KB, 4, 20 * KB),
    "/consultation": Budget(20 * KB, 4, 20 * KB),
}
ALL_STYLES, ALL_SCRIPTS = 8 * KB, 6 * KB


@dataclass(frozen=True)
class View:
    """The bytes of a first view by kind."""

    path: str
    html: int
    css: int
    js: int
    images: int
    requests: int

    @property
    def total(self) -> int:
        """Of everything."""
        return self.html + self.css + self.js + self.images

    def faults(self, budget: Budget) -> Iterator[str]:
        """What is over its budget, in words."""
        pairs = (
            ("bytes in all", self.total, budget.total),
            ("requests", self.requests, budget.requests),
            ("bytes of HTML", self.html, budget.html),
            ("bytes of style sheets", self.css, ALL_STYLES),
            ("bytes of scripts", self.js, ALL_SCRIPTS),
        )
        yield from (f"{self.path}: {found:,} {what}, at most {most:,}" for what, found, most in pairs if found > most)


def view(app: Flask, path: str) -> View:
    """Opens a page and everything it loads at once: style sheets, scripts, images, and the icon that browsers draw."""
    client = Client(app)

    def size(url: str) -> int:
        answer = client.get(url, headers={"Accept-Encoding": "br"})
        if answer.status_code != 200:
            raise click.ClickException(f"{url} answers {answer.status}")
        return len(answer.data)

    tree = BeautifulSoup(client.get(path).data, "html.parser")
    styles = [str(tag["href"]) for tag in tree.select('link[rel="stylesheet"]')]
    scripts = [str(tag.get("src") or tag["data-src"]) for tag in tree.select("script[src], script[data-src]")]
    images = [str(tag["src"]) for tag in tree.select("img[src]")]
    images += [str(tag["href"]) for tag in tree.select('link[rel="icon"][type="image/svg+xml"]')]
    return View(
        path,
        html=size(path),
        css=sum(map(size, styles)),
        js=sum(map(size, scripts)),
        images=sum(map(size, images)),
        requests=1 + len(styles) + len(scripts) + len(images),
    )


def table(views: list[View]) -> str:
    """For people, in Markdown."""
    head = "| page | requests | HTML | CSS | JS | images | total | budget |\n|---|---|---|---|---|---|---|---|"
    rows = [
        f"| {one.path} | {one.requests} | {one.html:,} | {one.css:,} | {one.js:,} | {one.images:,} | {one.total:,} "
        f"| {BUDGETS[one.path].total:,} |"
        for one in views
    ]
    return "\n".join([head, *rows])


@click.command(help=__doc__)
def main() -> None:
    """Measures each page of BUDGETS on a site whose article has a full page of comments."""
    with article.site() as app:
        views = [view(app, path) for path in BUDGETS]
    click.echo(table(views))
    faults = [fault for one in views for fault in one.faults(BUDGETS[one.path])]
    for fault in faults:
        click.echo(f"over: {fault}", err=True)
    sys.exit(1 if faults else 0)


if __name__ == "__main__":
    main()
