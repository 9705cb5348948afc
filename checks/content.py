"""The check of the content as this site sees it: its files, its addresses, its readers' comments."""

from datetime import datetime
from pathlib import Path

from flask import current_app
from werkzeug.exceptions import HTTPException
from werkzeug.routing import RequestRedirect

import clinic
from checks.finding import Finding, Level
from domain import comments, content_check, redirects
from domain.content_check import Finding as Fault
from domain.content_check import Source
from extensions import db
from web import canonical


def faults(*, with_comments: bool = True, sources: tuple[Source, ...] | None = None) -> list[Fault]:
    """Everything that is wrong with the files as they stand now, which may be newer than what the site shows.

    `sources` are these files where somebody has read them already. Without `with_comments` the database is not asked, and texts
    that vanished from under comments are not found.
    """
    site = clinic.base_site()
    found = content_check.check(
        Path(current_app.config["CONTENT_PATH"]),
        clinic.today(),
        is_page,
        reviewers=site.reviewers,
        generic_names=site.generic_names,
        treatments=[treatment.slug for treatment in site.treatments],
        commented=comments.commented(db.session) if with_comments else (),
        sources=sources,
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
    found = faults()
    if not found:
        return Finding("content", Level.OK, "The articles and treatments keep every rule.")
    errors = sum(fault.level is content_check.Level.ERROR for fault in found)
    what = f"{errors} errors and {len(found) - errors} warnings in the articles and treatments."
    return Finding("content", Level.WARN, what, "flask content check and the page Content list them, with what to do.")
