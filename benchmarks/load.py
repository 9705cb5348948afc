"""wrk, the load generator (Debian's package wrk): runs it and reads what it found."""

import re
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import click

SENDS_FORM = Path(__file__).parent / "wrk" / "form.lua"
BROWSER = "Accept-Encoding: gzip, deflate, br, zstd"
"""What a browser sends of this kind."""
_UNITS = {"us": 0.001, "ms": 1.0, "s": 1000.0, "m": 60_000.0}


@dataclass(frozen=True)
class Load:
    """What a run came to: answers a second, milliseconds until half and 99 of 100 had theirs, answers other than 2xx and 3xx."""

    rate: float
    p50: float
    p99: float
    refused: int


def run(url: str, connections: int, seconds: float, form: str = "", number: int = 0) -> Load:
    """Asks for one URL on so many connections, as browsers do; or sends it a form, in which "#" is a number that comes once.

    `number` is another one for each run that sends forms, up to 199.
    """
    program = shutil.which("wrk")
    if program is None:
        raise click.ClickException("no wrk here: apt-get install wrk")
    threads = min(2, connections)
    command = [program, f"-t{threads}", f"-c{connections}", f"-d{seconds:g}s", "--latency", "--timeout", "20s"]
    if form:
        command += ["-s", str(SENDS_FORM), url, urlsplit(url).path, str(number), form]
    else:
        command += ["-H", BROWSER, url]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return read(done.stdout)


def read(text: str) -> Load:
    """The figures in what wrk has printed."""
    refused = re.search(r"Non-2xx or 3xx responses: (\d+)", text)
    broken = re.search(r"Socket errors: connect (\d+), read (\d+), write (\d+), timeout (\d+)", text)
    count = int(refused[1]) if refused else 0
    return Load(
        rate=float(_found(r"Requests/sec:\s+([\d.]+)", text)[1]),
        p50=_milliseconds(text, 50),
        p99=_milliseconds(text, 99),
        refused=count + sum(int(each) for each in broken.groups()) if broken else count,
    )


def _milliseconds(text: str, percent: int) -> float:
    found = _found(rf"{percent}%\s+([\d.]+)(us|ms|s|m)", text)
    return float(found[1]) * _UNITS[found[2]]


def _found(pattern: str, text: str) -> re.Match[str]:
    found = re.search(pattern, text)
    if found is None:
        raise click.ClickException(f"wrk printed something else:\n{text}")
    return found
