"""The numbers of several processes are told as one, also after some of them were killed."""

import json
import os
import re
import signal
import sys
from pathlib import Path

import pytest

from tests.faults.conftest import MakeSite
from tests.faults.running import Site, comes, poll, request_fields

pytestmark = pytest.mark.slow
SIGN_IN = r'clinic_request_seconds_count\{method="GET",route="/staff/login",status="2xx"\} (\S+)'


def number(site: Site, pattern: str) -> float:
    """One line of /metrics; 0 while it is not there."""
    found = re.findall(rf"^{pattern}$", site.get("/metrics").body, re.MULTILINE)
    return float(found[0]) if found else 0.0


def ask(site: Site, times: int) -> None:
    """So many looks at a page that nobody keeps, each on a connection of its own, so that all workers get some."""
    for _ in range(times):
        assert site.get("/staff/login").status == 200


def counting(site: Site) -> list[Path]:
    """The files in which a process has counted requests: their first number says how far they are written."""
    files = (site.instance / "metrics").glob("histogram_*.db")
    return [path for path in files if int.from_bytes(path.read_bytes()[:4], sys.byteorder) > 8]


def test_every_worker_counts_and_a_killed_one_takes_nothing_along(make_site: MakeSite) -> None:
    site = make_site(WEB_CONCURRENCY="2").start()
    poll(lambda: len(site.workers()) == 2, "there are not two workers")
    asked = 0
    while len(counting(site)) < 2:
        ask(site, 10)
        asked += 10
        assert asked < 1000, "one of the workers is never asked"
    assert number(site, SIGN_IN) == asked
    for _ in range(2):
        victim = site.workers()[0]
        site.kill(victim)
        poll(lambda victim=victim: len(site.workers()) == 2 and victim not in site.workers(), "no worker took its place")
        # The one before may not have been up yet when this one was killed.
        poll(site.answers, "nobody answers")
        ask(site, 40)
        asked += 40
        assert number(site, SIGN_IN) == asked
    assert len(counting(site)) == 2
    # Of the two workers and the dispatcher; none of a dead worker.
    assert len(list((site.instance / "metrics").glob("histogram_*.db"))) == 3


def test_the_dispatcher_counts_along_and_is_heard_of(site: Site) -> None:
    assert site.post("/consultation", request_fields(1)).status == 303
    sent = r'clinic_deliveries_total\{kind="request_received",outcome="sent"\} (\S+)'
    poll(lambda: number(site, sent) == 1, "the dispatcher's try is not among the metrics")
    poll(lambda: number(site, r"clinic_dispatchers (\S+)") == 1, "the dispatcher is not heard of")
    answer = site.get("/readyz")
    assert answer.status == 200
    assert json.loads(answer.body)["checks"]["dispatcher"] == "ok"


def test_a_start_forgets_what_processes_counted_that_have_ended(site: Site) -> None:
    ask(site, 5)
    site.stop()
    site.start()
    assert number(site, SIGN_IN) == 0


def test_all_processes_write_lines_of_json(make_site: MakeSite) -> None:
    site = make_site(WEB_CONCURRENCY="2", FLASK_ACCESS_LOG="true").start()
    site.get("/consultation/received/abc.def.ghi?utm_source=somebody")
    dispatcher = site.role("dispatcher")
    assert dispatcher is not None
    os.kill(dispatcher, signal.SIGKILL)

    def roles() -> set[str]:
        return {json.loads(line)["role"] for line in site.output.splitlines() if line.startswith("{")}

    assert comes(lambda: roles() >= {"web", "supervisor"}, 10), site.output
    assert "abc.def" not in site.output
    assert "somebody" not in site.output
    assert "127.0.0.1" not in "\n".join(line for line in site.output.splitlines() if line.startswith("{"))
