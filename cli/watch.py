"""What the dispatcher looks after by the clock: requests that nobody answered, the morning digest, texts to be reviewed, mail in
trouble.

Each job only reads while there is nothing to do; what it does is written in a transaction that no second one runs beside.
"""

from flask import g

import clinic
import database
from domain import consultations, outbox, reviews
from domain.consultations import digest, reminders
from domain.consultations.reminders import Audience, Patience
from domain.settings import Site
from extensions import db
from transport import dispatchers


def beat() -> None:
    """Notes that this dispatcher is there."""
    session = database.begin_write(db.session)
    outbox.beat(session, dispatchers.own_name(), clinic.now())
    session.commit()


def follow_clock() -> str:
    """Lets no mail and no request wait for the hour from which the clock was set back; says how many waited for it."""
    now = clinic.now()
    is_needed = outbox.is_ahead(db.session, now) or consultations.is_ahead(db.session, now)
    db.session.rollback()
    if not is_needed:
        return ""
    working = _site().working_time
    session = database.begin_write(db.session)
    # Requests first, as everybody locks them before their mail.
    requests, mails = consultations.follow_clock(session, working, now), outbox.follow_clock(session, now)
    session.commit()
    if not mails and not requests:
        return ""
    return f"{mails} messages and {requests} requests were waiting for a time from which the clock was set back"


def remind() -> str:
    """Reminds of requests without a first contact, and tells the owners where that did not help; says of how many."""
    site, now = _site(), clinic.now()
    patience = Patience(site.working_time, site.remind_minutes, site.escalate_minutes)
    if not reminders.any_overdue(db.session, patience, now):
        db.session.rollback()
        return ""
    session = database.begin_write(db.session, "reminders")
    audience = Audience(clinic.owner_recipients(), clinic.general_recipients(), clinic.has_webhook())
    taken = reminders.run(session, patience, audience, now)
    session.commit()
    return f"{taken.reminded} reminded, {taken.escalated} escalated"


def send_digest() -> str:
    """Puts the morning's digest into the outbox, once a day; says of which day."""
    site, now = _site(), clinic.now()
    this = digest.morning(site.digest_at, site.working_time, now)
    is_wanted = this is not None and digest.is_wanted(db.session, this)
    db.session.rollback()
    if this is None or not is_wanted:
        return ""
    session = database.begin_write(db.session, "digest")
    is_ours = digest.queue(session, this, clinic.desk_recipients(), now)
    session.commit()
    return this.day.isoformat() if is_ours else ""


def tell_of_reviews() -> str:
    """Tells the owners of texts to be read again: once a month, and at once when one changes that was signed; says how often."""
    now, today, found = clinic.now(), clinic.today(), clinic.texts_to_read()
    is_needed = reviews.untold(db.session, found, now) or reviews.is_month_due(db.session, found, today, now)
    db.session.rollback()
    if not is_needed:
        return ""
    session = database.begin_write(db.session, "reviews")
    queued = reviews.tell(session, found, clinic.owner_recipients(), today, now)
    session.commit()
    return f"{queued} queued" if queued else ""


def alarm() -> str:
    """Tells the webhook of mail in trouble; says whether it did."""
    now = clinic.now()
    is_needed = clinic.has_webhook() and outbox.needs_alarm(db.session, now)
    db.session.rollback()
    if not is_needed:
        return ""
    session = database.begin_write(db.session, "mail alarm")
    was_raised = outbox.raise_alarm(session, now)
    session.commit()
    return "raised" if was_raised else ""


def _site() -> Site:
    # The owner may have changed the facts since this process read them.
    g.pop("site", None)
    return clinic.site()
