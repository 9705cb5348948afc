"""How fast comments may come: counted in the database, so that every process counts the same."""

from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from domain.comments.comment import Comment

HOUR = timedelta(hours=1)


class TooFast(Exception):
    """Too many comments came from one address or network; `until` is when the next one may come."""

    def __init__(self, until: datetime) -> None:
        super().__init__(until.isoformat())
        self.until = until


@dataclass(frozen=True)
class Limits:
    """The shortest pause between two comments of one address, and the most comments of one network within an hour."""

    pause: timedelta
    per_network: int


def check(session: Session, email_key: str, network: str | None, limits: Limits, now: datetime) -> None:
    """Raises TooFast for what comes too soon. An unknown network is not counted (rule 5 of the design)."""
    last = sa.select(sa.func.max(Comment.submitted_at)).where(Comment.email_key == email_key, Comment.submitted_at <= now)
    latest = session.scalars(last).one()
    if latest is not None and now < latest + limits.pause:
        raise TooFast(latest + limits.pause)
    if network is None:
        return
    recent = sa.select(Comment.submitted_at).where(Comment.network == network, Comment.submitted_at > now - HOUR)
    times = session.scalars(recent.order_by(Comment.submitted_at.desc()).limit(limits.per_network)).all()
    if len(times) >= limits.per_network:
        raise TooFast(times[-1] + HOUR)
