"""Taking personal details out of a comment, for staff: the earlier text stays with it until retention."""

from datetime import datetime

from sqlalchemy.orm import Session

from domain import audit, site_version
from domain.comments import personal
from domain.comments.comment import Comment, CommentVersion, Forbidden, How, Status, Unknown
from domain.comments.history import note


def redact(session: Session, comment_id: int, *, by: int, how: How, now: datetime) -> int:
    """Replaces each personal detail of a comment; returns how many there were, and with none changes nothing.

    Keeps the earlier text for staff, adds the history row and the audit entry, bumps the site version when readers see it.
    Raises Unknown, and Forbidden for what its author has withdrawn. The caller commits.
    """
    comment = session.get(Comment, comment_id, with_for_update=True)
    if comment is None:
        raise Unknown
    if comment.status is Status.WITHDRAWN:
        raise Forbidden
    count = len(personal.findings(comment.text))
    if not count:
        return 0
    session.add(CommentVersion(comment_id=comment.id, revision=comment.revision, text=comment.text, replaced_at=now))
    comment.text, comment.revision = personal.redacted(comment.text), comment.revision + 1
    comment.reasons = [
        *(reason for reason in comment.reasons if reason not in {*personal.Kind, personal.REDACTED}),
        personal.REDACTED,
    ]
    note(session, comment, comment.status, by=by, how=how, now=now, redacted=count)
    audit.record(session, now, by, "comment redacted", f"comment {comment.id}", passages=count)
    if comment.status is Status.APPROVED:
        site_version.bump(session)
    return count
