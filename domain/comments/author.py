"""What the author of a comment may do by the signed link: change it for a while, take it back for good."""

from collections.abc import Iterable
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from domain import orm, outbox, spam
from domain.comments import personal, teaching
from domain.comments.comment import AMENDED, Changed, Comment, CommentVersion, How, Status, Unknown
from domain.comments.history import note
from domain.comments.moderation import move
from domain.comments.rules import Rules, first_status
from domain.comments.submission import NO_RULES
from domain.outbox import AT_ONCE, Kind, Pace

EDIT_WINDOW = timedelta(minutes=15)
"""How long after sending it an author may change a comment."""


class TooLate(Exception):
    """EDIT_WINDOW has passed, or the comment was decided against or withdrawn."""


def is_editable(comment: Comment, now: datetime) -> bool:
    """Whether its author may still change it; spam looks like held to its author."""
    is_open = comment.staff_id is None and now < comment.submitted_at + EDIT_WINDOW
    return is_open and comment.status in {Status.HELD, Status.APPROVED, Status.SPAM}


def edit(
    session: Session,
    comment_id: int,
    text: str,
    *,
    revision: int,
    notify: Iterable[str],
    pace: Pace = AT_ONCE,
    about: str = "",
    rules: Rules = NO_RULES,
    now: datetime,
) -> None:
    """Replaces the text, keeps the earlier one for staff, and has the comment held again, with a mail to `notify`.

    The new text is judged as if it had been sent in the place of the first; `about` is the article's HTML. `revision` is the
    one the author saw. The same text again changes nothing. Raises Unknown, also for what the clinic wrote, TooLate and Changed.
    The caller has begun a write with MODERATION, and commits.
    """
    comment = orm.locked(session, Comment, comment_id)
    if comment is None or comment.staff_id is not None:
        raise Unknown
    if comment.text == text:
        return
    if not is_editable(comment, now):
        raise TooLate
    if comment.revision != revision:
        raise Changed
    session.add(CommentVersion(comment_id=comment.id, revision=comment.revision, text=comment.text, replaced_at=now))
    teaching.forget(session, [comment])
    verdict = _judge(session, comment, text, about=about, rules=rules, now=now)
    spam.sketch.keep(session, comment.id, text, now)
    comment.text, comment.revision = text, comment.revision + 1
    by_rules = rules.reasons(text, comment.name, comment.email, comment.website or "")
    comment.reasons = [*filter(_stays, comment.reasons), *verdict.reasons, *by_rules, *personal.kinds(text), "edited"]
    wanted = first_status(comment.reasons, is_spam=verdict.is_spam or comment.status is Status.SPAM)
    if wanted is not comment.status:
        move(session, comment, wanted, by=None, how=How.AUTHOR, now=now)
    else:
        note(session, comment, comment.status, by=None, how=How.AUTHOR, now=now)
    if comment.status is Status.HELD:
        outbox.drop(session, [Kind.COMMENT_HELD], [comment.id])
        outbox.gather(session, Kind.COMMENT_HELD, comment.id, notify, now, pace)


def _judge(session: Session, comment: Comment, text: str, *, about: str, rules: Rules, now: datetime) -> spam.Verdict:
    """By all that a new comment is judged by; what the request and its sender were is told by the first verdict's reasons."""
    signals, past = spam.as_sent(comment.reasons)
    parent = session.get(Comment, comment.parent_id) if about and comment.parent_id is not None else None
    return spam.judge(
        session,
        spam.Submission(
            teaching.typed(text, comment.website),
            signals,
            name=comment.name,
            email_key=comment.email_key,
            hold_links=rules.hold_links,
            past=past,
            repeated=spam.sketch.last_alike(session, text, now, but=comment.id),
            about=f"{about} {parent.text}" if parent is not None else about,
        ),
    )


def _stays(reason: str) -> bool:
    """Whether a reason is still one when the text is another and has been judged."""
    judged_anew = {"word", "disallowed", "edited", AMENDED, personal.REDACTED, *personal.Kind, *spam.REASONS}
    return reason.partition(":")[0] not in judged_anew


def earlier_texts(session: Session, comment_ids: Iterable[int]) -> dict[int, list[CommentVersion]]:
    """What these comments said before, oldest first."""
    query = sa.select(CommentVersion).where(CommentVersion.comment_id.in_(list(comment_ids))).order_by(CommentVersion.revision)
    found: dict[int, list[CommentVersion]] = {}
    for version in session.scalars(query):
        found.setdefault(version.comment_id, []).append(version)
    return found


def withdraw(session: Session, comment_id: int, now: datetime) -> bool:
    """Takes a comment back for its author, whatever its state; False when that was done before, or it is the clinic's own.

    The caller has begun a write with MODERATION, and commits.
    """
    comment = orm.locked(session, Comment, comment_id)
    if comment is None or comment.staff_id is not None or comment.status is Status.WITHDRAWN:
        return False
    move(session, comment, Status.WITHDRAWN, by=None, how=How.AUTHOR, now=now)
    return True
