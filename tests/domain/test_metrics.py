"""Processes that count together, and the room that takes."""

import subprocess
import sys
from pathlib import Path

from flask import Flask
from prometheus_client.mmap_dict import mmap_key

from domain.outbox import Failure, Kind
from telemetry import logs, metrics

ROOT = Path(__file__).parents[2]
COUNT = """
import sys
from pathlib import Path
from telemetry import metrics
print(metrics.share(Path(sys.argv[1])))
metrics.DELIVERIES.labels("request_received", "sent").inc()
for metric in metrics.collect():
    for sample in metric.samples:
        if sample.name == "clinic_deliveries_total":
            print(sample.value)
"""


def run(code: str, folder: Path) -> list[str]:
    """What a process prints that shares this folder."""
    command = [sys.executable, "-c", code, str(folder)]
    return subprocess.run(command, cwd=ROOT, text=True, capture_output=True, check=True).stdout.split()


def test_a_process_goes_on_with_the_numbers_of_a_dead_one(tmp_path: Path) -> None:
    metrics.start_afresh(tmp_path)
    assert run(COUNT, tmp_path) == ["True", "1.0"]
    assert run(COUNT, tmp_path) == ["True", "2.0"]
    assert len(list(tmp_path.glob("counter_*.db"))) == 1


def test_a_start_forgets_the_dead_and_leaves_the_living_alone(tmp_path: Path) -> None:
    metrics.start_afresh(tmp_path)
    other = "import sys; from pathlib import Path; from telemetry import metrics; metrics.start_afresh(Path(sys.argv[1]))"
    begin = f"import subprocess; subprocess.run([sys.executable, '-c', {other!r}, sys.argv[1]], check=True)"
    assert run(COUNT.replace("for metric in", f"{begin}\nfor metric in", 1), tmp_path) == ["True", "1.0"]
    metrics.start_afresh(tmp_path)
    assert run(COUNT, tmp_path) == ["True", "1.0"]


def test_a_process_without_room_counts_for_itself_and_leaves_no_file(tmp_path: Path) -> None:
    metrics.start_afresh(tmp_path)
    small = "import resource; resource.setrlimit(resource.RLIMIT_FSIZE, (65536, 65536))\n"
    assert run(small + COUNT, tmp_path) == ["False", "1.0"]
    assert list(tmp_path.glob("*.db")) == []


def test_a_process_takes_no_room_from_a_disk_that_fills_up(tmp_path: Path) -> None:
    metrics.start_afresh(tmp_path)
    assert run(COUNT.replace("print(", "metrics.ROOM = 2**62\nprint(", 1), tmp_path) == ["False", "1.0"]
    assert list(tmp_path.iterdir()) == []


def test_all_that_is_counted_has_its_blocks_on_the_disk(tmp_path: Path) -> None:
    metrics.start_afresh(tmp_path)
    run(COUNT, tmp_path)
    for kind, size in metrics.RESERVED.items():
        (file,) = tmp_path.glob(f"{kind}_*.db")
        assert file.stat().st_size == size
        assert file.stat().st_blocks * 512 >= size


def entry(name: str, sample: str, labels: dict[str, str], words: str) -> int:
    """Bytes of one number in a file of the library: a length, the key, its padding, value and time."""
    return 4 + len(mmap_key(name, sample, list(labels), list(labels.values()), words).encode()) + 8 + 16


def test_no_set_of_labels_needs_more_than_is_reserved(app: Flask) -> None:
    histogram, counter = metrics.REQUEST_SECONDS, metrics.DELIVERIES
    routes = {rule.rule: rule.methods or set() for rule in app.url_map.iter_rules()}
    pairs = {(method if method in logs.METHODS else "other", route) for route, methods in routes.items() for method in methods}
    pairs |= {(method, logs.NO_ROUTE) for method in (*logs.METHODS, "other")}
    samples = len(histogram._upper_bounds) + 1
    sample = f"{histogram._name}_bucket"
    most = samples * sum(
        entry(histogram._name, sample, {"method": m, "route": r, "status": s, "le": "0.05"}, histogram._documentation)
        for m, r in pairs
        for s in ("2xx", "3xx", "4xx", "5xx")
    )
    assert most < metrics.RESERVED["histogram"]
    outcomes = ("sent", "moot", *Failure)
    most = sum(
        entry(counter._name, f"{counter._name}_total", {"kind": kind, "outcome": outcome}, counter._documentation)
        for kind in Kind
        for outcome in outcomes
    )
    assert most < metrics.RESERVED["counter"]
