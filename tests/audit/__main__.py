"""`python -m tests.audit [--pages PATH...] [--runs N]`: ends with 1 when a page has an error or is rated below 100."""

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from statistics import median
from typing import Any

from app import create_app
from extensions import db
from tests.audit import lighthouse, pages
from tests.browser import chromium
from tests.browser.seed import seed
from tests.deploy.front import PUBLIC, Front
from tests.faults.running import Site
from tests.pages import Page

HERE = Path(__file__).parent
CHECKER = HERE / "node_modules" / "vnu-jar" / "build" / "dist" / "vnu.jar"
CATEGORIES = ("seo", "best-practices", "accessibility")
NEEDED = {
    "node": "Node 18.16 or later: apt-get install nodejs npm",
    "java": "Java 17 or later: apt-get install default-jre-headless",
    "nginx": "nginx 1.22 or later: apt-get install nginx-light",
}


def check_html(found: Iterable[Page], folder: Path) -> list[str]:
    """What the Nu HTML checker calls an error, each with its page; every document is looked at."""
    names = {}
    for number, page in enumerate(found):
        file = folder / f"{number:03}.html"
        file.write_text(page.html, encoding="utf-8")
        names[file.name] = f"{page.url} ({page.status})"
    command = ["java", "-jar", str(CHECKER), "--stdout", "--exit-zero-always", "--format", "json", *map(str, folder.glob("*.html"))]
    said = json.loads(subprocess.run(command, check=True, capture_output=True).stdout)["messages"]
    errors = [message for message in said if message["type"] != "info"]
    print(f"Nu HTML checker: {len(names)} documents, {len(errors)} errors")
    remarks = Counter(message["message"] for message in said if message["type"] == "info")
    for text, times in remarks.items():
        print(f"  remark ({times} times): {text}")
    for message in errors:
        where = names.get(message.get("url", "").rpartition("/")[2], "a file that could not be read")
        print(f"  error: {where}, line {message.get('lastLine', '?')}: {message['message']}")
    return [message["message"] for message in errors]


def rate(path: str, device: str, port: int, folder: Path) -> list[str]:
    """What Lighthouse takes points off for, with the category; prints the ratings."""
    said = lighthouse.report(path, device, port, folder, CATEGORIES)
    if "runtimeError" in said:
        print(f"  {path:<45} {device:<8} {said['runtimeError']['message']}", flush=True)
        return [f"{path}: not rated"]
    scores = {name: round(100 * (said["categories"][name]["score"] or 0)) for name in CATEGORIES}
    print(f"  {path:<45} {device:<8} " + "  ".join(f"{name} {score:>3}" for name, score in scores.items()), flush=True)
    return [line for name in CATEGORIES for line in lost(said, name)]


def time(path: str, port: int, folder: Path, runs: int) -> list[str]:
    """Where a page is slower on a slow phone than lighthouse.LIMITS, as the median of several runs; prints it."""
    said = [lighthouse.report(path, "mobile", port, folder, ("performance",)) for _ in range(runs)]
    said = [each for each in said if "runtimeError" not in each]
    if not said:
        return [f"{path}: not measured"]
    found = {name: median(limit.read(each) for each in said) for name, limit in lighthouse.LIMITS.items()}
    print(f"  {path:<60} " + "  ".join(f"{name} {found[name]:g}" for name in found), flush=True)
    return [f"{path}: {name} {found[name]:g}" for name, limit in lighthouse.LIMITS.items() if not limit.holds(found[name])]


def lost(report: dict[str, Any], category: str) -> list[str]:
    """The audits of a category that cost points, each with what it found."""
    rows = [report["audits"][row["id"]] for row in report["categories"][category]["auditRefs"] if row["weight"]]
    faults = [audit for audit in rows if audit["score"] is not None and audit["score"] < 1]
    for audit in faults:
        items = (audit.get("details") or {}).get("items", [])
        print(f"    {category}: {audit['id']}: {audit['title']} {json.dumps(items)[:1500]}")
    return [f"{category}: {audit['id']}" for audit in faults]


def main(arguments: list[str]) -> int:
    """Fills a site, checks its documents, starts it and has its pages rated."""
    parser = argparse.ArgumentParser(prog="python -m tests.audit")
    parser.add_argument("--pages", nargs="*", default=list(pages.RATED), metavar="PATH", help="what Lighthouse rates")
    parser.add_argument("--runs", type=int, default=0, metavar="N", help="measures each page so often on a slow phone, too")
    asked = parser.parse_args(arguments)
    folders = f"{os.environ.get('PATH', '')}:/usr/sbin"
    missing = [how for program, how in NEEDED.items() if shutil.which(program, path=folders) is None]
    missing += [] if chromium.executable("chromium") else ["no Chromium here: apt-get install chromium"]
    if missing:
        sys.exit("\n".join(missing))
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        # As in production, since a site on this machine says noindex; mail goes nowhere.
        site = Site(folder / "instance", **PUBLIC)
        seed(site)
        app = create_app({}, site.environ)
        documents = folder / "documents"
        documents.mkdir()
        faults = check_html(pages.public(app), documents)
        with app.app_context():
            db.engine.dispose()
        site.start()
        front = Front(folder / "front", site.port, site.port)
        try:
            port = front.start().https
            print("Lighthouse:")
            for path in asked.pages:
                for device in lighthouse.DEVICES:
                    faults += rate(path, device, port, folder)
            if asked.runs:
                print(f"On a slow phone and a slow line, median of {asked.runs}:")
            for path in asked.pages if asked.runs else ():
                faults += time(path, port, folder, asked.runs)
        finally:
            front.stop()
            site.stop()
    print("Nothing to mend." if not faults else f"{len(faults)} to mend.")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
