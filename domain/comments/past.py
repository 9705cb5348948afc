"""What the site remembers of whoever sends a comment, as far as it makes spam likely."""

from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from domain import spam
from domain.comments.comment import Comment, Status
from domain.comments.limits import HOUR

MOST = 20
"""Comments of an address or a network that are looked at: more change no verdict."""


def known_of(session: Session, email_key: str, networks: Sequence[str | None], now: datetime) -> spam.Past:
    """Spam of an address and of its network, and what came from the network within the hour. An unknown network counts nothing."""
    of_address = sa.select(Comment.id).where(Comment.email_key == email_key, Comment.status == Status.SPAM).limit(MOST)
    counted = [_number(of_address.subquery())]
    here = [network for network in networks if network is not None]
    if here:
        newest = sa.select(Comment.status, Comment.submitted_at).where(Comment.network.in_(here))
        newest_here = newest.order_by(Comment.submitted_at.desc()).limit(MOST).subquery()
        counted.append(_number(newest_here, newest_here.c.status == Status.SPAM))
        counted.append(_number(newest_here, newest_here.c.submitted_at > now - HOUR))
    found: list[int] = list(session.execute(sa.select(*counted)).one())
    return spam.Past(*found)


def _number(rows: sa.Subquery, *conditions: sa.ColumnElement[bool]) -> sa.ScalarSelect[int]:
    return sa.select(sa.func.count()).select_from(rows).where(*conditions).scalar_subquery()
