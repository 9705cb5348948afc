"""`python -m tests.audit [--pages PATH...]`: ends with 1 when a page has an error or is rated below 100."""

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
from typing import Any

from app import create_app
from extensions import db
from tests.audit import front, pages
from tests.browser import chromium
from tests.browser.seed import seed
from tests.faults.running import Site
from tests.pages import Page

HERE = Path(__file__).parent
CHECKER = HERE / "node_modules" / "vnu-jar" / "build" / "dist" / "vnu.jar"
LIGHTHOUSE = HERE / "node_modules" / "lighthouse" / "cli" / "index.js"
CATEGORIES = ("seo", "best-practices", "accessibility")
DEVICES = {"mobile": [], "desktop": ["--preset=desktop"]}
NEEDED = {
    "node": "Node 18.16 or later: apt-get install nodejs npm",
    "java": "Java 17 or later: apt-get install default-jre-headless",
}
LIVE = {
    "FLASK_SITE_URL": f"https://{front.HOST}",
    "FLASK_MAIL_SERVER": "127.0.0.1",
    "FLASK_MAIL_PORT": "9",
    "FLASK_STAFF_RECIPIENTS": f"desk@{front.HOST}",
}
"""As in production, since a site on this machine says noindex; mail goes nowhere."""


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
    report = folder / f"report-{device}-{path.strip('/').replace('/', '-')}.json"
    flags = " ".join(
        [
            *chromium.ARGUMENTS,
            "--headless=new",
            "--ignore-certificate-errors",
            f"--host-resolver-rules='MAP {front.HOST}:443 127.0.0.1:{port}'",
        ]
    )
    subprocess.run(
        [
            "node",
            str(LIGHTHOUSE),
            f"https://{front.HOST}{path}",
            "--quiet",
            "--output=json",
            f"--output-path={report}",
            f"--only-categories={','.join(CATEGORIES)}",
            f"--chrome-flags={flags}",
            *DEVICES[device],
        ],
        check=False,  # the report says what went wrong
        env=os.environ | {"CHROME_PATH": str(chromium.executable())},
    )
    said = json.loads(report.read_text(encoding="utf-8")) if report.exists() else {"runtimeError": {"message": "no report"}}
    if "runtimeError" in said:
        print(f"  {path:<45} {device:<8} {said['runtimeError']['message']}", flush=True)
        return [f"{path}: not rated"]
    scores = {name: round(100 * (said["categories"][name]["score"] or 0)) for name in CATEGORIES}
    print(f"  {path:<45} {device:<8} " + "  ".join(f"{name} {score:>3}" for name, score in scores.items()), flush=True)
    return [line for name in CATEGORIES for line in lost(said, name)]


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
    asked = parser.parse_args(arguments)
    missing = [how for program, how in NEEDED.items() if shutil.which(program) is None]
    missing += [] if chromium.executable() else [chromium.MISSING]
    if missing:
        sys.exit("\n".join(missing))
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        site = Site(folder / "instance", **LIVE)
        seed(site)
        app = create_app({}, site.environ)
        documents = folder / "documents"
        documents.mkdir()
        faults = check_html(pages.public(app), documents)
        with app.app_context():
            db.engine.dispose()
        site.start()
        try:
            with front.https(site.port) as port:
                print("Lighthouse:")
                for path in asked.pages:
                    for device in DEVICES:
                        faults += rate(path, device, port, folder)
        finally:
            site.stop()
    print("Nothing to mend." if not faults else f"{len(faults)} to mend.")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
