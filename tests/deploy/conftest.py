"""The site behind nginx, made once for all tests that only look."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.deploy.front import PUBLIC, Front
from tests.faults.running import Site

MakeFront = Callable[..., Front]


@pytest.fixture
def make_front(tmp_path: Path) -> Iterator[MakeFront]:
    """Starts nginx in front of ports; ended with the test."""
    made: list[Front] = []

    def make(*ports: int) -> Front:
        made.append(Front(tmp_path / f"nginx{len(made)}", *ports))
        return made[-1].start()

    yield make
    for front in made:
        front.stop()


@pytest.fixture
def pair(tmp_path: Path) -> Iterator[tuple[Site, Site]]:
    """Two instances on one database, as on the clinic's machine; not started yet."""
    sites = Site(tmp_path / "instance", **PUBLIC), Site(tmp_path / "instance", **PUBLIC)
    yield sites
    sites[0].kill_all()
    for site in sites:
        if site.supervisor is not None:
            site.supervisor.wait()


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Front, Site]]:
    """nginx and one running instance, on both ports; tests change nothing that others look at."""
    folder = tmp_path_factory.mktemp("shared")
    site = Site(folder / "instance", **PUBLIC)
    front = Front(folder / "nginx", site.port, site.port)
    try:
        site.start()
        front.start()
        yield front, site
    finally:
        front.stop()
        site.kill_all()


@pytest.fixture
def front(shared: tuple[Front, Site]) -> Front:
    return shared[0]


@pytest.fixture
def site(shared: tuple[Front, Site]) -> Site:
    return shared[1]
