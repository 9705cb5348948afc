"""Runs Lighthouse on a page of the site behind its nginx at `port`, and reads what a slow phone would feel."""

import json
import os
import subprocess
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.browser import chromium
from tests.deploy.front import NAME

PROGRAM = Path(__file__).parent / "node_modules" / "lighthouse" / "cli" / "index.js"
DEVICES = {"mobile": [], "desktop": ["--preset=desktop"]}


@dataclass(frozen=True)
class Limit:
    """What is read of a report, and what it may be: at least or at most."""

    read: Callable[[dict[str, Any]], float]
    least: float = float("-inf")
    most: float = float("inf")

    def holds(self, found: float) -> bool:
        """Whether it is kept."""
        return self.least <= found <= self.most


def _of(audit: str) -> Callable[[dict[str, Any]], float]:
    return lambda said: round(float(said["audits"][audit]["numericValue"]), 3)


LIMITS = {
    "performance": Limit(lambda said: round(100 * (said["categories"]["performance"]["score"] or 0)), least=99),
    "LCP ms": Limit(_of("largest-contentful-paint"), most=1000),
    "TBT ms": Limit(_of("total-blocking-time"), most=0),
    "CLS": Limit(_of("cumulative-layout-shift"), most=0),
}
"""With Lighthouse's own mobile device: a slow 4G line and a processor slowed down four times, both simulated."""


def report(path: str, device: str, port: int, folder: Path, categories: Sequence[str]) -> dict[str, Any]:
    """What Lighthouse says of a page; "runtimeError" stands in it where it could not."""
    file = folder / f"report-{device}-{path.strip('/').replace('/', '-')}.json"
    file.unlink(missing_ok=True)
    flags = " ".join(
        [
            *chromium.ARGUMENTS,
            "--headless=new",
            "--ignore-certificate-errors",
            f"--host-resolver-rules='MAP {NAME}:443 127.0.0.1:{port}'",
        ]
    )
    subprocess.run(
        [
            "node",
            str(PROGRAM),
            f"https://{NAME}{path}",
            "--quiet",
            "--output=json",
            f"--output-path={file}",
            f"--only-categories={','.join(categories)}",
            f"--chrome-flags={flags}",
            *DEVICES[device],
        ],
        check=False,  # the report says what went wrong
        env=os.environ | {"CHROME_PATH": str(chromium.executable("chromium"))},
    )
    if not file.exists():
        return {"runtimeError": {"message": "no report"}}
    said: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    return said
