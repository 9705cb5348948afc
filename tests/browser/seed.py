"""A site that has been used: comments and requests in many states, mail that went out and mail that failed, an owner."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random

from sqlalchemy.orm import Session

import database
from app import create_app
from domain import comments, consultations, outbox, phones, spam, staff, traffic
from domain.comments import How
from domain.comments import Status as CommentStatus
from domain.consultations import BestTime, ContactBy, FirstContact
from domain.consultations import Status as RequestStatus
from domain.outbox import Failure
from domain.staff import Role, Staff
from domain.traffic import Counted, Step
from extensions import db, migrate
from tests import factories
from tests.faults.running import Site

OWNER = "owner@example.com"
APPROVED = (
    (
        "Sana Ahmed",
        "The diary was the part that helped me most. I could show how many days a month were really bad, instead of guessing.",
    ),
    (
        "Muhammad Bilal",
        "Thank you for writing plainly about what the studies found.\n\nI had expected a promise and found numbers instead.",
    ),
    (
        "عائشہ صدیقی",
        "یہ مضمون پڑھ کر بہت اطمینان ہوا۔ مجھے کئی سال سے سر درد ہے اور اب معلوم ہوا کہ ڈاکٹر سے کیا پوچھنا چاہیے۔",
    ),
    ("Farah", "Does the effect fade slowly or all at once? My second round felt different from the first one."),
)
ANSWER = "The article says what was measured and when. Bring your diary to the next visit, and ask there what it means for you."
THANKS = "Thank you. I have a diary of three months by now, so I will."
HELD = (
    ("Imran Qureshi", "My neurologist asked me to keep a calendar for three months first. Is that usual?", spam.Signals()),
    (
        "Best Offers",
        "Look at https://example.com/a and https://example.com/b for the same thing at a lower price.",
        spam.Signals(),
    ),
    ("Nadia", "I read this at night with the light dimmed, and it was easy on the eyes.", spam.Signals(is_cross_site=True)),
)
REQUESTS = (
    ("Hamza Tariq", "0300-1234567", ContactBy.WHATSAPP, BestTime.EVENING, "I have been told to ask about prevention.", ()),
    ("Zainab Malik", "051-2345678", ContactBy.PHONE, BestTime.MORNING, "", (RequestStatus.CONTACTED,)),
    ("Ali Raza", "+44 20 7946 0958", ContactBy.EMAIL, BestTime.ANY, "I will be in Islamabad in May.", (RequestStatus.NO_ANSWER,)),
    ("مریم خان", "۰۳۰۱-۲۳۴۵۶۷۸", ContactBy.PHONE, BestTime.ANY, "براہ کرم شام کو فون کریں۔", ()),
    ("Usman Sheikh", "0333-5556677", ContactBy.PHONE, BestTime.AFTERNOON, "", (RequestStatus.CONTACTED, RequestStatus.BOOKED)),
    ("Cheap Traffic", "0345-1112233", ContactBy.PHONE, BestTime.ANY, "Grow your site today.", (RequestStatus.SPAM,)),
)


def seed(site: Site) -> None:
    """Fills the instance folder of a site that does not run yet."""
    now = datetime.now(UTC)
    with session_of(site) as session:
        owner = factories.make_staff(session, now - timedelta(days=30), email=OWNER, name="Amina Yousaf")
        factories.make_staff(session, now - timedelta(days=20), Role.FRONT_DESK, name="Kamran")
        former = factories.make_staff(session, now - timedelta(days=20), Role.MODERATOR, name="Rabia")
        staff.deactivate(session, former)
        staff.invite(session, "new@example.com", "Saad", Role.MODERATOR, now)
        _add_comments(session, owner.id, now)
        _add_requests(session, owner.id, now)
        _add_mail(session, now)
        _add_traffic(session, now)
        session.commit()


@contextmanager
def session_of(site: Site) -> Iterator[Session]:
    logging.getLogger("alembic").setLevel(logging.WARNING)
    app = create_app({}, site.environ)
    with app.app_context():
        migrate.upgrade()
        try:
            yield database.begin_write(db.session)
        finally:
            db.session.rollback()
            db.engine.dispose()


def _add_comments(session: Session, owner: int, now: datetime) -> None:
    _add_thread(session, owner, now)
    for days, (name, text) in zip(range(9, 3, -2), APPROVED[:-1], strict=True):
        at = now - timedelta(days=days, hours=days)
        comment = factories.submit_comment(session, at, factories.comment_draft(name=name, text=text))
        later = at + timedelta(hours=2)
        comments.set_status(session, comment.id, CommentStatus.APPROVED, by=owner, how=How.WEB, now=later)
    for hours, (name, text, signals) in zip(range(6, 0, -2), HELD, strict=True):
        at = now - timedelta(hours=hours)
        draft = factories.comment_draft(name=name, text=text)
        factories.submit_comment(session, at, draft, signals=signals, notify=[OWNER])
    for status in (CommentStatus.SPAM, CommentStatus.TRASH):
        comment = factories.submit_comment(session, now - timedelta(days=3))
        comments.set_status(session, comment.id, status, by=owner, how=How.WEB, now=now - timedelta(days=2))


def _add_thread(session: Session, owner: int, now: datetime) -> None:
    """The last of the approved comments, answered by the clinic, which its author answers."""
    name, text = APPROVED[-1]
    question = factories.approved_comment(session, now - timedelta(days=3), name=name, text=text)
    answer = comments.reply(session, question.id, ANSWER, by=session.get_one(Staff, owner), now=now - timedelta(days=2))
    factories.approved_comment(session, now - timedelta(days=1), answer, name=name, text=THANKS)


def _add_requests(session: Session, owner: int, now: datetime) -> None:
    for days, (name, phone, way, time, message, moves) in zip(range(6, 0, -1), REQUESTS, strict=True):
        at = now - timedelta(days=days, hours=2 * days)
        draft = factories.request_draft(
            name=name,
            phone=phones.parse(phone),
            phone_raw=phone,
            contact_by=way,
            best_time=time,
            message=message,
            treatment="chronic-migraine",
            article_id=factories.ARTICLE,
            email="ali.raza.ahmed.hussaini@example.com" if way is ContactBy.EMAIL else None,
        )
        signals = spam.Signals(honeypot_filled=name == "Cheap Traffic")
        request = factories.submit_request(session, at, draft, signals=signals)
        for hours, status in enumerate(moves, start=1):
            when = at + timedelta(hours=hours)
            note = "Called twice; will try again tomorrow." if status is RequestStatus.NO_ANSWER else ""
            consultations.move(session, request.id, consultations.Move(status, note), by=owner, working=factories.ALWAYS, now=when)


def _add_mail(session: Session, now: datetime) -> None:
    """One message was refused for good; the dispatcher sends the others when the site starts."""
    row = outbox.claim(session, now)
    assert row is not None
    assert row.lease is not None
    session.flush()
    outbox.record_failure(session, row.id, row.lease, Failure.PERMANENT, "550 5.1.1 no such mailbox here", now)


def _add_traffic(session: Session, now: datetime) -> None:
    """A dozen weeks of a small clinic: readers from four sources, of whom few open the form, and answers within an hour."""
    chance = Random(4)
    today = now.astimezone(factories.ALWAYS.timezone).date()
    for number in range(1, 84):
        day = today - timedelta(days=number)
        for source, views in (("google", 40), ("direct", 12), ("facebook", 9), ("leaflet", 2)):
            forms = chance.randint(0, 3)
            found = {Step.VIEW: chance.randint(1, views), Step.FORM: forms, Step.SENT: chance.randint(0, min(1, forms))}
            traffic.add(session, day, {Counted(step, factories.ARTICLE, source): count for step, count in found.items() if count})
            if found[Step.SENT]:
                minutes = min(90, int(chance.expovariate(1 / 14)) + 1)
                session.merge(FirstContact(day=day, minutes=minutes, number=1))


def mail_files(site: Site) -> list[Path]:
    """The messages kept as files, oldest first."""
    return sorted((site.instance / "mail").glob("*.eml"))
