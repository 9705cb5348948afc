"""Erasing a person: every row that is theirs, in one transaction."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

import sqlalchemy as sa
from sqlalchemy.orm import Session

from domain import audit, forgetting, orm, readers
from domain.comments import Comment, How, Status
from domain.comments.blocks import CommentBlock
from domain.comments.moderation import move
from domain.consultations import ConsultationRequest
from domain.outbox import OutboxMail
from domain.privacy.held import Counts, Matches, counts, matches
from domain.privacy.person import Kind, Person
from domain.readers import MailRefusal, Reader
from domain.staff import SignInFailure


class Way(NamedTuple):
    """Who erases, how, and with which keys: all that marks were ever made with, the last one makes new ones."""

    by: int | None
    how: How
    keys: Sequence[str]
    forget_refusal: bool = False
    """Whether the wish for no mail goes too; a later mail is then possible again."""


class Erased(NamedTuple):
    """What went, how many comments stay as an empty place since others have replied, and whether a refusal outlives it."""

    rows: Counts
    places: int
    keeps_refusal: bool


def erase(session: Session, person: Person, way: Way, now: datetime, until: datetime | None = None) -> Erased:
    """Erases what is a person's, or of that what was made by `until`; adds an audit entry without anything of the person.

    Comments that others have replied to stay as an empty place, so that the thread does. Messages about or to the person go, sent
    or not; one in the hands of a dispatcher at this moment may still arrive. Who had stopped all mail is remembered by a keyed
    mark, so that nobody writes to them again. Readers see the change at once. The caller has begun a write with "erasure" and
    MODERATION, keeps `erasure_of` the person before it commits, and rids the files of what they still hold after that.
    """
    found = matches(person, until)
    rows = counts(session, person, until)
    places = _erase_comments(session, found, way, now)
    forgetting.requests(session, session.scalars(sa.select(ConsultationRequest.id).where(found.requests)).all())
    keeps_refusal = _erase_reader(session, person, found, way, now)
    for model, condition in ((OutboxMail, found.mails), (CommentBlock, found.blocks), (SignInFailure, found.sign_ins)):
        forgetting.count(session, sa.delete(model).where(condition))
    session.expire_all()
    detail = {name: number for name, number in rows._asdict().items() if number}
    audit.record(session, now, way.by, "person erased", f"person known by {person.kind.value}", **detail)
    return Erased(rows, places, keeps_refusal)


def _erase_comments(session: Session, found: Matches, way: Way, now: datetime) -> int:
    """Out of sight of readers first, then out of the tables; how many stay as empty places."""
    ids = list(session.scalars(sa.select(Comment.id).where(found.comments)))
    shown = sa.select(Comment).where(found.comments, Comment.status != Status.WITHDRAWN).order_by(Comment.id)
    for comment in session.scalars(orm.locking(shown)).all():
        move(session, comment, Status.WITHDRAWN, by=way.by, how=way.how, now=now)
    session.flush()
    gone = session.scalars(sa.select(Comment.id).where(found.comments, Comment.status == Status.WITHDRAWN)).all()
    forgetting.comments(session, gone)
    return len([number for number in ids if session.get(Comment, number, populate_existing=True) is not None])


def _erase_reader(session: Session, person: Person, found: Matches, way: Way, now: datetime) -> bool:
    if person.kind is not Kind.EMAIL:
        return False
    marks = [readers.refusal_mark(key, person.value) for key in way.keys]
    if way.forget_refusal:
        session.execute(sa.delete(MailRefusal).where(MailRefusal.mark.in_(marks)))
    elif session.scalars(sa.select(Reader.id).where(found.readers, Reader.refused_at.is_not(None)).limit(1)).first() is not None:
        session.merge(MailRefusal(mark=marks[-1], kept_at=now))
    forgetting.readers(session, session.scalars(sa.select(Reader.id).where(found.readers)).all())
    return readers.has_refused_for_good(session, way.keys, person.value)
