"""Messages to readers, each with a link to choose what comes and a one-click way to stop it (RFC 8058)."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy.orm import Session

import clinic
from domain import comments, outbox, readers, tokens
from domain.comments import Comment, Status
from domain.outbox import OutboxMail
from domain.readers import Reader
from messages.letter import Moot, article_title, letter
from transport.smtp import OutboxMessage
from web import comment_pages

SHORT = 600
"""Characters of each reply; the rest is on the page."""
MOST = 20
"""Replies that one message shows."""


@dataclass(frozen=True)
class ShownReply:
    """A published reply, as the message shows it."""

    name: str
    is_staff: bool
    text: str
    article_title: str
    url: str


def asked(session: Session, row: OutboxMail) -> OutboxMessage:
    """To an address that somebody typed: is it yours, and do you want replies?"""
    reader = readers.get(session, row.subject_id)
    if reader is None or reader.confirmed_at is not None or reader.refused_at is not None:
        raise Moot
    return _letter(session, row, reader)


def published(session: Session, row: OutboxMail) -> OutboxMessage:
    """To the author of a comment: it is on the page now. What was typed is not repeated."""
    comment = comments.get(session, row.subject_id)
    reader = readers.by_key(session, row.recipient)
    if comment is None or comment.status is not Status.APPROVED or reader is None or reader.refused_at is not None:
        raise Moot
    return _letter(session, row, reader, article_title=article_title(comment.article_id), url=_permalink(comment))


def replied(session: Session, row: OutboxMail) -> OutboxMessage:
    """To a reader who asked: somebody replied, or several did."""
    reader = readers.by_key(session, row.recipient)
    found = comments.answered_by(session, outbox.items(session, [row.id]).get(row.id, []))
    if not found or reader is None or not reader.takes_mail:
        raise Moot
    return _letter(
        session,
        row,
        reader,
        replies=[_shown(comment) for comment in found[:MOST]],
        more=max(0, len(found) - MOST),
        count=len(found),
    )


def _letter(session: Session, row: OutboxMail, reader: Reader, **context: Any) -> OutboxMessage:
    if readers.has_refused_for_good(session, clinic.keys(), reader.email_key):
        raise Moot
    link = clinic.absolute("blog.reader_mail", token=clinic.sign(tokens.Purpose.READER_MAIL, {"reader": reader.id}))
    headers = {
        "Auto-Submitted": "auto-generated",
        "List-Unsubscribe": f"<{link}>",
        "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
    }
    return letter(row, headers, choose_url=link, **context)


def _shown(comment: Comment) -> ShownReply:
    text = comment.text if len(comment.text) <= SHORT else f"{comment.text[:SHORT].rstrip()} …"
    title, url = article_title(comment.article_id), _permalink(comment)
    return ShownReply(comment.name, comment.staff_id is not None, text, title, url)


def _permalink(comment: Comment) -> str:
    """Where a comment stands among the pages of its article. Raises Moot when the article is gone."""
    item = clinic.library().by_id(comment.article_id)
    if item is None:
        raise Moot
    return clinic.on_site(comment_pages.permalink(item, comment))
