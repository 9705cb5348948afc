"""What every message has: its three parts from templates/emails/<kind>/, the clinic as its sender, an id of its own."""

from typing import Any

from flask import current_app, render_template

import clinic
from domain.outbox import OutboxMail
from transport.smtp import OutboxMessage, envelope, our_domain


class Moot(Exception):
    """The subject of a message is gone, so there is nothing to say."""


def letter(row: OutboxMail, headers: dict[str, str], reply_to: str | None = None, **context: Any) -> OutboxMessage:
    """The message of a row, rendered with `context` and the facts in force as `site`."""
    folder = f"emails/{row.kind.value}"
    context["site"] = clinic.site()
    message = OutboxMessage(
        subject=render_template(f"{folder}/subject.txt", **context),
        recipients=[row.recipient],
        body=render_template(f"{folder}/body.txt", **context),
        html=render_template(f"{folder}/body.html", **context),
        sender=envelope(current_app.config["MAIL_DEFAULT_SENDER"]),
        reply_to=reply_to,
        date=row.created_at.timestamp(),
        extra_headers=headers,
    )
    message.sender_name = clinic.site().name
    # The same for every try, so that a receiver can tell a duplicate.
    message.msgId = f"<{row.message_key}@{our_domain()}>"
    return message


def article_title(article_id: str) -> str:
    """How readers know an article; its id when the file is gone."""
    item = clinic.library().by_id(article_id)
    return item.title if item else article_id


def answerable(address: str | None) -> str | None:
    """The visitor's address where every mail server takes a Reply-To with it; it stands in the text anyway."""
    try:
        reply_to = envelope(address or "")
    except ValueError:
        return None
    return reply_to if reply_to.isascii() else None
