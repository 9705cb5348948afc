"""The check of the content as this site sees it: its files, its addresses, its readers' comments."""

from datetime import datetime
from math import inf
from pathlib import Path

from flask import current_app
from werkzeug.exceptions import HTTPException
from werkzeug.routing import RequestRedirect

import clinic
from checks.finding import Finding, Level
from domain import comments, content_check, redirects
from domain.content_check import Finding as Fault
from domain.content_check import Record, Unfinished
from extensions import db
from serving import live_texts
from web import canonical

KEPT = "checked"
"""Where the folder of what was read before holds what was found in it."""
SECONDS = 8.0
"""How long a page may read texts that nobody has checked before; it says how far it came, and the next one goes on."""


def records(*, afresh: bool = False, seconds: float = inf) -> tuple[Record, ...]:
    """What is known of the files as they stand now, which may be newer than what the site shows.

    Files that were checked before are not read again, unless `afresh`. Raises content_check.Unfinished when the others take longer
    than `seconds`.
    """
    folder, kept = Path(current_app.config["CONTENT_PATH"]), Path(current_app.instance_path) / live_texts.KEPT / KEPT
    generic = clinic.base_site().generic_names
    return content_check.read(folder, generic_names=generic, kept=None if afresh else kept, seconds=seconds)


def faults(known: tuple[Record, ...], *, with_comments: bool = True) -> list[Fault]:
    """Everything that is wrong with these files and with the old addresses.

    Without `with_comments` the database is not asked, and texts that vanished from under comments are not found.
    """
    site = clinic.base_site()
    found = content_check.check(
        known,
        clinic.today(),
        is_page,
        reviewers=site.reviewers,
        treatments=[treatment.slug for treatment in site.treatments],
        commented=comments.commented(db.session) if with_comments else (),
    )
    return sorted([*found, *_redirects()])


def _redirects() -> list[Fault]:
    """What is wrong with the old addresses; not looked for while the documents they lead to cannot be read."""
    path = Path(current_app.config["CONTENT_PATH"]) / "redirects.toml"
    if current_app.config.get("CONTENT_IS_WRONG"):
        return []
    try:
        told = canonical.faults(current_app, path)
    except redirects.InvalidRedirects as error:
        return [Fault(path.name, 1, "redirect-chain", content_check.Level.ERROR, str(error))]
    return [Fault(path.name, fault.line, "redirect-chain", content_check.Level.ERROR, fault.text) for fault in told]


def is_page(path: str) -> bool:
    """Whether everybody may open a page at exactly this path."""
    urls = current_app.url_map.bind("")
    try:
        endpoint, values = urls.match(path, method="GET")
    except (HTTPException, RequestRedirect):
        return False
    is_public = endpoint.partition(".")[0] != "staff" and "token" not in values
    return is_public and urls.build(endpoint, values) == path


def texts(_now: datetime) -> Finding:
    """Whether the texts keep the rules, and whether one is to be reviewed."""
    try:
        found = faults(records(seconds=SECONDS))
    except Unfinished as reading:
        what = f"{reading.done} of {reading.files} texts were checked so far."
        return Finding("content", Level.NOTE, what, "Look again: the next time goes on from there.")
    if not found:
        return Finding("content", Level.OK, "The articles and treatments keep every rule.")
    errors = sum(fault.level is content_check.Level.ERROR for fault in found)
    what = f"{errors} errors and {len(found) - errors} warnings in the articles and treatments."
    return Finding("content", Level.WARN, what, "flask content check and the page Content list them, with what to do.")
