"""Things that tests need, made through the domain as the site makes them."""

from collections import Counter
from datetime import datetime
from functools import cache
from itertools import count
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from domain import comments, consultations, phones, retention, spam, staff
from domain.comments import Comment, How, Status
from domain.consultations import ConsultationRequest, ContactBy
from domain.staff import Role, Staff
from domain.working_time import WorkingTime

ARTICLE = "botox-chronic-migraine"
SLUG = "botox-for-chronic-migraine"
PASSWORD = "violet harbour 27 lamps"
ALWAYS = WorkingTime(ZoneInfo("Asia/Karachi"))
"""The working time of a clinic that has set no hours."""
_numbers = count(1)


def comment_draft(**changes: Any) -> comments.Draft:
    """A comment nobody could object to; each one differs."""
    number = next(_numbers)
    values = {"name": "Sana A.", "email": f"sana{number}@example.com", "text": f"The diary helped me to explain it. ({number})"}
    return comments.Draft(**(values | changes))


def submit_comment(session: Session, now: datetime, draft: comments.Draft | None = None, **changes: Any) -> Comment:
    """A comment as the public form leaves it."""
    values = {"signals": spam.Signals(), "network": None, "lang": "en", "notify": [], "now": now}
    done = comments.submit(session, ARTICLE, draft or comment_draft(), **(values | changes))
    assert done.comment_id is not None
    session.flush()
    return session.get_one(Comment, done.comment_id)


def approved_comment(session: Session, now: datetime, parent: Comment | None = None, **changes: Any) -> Comment:
    """A comment that readers see, under `parent` when given."""
    comment = submit_comment(session, now, comment_draft(**changes, parent_id=parent.id if parent else None))
    owner = staff.by_email(session, "owner@example.com") or make_staff(session, now)
    comments.set_status(session, comment.id, Status.APPROVED, by=owner.id, how=How.WEB, now=now)
    return comment


def run_retention(session: Session, now: datetime, turn: int = 2) -> retention.Done:
    """A run in short turns, without its commits."""
    counts = Counter[str]()
    for part in retention.PARTS:
        looks = 0
        while ids := retention.over(session, part, now):
            looks += 1
            assert looks < 20, "it finds the same again and again"
            for start in range(0, len(ids), turn):
                counts[part.name] += retention.let_go(session, part, ids[start : start + turn], now)
    retention.end(session, now)
    return retention.Done(**{name: counts[name] for name in retention.Done._fields})


def request_draft(**changes: Any) -> consultations.Draft:
    """A request as most visitors send it."""
    number = next(_numbers)
    raw = f"0300-{1000000 + number}"
    values = {"name": "Bilal Khan", "phone": phones.parse(raw), "phone_raw": raw, "contact_by": ContactBy.PHONE}
    return consultations.Draft(**(values | changes))


def submit_request(
    session: Session, now: datetime, draft: consultations.Draft | None = None, **changes: Any
) -> ConsultationRequest:
    """A request as the public form leaves it."""
    values = {
        "signals": spam.Signals(),
        "network": None,
        "lang": "en",
        "recipients": ["desk@example.com"],
        "working": ALWAYS,
        "now": now,
    }
    done = consultations.submit(session, draft or request_draft(), **(values | changes))
    session.flush()
    return session.get_one(ConsultationRequest, done.request_id)


@cache
def password_hash() -> str:
    """PASSWORD as an account keeps it; made once, since it is slow on purpose."""
    return staff.hash_password(PASSWORD)


def make_staff(session: Session, now: datetime, role: Role = Role.OWNER, email: str | None = None, name: str = "Amina") -> Staff:
    """Somebody with an account and PASSWORD."""
    person = staff.invite(session, email or f"{role.value}@example.com", name, role, now)
    staff.set_password_hash(person, password_hash())
    session.flush()
    return person
