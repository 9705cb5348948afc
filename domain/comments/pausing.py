"""Closing the comments of all articles for an hour, by hand, when too many come at once; they open again by themselves."""

from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from domain import audit, settings, site_version
from domain.settings import Site

PAUSE = timedelta(hours=1)


class Paused(Exception):
    """No comment is taken now; `until` is when they open again."""

    def __init__(self, until: datetime) -> None:
        super().__init__(until.isoformat())
        self.until = until


def paused_until(site: Site, now: datetime) -> datetime | None:
    """When comments open again by themselves; None while they are open, or closed for another reason."""
    until = site.comments_paused_until
    return until if until is not None and now < until else None


def pause(session: Session, site: Site, *, by: int, now: datetime) -> None:
    """Closes the comments for PAUSE from now on; a pause that lasts already begins anew. The caller commits."""
    _set(session, site, now + PAUSE, by=by, now=now)
    audit.record(session, now, by, "comments paused", "all articles", minutes=PAUSE // timedelta(minutes=1))


def resume(session: Session, site: Site, *, by: int, now: datetime) -> bool:
    """Opens the comments before their time; False when they were open. The caller commits."""
    if paused_until(site, now) is None:
        return False
    _set(session, site, None, by=by, now=now)
    audit.record(session, now, by, "comments opened again", "all articles")
    return True


def _set(session: Session, site: Site, until: datetime | None, *, by: int, now: datetime) -> None:
    settings.change(session, site, {"comments_paused_until": until.isoformat() if until else None}, now, by)
    site_version.bump(session)
