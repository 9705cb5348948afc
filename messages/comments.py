"""Messages about comments."""

from sqlalchemy.orm import Session

import clinic
import words
from domain import comments, staff, tokens
from domain.outbox import OutboxMail
from messages.letter import Moot, letter
from smtp import OutboxMessage


def held(session: Session, row: OutboxMail) -> OutboxMessage:
    """To a moderator: a comment waits, with their own link to decide."""
    comment = comments.get(session, row.subject_id)
    if comment is None or comment.status is not comments.Status.HELD:
        raise Moot
    item = clinic.library().by_id(comment.article_id)
    return letter(
        row,
        {"Auto-Submitted": "auto-generated"},
        comment=comment,
        article_title=item.title if item else comment.article_id,
        reasons=[words.reason(code) for code in comment.reasons],
        decide_url=_moderation_link(session, row.recipient, comment),
    )


def _moderation_link(session: Session, recipient: str, comment: comments.Comment) -> str:
    """The recipient's own link to decide; the queue for an address that is no account."""
    person = staff.by_email(session, recipient)
    if person is None:
        return clinic.absolute("staff.comments.queue")
    payload = {"comment": comment.id, "revision": comment.revision, "staff": person.id}
    return clinic.absolute("blog.moderation", token=clinic.sign(tokens.Purpose.COMMENT_MODERATION, payload))
