"""A browser, the real server, and visitors; a test fails when any page it opened did something wrong."""

import os
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser

from tests.browser import chromium
from tests.browser.chromium import Visitor
from tests.browser.seed import seed
from tests.faults.running import Site

NewVisitor = Callable[..., Visitor]


RERUNS = 1
"""A browser on a busy machine is late at times; the summary names each test that needed a second run."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Lets each browser test run once more before it counts as failed.

    Playwright closes its loop before the end of its driver is noted; the process object then complains wherever it happens
    to be collected, which is mostly in the first test of the next file.
    """
    here = Path(__file__).parent
    for item in items:
        if here in item.path.parents:
            item.add_marker(pytest.mark.flaky(reruns=RERUNS))
            item.add_marker(pytest.mark.filterwarnings("ignore:subprocess .* is still running:ResourceWarning"))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Says once why the browser tests did not run."""
    if chromium.executable() is None:
        terminalreporter.write_line(f"tests/browser: {chromium.MISSING}")


@pytest.fixture(scope="session")
def has_chromium() -> None:
    """Without a browser the tests are skipped, but never where CI=true."""
    if chromium.executable() is None:
        if os.environ.get("CI") == "true":
            pytest.fail(chromium.MISSING, pytrace=False)
        pytest.skip(chromium.MISSING)


@pytest.fixture(scope="module")
def chrome(has_chromium: None) -> Iterator[Browser]:
    """Chromium; ended with each file, since Playwright's event loop is in the way of tests that drive Flask."""
    with chromium.launched() as browser:
        yield browser


@pytest.fixture
def site(has_chromium: None, tmp_path: Path) -> Iterator[Site]:
    """A running server that nobody has used yet."""
    made = Site(tmp_path / "instance").start()
    yield made
    made.kill_all()


@pytest.fixture(scope="session")
def used_site(has_chromium: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A running server with comments, requests, mail and staff in many states; shared, so tests only add to it."""
    made = Site(tmp_path_factory.mktemp("used") / "instance")
    with ThreadPoolExecutor(1) as thread:
        # A thread of its own, for the same reason.
        thread.submit(seed, made).result()
    made.start()
    yield made
    made.kill_all()


@pytest.fixture
def new_visitor(chrome: Browser) -> Iterator[NewVisitor]:
    """Makes visitors of a site; options are those of Playwright's new_context."""
    made: list[Visitor] = []

    def make(site: Site, **options: Any) -> Visitor:
        made.append(Visitor(chrome, site.url, **options))
        return made[-1]

    yield make
    faults = [fault for visitor in made for fault in visitor.all_faults()]
    for visitor in made:
        visitor.context.close()
    assert faults == []
