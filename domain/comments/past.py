"""What the site remembers of whoever sends a comment, as far as it makes spam likely."""

from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from domain import orm, spam
from domain.comments.comment import Comment, Status
from domain.comments.limits import HOUR

MOST = 20
"""Comments of an address or a network that are looked at: more change no verdict."""


def _number(rows: sa.Subquery, *conditions: sa.ColumnElement[bool]) -> sa.ScalarSelect[int]:
    return sa.select(sa.func.count()).select_from(rows).where(*conditions).scalar_subquery()


_SPAM_OF_ADDRESS = _number(
    sa.select(Comment.id)
    .where(Comment.email_key == sa.bindparam("email_key"), Comment.status == Status.SPAM)
    .limit(MOST)
    .subquery("of_address")
)
_NEWEST_HERE = (
    sa.select(Comment.status, Comment.submitted_at)
    .where(Comment.network.in_([sa.bindparam("network"), sa.bindparam("other")]))
    .order_by(Comment.submitted_at.desc())
    .limit(MOST)
    .subquery("newest_here")
)
_OF_ADDRESS = sa.select(_SPAM_OF_ADDRESS)
_OF_BOTH = sa.select(
    _SPAM_OF_ADDRESS,
    _number(_NEWEST_HERE, _NEWEST_HERE.c.status == Status.SPAM),
    _number(_NEWEST_HERE, _NEWEST_HERE.c.submitted_at > sa.bindparam("since")),
)


def known_of(session: Session, email_key: str, networks: Sequence[str | None], now: datetime) -> spam.Past:
    """Spam of an address and of its network (under two keys at most), and what came from it within the hour.

    An unknown network counts nothing.
    """
    connection = orm.reading(session)
    here = [network for network in networks if network is not None]
    if not here:
        return spam.Past(*connection.execute(_OF_ADDRESS, {"email_key": email_key}).one())
    asked = {"email_key": email_key, "network": here[0], "other": here[-1], "since": now - HOUR}
    return spam.Past(*connection.execute(_OF_BOTH, asked).one())
