"""A server of its own for each fault, ended with the test whatever happened to it."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.faults.running import Site

MakeSite = Callable[..., Site]


@pytest.fixture
def make_site(tmp_path: Path) -> Iterator[MakeSite]:
    """Makes sites that are not started yet; each setting is an environment variable."""
    made: list[Site] = []

    def make(instance: Path | None = None, **settings: str) -> Site:
        made.append(Site(instance or tmp_path / f"instance{len(made)}", **settings))
        return made[-1]

    yield make
    for site in made:
        site.kill_all()


@pytest.fixture
def site(make_site: MakeSite) -> Site:
    """A running server."""
    return make_site().start()
