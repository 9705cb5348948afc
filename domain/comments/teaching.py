"""What the spam filter learns from the queue: a person's decision teaches it, taking the decision back unlearns it.

What a comment has taught is always its text as it stands: who changes the text calls `forget` before and `teach` after.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import NamedTuple

import sqlalchemy as sa
from sqlalchemy.orm import Session

from domain import audit, orm, spam
from domain.comments.comment import Comment, CommentEvent, How, Status

LESSONS = {Status.APPROVED: False, Status.SPAM: True}
"""What a decision says: is it spam? A held comment and one in the trash say neither."""
_AT_ONCE, _FORGOTTEN_AT_ONCE = 500, 5000
"""Comments of one transaction: a fifth of a second each."""
UNLEARNED_AT_ONCE = 200
"""These take longer each."""


class Change(NamedTuple):
    """What a comment has taught (is it spam?) and what it is to teach; None for nothing."""

    comment: Comment
    before: bool | None
    after: bool | None


class Period(NamedTuple):
    """Decisions from `first` on, and before `before`."""

    first: datetime
    before: datetime


class Unlearned(NamedTuple):
    """What turns of `unlearn_next` have unlearned so far, and whether that was the last one."""

    number: int
    is_over: bool


class Learned(NamedTuple):
    """From how many comments, and the id of the last one; None when there are no more."""

    number: int
    last: int | None


def typed(text: str, website: str | None) -> str:
    """What of a comment is judged and learned: never its author's name or address."""
    return f"{text} {website or ''}".rstrip()


def teach(session: Session, comments: Sequence[Comment]) -> None:
    """Brings what was learned of comments in step with what a person has decided about them. The caller commits.

    The second time nothing happens. Replies of staff and emptied places teach nothing.
    """
    _change(session, [Change(comment, comment.learned_as_spam, _lesson(comment)) for comment in comments])


def forget(session: Session, comments: Sequence[Comment]) -> None:
    """Unlearns what comments have taught, if anything. The caller commits."""
    _change(session, [Change(comment, comment.learned_as_spam, None) for comment in comments])


def unlearn_next(session: Session, period: Period, done: int, *, is_last: bool, by: int, now: datetime) -> Unlearned:
    """Unlearns what some decisions of a period have taught, as far as their comments are still kept; `done` were unlearned before.

    The decisions and the counts of weeks stay as they are, and so do decisions made after `now`, when the first turn began. One
    that is followed by others says in the audit log that it has begun, and the last one how many there were: what is interrupted
    leaves the first. `is_last` ends it although there may be more. The caller has begun a write with MODERATION, and commits.
    """
    # In the order of the index, whatever is still to come; what is unlearned leaves it.
    some = sa.select(Comment).where(*_taught(period, now)).order_by(Comment.status_since).limit(UNLEARNED_AT_ONCE)
    comments = session.scalars(orm.locking(some)).all()
    for lesson in (True, False):
        spam.unlearn(session, _texts(comment for comment in comments if comment.learned_as_spam is lesson), is_spam=lesson)
    for comment in comments:
        comment.learned_as_spam = None
    session.flush()
    number, is_over = done + len(comments), is_last or len(comments) < UNLEARNED_AT_ONCE
    subject = f"{period.first:%Y-%m-%d} to {period.before:%Y-%m-%d}"
    if is_over:
        audit.record(session, now, by, "spam filter unlearned", subject, comments=number)
    elif not done:
        audit.record(session, now, by, "spam filter unlearning begun", subject)
    return Unlearned(number, is_over)


def count_taught(session: Session, period: Period, now: datetime) -> int:
    """From how many comments that were decided about in a period, and not after `now`, something is still learned."""
    return session.scalars(sa.select(sa.func.count()).select_from(Comment).where(*_taught(period, now))).one()


def _taught(period: Period, now: datetime) -> tuple[sa.ColumnElement[bool], ...]:
    decided = Comment.status_since
    return Comment.learned_as_spam.is_not(None), decided >= period.first, decided < period.before, decided <= now


