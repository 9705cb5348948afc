"""A site to which hostile people wrote: each text as a name and as a text, in every place where readers or staff see one."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from sqlalchemy.orm import Session

from domain import comments, consultations, readers, staff
from domain.attribution import FirstTouch
from domain.comments import How, Status
from domain.staff import Role
from domain.text import MAX_NAME, MAX_TEXT, clean_line, clean_text
from tests import factories
from tests.browser.seed import OWNER, session_of
from tests.faults.running import Site

PER_TEXT = 12
"""Strings that one long text holds, so that a thousand of them do not make a thousand pages."""


def seed_hostile(site: Site, texts: Sequence[str]) -> None:
    """Fills the instance folder of a site that does not run yet."""
    now = datetime.now(UTC) - timedelta(minutes=5)
    with session_of(site) as session:
        owner = factories.make_staff(session, now, email=OWNER, name="Amina Yousaf")
        for number, text in enumerate(texts[:30]):
            staff.invite(session, f"person{number}@example.com", name(text), Role.MODERATOR, now)
        for text in texts:
            _publish(session, owner.id, now, text)
        for start in range(0, len(texts), PER_TEXT):
            _write(session, owner.id, now, texts[start : start + PER_TEXT])
        _answer(session, owner.id, now, texts[:20])
        session.commit()


def name(text: str) -> str:
    """A text as a field of one line keeps it."""
    return clean_line(text)[:MAX_NAME].strip() or "x"


def long_text(group: Sequence[str]) -> str:
    """Several as a field of many lines keeps them."""
    return clean_text("\n".join(group))[:MAX_TEXT]


def _publish(session: Session, owner: int, now: datetime, text: str) -> None:
    draft = factories.comment_draft(name=name(text), text=clean_text(text)[:MAX_TEXT] or "x")
    comment = factories.submit_comment(session, now, draft)
    comments.set_status(session, comment.id, Status.APPROVED, by=owner, how=How.WEB, now=now)


def _write(session: Session, owner: int, now: datetime, group: Sequence[str]) -> None:
    """A held comment and a request with a note, both with their mail to staff."""
    draft = factories.comment_draft(name=name(group[0]), text=long_text(group))
    factories.submit_comment(session, now, draft, notify=[OWNER])
    told = {"referrer": group[0], "utm_source": group[0], "utm_campaign": group[-1]}
    touch = FirstTouch.of(told, landing="/", own_host=OWNER)
    request = factories.submit_request(
        session, now, factories.request_draft(name=name(group[-1]), message=long_text(group), first_touch=touch)
    )
    note = consultations.Move(request.status, long_text(group))
    consultations.move(session, request.id, note, by=owner, working=factories.ALWAYS, now=now)


def _answer(session: Session, owner: int, now: datetime, texts: Sequence[str]) -> None:
    """Replies to somebody who asked to hear of them."""
    parent = factories.approved_comment(session, now, email="reader@example.com")
    parent.tell_replies = True
    readers.confirm(readers.keep(session, "reader@example.com", now), now)
    for text in texts:
        draft = factories.comment_draft(name=name(text), text=clean_text(text) or "x", parent_id=parent.id)
        reply = factories.submit_comment(session, now, draft)
        comments.set_status(session, reply.id, Status.APPROVED, by=owner, how=How.WEB, now=now)
