"""What was sent before: kept once, and shown again to nobody but who sent it (docs/decisions/0030)."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from domain import orm
from domain.comments.comment import Comment, Status
from domain.comments.draft import Draft, Submitted
from domain.text import comparable

REPEAT_WINDOW = timedelta(hours=24)
"""Same article, same address, same text within this time is one comment (rule 4 of the design)."""
LINK_WINDOW = timedelta(minutes=10)
"""Who sends a comment again within this time, from the same network, is taken for its author."""
READABLE = 50
"""Published comments of an article, the newest, whose texts anybody may have copied."""

_WANTED = (Comment.id, Comment.email_key, Comment.name, Comment.text, Comment.parent_id, Comment.network, Comment.submitted_at)
_LATELY = (Comment.staff_id.is_(None), Comment.submitted_at > sa.bindparam("since"))
_NEWEST_PUBLISHED = (
    sa.select(Comment.id)
    .where(Comment.article_id == sa.bindparam("article_id"), Comment.status == Status.APPROVED)
    .order_by(Comment.id.desc())
    .limit(READABLE)
)
_SENT = sa.union_all(
    sa.select(*_WANTED)
    .where(Comment.email_key == sa.bindparam("email_key"), Comment.article_id == sa.bindparam("article_id"))
    .where(*_LATELY, Comment.status != Status.WITHDRAWN),
    sa.select(*_WANTED).where(Comment.id.in_(_NEWEST_PUBLISHED), *_LATELY),
)


@dataclass(frozen=True)
class Before:
    """What there is already of a draft. `answer` is None when its address has not sent it before.

    `is_sent_again`: by its sender, a moment ago and in answer to the same. `is_copy`: the text is there from elsewhere or
    from earlier.
    """

    answer: Submitted | None
    is_sent_again: bool
    is_copy: bool


def look(session: Session, article_id: str, draft: Draft, networks: Collection[str | None], now: datetime) -> Before:
    """Compares a draft with what was sent within REPEAT_WINDOW. `networks` are the sender's, under the keys they may be kept by;
    an unknown one is nobody's.
    """
    asked = {"email_key": draft.email_key, "article_id": article_id, "since": now - REPEAT_WINDOW}
    wanted, known = comparable(draft.text), set(networks) - {None}
    same = [row for row in orm.reading(session).execute(_SENT, asked) if comparable(row.text) == wanted]
    first = min((row for row in same if row.email_key == draft.email_key), key=lambda row: row.id, default=None)
    from_here = {row.id for row in same if row.network in known and now < row.submitted_at + LINK_WINDOW}
    is_copy = any(row.id not in from_here for row in same)
    if first is None:
        return Before(None, is_sent_again=False, is_copy=is_copy)
    is_theirs = not is_copy and comparable(first.name) == comparable(draft.name)
    answer = Submitted(first.id if is_theirs else None, is_repeat=True)
    return Before(answer, first.id in from_here and first.parent_id == draft.parent_id, is_copy)


def find_repeat(
    session: Session, article_id: str, draft: Draft, networks: Collection[str | None], now: datetime
) -> Submitted | None:
    """The answer to what its sender sends again; None for the first time, and for what anybody may send."""
    before = look(session, article_id, draft, networks, now)
    return before.answer if before.is_sent_again else None