def forget_next(session: Session) -> bool:
    """Forgets some of all that was learned, to learn it anew; whether there is more to forget.

    For a site that is older than the filter, and for a release that reads texts otherwise. The filter counts as before until the
    last of it. The caller has begun a write with MODERATION, and commits.
    """
    taught = sa.select(Comment.id).where(Comment.learned_as_spam.is_not(None)).limit(_FORGOTTEN_AT_ONCE)
    ids = session.scalars(taught).all()
    session.execute(sa.update(Comment).where(Comment.id.in_(ids)).values(learned_as_spam=None))
    if len(ids) == _FORGOTTEN_AT_ONCE:
        return True
    spam.start_anew(session)
    return False


def learn_next(session: Session, after: int) -> Learned:
    """Learns what people have decided about the next comments, by id, that are kept and have taught nothing.

    What was decided since `forget_next` ended has taught already. The caller has begun a write with MODERATION, and commits.
    """
    by_people = sa.or_(CommentEvent.by_staff.is_not(None), CommentEvent.how == How.COMMAND)
    decided = sa.exists().where(CommentEvent.comment_id == Comment.id, by_people, CommentEvent.from_status.is_not(None))
    wanted = sa.select(Comment).where(
        Comment.status.in_(LESSONS), Comment.staff_id.is_(None), Comment.learned_as_spam.is_(None), decided
    )
    comments = session.scalars(wanted.where(Comment.id > after).order_by(Comment.id).limit(_AT_ONCE)).all()
    for lesson in (True, False):
        spam.learn(session, _texts(comment for comment in comments if _lesson(comment) is lesson), is_spam=lesson)
    for comment in comments:
        comment.learned_as_spam = _lesson(comment)
    session.flush()
    return Learned(len(comments), comments[-1].id if len(comments) == _AT_ONCE else None)


def learned(session: Session, newest: int) -> list[tuple[str, bool]]:
    """Text and lesson (is it spam?) of the comments that taught something and are still kept, the newest decisions first."""
    query = sa.select(Comment.text, Comment.website, Comment.learned_as_spam).where(Comment.learned_as_spam.is_not(None))
    rows = session.execute(query.order_by(Comment.status_since.desc()).limit(newest))
    return [(typed(text, website), bool(is_spam)) for text, website, is_spam in rows]


def _lesson(comment: Comment) -> bool | None:
    return None if comment.staff_id is not None or comment.is_emptied else LESSONS.get(comment.status)


def _change(session: Session, changes: Sequence[Change]) -> None:
    changes = [change for change in changes if change.before is not change.after]
    if not changes:
        return
    for change in changes:
        change.comment.learned_as_spam = change.after
    # Comments first, then counters, then weeks, as for a new comment.
    session.flush()
    for lesson in (True, False):
        spam.unlearn(session, _texts(change.comment for change in changes if change.before is lesson), is_spam=lesson)
        spam.learn(session, _texts(change.comment for change in changes if change.after is lesson), is_spam=lesson)
    _count(session, changes)


def _texts(comments: Iterable[Comment]) -> list[str]:
    return [typed(comment.text, comment.website) for comment in comments]


def _count(session: Session, changes: Sequence[Change]) -> None:
    """Counts in the week of each comment where a person saw it otherwise than the filter did."""
    ids = [change.comment.id for change in changes]
    first = sa.select(CommentEvent.comment_id).where(CommentEvent.comment_id.in_(ids), CommentEvent.from_status.is_(None))
    caught = set(session.scalars(first.where(CommentEvent.to_status == Status.SPAM)))
    wrong = Counter[tuple[date, bool]]()
    for comment, before, after in changes:
        for lesson, times in ((before, -1), (after, 1)):
            if lesson is not None and lesson is not (comment.id in caught):
                wrong[spam.weeks.monday_of(comment.submitted_at), lesson] += times
    for (monday, is_spam), number in sorted(wrong.items()):
        spam.weeks.add(session, monday, **{"missed" if is_spam else "flagged": number})
