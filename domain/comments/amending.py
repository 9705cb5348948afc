"""What staff change in a comment's text: the earlier text stays with it until retention, and readers are told."""

from datetime import datetime

from sqlalchemy.orm import Session

from domain import audit, orm, site_version, spam
from domain.comments import personal, teaching
from domain.comments.comment import AMENDED, Changed, Comment, CommentVersion, Forbidden, How, Status, Unknown
from domain.comments.history import note


def amend(session: Session, comment_id: int, text: str, *, revision: int, by: int, how: How, now: datetime) -> bool:
    """Replaces the text by what somebody of the staff wrote; False when it is the same.

    `revision` is the one that was shown. Raises Unknown, Forbidden for what its author has withdrawn, and Changed. The caller
    has begun a write with MODERATION, and commits.
    """
    comment = _wanted(session, comment_id)
    if comment.text == text:
        return False
    if comment.revision != revision:
        raise Changed
    _replace(session, comment, text, AMENDED, now)
    note(session, comment, comment.status, by=by, how=how, now=now, amended=True)
    audit.record(session, now, by, "comment amended", f"comment {comment.id}")
    return True


def redact(session: Session, comment_id: int, *, by: int, how: How, now: datetime) -> int:
    """Replaces each personal detail of a comment; returns how many there were, and with none changes nothing.

    Raises Unknown, and Forbidden for what its author has withdrawn. The caller has begun a write with MODERATION, and commits.
    """
    comment = _wanted(session, comment_id)
    count = len(personal.findings(comment.text))
    if not count:
        return 0
    _replace(session, comment, personal.redacted(comment.text), personal.REDACTED, now)
    note(session, comment, comment.status, by=by, how=how, now=now, redacted=count)
    audit.record(session, now, by, "comment redacted", f"comment {comment.id}", passages=count)
    return count


def _wanted(session: Session, comment_id: int) -> Comment:
    comment = orm.locked(session, Comment, comment_id)
    if comment is None:
        raise Unknown
    if comment.status is Status.WITHDRAWN or comment.is_emptied:
        raise Forbidden
    return comment


def _replace(session: Session, comment: Comment, text: str, mark: str, now: datetime) -> None:
    """Keeps the earlier text for staff, marks the comment, bumps the site version when readers see it."""
    session.add(CommentVersion(comment_id=comment.id, revision=comment.revision, text=comment.text, replaced_at=now))
    has_taught = comment.learned_as_spam is not None
    teaching.forget(session, [comment])
    comment.text, comment.revision = text, comment.revision + 1
    if has_taught:
        teaching.teach(session, [comment])
    spam.sketch.forget(session, comment.id)
    found = {*personal.Kind} - {*personal.kinds(text)}
    comment.reasons = [*(reason for reason in comment.reasons if reason not in found and reason != mark), mark]
    if comment.status is Status.APPROVED:
        site_version.bump(session)
