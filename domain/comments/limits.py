"""How fast comments may come: counted in the database, so that every process counts the same."""

from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from domain import orm
from domain.comments.comment import Comment

HOUR = timedelta(hours=1)
_LAST = sa.select(sa.func.max(Comment.submitted_at)).where(
    Comment.email_key == sa.bindparam("email_key"), Comment.submitted_at <= sa.bindparam("now")
)
_RECENT = (
    sa.select(Comment.submitted_at)
    .where(Comment.network == sa.bindparam("network"), Comment.submitted_at > sa.bindparam("since"))
    .order_by(Comment.submitted_at.desc())
    .limit(sa.bindparam("most", type_=sa.Integer))
)


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


def check(session: Session, email_key: str | None, network: str | None, limits: Limits, now: datetime) -> None:
    """Raises TooFast for what comes too soon. An unknown network is not counted (rule 5 of the design).

    Without an address there is no pause: for what it has sent before.
    """
    connection = orm.reading(session)
    latest = None if email_key is None else connection.execute(_LAST, {"email_key": email_key, "now": now}).scalar_one()
    if latest is not None and now < latest + limits.pause:
        raise TooFast(latest + limits.pause)
    if network is None:
        return
    asked = {"network": network, "since": now - HOUR, "most": limits.per_network}
    times = connection.execute(_RECENT, asked).scalars().all()
    if len(times) >= limits.per_network:
        raise TooFast(times[-1] + HOUR)
