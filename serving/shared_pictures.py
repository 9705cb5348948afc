"""The pictures that go with shared links: what the dispatcher has drawn while the site runs, and how web processes notice.

Nobody waits for them: a link whose picture is not drawn yet has the general one.
"""

import json
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryFile

from flask import Flask, current_app

import clinic
import config
from domain import pictures
from domain.documents import Status
from domain.pictures import Picture

DRAWING = str(config.ROOT / "drawing.py")
DRAWING_SECONDS = 120
"""How long a drawing process may take for what it draws before it ends."""
AGAIN_SECONDS = 3600
"""When what could not be drawn is tried again."""


@dataclass
class Attempt:
    """A drawing process, what was missing when it began, and when that was (time.monotonic)."""

    process: "subprocess.Popen[bytes]"
    missing: list[Picture]
    began: float
    has_complained: bool = False

    def complain(self) -> str:
        """What to say of it when it has failed; nothing the second time."""
        told = "" if self.has_complained else f"could not be drawn (code {self.process.returncode}); links have the general one"
        self.has_complained = True
        return told


def wanted() -> list[Picture]:
    """The pictures of all that is public or will be, the newest first; those of treatments before those of articles."""
    shown = [*clinic.treatment_pages().all, *clinic.library().all]
    titles = dict.fromkeys(document.title for document in shown if document.status is Status.PUBLISHED)
    return [picture for title in titles for picture in pictures.of(title, clinic.base_site().signature)]


def draw() -> str:
    """Has some of what is missing drawn by a process of its own, and does not wait for it; says what it did, for the log."""
    last: Attempt | None = current_app.extensions.get("drawing")
    if last is not None and last.process.poll() is None:
        if time.monotonic() - last.began > DRAWING_SECONDS:
            last.process.kill()
        return ""
    has_failed = last is not None and last.process.returncode != 0
    folder, every = _folder(current_app), wanted()
    missing = pictures.missing(folder, every)
    if not missing:
        return ""
    if last is not None and has_failed and last.missing == missing and time.monotonic() - last.began < AGAIN_SECONDS:
        return last.complain()
    with TemporaryFile() as told:
        told.write(json.dumps(every).encode())
        told.seek(0)
        process = subprocess.Popen([sys.executable, DRAWING, str(folder)], stdin=told, stderr=subprocess.DEVNULL)
    current_app.extensions["drawing"] = Attempt(process, missing, time.monotonic())
    return f"{len(missing)} to be drawn"


def are_new(app: Flask) -> bool:
    """Whether pictures were drawn since this was asked before in this process: pages may then name them."""
    try:
        drawn = (_folder(app) / pictures.DRAWN).stat().st_mtime_ns
    except OSError:
        drawn = 0
    before = app.extensions.get("drawn", drawn)
    app.extensions["drawn"] = drawn
    return bool(drawn != before)


def _folder(app: Flask) -> Path:
    return Path(app.instance_path) / pictures.FOLDER
