"""Addresses to which readers asked to have mail: whether their owners have confirmed them, or want none at all."""

from collections.abc import Iterable
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, Session, mapped_column

from domain import marks, outbox
from domain.orm import NEVER_AGAIN, Base
from domain.outbox import Kind, State
from domain.text import MAX_EMAIL

ASK_EVERY = timedelta(days=1)
"""Nobody can make the site ask one mailbox for its confirmation more often."""
_DOTS_DO_NOT_COUNT = {"gmail.com", "googlemail.com"}


class Reader(Base):
    """An address somebody typed with a wish for mail. `mailbox` is the same for all writings that reach one mailbox."""

    __tablename__ = "reader"
    __table_args__ = NEVER_AGAIN

    id: Mapped[int] = mapped_column(primary_key=True)
    email_key: Mapped[str] = mapped_column(sa.String(MAX_EMAIL), unique=True)
    mailbox: Mapped[str] = mapped_column(sa.String(MAX_EMAIL), index=True)
    created_at: Mapped[datetime]
    asked_at: Mapped[datetime | None]
    confirmed_at: Mapped[datetime | None]
    refused_at: Mapped[datetime | None]

    @property
    def takes_mail(self) -> bool:
        """Whether the owner of the address has confirmed it and not stopped the mail since."""
        return self.confirmed_at is not None and self.refused_at is None


class MailRefusal(Base):
    """Somebody wants no mail and was erased: all that is kept is a mark of the mailbox, which nobody can read back."""

    __tablename__ = "mail_refusal"

    mark: Mapped[str] = mapped_column(sa.String(64), primary_key=True)
    kept_at: Mapped[datetime]


def mailbox(email_key: str) -> str:
    """One name for the writings of an address that commonly reach the same mailbox: without "+tag" and Gmail's dots."""
    local, _, domain = email_key.rpartition("@")
    local = local.split("+", 1)[0] or local
    if domain in _DOTS_DO_NOT_COUNT:
        local, domain = local.replace(".", ""), "gmail.com"
    return f"{local}@{domain}"


def get(session: Session, reader_id: int) -> Reader | None:
    """An address by its number."""
    return session.get(Reader, reader_id)


def by_key(session: Session, email_key: str) -> Reader | None:
    """An address as `normalise_email` writes it; None when nobody has asked for mail to it."""
    return session.scalars(sa.select(Reader).where(Reader.email_key == email_key)).first()


def is_confirmed(session: Session, email_key: str) -> bool:
    """Whether the owner of an address has shown that it is theirs."""
    reader = by_key(session, email_key)
    return reader is not None and reader.confirmed_at is not None


def keep(session: Session, email_key: str, now: datetime) -> Reader:
    """The row of an address, made when there is none. The caller has serialised on `mailbox`, and commits."""
    reader = by_key(session, email_key)
    if reader is None:
        reader = Reader(email_key=email_key, mailbox=mailbox(email_key), created_at=now)
        session.add(reader)
        session.flush()
    return reader


def ask(session: Session, reader: Reader, now: datetime) -> bool:
    """Queues the mail that asks for a confirmation; False when there is nothing to ask, or it was asked within ASK_EVERY.

    The caller has serialised on `mailbox`, and commits.
    """
    lately = sa.select(Reader.id).where(Reader.mailbox == reader.mailbox, Reader.asked_at > now - ASK_EVERY)
    if reader.confirmed_at or _has_refused(session, reader) or session.scalars(lately.limit(1)).first() is not None:
        return False
    reader.asked_at = now
    outbox.enqueue(session, Kind.READER_ASKED, reader.id, [reader.email_key], now)
    return True


def tell_of_publication(session: Session, reader: Reader, comment_id: int, now: datetime) -> None:
    """Queues the mail that a comment is published, once for each comment; unconfirmed mailboxes get one within ASK_EVERY.

    The caller commits.
    """
    # One that was cancelled, since the comment was taken away before it went, has told nobody.
    told = any(mail.state is not State.CANCELLED for mail in outbox.about(session, (Kind.COMMENT_PUBLISHED,), comment_id))
    if told or _has_refused(session, reader) or (reader.confirmed_at is None and _was_told_lately(session, reader, now)):
        return
    outbox.enqueue(session, Kind.COMMENT_PUBLISHED, comment_id, [reader.email_key], now)


def _was_told_lately(session: Session, reader: Reader, now: datetime) -> bool:
    writings = session.scalars(sa.select(Reader.email_key).where(Reader.mailbox == reader.mailbox))
    since = now - ASK_EVERY
    return any(outbox.recently_sent_to(session, Kind.COMMENT_PUBLISHED, writing, since) for writing in writings)


def _has_refused(session: Session, reader: Reader) -> bool:
    """Whether who owns the mailbox wants no mail, under this writing of the address or another."""
    query = sa.select(Reader.id).where(Reader.mailbox == reader.mailbox, Reader.refused_at.is_not(None))
    return session.scalars(query.limit(1)).first() is not None


def refusal_mark(key: str, email_key: str) -> str:
    """What stands for the mailbox of an address in a MailRefusal."""
    return marks.mark(key, "mail-refusal", mailbox(email_key))


def has_refused_for_good(session: Session, keys: Iterable[str], email_key: str) -> bool:
    """Whether a refusal outlived the erasure of who refused; `keys` are all that may have made its mark."""
    known = [refusal_mark(key, email_key) for key in keys]
    return session.scalars(sa.select(MailRefusal.mark).where(MailRefusal.mark.in_(known)).limit(1)).first() is not None


def confirm(reader: Reader, now: datetime) -> None:
    """Its owner has shown, by a link in a mail, that the address is theirs and wants mail. The caller commits."""
    reader.confirmed_at, reader.refused_at = reader.confirmed_at or now, None


def refuse(session: Session, reader: Reader, now: datetime) -> None:
    """Its owner wants no more mail: none is asked for and none is sent until `confirm`. The caller commits."""
    reader.refused_at = reader.refused_at or now
    outbox.cancel_to(session, reader.email_key, outbox.READER_KINDS)
